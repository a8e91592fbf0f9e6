"""Difficult files: each ends as it should, with its text, in a child of bounded memory and time.

Every file of the evaluation data's `hard_files` goes through the process that reads and embeds
documents for a customer's installation, and what comes out is held against its row of the manifest
by the rules of that data's README. Seconds are those of reading, until the first text is embedded;
peak memory is the child's resident size with the model loaded, reset before each file. `--quick`
reads without embedding.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex

from benchmarks import Options, evaluation_data
from knowledge.ingestion.process import PreparationProcess
from knowledge.ingestion.sniffing import kind_of
from knowledge.ingestion.values import DocumentUnreadable, PreparedDocument, Step

MOST_SECONDS = 60.0
MOST_MEMORY_MB = 1024
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_IGNORED = regex.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_HYPHEN = regex.compile(r"[-\u00ad\u2010\u2011]\s+(?=\p{L})")


@dataclass(frozen=True)
class Outcome:
    """What became of a file, and what it took."""

    status: str
    text: str = ""
    reason: str = ""
    findings: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


def run(options: Options) -> dict[str, Any]:
    """Read all files in one child, as an installation does; rows that are wrong are named."""
    folder = evaluation_data() / "hard_files"
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    models = os.environ.get("DATA_DIR")
    with tempfile.TemporaryDirectory() as temporary:
        cache = Path(models) / "models" if models else Path(temporary)
        reader = _Reader(cache, embed=not options.quick)
        outcomes = [(row, reader.read(folder / row["file"])) for row in rows]
        reader.process.stop()
    wrong = [
        {"file": row["file"], "status": outcome.status, "wrong": wrongs, "reason": outcome.reason}
        for row, outcome in outcomes
        if (wrongs := judged(row, outcome))
    ]
    slowest = max(outcomes, key=lambda pair: pair[1].cpu_seconds)
    largest = max(outcomes, key=lambda pair: pair[1].peak_mb)
    return {
        "files": len(outcomes),
        "rows_wrong": len(wrong),
        "wrong": wrong,
        "slowest": {
            "file": slowest[0]["file"],
            "cpu_seconds": slowest[1].cpu_seconds,
            "seconds": round(slowest[1].seconds, 2),
        },
        "peak_memory_mb": {"file": largest[0]["file"], "mb": largest[1].peak_mb},
        "cpu_seconds": round(sum(outcome.cpu_seconds for _, outcome in outcomes), 2),
        "per_file": [
            {
                "file": row["file"], "status": outcome.status, "findings": outcome.findings,
                "seconds": round(outcome.seconds, 2), "cpu_seconds": outcome.cpu_seconds,
                "peak_mb": outcome.peak_mb,
            }
            for row, outcome in outcomes
        ],
        "ok": not wrong,
    }  # fmt: skip


class _Reader:
    """One child for all files, the model loaded before the first."""

    def __init__(self, cache_folder: Path, *, embed: bool) -> None:
        self.process = PreparationProcess(cache_folder)
        self._embed = embed
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text("# Page\n\nA page to begin with.", encoding="utf-8")
            self.process.prepare(page.name, page, "", lambda step: None)

    def read(self, file: Path) -> Outcome:
        """Read and embed one file; never raises for what is in it."""
        pid = self._pid()
        _forget_peak(pid)
        meter = _Meter(pid)
        text = reason = ""
        findings: tuple[str, ...] = ()
        try:
            kind_of(file.name, file.read_bytes())
            prepared = self._prepare(file, meter)
            held = any(finding.holds for finding in prepared.findings)
            status, text = "held" if held else "indexed", prepared.text
            findings = tuple(finding.code for finding in prepared.findings)
        except DocumentUnreadable as error:
            status, reason = "failed", str(error)
        meter.stop()
        return Outcome(
            status, text, reason, findings, meter.seconds, meter.cpu_seconds, _peak_mb(self._pid())
        )

    def _prepare(self, file: Path, meter: _Meter) -> PreparedDocument:
        if not self._embed:
            return self.process.read(file.name, file)
        return self.process.prepare(file.name, file, "", meter.hear)

    def _pid(self) -> int:
        child = self.process._child
        return child.process.pid if child is not None else 0


class _Meter:
    """Time and CPU of reading: until the first step that is not reading, or the end."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._started, self._cpu = time.monotonic(), _cpu_seconds(pid)
        self._stopped = False
        self.seconds = self.cpu_seconds = 0.0

    def hear(self, step: Step) -> None:
        """Take a step of the process into account."""
        if step.stage != "parsing":
            self.stop()

    def stop(self) -> None:
        """Take the time, once."""
        if not self._stopped:
            self._stopped = True
            self.seconds = time.monotonic() - self._started
            # A process that was ended and replaced has a count of its own.
            self.cpu_seconds = max(round(_cpu_seconds(self._pid) - self._cpu, 2), 0.0)


def judged(row: dict[str, Any], outcome: Outcome) -> list[str]:
    """Return what is wrong with an outcome by its row of the manifest."""
    recognised = row.get("ocr") and outcome.status == "indexed"
    wrong = []
    if outcome.status not in row["status"] and not recognised:
        wrong.append(f"ended as {outcome.status}")
    if outcome.status == "indexed":
        wrong += [
            f"lacks {phrase}"
            for phrase in row.get("must_find", ())
            if not _in(phrase, outcome.text)
        ]
    if outcome.status in ("indexed", "failed"):
        said = outcome.text + outcome.reason
        wrong += [f"has {phrase!r}" for phrase in row.get("must_not_find", ()) if _in(phrase, said)]
    fits = regex.search(row.get("reason") or "", outcome.reason, regex.I)
    if outcome.status == "failed" and not fits:
        wrong.append("the reason does not fit")
    # Not by the clock on the wall: others may be at work on this machine.
    if outcome.cpu_seconds > MOST_SECONDS:
        wrong.append(f"took {outcome.cpu_seconds:.0f} CPU seconds")
    if outcome.peak_mb > MOST_MEMORY_MB:
        wrong.append(f"took {outcome.peak_mb} MB")
    return wrong


def normalised(text: str) -> str:
    """Return a text as the manifest compares it."""
    text = unicodedata.normalize("NFKC", text)
    text = _IGNORED.sub("", _HYPHEN.sub("", text))
    return " ".join(text.lower().split())


def _in(phrase: str, text: str) -> bool:
    if phrase.startswith("re:"):
        return regex.search(phrase[3:], normalised(text), regex.S | regex.I) is not None
    if not normalised(phrase):
        return phrase in text
    return normalised(phrase) in normalised(text)


def _forget_peak(pid: int) -> None:
    """Reset the process's peak resident size, proc(5)."""
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    # Fields 14 and 15 of proc(5): user and system time.
    return sum(int(field) for field in fields[11:13]) / CLOCK_TICKS
