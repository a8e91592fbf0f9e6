from __future__ import annotations

import pytest

from guardrails.pii import Masker


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to ada.l@mail.example.org now", "Write to <EMAIL_1> now"),
        ("Card 4111 1111 1111 1111, please", "Card <CARD_1>, please"),
        ("Card 5500-0000-0000-0004.", "Card <CARD_1>."),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN <IBAN_1>"),
        ("GB82WEST12345698765432 is mine", "<IBAN_1> is mine"),
        ("a@b.example and c@d.example and a@b.example", "<EMAIL_1> and <EMAIL_2> and <EMAIL_1>"),
    ],
)
def test_what_identifies_a_person_is_replaced(text: str, masked: str) -> None:
    assert Masker().mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Order 4111 1111 1111 1112 is late",
        "Tracking 0000 0000 0000 0000",
        "Order 2024-000123-4567",
        "Version 10.2.1 on 192.168.1.20",
        "DE00 1234 5678 9012 3456 78 is not an IBAN",
        "Follow @support at example",
    ],
)
def test_other_numbers_and_words_are_left_alone(text: str) -> None:
    assert Masker().mask(text) == text


def test_addresses_come_back_and_cards_never_do() -> None:
    masker = Masker()
    masked = masker.mask("ada@mail.example DE89370400440532013000 4111111111111111")
    assert masker.unmask(masked) == "ada@mail.example DE89370400440532013000 <CARD_1>"
    assert masker.kinds() == ("CARD", "EMAIL", "IBAN")


def test_a_placeholder_that_was_never_given_stays() -> None:
    assert Masker().unmask("<EMAIL_4>") == "<EMAIL_4>"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("call +44 20 7946 0958", "call <PHONE_1>"),
        ("DOB 1990-02-28, SSN 078-05-1120", "DOB <BIRTH_1>, SSN <SSN_1>"),
        ("from 92.184.10.7, password: hunter2!", "from <IP_1>, password: <PASSWORD_1>"),
    ],
)
def test_the_other_kinds_are_replaced_too(text: str, masked: str) -> None:
    assert Masker().mask(text) == masked


def test_what_nobody_should_repeat_is_never_put_back() -> None:
    masker = Masker()
    text = "AKIAABCDEFGHIJKLMNOP 078-05-1120 password: hunter2! +44 20 7946 0958"
    expected = "<KEY_1> <SSN_1> password: <PASSWORD_1> +44 20 7946 0958"
    assert masker.unmask(masker.mask(text)) == expected
