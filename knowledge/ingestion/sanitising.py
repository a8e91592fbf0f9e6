"""Makes text plain: one Unicode form, no invisible characters."""

from __future__ import annotations

import unicodedata
from collections import Counter

import regex

from knowledge.ingestion.removed import shortened
from knowledge.ingestion.values import Finding

# Marks that honest text carries and search must not see: soft hyphens, directions, byte order.
_SILENT = regex.compile(r"[\u00ad\u061c\u200e\u200f\ufeff]")
# Characters that hide text from people, or show other text than what is searched: zero-width
# ones, overrides of direction, tags, several variation selectors in a row, and joiners between
# Latin letters (elsewhere joiners stay: Persian, Indic scripts and emoji need them).
_HIDING = regex.compile(
    r"[\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufff9-\ufffb\U000e0000-\U000e007f]"
    r"|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}"
    r"|[\u200c\u200d]{2,}"
    r"|(?<=[\p{Latin}\p{N}])[\u200c\u200d](?=[\p{Latin}\p{N}])"
)
_CONTROL = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BLANKS = regex.compile(r"[ \t\u00a0]+\n")
_MANY_NEWLINES = regex.compile(r"\n{3,}")
_TAG_FIRST, _TAG_LAST = 0xE0020, 0xE007E
_TAG_BASE = 0xE0000
AROUND_CHARACTERS = 40
NAMED_CHARACTERS = 5


def clean(text: str) -> str:
    """Return the text normalised to NFC, without invisible and control characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Half of a surrogate pair cannot be stored.
    text = text.encode("utf-8", errors="ignore").decode("utf-8")
    text = text.replace("\x0c", "\n").replace("\x0b", "\n").replace("\x85", "\n")
    text = _CONTROL.sub("", _HIDING.sub("", _SILENT.sub("", text)))
    return _MANY_NEWLINES.sub("\n\n", _BLANKS.sub("\n", text)).strip()


def hidden_characters(text: str) -> Finding | None:
    """Return what `clean` takes out of a text and people do not see, with the words around it."""
    found = list(_HIDING.finditer(_SILENT.sub("", text)))
    if not found:
        return None
    counts = Counter(character for match in found for character in match.group())
    named = [
        f"U+{ord(character):04X} x {count}"
        for character, count in counts.most_common(NAMED_CHARACTERS)
    ]
    plain = _SILENT.sub("", text)
    first = max(found[0].start() - AROUND_CHARACTERS, 0)
    around = _HIDING.sub("", plain[first : found[0].end() + AROUND_CHARACTERS])
    said = _said_in_tags(text)
    parts = [", ".join(named), f'near "{" ".join(around.split())}"', said and f'saying "{said}"']
    return Finding("hidden_characters", shortened(" ".join(part for part in parts if part)))


def _said_in_tags(text: str) -> str:
    """Return what tag characters spell: each stands for one of ASCII."""
    return "".join(
        chr(ord(character) - _TAG_BASE)
        for character in text
        if _TAG_FIRST <= ord(character) <= _TAG_LAST
    )
