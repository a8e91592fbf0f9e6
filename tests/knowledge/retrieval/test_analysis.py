"""Words to terms: stems, codes, scripts, and never a failure."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.retrieval.analysis import (
    codes_in,
    plain_words,
    sparse_codes,
    sparse_document,
    sparse_query,
    terms,
)


def test_forms_of_a_word_share_a_term() -> None:
    assert set(terms("returning")) & set(terms("returned"))


def test_a_code_is_a_term_of_its_own() -> None:
    assert "err-4711" in set(terms("What does ERR-4711 mean?"))


def test_stop_words_are_left_out() -> None:
    assert list(terms("what is the")) == []


def test_scripts_without_blanks_are_cut_in_pairs() -> None:
    assert list(terms("返品方法")) == ["返品", "品方", "方法"]


def test_a_repeated_word_counts_more_but_less_than_twice() -> None:
    (once,) = sparse_document("parcel").values
    (twice,) = sparse_document("parcel parcel").values
    assert once < twice < 2 * once


@given(st.text(max_size=300))
def test_any_text_makes_vectors_with_unique_ordered_ids(text: str) -> None:
    for vector in (sparse_document(text), sparse_query(text)):
        assert len(vector.indices) == len(vector.values)
        assert list(vector.indices) == sorted(set(vector.indices))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("What does ERR-4711 mean?", ("err-4711",)),
        ("E4711 or 0x80070005, error 80070005.", ("e4711", "0x80070005", "80070005")),
        ("order #A1B2C3 (SKU KX9-77Q/2)", ("kx9-77q/2", "a1b2c3")),
        (
            "see /etc/hosts, docs/setup/first and v2.3.1",
            ("etc/hosts", "docs/setup/first", "v2.3.1"),
        ),
        ("ERR_CONNECTION_REFUSED", ("err_connection_refused",)),
        ("a 24-hour, 2-step check 24/7 at 10:30 and/or sign-in", ()),
        ("s3, mp3 or ipv6 since 2024 for 100,000 dollars in 30 days", ()),
        ("my e-mail is slow", ()),
    ],
)
def test_codes_are_told_from_amounts_and_words(text: str, codes: tuple[str, ...]) -> None:
    assert codes_in(text) == codes
    assert set(codes) <= set(terms(text))


@given(st.text(max_size=300))
def test_codes_of_any_text_are_terms_of_it(text: str) -> None:
    assert set(codes_in(text)) <= set(terms(text))
    assert len(sparse_codes(codes_in(text)).indices) <= len(codes_in(text))


def test_terms_that_only_earlier_turns_hold_weigh_less() -> None:
    found = sparse_query("north gate", earlier=("north wing", "wing cellar", "tower"))
    assert sorted(found.values) == [0.15, 0.3, 1.0, 1.0]


def test_plain_words_are_letters_alone() -> None:
    text = "The Password's 2nd form, ERR-4711: naïve ok 密码 " + "x" * 40
    assert list(plain_words(text)) == ["password", "form", "err", "naïve"]


@pytest.mark.parametrize("text", ["x" * 8000, "1" * 8000, "x1" * 4000, "a-" * 4000, "é1-" * 2600])
def test_a_long_run_of_letters_takes_no_longer_than_other_text(text: str) -> None:
    started = time.process_time()
    codes_in(text)
    sparse_query(text)
    # It took two seconds when each letter was tried as a beginning.
    assert time.process_time() - started < 0.3
