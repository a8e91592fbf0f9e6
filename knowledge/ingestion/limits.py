"""What reading one file may take: time in seconds, memory in bytes, text in characters."""

from __future__ import annotations

# From the moment a file is opened until its text is there, however busy the process looks. With
# what surrounds it a file ends within a minute.
READING_SECONDS = 50.0
READING_CPU_SECONDS = 45.0
# Text recognition of a scan, all its pages together.
OCR_SECONDS = 40.0
# While embedding, the process may be silent for this long; its progress is shown.
SILENCE_SECONDS = 60.0
# Loading the model, which the first time is exported.
START_SECONDS = 240.0
# An idle process is ended, so that its memory is free for others.
IDLE_SECONDS = 30.0
# Whoever waits is told so this often, to prolong the lease on the document.
HEARTBEAT_SECONDS = 10.0

# The whole process, the model included. What is kept free is for what comes after reading.
CHILD_MEMORY_BYTES = 1024 * 1024 * 1024
SPARE_MEMORY_BYTES = 128 * 1024 * 1024

# About 2,000 full pages. One document of this size is embedded in about a minute.
MAX_TEXT_CHARACTERS = 5_000_000
MAX_PAGES = 10_000
TOO_MUCH_TEXT = (
    f"The file holds too much text: more than {MAX_TEXT_CHARACTERS // 10**6} million characters. "
    "Split it into parts."
)

# Unpacked sizes beyond these are bombs, not documents: a 930 KiB DOCX kept a parser busy for
# two minutes.
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_PARTS = 5000
# The list of contents of an archive is read before anything else can be counted.
MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
# Files that one archive may bring in.
MAX_MEMBERS = 2000
# A worker shows that it is alive more often than this; what a lost one had is taken up again well
# within a minute.
LEASE_SECONDS = 30.0
