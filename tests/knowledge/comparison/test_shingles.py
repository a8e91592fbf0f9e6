"""The same text, nearly the same text, and texts that only share a subject."""

import random

import pytest

from knowledge.comparison.shingles import (
    LEAST_WORDS,
    NEARLY,
    PLACES,
    nearly_the_same,
    signature,
    similarity,
    text_hash,
)

WORDS = [f"word{number}" for number in range(400)]


def test_the_hash_looks_at_words_only() -> None:
    assert text_hash("Send it BACK.\n\n* now") == text_hash("send it back now")
    assert text_hash("send it back now") != text_hash("send it back then")
    assert text_hash("...") == ""


def test_a_short_text_has_no_signature() -> None:
    assert signature(" ".join(WORDS[: LEAST_WORDS - 1])) == []
    assert similarity([], []) == 0


@pytest.mark.parametrize("changed", [0, 5, 20, 60])
def test_similarity_estimates_the_share_of_runs_in_common(changed: int) -> None:
    dice = random.Random(changed)
    other = list(WORDS)
    for place in dice.sample(range(len(WORDS)), changed):
        other[place] = "changed"
    runs = [set(zip(*(text[i:] for i in range(4)), strict=False)) for text in (WORDS, other)]
    exact = len(runs[0] & runs[1]) / len(runs[0] | runs[1])
    estimated = similarity(signature(" ".join(WORDS)), signature(" ".join(other)))
    # Three standard errors of a share from PLACES draws.
    assert estimated == pytest.approx(exact, abs=3 * (0.25 / PLACES) ** 0.5)


def test_near_copies_come_best_first_and_strangers_not_at_all() -> None:
    text = " ".join(WORDS)
    others = {
        "copy": signature(text),
        "near": signature(text.replace("word7 ", "other ")),
        "stranger": signature(" ".join(reversed(WORDS))),
        "short": [],
    }
    found = list(nearly_the_same(signature(text), others))
    assert [name for name, _ in found] == ["copy", "near"]
    assert found[0][1] == 1
    assert NEARLY <= found[1][1] < 1
