from __future__ import annotations

import pytest

from guardrails.leaks import new_boundary, new_canary, repeats
from guardrails.links import allowed_urls, strip_links

ALLOWED = allowed_urls(["https://help.example/a"], ["See https://docs.example/b, please."])


@pytest.mark.parametrize(
    ("text", "kept", "removed"),
    [
        ("[a](https://help.example/a)", "[a](https://help.example/a)", 0),
        ("[a](https://help.example/a/)", "[a](https://help.example/a/)", 0),
        ("See https://docs.example/b.", "See https://docs.example/b.", 0),
        ("[a](https://evil.example)", "a", 1),
        ("![x](https://evil.example/p.png)", "x", 1),
        ("[a](javascript:alert)", "a", 1),
        ("[a](/admin/)", "a", 1),
        ("<mailto:a@evil.example>", "", 1),
        ("https://help.example.evil.example/a", "", 1),
        ("https://help.example/a?next=//evil.example", "", 1),
        (
            "[a](http://evil.example) [b](https://help.example/a)",
            "a [b](https://help.example/a)",
            1,
        ),
        ("No link [1] here.", "No link [1] here.", 0),
    ],
)
def test_only_links_of_the_sources_stay(text: str, kept: str, removed: int) -> None:
    assert strip_links(text, ALLOWED) == (kept, removed)


def test_marks_cannot_be_guessed() -> None:
    assert new_canary() != new_canary()
    assert new_boundary() != new_boundary()


def test_a_long_common_stretch_is_a_repetition_whatever_its_case_and_punctuation() -> None:
    secret = "One two three four five six seven eight nine ten eleven twelve thirteen."
    assert repeats("so: ONE, two three four five six seven eight nine ten eleven twelve!", secret)
    assert not repeats("one two three four five six seven eight nine ten eleven", secret)
