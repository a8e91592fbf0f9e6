"""Which statements contradict each other, and which only look as if they did."""

from collections.abc import Sequence

import numpy as np
import pytest

from knowledge.comparison.contradictions import Contradiction, contradictions
from knowledge.comparison.shelf import Shelf
from knowledge.comparison.statements import Page, Piece, statements_of
from knowledge.comparison.words import concepts
from providers.embeddings.base import Vectors


def by_words(texts: Sequence[str]) -> Vectors:
    """Vectors of which words occur, in place of a model's."""
    rows = np.zeros((len(texts), 1024), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in concepts(text):
            row[sum(letter * (i + 1) for i, letter in enumerate(word.encode())) % 1024] = 1
        row /= max(float(np.linalg.norm(row)), 1e-9)
    return rows


def page(name: str, text: str, title: str = "Help", *headings: str) -> Page:
    return Page(name, title, "en", (Piece(name, headings, text),))


def compared(*pages: Page) -> list[Contradiction]:
    shelf = Shelf()
    for each in pages:
        shelf.put(each.id, statements_of(each))
    return contradictions(shelf, [each.id for each in pages], by_words)


def contradict(first: str, second: str) -> bool:
    return bool(compared(page("a", first), page("b", second)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Items can be returned within 14 days.", "You can send goods back within 30 days."),
        ("The Premium plan costs 9.99 USD a month.", "The Premium plan costs $12 per month."),
        ("Attachments may be up to 10 MB.", "The maximum size of an attachment is 25 MB."),
        ("Support is open 9-5 p.m.", "The support team is available from 8:00 to 18:00."),
        ("We have been in business since 2021.", "We have been in business since 2022."),
        (
            "Your account is locked after three attempts.",
            "Your account will be locked after 5 tries.",
        ),
        ("Students get a discount of 15%.", "The student discount is 20 percent."),
        ("We answer e-mails within 24 hours.", "E-mails are answered within 2 business days."),
        (
            "Call customer service at (800) 555-0134.",
            "Customer service can be called at 1-800-555-0199.",
        ),
        ("The minimum age to register is 16.", "You must be 18 years old to register."),
        (
            "Cancel your subscription up to 24 hours before it renews.",
            "Cancel the subscription at least 48 hours before the renewal.",
        ),
    ],
)
def test_two_values_for_the_same_thing_contradict(first: str, second: str) -> None:
    assert contradict(first, second)
    assert contradict(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Items can be returned within 14 days.", "Items can be returned within two weeks."),
        ("The Basic plan costs $5 a month.", "The Premium plan costs $12 a month."),
        ("Delivery to Germany takes 2 days.", "Delivery to France takes 4 days."),
        ("Delivery takes 5 days.", "Express delivery takes 1 day."),
        ("Passwords have at least 8 characters.", "Passwords have at most 64 characters."),
        ("The Pro plan costs $10 a month.", "The Pro plan costs $100 a year."),
        (
            "Items can be returned within 30 days.",
            "Business customers can return items in 14 days.",
        ),
        (
            "Refunds take 5 days if you paid by card.",
            "Refunds take 10 days if you paid by bank transfer.",
        ),
        ("Open Monday to Friday 9-18:00.", "Open on Saturday 10:00-14:00."),
        ("You can upload 10 files.", "You can download 100 files."),
        ("The battery has a warranty of 1 year.", "The frame has a warranty of 5 years."),
        ("In 2023 we helped 8,000 customers.", "In 2024 we helped 10,000 customers."),
        ("Backups are made every 24 hours.", "Backups are kept for 30 days."),
        ("Pay 10 days before the trip.", "Pay 20 days after the trip."),
        ("Room B seats 20 people.", "Room C seats 50 people."),
        ("Standard takes 5 days, express 1 day.", "Delivery with express takes 1 day."),
    ],
)
def test_different_things_do_not_contradict(first: str, second: str) -> None:
    assert not contradict(first, second)


def test_a_short_statement_is_about_what_its_heading_says() -> None:
    first = page("a", "Price: $5", "Plans", "Basic plan")
    assert compared(first, page("b", "Price: $7", "Costs", "Basic plan"))
    assert not compared(first, page("b", "Price: $7", "Costs", "Premium plan"))


def test_cells_of_the_same_row_and_column_are_held_against_each_other() -> None:
    table = "| Plan | Price |\n| --- | --- |\n| Basic | ${} |\n| Pro | $15 |"
    found = compared(page("a", table.format(5)), page("b", table.format(7)))
    assert [{each.first.value.shown, each.second.value.shown} for each in found] == [{"$5", "$7"}]


def test_a_document_that_says_both_contradicts_nothing() -> None:
    both = "Refunds are paid within 14 days. Refunds of gift cards are paid within 30 days."
    assert not contradict(both, "Refunds of gift cards are paid within 30 days.")


def test_one_document_can_contradict_itself() -> None:
    text = (
        "Items can be returned within 14 days of delivery.\n\n"
        "Any item may be returned within {} days of delivery."
    )
    assert compared(page("a", text.format(30)))
    assert not compared(page("a", text.format(14)))


def test_entries_of_one_list_do_not_contradict_each_other() -> None:
    assert not compared(page("a", "* Returns are free for 14 days\n* Returns are free for 30 days"))


def test_sentences_with_ever_other_values_are_a_list_of_things() -> None:
    pages = [page(str(days), f"Parcels arrive after {days} days.") for days in (2, 4, 6, 9)]
    assert not compared(*pages)


def test_a_limit_on_whom_to_compare_with_is_kept() -> None:
    shelf = Shelf()
    for name, days in (("a", 14), ("b", 30), ("c", 30)):
        shelf.put(name, statements_of(page(name, f"Items can be returned within {days} days.")))
    found = contradictions(shelf, ["a"], by_words, {"a", "c"})
    assert [{each.first.document, each.second.document} for each in found] == [{"a", "c"}]


def test_a_document_that_left_the_shelf_is_not_compared() -> None:
    shelf = Shelf()
    for name, days in (("a", 14), ("b", 30)):
        shelf.put(name, statements_of(page(name, f"Items can be returned within {days} days.")))
    shelf.drop("b")
    assert contradictions(shelf, ["a"], by_words) == []
    shelf.put("a", statements_of(page("a", "Nothing with a number.")))
    assert shelf.weights.of("return") == shelf.weights.of("never seen")


def test_without_vectors_only_plain_cases_are_found() -> None:
    shelf = Shelf()
    shelf.put("a", statements_of(page("a", "Items can be returned within 14 days.")))
    shelf.put("b", statements_of(page("b", "Items can be returned within 30 days.")))
    other = "Whoever wants to return an item to our shop has 60 days."
    shelf.put("c", statements_of(page("c", other)))
    found = contradictions(shelf, ["a", "c"])
    assert [{each.first.document, each.second.document} for each in found] == [{"a", "b"}]
