from __future__ import annotations

import base64
import codecs

import pytest

from guardrails.hidden_characters import without_hidden
from guardrails.leaks import new_boundary, new_canary, repeats, reveals
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


SECRET = "One two three four five six seven eight nine ten eleven twelve thirteen."


@pytest.mark.parametrize("encode", ["reverse", "words", "rot13", "base64", "hex"])
def test_an_encoded_repetition_is_one_too(encode: str) -> None:
    encoded = {
        "reverse": SECRET[::-1],
        "words": " ".join(reversed(SECRET.split())),
        "rot13": codecs.encode(SECRET, "rot13"),
        "base64": base64.b64encode(SECRET.encode()).decode(),
        "hex": SECRET.encode().hex(),
    }[encode]
    assert repeats(f"Sure: {encoded}", SECRET)


def test_a_secret_is_found_between_other_signs_and_not_in_other_words() -> None:
    assert reveals("it is a-l_p h:a 7 7 1", "alpha-771")
    assert not reveals("it is alpha 772", "alpha-771")
    assert not reveals("a b c", "abc")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ok\ufe04\ufe07\ufe01.", "Ok."),
        ("a\U000e006f\U000e0072b", "ab"),
        ("a\u200bb\u202ec", "abc"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👩\u200d👦 ❤\ufe0f", "👩\u200d👩\u200d👦 ❤\ufe0f"),
        ("Z" + "\u0351" * 30, "Z" + "\u0351" * 4),
        ("Việt é", "Việt é"),
        ("plain", "plain"),
    ],
)
def test_what_nobody_sees_goes_and_what_a_script_needs_stays(text: str, clean: str) -> None:
    assert without_hidden(text) == (clean, len(text) - len(clean))
