"""Looks through a document for sentences that instruct the assistant, before it may answer."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails.instructions import find_instructions
from knowledge.ingestion.values import Finding

MAX_DETAIL_CHARACTERS = 1000


def instruction_findings(
    text: str, title: str = "", taken_out: Iterable[Finding] = ()
) -> tuple[Finding, ...]:
    """Return a finding that holds the document for each sentence that instructs the assistant.

    `text` is what is searched; offsets point into it. The title goes to the model too. `taken_out`
    are the parser's findings, whose details quote what readers do not see. What is found in these
    two has no place.
    """
    seen = [
        Finding(
            "instruction",
            text[one.start : one.end][:MAX_DETAIL_CHARACTERS],
            one.start,
            one.end,
            holds=True,
            reason=one.reason.value,
        )
        for one in find_instructions(text)
    ]
    beside = [piece.detail for piece in taken_out]
    if not any(title in finding.detail for finding in seen):
        beside.append(title)
    unseen = [
        Finding("instruction", piece[:MAX_DETAIL_CHARACTERS], holds=True, reason=one.reason.value)
        for piece in beside
        for one in find_instructions(piece)[:1]
    ]
    return (*seen, *unseen)
