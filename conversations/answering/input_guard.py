"""Stage: may this go on? Cleans the text and says when there is nothing to answer."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from conversations.answering.values import Finding
from guardrails.instruction_patterns import THRESHOLD
from guardrails.instructions import instruction_score

# Invisible characters that hide words from people: zero-width, bidirectional marks, soft hyphen,
# Unicode tags. Joiners stay inside emoji and scripts that need them, which are not searched for.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)
_CONTROL = re.compile(r"[^\S\n]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# A file's bytes pasted as text: more replacement and control characters than this share.
BINARY_SHARE = 0.1
SUSPECTED = "injection_suspected"


@dataclass(frozen=True, slots=True)
class Checked:
    """A cleaned question. `readable` is False when there are no words in it.

    `suspected`: it reads like orders to the assistant. Nobody is blocked for that; the reply is
    looked at more strictly, and shown only when it is finished.
    """

    text: str
    readable: bool
    findings: tuple[Finding, ...] = ()
    suspected: bool = False


def check(text: str) -> Checked:
    """Clean a customer's message and report what stood out."""
    findings = []
    strange = sum(
        char == "\ufffd" or unicodedata.category(char) == "Cc"
        for char in text
        if char not in "\n\r\t"
    )
    binary = bool(text) and strange / len(text) > BINARY_SHARE
    if binary:
        findings.append(Finding("binary_text", "warn"))
    if _INVISIBLE.search(text):
        findings.append(Finding("invisible_characters", "warn"))
    clean = _CONTROL.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    clean = re.sub(r" {2,}", " ", clean).strip()
    readable = not binary and any(char.isalnum() for char in clean)
    if not readable:
        findings.append(Finding("no_words", "info"))
    score = instruction_score(text)
    if score >= THRESHOLD:
        findings.append(Finding(SUSPECTED, "warn", f"{score:.1f}"))
    return Checked(clean, readable, tuple(findings), score >= THRESHOLD)
