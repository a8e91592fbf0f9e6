"""Finds what must never leave a prompt: the canary, and long stretches of the system text."""

from __future__ import annotations

import re
import secrets

# A run of this many words in common is a quotation, not chance: product names and stock phrases
# are shorter.
SHINGLE_WORDS = 12
_WORD = re.compile(r"\w+")


def new_canary() -> str:
    """Return an unguessable mark to plant in a system text.

    It begins with a character that replies hardly ever hold, so that a stream which starts to
    repeat it can be stopped at the first character.
    """
    return f"~mark-{secrets.token_hex(6)}"


def new_boundary() -> str:
    """Return an unguessable line to put around quoted material."""
    return f"=====BOUNDARY-{secrets.token_hex(8)}====="


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def repeats(text: str, secret_text: str) -> bool:
    """Say whether `text` holds a stretch of SHINGLE_WORDS words of `secret_text`."""
    words, hidden = _words(text), _words(secret_text)
    size = SHINGLE_WORDS
    shingles = {tuple(hidden[i : i + size]) for i in range(len(hidden) - size + 1)}
    return any(tuple(words[i : i + size]) in shingles for i in range(len(words) - size + 1))
