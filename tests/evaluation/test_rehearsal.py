"""The rehearsal: the matrix's rows with shorter budgets, and what it would notice."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conversations.answering.toolbox import Toolbox
from conversations.prompts import load
from evaluation.faults import ANSWER, FAULTS, NO_MODEL, Fault
from evaluation.rehearsal import Played, play, problems_of, rehearse
from providers.llm.base import CallRecord
from tests.conversations.answering.cast import finder

FACTOR = 0.2


def tools() -> Toolbox:
    return Toolbox(retrieve=finder(), prompt=load("answer_v1"))


def test_every_row_of_the_matrix_that_concerns_the_model_is_played() -> None:
    assert {fault.row for fault in FAULTS} == set(range(1, 21))
    assert len({(fault.row, fault.name) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.slow
def test_each_fault_ends_as_the_matrix_wants_it() -> None:
    # Time is the benchmark's matter: this machine may be busy with other tests.
    faults = [replace(fault, seconds=fault.seconds + 100) for fault in FAULTS]
    told: list[Played] = []
    played = rehearse(faults, tools(), factor=FACTOR, told=told.append)
    assert len(told) == len(FAULTS)
    # A busy machine may use up a shortened budget by itself: those have the whole one once more.
    missed = [one.fault for one in played if one.problems]
    again = rehearse(missed, tools(), factor=1.0, told=told.append)
    assert [one.row() for one in again if one.problems] == []


def record(outcome: str) -> CallRecord:
    return CallRecord("answer", "e", "m", outcome, "", None, None, None, 1.0)


@pytest.mark.parametrize(
    ("outcome", "seconds", "calls", "told"),
    [
        ("refuse", 1.0, 1, "ended as refuse"),
        ("extract", 11.0, 1, "took 11.0 s of 10.0 s"),
        ("extract", 1.0, 3, "made 3 calls, 2 are enough"),
        ("extract", 1.0, 0, "did not come about"),
    ],
)
def test_what_is_not_as_it_should_be_is_told(
    outcome: str, seconds: float, calls: int, told: str
) -> None:
    fault = Fault(1, "x", ("m",), NO_MODEL, 10, most_calls=2)
    made = [record("ProviderTimeout")] * calls
    (problem,) = problems_of(Played(fault, outcome, seconds, 10.0, made))
    assert told in problem


def test_a_model_that_answers_at_once_is_no_rehearsal(stub_llm: str) -> None:
    played = play(Fault(3, "none", ("stub",), ANSWER, 10), stub_llm, tools(), 1.0)
    assert played.problems == ["the fault did not come about"]


@pytest.mark.django_db
def test_the_command_gives_fault_outcome_and_seconds() -> None:
    out = StringIO()
    call_command("rehearse", "--json", "--row", "12", "--scale", "0.1", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    assert [row["outcome"] for row in told["rows"]] == ["answer", "extract"]
    assert all({"fault", "outcome", "seconds"} <= set(row) for row in told["rows"])
    assert told["failed"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [("--row", "40"), ("--scale", "3")])
def test_wrong_usage_is_refused(arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("rehearse", *arguments)
    assert refused.value.returncode == 2
