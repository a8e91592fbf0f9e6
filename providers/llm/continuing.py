"""A text that hit the output limit is asked for once more, from where it stops. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ASK_FOR_THE_REST = (
    "Your reply stops before its end. Write only the rest of it, from exactly where it stops, "
    "within a word if need be. Repeat nothing and add no introduction."
)
# Models often begin again with the last words. Fewer characters may be the same by chance.
SHORTEST_REPEAT = 12
LONGEST_REPEAT = 400


def continued_messages(
    messages: Sequence[Mapping[str, Any]], written: str
) -> list[Mapping[str, Any]]:
    """Return the messages with what was written so far and the wish for the rest."""
    return [
        *messages,
        {"role": "assistant", "content": written},
        {"role": "user", "content": ASK_FOR_THE_REST},
    ]


def joined(written: str, rest: str) -> str:
    """Return both parts as one text, without words that the rest begins with again."""
    most = min(LONGEST_REPEAT, len(written), len(rest))
    for length in range(most, SHORTEST_REPEAT - 1, -1):
        if written.endswith(rest[:length]):
            return written + rest[length:]
    return written + rest
