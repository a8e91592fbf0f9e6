from __future__ import annotations

import io
import json
import random
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conversations.answering.confidence import corrected
from conversations.models import (
    Answer,
    Calibration,
    Conversation,
    Feedback,
    Message,
    MessageKind,
    MessageRole,
    Visitor,
)
from evaluation.rated_answers import Rated, fit_correction, too_few


def rated(number: int, confidence: float, helped_share: float, seed: int) -> list[Rated]:
    chance = random.Random(seed)
    return [Rated(f"{seed}-{n}", confidence, chance.random() < helped_share) for n in range(number)]


OVERSURE = [*rated(100, 0.95, 0.6, 1), *rated(100, 0.7, 0.3, 2)]


def test_a_confidence_that_is_too_high_is_brought_down() -> None:
    found = fit_correction(OVERSURE)
    assert found.helps
    assert found.error_after < 0.1 < found.error_before
    assert 0.5 < corrected(0.95, found.slope, found.intercept) < 0.75
    assert 0.2 < corrected(0.7, found.slope, found.intercept) < 0.4


def test_one_that_is_right_is_left_alone_and_one_upside_down_is_refused() -> None:
    good = [*rated(200, 0.9, 0.9, 3), *rated(200, 0.3, 0.3, 4)]
    assert fit_correction(good).error_before < 0.06
    assert not fit_correction([*rated(60, 0.9, 0.1, 5), *rated(60, 0.3, 0.9, 6)]).helps


def test_too_few_ratings_and_too_few_of_one_kind_are_said() -> None:
    assert "49 answers are rated" in too_few(rated(49, 0.8, 0.5, 7))
    assert "at least 10 good and 10 bad" in too_few(rated(80, 0.8, 1.0, 8))
    assert too_few(OVERSURE) == ""


def test_the_correction_keeps_the_order_and_the_ends() -> None:
    values = [corrected(value, 0.5, -1.0) for value in (0.0, 0.2, 0.5, 0.8, 1.0)]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (0.0, 1.0)
    assert corrected(0.3, 1.0, 0.0) == 0.3


def store(ratings: list[Rated]) -> None:
    visitor = Visitor.objects.create()
    conversation = Conversation.objects.create(visitor=visitor)
    start = conversation.messages.count()
    for seq, one in enumerate(ratings, start + 1):
        message = Message.objects.create(
            conversation=conversation,
            seq=seq,
            role=MessageRole.ASSISTANT,
            kind=MessageKind.FINAL,
            text="x",
        )
        answer = Answer.objects.create(
            message=message,
            question="q",
            disposition="extract",
            source="extract",
            confidence=one.confidence,
            confidence_level="high",
        )
        Feedback.objects.create(answer=answer, visitor=visitor, rating=1 if one.helped else -1)


def calibrate(*options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("calibrate", *options, "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


@pytest.mark.django_db
def test_the_command_stores_what_helps_and_counts_later_ratings_only() -> None:
    store(OVERSURE)
    assert calibrate("--dry-run")["applied"] is False
    assert not Calibration.objects.exists()
    result = calibrate()
    assert result["applied"] is True
    assert result["rated"] == 200
    first = Calibration.objects.get()
    assert (first.slope, first.intercept) == (result["slope"], result["intercept"])
    assert calibrate()["rated"] == 0
    store(OVERSURE)
    second = calibrate()
    newest = Calibration.objects.in_force()
    assert newest is not None
    assert newest.slope == pytest.approx(second["slope"] * first.slope)
    assert newest.intercept == pytest.approx(
        second["slope"] * first.intercept + second["intercept"]
    )
    calibrate("--reset")
    assert not Calibration.objects.exists()


@pytest.mark.django_db
def test_too_few_ratings_change_nothing() -> None:
    store(OVERSURE[:20])
    result = calibrate()
    assert result["applied"] is False
    assert "at least 50" in result["reason"]
    with pytest.raises(CommandError, match="at least 1"):
        calibrate("--days", "0")
