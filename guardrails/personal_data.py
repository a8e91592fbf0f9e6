"""Finds personal data in a text: where it stands and of what type it is.

Numbers are believed when their own check holds (Luhn, ISO 13616) or when the words before them say
what they are. Names and postal addresses are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from stdnum import iban, luhn

from guardrails.credentials import keys_in, passwords_in
from guardrails.phone_numbers import phone_numbers_in


class Kind(StrEnum):
    """Types of personal data, named as public test sets name them."""

    KEY = "API_KEY"
    PASSWORD = "PASSWORD"  # noqa: S105 - the name of a type
    EMAIL = "EMAIL_ADDRESS"
    IBAN = "IBAN_CODE"
    CARD = "CREDIT_CARD"
    SSN = "US_SSN"
    BIRTH = "DATE_OF_BIRTH"
    IP = "IP_ADDRESS"
    PHONE = "PHONE_NUMBER"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A piece of a text and what it is."""

    start: int
    end: int
    kind: Kind


_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}(?![\w-])")
# The longest first: what follows an IBAN may look like a part of it.
_IBAN = re.compile(
    r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![A-Z0-9])",
    re.IGNORECASE,
)
_SHORTEST_IBAN = 15  # Norway's
_CARD = re.compile(r"(?<![\w.+#-])\d(?:[ -]?\d){11,18}(?![\w-])(?!\.\d)")
# Issuers' prefixes and the lengths of their numbers (ISO/IEC 7812; Wikipedia, "Payment card
# number").
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0|6|8|9)\d{12,17}"
    r"|6(?:011|4[4-9]|5|2)\d{9,17}|(?:35|1800|2131)\d{11,15}|(?:50|5[6-9]|6[0-9])\d{10,17}"
)
_NOT_A_CARD = re.compile(
    r"(?:\b(?:ean|isbn|gtin|upc|imei|serial|tracking|order|parcel|article|sku|part)\b"
    r"(?:\W+(?:no|nr|number|code|id|is)\b)*|\b(?:sn|s/n)\b)\W{0,3}$",
    re.IGNORECASE,
)
# Store cards have prefixes of their own.
_NAMED_CARD = re.compile(r"\bcard\b(?:\W+(?:no|nr|number|is))*\W{0,4}$", re.IGNORECASE)
_SSN = re.compile(r"(?<![\w-])(?!000)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_SSN_AFTER_ITS_NAME = re.compile(
    r"\b(?:ssn|social[ -]security(?:[ -](?:number|no\.?|nr\.?|#))?)\b[^\d\n]{0,30}?"
    r"(?P<value>(?!000)\d{3}[ .-]?\d{2}[ .-]?\d{4})(?![\w-])",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|janv|févr|avr|juin|juil|"
    r"août|ene|abr|ago|dic)[a-zé]{0,7}\.?"
)
_DATE = (
    rf"(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/. ]\d{{1,2}}[-/. ]\d{{2,4}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of| de)? ?{_MONTH}(?: de)? \d{{4}})"
)
_BIRTH = re.compile(
    r"\b(?:dob|d\.o\.b\.|dates? of birth|birth ?da(?:te|y)|born(?: on)?|geboren(?: am)?|"
    r"geburtsdatum|geburtstag|née?(?: le)?|date de naissance|fecha de nacimiento|nacid[oa](?: el)?)"
    rf"(?![^\W\d_])[^\d\n]{{0,15}}?(?P<value>{_DATE})(?!\d)",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-])(?!\.\d)(?!/\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9a-f:]*:[0-9a-f]*:)[0-9a-f:]{6,39}(?![\w:])(?!/\d)", re.I)
_VERSION = re.compile(
    r"(?:\b(?:version|release|firmware|build|driver|update|upgrade)\b\W*(?:\w+\W+)?|\bv\.?)$",
    re.IGNORECASE,
)
# Public name servers, which everybody writes and nobody is known by.
_NAME_SERVERS = frozenset({"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"})
_WORDS_BEFORE = 24


def find_personal_data(text: str) -> tuple[PersonalData, ...]:
    """Return what was found, in order and apart from each other."""
    taken: list[PersonalData] = []
    for found in _candidates(text):
        if not any(found.start < other.end and other.start < found.end for other in taken):
            taken.append(found)
    return tuple(sorted(taken, key=lambda one: one.start))


def _candidates(text: str) -> Iterator[PersonalData]:
    """Yield everything that may be one, the surest kinds first."""
    yield from (PersonalData(start, end, Kind.KEY) for start, end in keys_in(text))
    if "@" in text:
        yield from _all(_EMAIL, text, Kind.EMAIL)
    yield from (PersonalData(start, end, Kind.PASSWORD) for start, end in passwords_in(text))
    if any(char.isdigit() for char in text):
        yield from _ibans(text)
        yield from _cards(text)
        yield from _all(_SSN_AFTER_ITS_NAME, text, Kind.SSN)
        yield from _all(_SSN, text, Kind.SSN)
        yield from _all(_BIRTH, text, Kind.BIRTH)
        yield from _addresses(text)
        yield from (PersonalData(start, end, Kind.PHONE) for start, end in phone_numbers_in(text))
    elif "::" in text:
        yield from _addresses(text)


def _all(pattern: re.Pattern[str], text: str, kind: Kind) -> Iterator[PersonalData]:
    group = "value" if "value" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        yield PersonalData(match.start(group), match.end(group), kind)


def _ibans(text: str) -> Iterator[PersonalData]:
    for match in _IBAN.finditer(text):
        end = match.end()
        # A word after the number may have been taken for its last group.
        while end - match.start() >= _SHORTEST_IBAN:
            if iban.is_valid(text[match.start() : end], check_country=False):
                yield PersonalData(match.start(), end, Kind.IBAN)
                break
            end = text.rfind(" ", match.start(), end)


def _cards(text: str) -> Iterator[PersonalData]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        before = text[max(0, match.start() - _WORDS_BEFORE) : match.start()]
        known = bool(_ISSUERS.fullmatch(digits)) and not _NOT_A_CARD.search(before)
        if (known or _NAMED_CARD.search(before)) and luhn.is_valid(digits):
            yield PersonalData(match.start(), match.end(), Kind.CARD)


def _addresses(text: str) -> Iterator[PersonalData]:
    for match in (*_IPV4.finditer(text), *_IPV6.finditer(text)):
        before = text[max(0, match.start() - _WORDS_BEFORE) : match.start()]
        if _is_somebodys(match[0]) and not _VERSION.search(before):
            yield PersonalData(match.start(), match.end(), Kind.IP)


def _is_somebodys(address: str) -> bool:
    """Say whether an address can be a person's: not a private one, a mask or a name server's."""
    try:
        known = IPv6Address(address) if ":" in address else IPv4Address(address)
    except AddressValueError:
        return False
    return not known.is_private and address not in _NAME_SERVERS
