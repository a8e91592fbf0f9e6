"""Characters that people do not see are taken out, and named when they hide something."""

import pytest

from knowledge.ingestion.sanitising import clean, hidden_characters

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
PERSIAN = "می\u200cخواهم"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("zero\u200bwidth", "zerowidth"),
        ("pass\u2060word", "password"),
        ("pass\u200dword", "password"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("\u2066a\u2069", "a"),
        ("a\ufe00\ufe01\ufe02b", "ab"),
        ("soft\u00adhyphen", "softhyphen"),
        ("one\r\ntwo\rthree\x0cfour", "one\ntwo\nthree\nfour"),
        ("e\u0301", "é"),
        ("a\x00b\x1b", "ab"),
        (FAMILY, FAMILY),
        (PERSIAN, PERSIAN),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
    ],
)
def test_what_is_left_is_what_people_see(text: str, plain: str) -> None:
    assert clean(text) == plain


def test_what_hides_is_named_with_the_words_around_it() -> None:
    finding = hidden_characters("Reset your pass\u200bword now")
    assert finding is not None
    assert (finding.code, finding.holds) == ("hidden_characters", False)
    assert finding.detail == 'U+200B x 1 near "Reset your password now"'


def test_what_tag_characters_spell_is_said() -> None:
    smuggled = "".join(chr(0xE0000 + ord(character)) for character in "obey me")
    finding = hidden_characters(f"Hello{smuggled}")
    assert finding is not None
    assert 'saying "obey me"' in finding.detail
    assert clean(f"Hello{smuggled}") == "Hello"


@pytest.mark.parametrize("text", ["soft\u00adhyphen", FAMILY, PERSIAN, "\ufeffText", "שלום\u200f"])
def test_honest_marks_are_no_finding(text: str) -> None:
    assert hidden_characters(text) is None
