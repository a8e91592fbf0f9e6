"""Do different wordings of one question get the same answer? Pure.

Cases belong together when they name the same `group`, or the same documents. Of each two it is
asked whether both were answered or neither, and whether they cite the same document first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, Protocol

from knowledge.metrics import share_interval


class Answered(Protocol):
    """What is looked at of a case's result."""

    @property
    def group(self) -> str: ...  # noqa: D102
    @property
    def abstained(self) -> bool: ...  # noqa: D102
    @property
    def cited(self) -> tuple[str, ...]: ...  # noqa: D102


def consistency(results: Iterable[Answered]) -> dict[str, Any]:
    """Return over how many pairs the outcome and the first document are the same."""
    groups: defaultdict[str, list[Answered]] = defaultdict(list)
    for result in results:
        if result.group:
            groups[result.group].append(result)
    pairs = [pair for group in groups.values() for pair in combinations(group, 2)]
    both = [(a, b) for a, b in pairs if not a.abstained and not b.abstained]
    return {
        "groups": sum(len(group) > 1 for group in groups.values()),
        "pairs": len(pairs),
        "same_outcome": _share([a.abstained == b.abstained for a, b in pairs]),
        "same_first_document": _share([a.cited[:1] == b.cited[:1] for a, b in both]),
    }


def _share(flags: Sequence[bool]) -> dict[str, Any]:
    share = round(sum(flags) / len(flags), 4) if flags else None
    return {"n": len(flags), "share": share, "interval": share_interval(sum(flags), len(flags))}
