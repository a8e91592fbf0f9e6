"""Makes text plain: one Unicode form, no invisible characters."""

from __future__ import annotations

import unicodedata

import regex

# Zero-width and direction characters hide text from people; joiners (U+200C, U+200D) stay, since
# Persian, Indic scripts and emoji need them.
_INVISIBLE = regex.compile(
    r"[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROL = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BLANKS = regex.compile(r"[ \t\u00a0]+\n")
_MANY_NEWLINES = regex.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Return the text normalised to NFC, without invisible and control characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Half of a surrogate pair cannot be stored.
    text = text.encode("utf-8", errors="ignore").decode("utf-8")
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return _MANY_NEWLINES.sub("\n\n", _BLANKS.sub("\n", text)).strip()


def invisible_count(text: str) -> int:
    """Count characters that hide text."""
    return len(_INVISIBLE.findall(text))
