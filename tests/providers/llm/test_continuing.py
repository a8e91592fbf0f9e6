from __future__ import annotations

import pytest

from providers.llm.continuing import ASK_FOR_THE_REST, continued_messages, joined


@pytest.mark.parametrize(
    ("written", "rest", "whole"),
    [
        ("You open Set", "tings and save.", "You open Settings and save."),
        ("You open Settings", " and save.", "You open Settings and save."),
        ("You open Settings and", "You open Settings and save.", "You open Settings and save."),
        (
            "One. Choose Delete account",
            "Choose Delete account now.",
            "One. Choose Delete account now.",
        ),
        # So few characters may be the same by chance.
        ("say no", "no more", "say nono more"),
        ("text", "", "text"),
    ],
)
def test_both_parts_are_one_text_without_repetition(written: str, rest: str, whole: str) -> None:
    assert joined(written, rest) == whole


def test_the_rest_is_asked_for_after_what_was_written() -> None:
    question = {"role": "user", "content": "Q"}
    assert continued_messages([question], "half") == [
        question,
        {"role": "assistant", "content": "half"},
        {"role": "user", "content": ASK_FOR_THE_REST},
    ]
