"""A question's sentences: which are searched alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.retrieval.sentences import MOST_PARTS, parts_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("How do I reset my password?", ("How do I reset my password?",)),
        (
            "I lost my card yesterday. How do I get a new one?",
            ("I lost my card yesterday.", "How do I get a new one?"),
        ),
        (
            "Hello! I lost my card yesterday. Thank you.",
            ("Hello! I lost my card yesterday. Thank you.",),
        ),
        ("first line of it\nsecond line of it", ("first line of it", "second line of it")),
        ("Version 2.3.1 of example.com is out", ("Version 2.3.1 of example.com is out",)),
        ("", ()),
        ("   \n ", ()),
        ("我的卡丢了。怎么办？", ("我的卡丢了。 怎么办？",)),
    ],
)
def test_sentences_are_cut_and_short_ones_joined(text: str, parts: tuple[str, ...]) -> None:
    assert parts_of(text) == parts


def test_of_many_sentences_the_last_stay_together() -> None:
    text = " ".join(f"This is sentence number {n}." for n in range(10))
    parts = parts_of(text)
    assert len(parts) == MOST_PARTS
    assert parts[-1].endswith("number 9.")
    assert " ".join(parts) == text


@given(st.text(max_size=300))
def test_no_character_that_says_something_is_lost(text: str) -> None:
    assert "".join("".join(parts_of(text)).split()) == "".join(text.split())
