"""How long the process that reads documents may take, in seconds."""

from __future__ import annotations

# No file may keep the process from saying anything for longer than this.
SILENCE_SECONDS = 60.0
# Loading the model, which the first time is exported.
START_SECONDS = 240.0
# An idle process is ended, so that its memory is free for others.
IDLE_SECONDS = 30.0
# Whoever waits is told so this often, to prolong the lease on the document.
HEARTBEAT_SECONDS = 10.0
