"""One wrong letter is forgiven; what is right, or no word, is left alone."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.retrieval.spelling import Correction, WordList, corrected, respelled

COUNTS = {"password": 9, "passport": 2, "invoice": 5, "invoices": 3, "delete": 7, "account": 9}
WORDS = WordList(COUNTS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pasword", "password"),
        ("passwword", "password"),
        ("passwird", "password"),
        ("passowrd", "password"),
        ("Pasword", "password"),
        ("ivoice", "invoice"),
        ("xassword", "password"),
    ],
)
def test_one_edit_is_forgiven(written: str, meant: str) -> None:
    found = corrected(f"my {written} please", (WORDS,))
    assert found.text.split()[1] == meant
    assert written.casefold() in found.more.split()
    assert found.changes[0][0] == written.casefold()


@pytest.mark.parametrize(
    "text",
    [
        "delete my account",
        "Deleting ACCOUNTS",
        "pswrd",
        "err-4711 passw0rd v2.3",
        "the then thet",
        "",
        "???",
        "忘记密码",
        "x" * 10_000,
        "é" * 40,
    ],
)
def test_known_words_their_forms_codes_and_far_words_stay(text: str) -> None:
    assert corrected(text, (WORDS,)) == Correction(text)


def test_most_unknown_words_without_a_near_one_are_another_language() -> None:
    text = "wie kann ich mein pasword ändern bitte"
    assert corrected(text, (WORDS,)) == Correction(text)


def test_a_word_that_people_use_is_none_misspelt() -> None:
    assert corrected("the passport", (WordList({"passports": 1, "password": 1}),)).changes == ()
    assert corrected("deleted invoise", (WORDS,), lambda word: word == "invoise").changes == ()


def test_more_frequent_words_and_the_same_first_letter_come_first() -> None:
    words = WordList({"card": 5, "cart": 50, "lard": 60})
    ((_, near),) = corrected("my carx", (words,)).changes
    assert near == ("cart", "card")
    assert words.near("xard") == ["lard", "card"]


def test_two_forms_of_a_word_are_one() -> None:
    assert WordList({"invoice": 5, "invoices": 3}).near("invoicee") == ["invoice"]


def test_words_added_later_are_known() -> None:
    words = WordList({})
    assert corrected("pasword", (words,)).changes == ()
    words.add({"password": 1})
    assert corrected("pasword", (words,)).text == "password"
    assert len(words) == 1


def test_the_words_of_an_earlier_list_come_first() -> None:
    first = WordList({"pastword": 1})
    assert corrected("pasword", (first, WORDS)).text == "pastword"


def test_the_same_words_are_replaced_in_another_text() -> None:
    changes = corrected("pasword?", (WORDS,)).changes
    assert respelled("Where? Pasword's end.", changes) == "Where? password end."
    assert respelled("nothing of it", changes) == "nothing of it"


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    found = corrected(text, (WORDS,))
    assert found.text == respelled(text, found.changes)


@given(st.sampled_from(sorted(COUNTS)), st.randoms(use_true_random=False))
def test_every_single_edit_of_a_long_word_has_it_among_the_near_ones(
    word: str, chance: random.Random
) -> None:
    place = chance.randrange(len(word) - 1)
    letter = chance.choice(string.ascii_lowercase)
    edited = chance.choice(
        [
            word[:place] + letter + word[place + 1 :],
            word[:place] + letter + word[place:],
            word[:place] + word[place + 1 :],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        ]
    )
    assert WORDS.knows(edited) or word in WordList({word: 1}).near(edited)
