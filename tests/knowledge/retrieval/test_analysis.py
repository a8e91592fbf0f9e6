"""Words to terms: stems, codes, scripts, and never a failure."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.retrieval.analysis import sparse_document, sparse_query, terms


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
