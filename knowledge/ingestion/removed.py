"""Notes what was taken out of a file because a reader does not see it."""

from __future__ import annotations

from collections import Counter

from knowledge.ingestion.values import Finding

PIECE_CHARACTERS = 200
PIECES_PER_CODE = 5


class Removed:
    """Collects pieces by code; `findings` holds the first of each and how many more there were.

    Codes: `comment`, `hidden_part` (a style or attribute that shows nothing), `same_colour`,
    `tiny_text`, `off_screen`, `invisible_text` (PDF, Word), `hidden_sheet`, `hidden_cells`,
    `hidden_slide`.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._findings: list[Finding] = []

    def add(self, code: str, text: str) -> None:
        """Note a piece, unless there is no word in it."""
        words = " ".join(text[: PIECE_CHARACTERS * 4].split())
        if not any(character.isalnum() for character in words):
            return
        self._counts[code] += 1
        if self._counts[code] <= PIECES_PER_CODE:
            self._findings.append(Finding(code, shortened(words)))

    def findings(self) -> tuple[Finding, ...]:
        """Return what was noted, in the order of the file."""
        more = [
            Finding(code, f"and {count - PIECES_PER_CODE} more")
            for code, count in self._counts.items()
            if count > PIECES_PER_CODE
        ]
        return (*self._findings, *more)


def shortened(text: str) -> str:
    """Return a short piece of a text, for a finding's detail."""
    return text if len(text) <= PIECE_CHARACTERS else f"{text[:PIECE_CHARACTERS]}…"
