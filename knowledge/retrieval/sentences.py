"""The sentences of a question: a situation with several needs is searched for each of them."""

from __future__ import annotations

import regex

# Shorter ones say too little to be searched alone ("Thank you.", "Hi!").
LEAST_WORDS = 4
MOST_PARTS = 6
_END = regex.compile(r"(?<=[.!?])\s+|\s*\n\s*|(?<=[。！？])")


def parts_of(text: str) -> tuple[str, ...]:
    """Return the sentences of a text in order, at most MOST_PARTS; one for a plain question.

    A short sentence is joined to the one before it, at the beginning to the one after it. Of more
    than MOST_PARTS the last ones stay together.
    """
    joined: list[str] = []
    for sentence in _END.split(text.strip()):
        if not sentence:
            continue
        if joined and min(_words(joined[-1]), _words(sentence)) < LEAST_WORDS:
            joined[-1] = f"{joined[-1]} {sentence}"
        else:
            joined.append(sentence)
    first, rest = joined[: MOST_PARTS - 1], joined[MOST_PARTS - 1 :]
    return (*first, " ".join(rest)) if rest else tuple(first)


def _words(text: str) -> int:
    return len(text.split())
