"""Cuts a chunk's text into what the second embedding model reads: a sentence or a few short ones.

Whole chunks in one of its vectors found the right page in .67 of the cases where groups of at least
eight words did in .97 (docs/decisions/0017).
"""

from __future__ import annotations

import regex

LEAST_WORDS = 8
# A table without line ends, or somebody's prose without full stops.
MOST_CHARACTERS = 600
_SENTENCE_END = regex.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")
_WORD = regex.compile(r"[\p{L}\p{N}]+")
# Scripts without blanks: about two characters make a word.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")
UNSPACED_CHARACTERS_A_WORD = 2


def sentence_groups(text: str) -> list[str]:
    """Return the sentences and lines of a text, short ones joined to what follows.

    What is left over at the end is joined to the group before it.
    """
    groups: list[str] = []
    waiting: list[str] = []
    for sentence in _sentences(text):
        waiting.append(sentence)
        if _words(" ".join(waiting)) >= LEAST_WORDS:
            groups.append(" ".join(waiting))
            waiting = []
    if waiting and groups and len(groups[-1]) < MOST_CHARACTERS:
        groups[-1] = " ".join([groups[-1], *waiting])
    elif waiting:
        groups.append(" ".join(waiting))
    return groups


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    for piece in _SENTENCE_END.split(text):
        # Marks and addresses stay: a link's words alone are taken for the page it leads to
        # (.942 to .969 without them, .979 with them on the titles of 0017).
        plain = " ".join(piece.split())
        if _WORD.search(plain):
            found += [
                plain[start : start + MOST_CHARACTERS]
                for start in range(0, len(plain), MOST_CHARACTERS)
            ]
    return found


def _words(text: str) -> int:
    unspaced = len(_UNSPACED.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text))) + unspaced // UNSPACED_CHARACTERS_A_WORD
