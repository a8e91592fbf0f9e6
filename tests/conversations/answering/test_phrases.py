"""An operator's phrases in a customer's words."""

import pytest

from conversations.answering.incident_banner import answers
from conversations.answering.phrases import first_held, holds
from conversations.answering.values import Banner


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Why were my PAYMENTS declined?", "payment"),
        ("I want to cancel my contract!", "cancel my contract"),
        ("Don’t you refund?", "don't you refund"),
        ("お支払いができません", "支払い"),
        ("Ich möchte eine Kündigung", "kündigung"),
    ],
)
def test_a_phrase_is_found_whatever_case_endings_and_script(text: str, phrase: str) -> None:
    assert holds(text, phrase)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("I want to cancel the contract", "cancel my contract"),
        ("a contract I cancel", "cancel a contract"),
        ("repayment plan", "payment"),
        ("anything", ""),
        ("anything", "?!"),
        ("", "payment"),
    ],
)
def test_other_words_are_not_the_phrase(text: str, phrase: str) -> None:
    assert not holds(text, phrase)


def test_endings_count_where_the_words_themselves_are_meant() -> None:
    assert holds("We offer refunds", "refund")
    assert not holds("We offer refunds", "refund", inflected=False)
    assert first_held("We offer refunds", ("cash", "refund")) == "refund"
    assert first_held("We offer help", ("cash", "refund")) == ""


def test_a_banner_with_phrases_answers_each_question_that_holds_one() -> None:
    banner = Banner("Payments are down.", ("pay", "card declined"))
    assert answers("I cannot pay", banner, said=True)
    assert not answers("Where is my parcel?", banner, said=False)


def test_a_banner_without_phrases_answers_the_first_question_only() -> None:
    banner = Banner("Payments are down.")
    assert answers("Where is my parcel?", banner, said=False)
    assert not answers("Where is my parcel?", banner, said=True)
    assert not answers("Where is my parcel?", Banner(""), said=False)
