"""Misleading outputs of a model on a committed sample (CC0): each ends as its row says."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import prompt_outputs
from benchmarks.prompt_outputs import faults, not_judged, read
from conversations.answering.output_guard import Reviewed, unreviewed
from conversations.answering.values import Prompt
from tests.fresh_data_folder import ROOT

ROWS = read(ROOT / "tests" / "samples" / "security" / "prompt_outputs.jsonl")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["why"])
def test_it_ends_as_it_must(row: dict[str, Any]) -> None:
    assert faults(row) == []
    assert not_judged(row) == []


def test_without_the_output_guard_many_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def pass_all(text: str, prompt: Prompt, question: str, allowed: frozenset[str]) -> Reviewed:
        return unreviewed(text, prompt)

    monkeypatch.setattr(prompt_outputs, "review", pass_all)
    hostile = [row for row in ROWS if row["must_not"][0].startswith("shown:")]
    assert sum(bool(faults(row)) for row in hostile) >= len(hostile) - 1


def test_a_harmless_text_that_is_lost_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def pass_nothing(text: str, *rest: object) -> Reviewed:
        return Reviewed("", (), (), False)

    monkeypatch.setattr(prompt_outputs, "review", pass_nothing)
    harmless = [row for row in ROWS if row["must_not"][0].startswith("lost:")]
    assert harmless
    assert all(faults(row) for row in harmless)


def test_a_demand_that_no_check_knows_is_named() -> None:
    assert not_judged({"text": "", "must_not": ["shown:a purple cow"]}) == ["shown:a purple cow"]
