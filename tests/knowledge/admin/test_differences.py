"""Comparing two texts: readable for people, and bounded whatever the texts are."""

import random
import time

import pytest

from knowledge.admin import differences
from knowledge.admin.differences import Difference, compare


def kinds(difference: Difference) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in difference.blocks]


def reworded(difference: Difference) -> list[tuple[str, str]]:
    return [
        (piece.kind, piece.text)
        for block in difference.blocks
        if block.kind == "changed"
        for piece in block.pieces
    ]


def test_the_same_texts_have_no_difference() -> None:
    assert compare("a\n\nb", "a\n\nb").is_none
    assert compare("", "").is_none


def test_paragraphs_are_added_and_removed() -> None:
    found = compare("one\n\ntwo\n\nthree", "one\n\nthree\n\nfour")
    assert kinds(found) == [
        ("same", "one"),
        ("removed", "two"),
        ("same", "three"),
        ("added", "four"),
    ]
    assert (found.added, found.removed, found.changed) == (1, 1, 0)


def test_words_of_a_paragraph_are_told_apart() -> None:
    found = compare("Send it within 30 days, please.", "Send it within 60 days.")
    assert reworded(found) == [
        ("same", "Send it within "),
        ("removed", "30 "),
        ("added", "60 "),
        ("same", "days"),
        ("removed", ", please"),
        ("same", "."),
    ]


def test_a_reworded_paragraph_is_found_behind_a_new_one() -> None:
    found = compare("The price is 5 euro a month.", "New here.\n\nThe price is 7 euro a month.")
    assert [block.kind for block in found.blocks] == ["added", "changed"]


def test_a_long_list_is_compared_line_by_line() -> None:
    lines = [f"- entry {number} of a long list" for number in range(200)]
    other = [*lines[:100], "- something entirely different", *lines[101:]]
    found = compare("\n".join(lines), "\n".join(other))
    assert found.added + found.changed == 1
    assert sum(block.number for block in found.blocks if block.kind == "same") == 199


def test_pieces_put_together_are_the_two_texts() -> None:
    rng = random.Random(7)
    words = ["alpha", "beta", "gamma", "delta", "5", "%", "-"]
    for _ in range(50):
        old = " ".join(rng.choices(words, k=20))
        new = " ".join(rng.choices(words, k=20))
        for block in compare(old, new).blocks:
            if block.kind == "changed":
                kept = [p.text for p in block.pieces if p.kind != "removed"]
                assert "".join(kept) == new


def _mixed(rng: random.Random, symbols: list[str], number: int) -> str:
    return "\n\n".join(rng.choices(symbols, k=number))


@pytest.mark.parametrize("case", ["rules", "sentences", "one paragraph", "few against many"])
def test_hostile_texts_take_seconds_at_most(case: str) -> None:
    rng = random.Random(3)
    words = ["a", "of", "the", "alpha", "beta"]
    sentences = [" ".join(rng.choices(words, k=50)) for _ in range(5000)]
    pairs = {
        "rules": (_mixed(rng, ["---", "***"], 9000), _mixed(rng, ["---", "***"], 9000)),
        "sentences": (_mixed(rng, sentences, 5000), _mixed(rng, sentences, 5000)),
        "one paragraph": (" ".join(sentences), " ".join(sentences[::-1])),
        "few against many": (_mixed(rng, ["a", "b"], 9000), _mixed(rng, ["a", "b"], 190)),
    }
    started = time.process_time()
    found = compare(*pairs[case])
    assert time.process_time() - started < 8
    assert len(found.blocks) <= differences.MOST_BLOCKS
    assert all(len(block.text) <= differences.MOST_SHOWN_CHARACTERS + 1 for block in found.blocks)


def test_what_is_not_compared_is_said() -> None:
    long = "word " * 300_000
    assert compare(long, long + "end").cut
    assert not compare(long, long).cut
    assert compare(long, long).is_none
