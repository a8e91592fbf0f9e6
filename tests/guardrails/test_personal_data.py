from __future__ import annotations

import random
import string
import time
from collections.abc import Callable

import pytest

from guardrails.personal_data import Kind, find_personal_data

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind.name, text[one.start : one.end]) for one in find_personal_data(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Write to ada.l+x@mail.example.org now", "EMAIL", "ada.l+x@mail.example.org"),
        ("card 4111 1111 1111 1111, please", "CARD", "4111 1111 1111 1111"),
        ("Store card number 070012340009", "CARD", "070012340009"),
        ("to DE89 3704 0044 0532 0130 00 today", "IBAN", "DE89 3704 0044 0532 0130 00"),
        ("mine is gb82west12345698765432 ok", "IBAN", "gb82west12345698765432"),
        ("It is 078-05-1120.", "SSN", "078-05-1120"),
        ("my social security number, it's 078 05 1120", "SSN", "078 05 1120"),
        ("SSN: 078051120", "SSN", "078051120"),
        ("DOB 1990-02-28", "BIRTH", "1990-02-28"),
        ("Ich bin geboren am 3.4.1980 in Ulm", "BIRTH", "3.4.1980"),
        ("my date of birth is June 2, 1980", "BIRTH", "June 2, 1980"),
        ("logins from 92.184.10.7 again", "IP", "92.184.10.7"),
        ("from 2a01:cb00:12:3400::7 again", "IP", "2a01:cb00:12:3400::7"),
        ("call +44 20 7946 0958", "PHONE", "+44 20 7946 0958"),
        ("my mobile: +49 (0)151 23456789.", "PHONE", "+49 (0)151 23456789"),
        ("(212) 555 0142 is mine", "PHONE", "(212) 555 0142"),
        ("212-555-0142x77 fax", "PHONE", "212-555-0142x77"),
        ("Regards,\nAda\n020 7946 0958", "PHONE", "020 7946 0958"),
        ("They are not answering at 555 0142", "PHONE", "555 0142"),
        ("0049 30 901820 bitte", "PHONE", "0049 30 901820"),
        ("my password is hunter2!", "PASSWORD", "hunter2!"),
        ("Passwort: 'Sonne'", "PASSWORD", "Sonne"),
        ("login ada@mail.example / W1nter24x works", "PASSWORD", "W1nter24x"),
    ],
)
def test_it_is_found(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Order 4111 1111 1111 1112 is late",
        "EAN 4006381333931 scans as another product, ISBN 978-3-16-148410-0 too",
        "Tracking number 4111111111111111",
        "Order 2024-000123-4567, ticket 2024-0611-0042, invoice INV-2023-10-0098",
        "Version 10.2.1 on 192.168.1.20, firmware 92.184.10.7, mask 255.255.255.0, 8.8.8.8",
        "Open port 443 to 92.184.10.0/24",
        "The serial number is SN 8842 1190 3321",
        "DE00 1234 5678 9012 3456 78 is not an IBAN",
        "It was delivered on 2024-11-03 and 03/11/2024",
        "Why is the total 4.111.111,00 instead of 1,234,567.89?",
        "Follow @support at example",
        "My password is not working, the password is wrong, I need a password reset",
        "The password must have 8 characters. Password: forgotten",
        "The guide says dial *21# to forward calls",
        "I was born in Paris and moved 3 times",
        "We need 1000 2000 3000 pieces",
        "sk-learn and pk-sim are packages; the key-value store",
        "Commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b broke the plug-in",
    ],
)
def test_harmless_texts_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_several_in_one_text_stand_in_order_and_apart() -> None:
    text = "I am ada@mail.example, +44 20 7946 0958, card 4111111111111111 and 078-05-1120"
    spans = find_personal_data(text)
    assert [one.kind for one in spans] == [Kind.EMAIL, Kind.PHONE, Kind.CARD, Kind.SSN]
    pairs = zip(spans, spans[1:], strict=False)
    assert all(before.end <= after.start for before, after in pairs)


def _of(rng: random.Random, alphabet: str, length: int) -> str:
    return "".join(rng.choice(alphabet) for _ in range(length))


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "openai": lambda r: "sk-proj-" + _of(r, LETTERS + "_-", 60) + "7x",
    "anthropic": lambda r: "sk-ant-api03-" + _of(r, LETTERS + "_-", 92) + "AA",
    "aws": lambda r: "AKIA" + _of(r, string.ascii_uppercase + "234567", 16),
    "google": lambda r: "AIza" + _of(r, LETTERS, 35),
    "github": lambda r: "ghp_" + _of(r, LETTERS, 36),
    "gitlab": lambda r: "glpat-" + _of(r, LETTERS, 20),
    "slack": lambda r: f"xoxb-{_of(r, string.digits, 12)}-{_of(r, LETTERS, 24)}",
    "stripe": lambda r: "sk_live_" + _of(r, LETTERS, 24),
    "sendgrid": lambda r: f"SG.{_of(r, LETTERS, 22)}.{_of(r, LETTERS, 43)}",
    "twilio": lambda r: "SK" + _of(r, HEX, 32),
    "npm": lambda r: "npm_" + _of(r, LETTERS, 36),
    "hugging face": lambda r: "hf_" + _of(r, LETTERS, 34),
    "digitalocean": lambda r: "dop_v1_" + _of(r, HEX, 64),
    "telegram": lambda r: f"{_of(r, '123456789', 10)}:AA{_of(r, LETTERS, 33)}",
    "azure": lambda r: "api_key=" + _of(r, HEX, 31) + "7",
    "aws secret": lambda r: "aws_secret_access_key = " + _of(r, LETTERS + "+/", 39) + "7",
}


@pytest.mark.parametrize("vendor", MAKERS)
def test_keys_of_the_vendors_shapes_are_found(vendor: str) -> None:
    rng = random.Random(vendor)
    sentences = ("My key is {}.", "it says {} is invalid", '{{"token": "{}"}}', "KEY={}")
    for number in range(20):
        key = MAKERS[vendor](rng)
        secret = key.split("=")[-1].strip()
        text = sentences[number % len(sentences)].format(key)
        assert ("KEY", secret) in found(text), text


def test_a_private_key_is_found_whole() -> None:
    block = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIE\n" * 20 + "-----END RSA PRIVATE KEY-----"
    assert found(f"here:\n{block}\nthanks") == [("KEY", block)]


@pytest.mark.parametrize(
    "text",
    [
        "1" * 4000,
        "1 " * 2000,
        "a" * 4000,
        "a@" * 2000,
        "a." * 2000,
        "abcdef0123456789" * 250,
        ":" * 4000,
        "password " * 440,
        "call me at " * 360,
        "DE89 3704 " * 400,
        "+1 (" * 1000,
        "-----BEGIN PRIVATE KEY-----" * 150,
        "api_key=" * 500,
    ],
)
def test_no_text_of_the_greatest_length_takes_long(text: str) -> None:
    find_personal_data("+1 212 555 0142")
    started = time.perf_counter()
    find_personal_data(text)
    assert time.perf_counter() - started < 0.5
