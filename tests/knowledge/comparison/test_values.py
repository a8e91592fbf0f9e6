"""Values read out of sentences, and which of them cannot both be right."""

import pytest

from knowledge.comparison.amounts import values_in
from knowledge.comparison.values import Bound, Kind, Value, comparable, disagree

DAY = 86400


def only(sentence: str, language: str = "en") -> Value:
    found = values_in(sentence, language)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("sentence", "kind", "shown", "low", "high"),
    [
        ("Returns within 14 days.", Kind.DURATION, "14 days", 14 * DAY, 14 * DAY),
        ("It takes two weeks.", Kind.DURATION, "two weeks", 14 * DAY, 14 * DAY),
        ("Wait for an hour.", Kind.DURATION, "an hour", 3600, 3600),
        ("A 30-day trial.", Kind.DURATION, "30-day", 30 * DAY, 30 * DAY),
        ("It takes 5-10 days.", Kind.DURATION, "5-10 days", 5 * DAY, 10 * DAY),
        ("Between 3 and 5 days.", Kind.DURATION, "3 and 5 days", 3 * DAY, 5 * DAY),
        ("It costs $12 a month.", Kind.PRICE, "$12 a month", 12, 12),
        ("It costs 9.99 USD.", Kind.PRICE, "9.99 USD", 9.99, 9.99),
        ("It costs $1,250.50.", Kind.PRICE, "$1,250.50", 1250.5, 1250.5),
        ("Get 15% off.", Kind.PERCENTAGE, "15%", 15, 15),
        ("Get 20 percent off.", Kind.PERCENTAGE, "20 percent", 20, 20),
        ("Files up to 25 MB.", Kind.SIZE, "25 MB", 25e6, 25e6),
        ("Use 12 characters.", Kind.NUMBER, "12 characters", 12, 12),
        ("A 16-character code.", Kind.NUMBER, "16-character", 16, 16),
        ("Up to 10k rows.", Kind.NUMBER, "10k rows", 10000, 10000),
        ("You can try three times.", Kind.NUMBER, "three times", 3, 3),
        ("It works only once.", Kind.NUMBER, "once", 1, 1),
        ("Open 9 a.m. to 5 p.m.", Kind.HOURS, "9 a.m. to 5 p.m.", 540, 1020),
        ("Open from 9-5:30pm daily.", Kind.HOURS, "9-5:30pm", 540, 1050),
        ("Open 8:00-18:00.", Kind.HOURS, "8:00-18:00", 480, 1080),
        ("We are here 24/7.", Kind.HOURS, "24/7", 0, 1440),
        ("You must be 16 years old.", Kind.AGE, "16 years old", 16, 16),
        ("It needs Chrome 109 or newer.", Kind.VERSION, "109", 109, 109),
        ("It is 3 cm thick.", Kind.MEASURE, "3 cm", 0.03, 0.03),
    ],
)
def test_a_value_is_read_with_its_kind_and_amount(
    sentence: str, kind: Kind, shown: str, low: float, high: float
) -> None:
    value = only(sentence)
    assert (value.kind, value.shown) == (kind, shown)
    assert (value.low, value.high) == pytest.approx((low, high))
    assert sentence[value.start : value.end].strip() == shown


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("It opens on March 3, 2025.", (2025, 3, 3)),
        ("It opens on 10 March 2025.", (2025, 3, 10)),
        ("It opens on 2025-03-10.", (2025, 3, 10)),
        ("It opens in March 2025.", (2025, 3, 0)),
        ("It opens on 1 May.", (0, 5, 1)),
        ("In business since 2021.", (2021, 0, 0)),
        ("Ab dem 3. März 2025.", (2025, 3, 3)),
        ("Le 3 mars 2025.", (2025, 3, 3)),
    ],
)
def test_dates_are_read_in_the_forms_of_help_pages(
    sentence: str, parts: tuple[int, int, int]
) -> None:
    value = only(sentence)
    assert (value.kind, value.parts) == (Kind.DATE, parts)


def test_a_phone_number_is_one_value_however_it_is_written() -> None:
    first, second = only("Call (844) 875-6446."), only("Call +1 844 875 6446 now.")
    assert {first.kind, second.kind} == {Kind.PHONE}
    assert not disagree(first, second)
    assert disagree(first, only("Call 1-844-875-6447."))


@pytest.mark.parametrize(
    "sentence",
    [
        "See step 3.",
        "Error 6001 means that the name differs.",
        "Enter the one-time code.",
        "You may call us at any time.",
        "Once you have signed in, choose a plan.",
        "Set up a second phone.",
        "The form LG33 is gone.",
        "A and B are equal.",
    ],
)
def test_numbers_that_name_something_are_no_values(sentence: str) -> None:
    assert values_in(sentence) == []


def test_decimal_signs_follow_the_language() -> None:
    assert only("Der Preis ist 1.250,50 Euro.", "de").low == 1250.5
    assert only("Bis zu 10.000 Zeilen.", "de").low == 10000
    assert only("It costs 9,99 EUR.").low == 9.99


@pytest.mark.parametrize(
    ("sentence", "bound"),
    [
        ("At least 8 characters.", Bound.LEAST),
        ("No less than 8 characters.", Bound.LEAST),
        ("12 characters or longer.", Bound.LEAST),
        ("12 or more characters.", Bound.LEAST),
        ("At most 64 characters.", Bound.MOST),
        ("No more than 64 characters.", Bound.MOST),
        ("Up to 64 characters.", Bound.MOST),
        ("The maximum length is 64 characters.", Bound.MOST),
        ("It has 8 characters.", Bound.NONE),
    ],
)
def test_least_and_most_are_told_apart(sentence: str, bound: Bound) -> None:
    assert only(sentence).bound == bound


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Within 14 days.", "Within two weeks."),
        ("After 30 days.", "After one month."),
        ("After 12 months.", "After one year."),
        ("Within 24 hours.", "Within one day."),
        ("Within 2 business days.", "Within 48 hours."),
        ("Within 5 business days.", "Within one week."),
        ("Within 3 to 5 days.", "Within 4 days."),
        ("It costs 10 EUR.", "It costs €10.00."),
        ("Open 9:00-17:00.", "Open 9 a.m. to 5 p.m."),
        ("On 3 March.", "On March 3, 2025."),
    ],
)
def test_the_same_in_other_words_agrees(first: str, second: str) -> None:
    assert comparable(only(first), only(second))
    assert not disagree(only(first), only(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Within 14 days.", "Within 30 days."),
        ("Within 24 hours.", "Within 2 business days."),
        ("Within 5-10 days.", "Within 3-5 days."),
        ("Within 3 to 5 days.", "Within 7 days."),
        ("It costs $9.99.", "It costs 12 USD."),
        ("Three attempts.", "5 tries."),
        ("Open 9:00-17:00.", "Open 8 a.m. to 6 p.m."),
        ("Open 24/7.", "Open 9:00-17:00."),
        ("Since 2021.", "Since 2022."),
        ("On 1 May 2025.", "On 1 June 2025."),
    ],
)
def test_what_differs_disagrees(first: str, second: str) -> None:
    assert comparable(only(first), only(second))
    assert disagree(only(first), only(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("At least 8 characters.", "At most 64 characters."),
        ("It costs $10 a month.", "It costs $100 a year."),
        ("It costs $10.", "It costs 9 EUR."),
        ("Every 24 hours.", "For 30 days."),
        ("It has 5 users.", "It has 50 projects."),
        ("It takes 3 days.", "It weighs 3 kg."),
    ],
)
def test_values_of_different_things_are_not_compared(first: str, second: str) -> None:
    assert not comparable(only(first), only(second))
