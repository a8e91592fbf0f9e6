"""Takes characters out of a text that nobody sees but that can carry data or break the layout."""

from __future__ import annotations

import re
import unicodedata

# Zero-width spaces, direction marks, soft hyphens, tags, private use. The joiners U+200C and U+200D
# stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ue000-\uf8ff\U000e0000-\U000e007f"
    "\U000f0000-\U0010ffff]"
)
# A variation selector chooses between two looks of a sign; after letters it says nothing.
_SELECTORS = re.compile("(?<=[\\w\\s.,;:!?\ufe00-\ufe0f])[\ufe00-\ufe0e]+|[\U000e0100-\U000e01ef]+")
_REPEATED_SELECTORS = re.compile("[\ufe00-\ufe0f]{2,}")
_JOINERS = re.compile("[\u200c\u200d]{2,}|(?<=[ -~])[\u200c\u200d]|[\u200c\u200d](?=[ -~])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PATTERNS = (_INVISIBLE, _REPEATED_SELECTORS, _SELECTORS, _JOINERS, _CONTROL)
# Vietnamese needs two marks on a letter; more than this is decoration that leaves its line.
MOST_MARKS = 4


def without_hidden(text: str) -> tuple[str, int]:
    """Return (text without them, how many were taken out)."""
    if text.isascii() and not _CONTROL.search(text):
        return text, 0
    clean = text
    for pattern in _PATTERNS:
        clean = pattern.sub("", clean)
    clean = _without_stacks(clean)
    return clean, len(text) - len(clean)


def _without_stacks(text: str) -> str:
    if text.isascii():
        return text
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)
