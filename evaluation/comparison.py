"""Is one run better than another? Case by case, with the interval of the mean difference. Pure.

Comparing means hides that hard cases are hard for both: at 150 cases a mean is good to about .06,
the difference of two runs on the same cases to about .02. Intervals are 95 % percentile bootstrap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from knowledge import metrics

# Rows of per-case values, in the same order in both runs.
Values = Mapping[str, Sequence[float]]


def paired(before: Values, after: Values) -> dict[str, dict[str, Any]]:
    """Return for each metric the mean difference (after - before), its interval, and the counts.

    `worse` and `better` say that the whole interval lies on one side of zero.
    """
    return {name: _difference(before[name], after[name]) for name in after}


def compare_runs(
    stored: Mapping[str, Any],
    result: Mapping[str, Any],
    main: str = "ndcg_at_10",
    listed: str = "retrieved",
) -> dict[str, Any]:
    """Compare two results on the cases they share, the worst by the metric `main` first.

    Both are as `evaluation.stored_runs` holds them; the metrics are those that both know. `listed`
    is the field of a case that holds ids of documents.
    """
    earlier = {row["id"]: row for row in stored["per_query"]}
    shared = [row for row in result["per_query"] if row["id"] in earlier]
    names = [name for name in result["intervals"] if name in stored["intervals"]]
    before = {name: [float(earlier[row["id"]][name]) for row in shared] for name in names}
    after = {name: [float(row[name]) for row in shared] for name in names}
    changed = [
        {
            "id": row["id"],
            "before": earlier[row["id"]][main],
            "after": row[main],
            f"{listed}_before": earlier[row["id"]][listed],
        }
        for row in shared
        if earlier[row["id"]][main] != row[main]
    ]
    return {
        "n": len(shared),
        "only_in_baseline": len(earlier) - len(shared),
        "only_in_this_run": len(result["per_query"]) - len(shared),
        "other_settings": _other(stored.get("about", {}), result["about"]),
        "differences": paired(before, after),
        "changed": sorted(changed, key=lambda row: (row["after"] - row["before"], row["id"])),
    }


def _difference(before: Sequence[float], after: Sequence[float]) -> dict[str, Any]:
    differences = [b - a for a, b in zip(before, after, strict=True)]
    low, high = metrics.interval(differences)
    return {
        "before": metrics.mean(before),
        "after": metrics.mean(after),
        "difference": metrics.mean(differences),
        "interval": (low, high),
        "better_cases": sum(one > 0 for one in differences),
        "worse_cases": sum(one < 0 for one in differences),
        "worse": high < 0,
        "better": low > 0,
    }


def _other(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value
    }
