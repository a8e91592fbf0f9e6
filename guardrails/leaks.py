"""Finds what must never leave a prompt: the canary, secrets, long stretches of the system text.

A secret is found plain, spaced out, reversed, turned by ROT13, and in base64, hexadecimal, bits or
entities. What a model translates or describes in its own words is not found here.
"""

from __future__ import annotations

import codecs
import re
import secrets

from guardrails.disguises import payloads

# A run of this many words in common is a quotation, not chance: product names and stock phrases
# are shorter.
SHINGLE_WORDS = 12
# A shorter secret would be found by chance once signs and blanks are left out.
SHORTEST_SECRET = 6
# What looks like a code in a system text is not for customers; `<EMAIL_1>` is a placeholder.
_CODE = re.compile(r"(?<![\w<-])(?=[\w-]*\d)(?=[\w-]*[^\W\d])[\w-]{6,}")
# A whole system text in hexadecimal.
LONGEST_ENCODED = 40_000
_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"[\W_]+")


def new_canary() -> str:
    """Return an unguessable mark to plant in a system text.

    It begins with a character that replies hardly ever hold, so that a stream which starts to
    repeat it can be stopped at the first character.
    """
    return f"~mark-{secrets.token_hex(6)}"


def new_boundary() -> str:
    """Return an unguessable line to put around quoted material."""
    return f"=====BOUNDARY-{secrets.token_hex(8)}====="


def repeats(text: str, secret_text: str) -> bool:
    """Say whether `text` holds a stretch of SHINGLE_WORDS words of `secret_text`, maybe encoded."""
    words, hidden = _words(text), _words(secret_text)
    shingles = _runs(hidden)
    if not shingles.isdisjoint(_runs(words)):
        return True
    backwards = _words(text[::-1])
    if not shingles.isdisjoint(_runs(backwards)) or not shingles.isdisjoint(_runs(words[::-1])):
        return True
    others = [codecs.encode(text, "rot13"), *payloads(text, LONGEST_ENCODED)]
    return any(not shingles.isdisjoint(_runs(_words(other))) for other in others)


def reveals(text: str, secret: str) -> bool:
    """Say whether a text holds a secret, whatever stands between its characters, or encoded."""
    wanted = _closed(secret)
    if len(wanted) < SHORTEST_SECRET:
        return secret in text
    closed = _closed(text)
    if any(form in closed for form in (wanted, wanted[::-1], codecs.encode(wanted, "rot13"))):
        return True
    return any(wanted in _closed(decoded) for decoded in payloads(text, LONGEST_ENCODED))


def codes_in(system_text: str, public_text: str) -> frozenset[str]:
    """Return what looks like a code in a system text and does not stand in a public one."""
    return frozenset(code for code in _CODE.findall(system_text) if code not in public_text)


class Repetition:
    """Watches a growing text for a stretch of `words` words of a secret text."""

    def __init__(self, secret_text: str, words: int = SHINGLE_WORDS) -> None:
        self._size = words
        self._runs = _runs(_words(secret_text), words)
        self._last: list[str] = []
        self._open = ""

    def grows(self, piece: str) -> bool:
        """Take the next piece; say whether the text now repeats the secret one."""
        text = self._open + piece
        found = list(_WORD.finditer(text))
        # The last word may go on in the next piece.
        whole = [match for match in found if match.end() < len(text)]
        self._open = text[whole[-1].end() if whole else 0 :]
        for match in whole:
            self._last = [*self._last[1 - self._size :], match[0].casefold()]
            if tuple(self._last) in self._runs:
                return True
        return False


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _runs(words: list[str], size: int = SHINGLE_WORDS) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def _closed(text: str) -> str:
    return _SIGN.sub("", text).casefold()
