"""Two runs are compared case by case."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation.baselines import best, fused
from evaluation.comparison import compare_runs, paired


def run_of(about: str, **values: float) -> dict[str, Any]:
    return {
        "about": {"cases": about},
        "intervals": {"ndcg_at_10": (0, 1)},
        "per_query": [
            {"id": name, "ndcg_at_10": value, "retrieved": [name]} for name, value in values.items()
        ],
    }


def test_a_small_gain_on_every_case_is_a_gain_though_the_means_vary_more() -> None:
    before = [0.0, 1.0] * 20
    after = [value + 0.01 for value in before]
    found = paired({"m": before}, {"m": after})["m"]
    assert found["difference"] == pytest.approx(0.01)
    assert found["interval"] == (pytest.approx(0.01), pytest.approx(0.01))
    assert (found["better_cases"], found["worse_cases"]) == (40, 0)
    assert found["better"]
    assert not found["worse"]


def test_gains_and_losses_that_may_be_chance_are_neither() -> None:
    found = paired({"m": [0.5] * 10}, {"m": [0.0, 1.0] * 5})["m"]
    low, high = found["interval"]
    assert low < 0 < high
    assert not found["better"]
    assert not found["worse"]


def test_a_loss_on_every_case_is_worse() -> None:
    assert paired({"m": [0.5] * 10}, {"m": [0.4] * 10})["m"]["worse"]


def test_only_cases_in_both_runs_count_and_the_worst_change_is_first() -> None:
    stored = run_of("x", gone=1.0, same=0.5, better=0.2, worse=0.9)
    compared = compare_runs(stored, run_of("y", worse=0.1, better=0.3, same=0.5, new=0.0))
    assert compared["n"] == 3
    assert (compared["only_in_baseline"], compared["only_in_this_run"]) == (1, 1)
    assert [row["id"] for row in compared["changed"]] == ["worse", "better"]
    assert compared["differences"]["ndcg_at_10"]["difference"] == pytest.approx(-0.7 / 3, abs=1e-4)
    assert compared["other_settings"] == {"cases": ("x", "y")}


def test_fusion_puts_first_what_both_have_high() -> None:
    assert fused([["a", "b", "c"], ["b", "d", "a"]]) == ["b", "a", "d", "c"]
    assert fused([["b"], ["a"]]) == ["a", "b"]


def test_the_best_baseline_is_that_of_the_best_ndcg() -> None:
    figures = {
        name: {"ndcg_at_10": value} for name, value in (("bm25", 0.1), ("dense", 0.3), ("rrf", 0.2))
    }
    assert best(figures) == "dense"
