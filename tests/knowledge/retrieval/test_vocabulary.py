"""A query gains the operator's words: the longest phrase counts, and nothing leads on."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.retrieval.values import Passage
from knowledge.retrieval.vocabulary import Entry, Expanded, Vocabulary, lifted

WORDS = Vocabulary(
    [
        Entry("Refill", ("top up", "recharge")),
        Entry("Door Code", ("PIN", "unlock number")),
        Entry("Number Pad", ("number",)),
        Entry("Sign-in Plus"),
        Entry("Postings"),
        Entry("Konto-Schutz", ("Versicherung",)),
        Entry("チャージ", ("入金",)),
    ]
)


@pytest.mark.parametrize(
    ("query", "dense", "sparse"),
    [
        ("Where can I top up?", "Where can I top up? Refill", "Where can I top up? Refill"),
        ("TOP-UP", "TOP-UP Refill", "TOP-UP Refill"),
        ("recharging it", "recharging it Refill", "recharging it Refill"),
        ("buy a refill", "buy a refill", "buy a refill top up recharge"),
        ("refills", "refills", "refills top up recharge"),
        ("my unlock number", "my unlock number Door Code", "my unlock number Door Code"),
        ("which number", "which number Number Pad", "which number Number Pad"),
        ("eine Versicherung", "eine Versicherung Konto-Schutz", "eine Versicherung Konto-Schutz"),
        ("入金の方法", "入金の方法 チャージ", "入金の方法 チャージ"),
        ("something else", "something else", "something else"),
        ("", "", ""),
    ],
)
def test_a_query_gains_the_other_word(query: str, dense: str, sparse: str) -> None:
    expanded = WORDS.expand(query)
    assert (expanded.dense, expanded.sparse) == (dense, sparse)


def test_a_term_is_not_added_to_a_query_that_has_it() -> None:
    assert WORDS.expand("recharge by refill").dense == "recharge by refill"


def test_what_is_added_is_not_looked_up_again() -> None:
    chain = Vocabulary([Entry("Alpha", ("beta",)), Entry("Beta", ("gamma",))])
    assert chain.expand("gamma").dense == "gamma Beta"
    assert chain.expand("beta").sparse == "beta Alpha gamma"


def test_one_word_may_mean_two_terms() -> None:
    both = Vocabulary([Entry("Debit Card", ("plastic",)), Entry("Gift Card", ("plastic",))])
    assert both.expand("plastic").dense == "plastic Debit Card Gift Card"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("is sign-in plus free", ("Sign-in Plus",)),
        ("SIGN IN PLUS", ("Sign-in Plus",)),
        ("signing in plus more", ()),
        ("what are postings", ("Postings",)),
        ("a posting", ()),
        ("top up", ("Refill",)),
    ],
)
def test_a_product_term_is_kept_as_it_is_written(query: str, kept: tuple[str, ...]) -> None:
    assert WORDS.expand(query).kept == kept


def passage(name: str, text: str, score: float) -> Passage:
    return Passage(name, name, "v", name, (), text, "", None, score, score, 0.0)


def test_passages_with_the_term_as_written_come_first_among_near_ones() -> None:
    post = passage("post", "A posting in a forum: sign in, plus confirm.", 0.6)
    line = passage("line", "Postings are lines of your bank.", 0.5)
    far = passage("far", "Postings", 0.2)
    assert [p.title for p in lifted([post, line, far], ["Postings"])] == ["line", "post", "far"]
    assert lifted([post, line, far], []) == [post, line, far]
    plus = passage("plus", "With sign-in plus you need no password.", 0.55)
    assert [p.title for p in lifted([post, plus], ["Sign-in Plus"])] == ["plus", "post"]


def test_an_empty_vocabulary_changes_nothing() -> None:
    assert Vocabulary([]).expand("How do I pay?") == Expanded("How do I pay?", "How do I pay?")


phrases = st.text(string.ascii_letters + " -", max_size=20)


@given(st.lists(st.tuples(phrases, st.lists(phrases, max_size=3)), max_size=6), phrases)
def test_any_vocabulary_leaves_the_question_whole(
    rows: list[tuple[str, list[str]]], query: str
) -> None:
    vocabulary = Vocabulary(Entry(term, tuple(synonyms)) for term, synonyms in rows)
    expanded = vocabulary.expand(query)
    assert expanded.dense.startswith(query)
    assert expanded.sparse.startswith(expanded.dense)
    known = {term for term, _ in rows}
    assert set(expanded.kept) <= known
