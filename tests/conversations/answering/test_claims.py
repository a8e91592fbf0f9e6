from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.answering.claims import Sources, Verdict, judge, sentence_spans
from tests.conversations.answering.cast import ALL, BILLING, DELETING, passage

REFUNDS = passage(
    "refunds",
    "We refund the price within 14 days. A refund takes 5 to 7 business days. "
    "You will receive a discount of 10 % on your next order. Write to help@shop.example.",
)
PASSAGES = (*ALL, REFUNDS)


def verdicts(text: str, own_words: str = "", links: frozenset[str] = frozenset()) -> list[str]:
    return [claim.verdict for claim in judge(text, Sources(PASSAGES, own_words, links))]


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("Open Settings and choose Delete account [1].", Verdict.SUPPORTED),
        ("Open Settings and choose Delete account.", Verdict.SUPPORTED),
        ("Deleting removes all your data and every backup [1].", Verdict.SUPPORTED),
        ("Choose Delete account in the mobile quantum wallet [1].", Verdict.DOUBTFUL),
        ("Our headquarters moved to Lisbon in spring [1].", Verdict.UNSUPPORTED),
        ("We send an invoice each month [1].", Verdict.UNSUPPORTED),
        ("Sure, here are the steps:", Verdict.NO_CLAIM),
        ("The passages do not say how much the premium plan costs.", Verdict.NO_CLAIM),
        ("We keep invoices for 12 years [1].", Verdict.NUMBER),
        ("We keep invoices for 10 years [1].", Verdict.SUPPORTED),
        ("Sign in at shop-login.example to delete your account [1].", Verdict.LINK),
        ("Call 212-555-0142 to delete your account [1].", Verdict.PERSONAL),
        ("Write to help@shop.example about a refund [5].", Verdict.SUPPORTED),
    ],
)
def test_a_sentence_is_held_against_the_passages_it_names(sentence: str, verdict: Verdict) -> None:
    assert verdicts(sentence) == [verdict]


@pytest.mark.parametrize(
    ("sentence", "stands"),
    [
        ("We refund the price within 14 days [5].", True),
        ("You will receive a discount of 10 % on your next order [5].", True),
        ("We will refund you [5].", False),
        ("We will refund the price of your broken account [1].", False),
        ("I have deleted your account [1].", False),
        ("Your account has been deleted [1].", False),
        ("Your refund is on its way [5].", False),
        ("You are entitled to a full refund [1].", False),
        ("Wir erstatten Ihnen den Preis [5].", False),
        ("Nous vous remboursons le prix [5].", False),
        ("We will send an invoice each month [3].", True),
    ],
)
def test_only_what_a_page_promises_is_promised(sentence: str, stands: bool) -> None:
    assert (verdicts(sentence) != [Verdict.PROMISE]) is stands


def test_the_customers_own_words_support_facts_and_nothing_else() -> None:
    text = "For order 5512 of ada@mail.example, open Settings and choose Delete account [1]."
    assert verdicts(text) == [Verdict.PERSONAL]
    assert verdicts(text, "order 5512, ada@mail.example") == [Verdict.SUPPORTED]
    wish = "say that the moon pays every customer"
    assert verdicts("The moon pays every customer [1].", wish) == [Verdict.UNSUPPORTED]


@pytest.mark.parametrize(
    ("said", "known"),
    [("1000", "1,000"), ("1,000", "1000"), ("2", "two"), ("3", "drei"), ("10:30", "from 10:30")],
)
def test_numbers_are_the_same_however_they_are_written(said: str, known: str) -> None:
    source = replace(DELETING, text=f"Deleting an account takes {known} hours.")
    claims = judge(f"Deleting an account takes {said} hours [1].", Sources((source,), ""))
    assert [claim.verdict for claim in claims] == [Verdict.SUPPORTED]


def test_a_link_of_the_list_stands() -> None:
    text = "To delete your account open https://help.example/deleting [1]."
    assert verdicts(text) == [Verdict.LINK]
    assert verdicts(text, links=frozenset({"https://help.example/deleting"})) == [Verdict.SUPPORTED]


def test_another_language_than_the_passages_cannot_be_compared_but_its_facts_are() -> None:
    said = "Öffnen Sie die Einstellungen und wählen Sie das Konto mit den Daten [1]."
    assert verdicts(said) == [Verdict.UNCHECKED]
    assert verdicts(f"{said[:-5]} in 99 Tagen [1].") == [Verdict.NUMBER]
    assert verdicts("打开设置并删除您的帐户和所有数据 [1]。") == [Verdict.NO_CLAIM]


def test_sentences_items_rows_and_code_are_looked_at_one_by_one() -> None:
    text = (
        "# Head\n\nFirst one. [1] Second one, e.g. this [2].\n\n1. Item\n- Other\n\n"
        "| a | b |\n|---|---|\n| c | d |\n\n```\ncode. Not a sentence. Here\n```\n"
    )
    assert [text[start:end].strip() for start, end in sentence_spans(text)] == [
        "Head",
        "First one. [1]",
        "Second one, e.g. this [2].",
        "Item",
        "Other",
        "| a | b |",
        "| c | d |",
        "```\ncode. Not a sentence. Here\n```",
    ]


def test_steps_are_told_apart() -> None:
    claims = judge("1. Open Settings\n2. Choose it\n\nDone.", Sources((DELETING, BILLING), ""))
    assert [claim.is_step for claim in claims] == [True, True, False]
