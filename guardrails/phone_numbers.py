"""Finds telephone numbers: by their shape alone, or by the words around them.

A number in international form is believed when its length is possible for its country, one in
national form when some country numbers that way. Everything else needs a word such as "call" or
"fax" beside it, because order numbers look the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

_CANDIDATE = re.compile(
    r"(?<![\w.#*/+$€£-])(?<!\d,)(?:\+|\()?(?<!\d)\d[\d() ./-]{5,22}\d(?:\s?(?:x|ext\.?\s?)\d{1,6})?"
    r"(?![\w%#*+@])(?![.,]\d)",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\s?(?:x|ext\.?\s?)\d+$", re.IGNORECASE)
_NORTH_AMERICAN = re.compile(
    r"(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d(?P<sign>[-. ]))[2-9]\d\d(?(sign)(?P=sign)|[-. ])\d{4}"
)
_DATE = re.compile(
    r"(?:19|20)\d\d(?P<a>[-/.])\d{1,2}(?P=a)\d{1,2}|\d{1,2}(?P<b>[-/.])\d{1,2}(?P=b)(?:\d\d){1,2}"
)
_BEFORE = re.compile(
    r"(?:\b(?:phones?|tel|tele(?:phone|fon|fono)|téléphone|teléfono|fax|mobile?s?|cell(?:phone)?|"
    r"handy|portable|móvil|desk|whatsapp|sms|ring|call(?:ed|ing)?|anrufen|appeler|appelez|llame|"
    r"reach(?:ed)?|answering|answer|text(?:ed)?|messages?|dial(?:led)?|contact|hotline|landline|"
    r"rufnummer|numéro de téléphone|número de teléfono)\b)"
    r"(?:[^\w\n]|\n(?!\n))*(?:(?:number|no|nr|nummer|us|me|back|him|her|them|is|was|it|ist|est|es|"
    r"at|on|to|under|by|unter|au|al|my|our|the|a|you|can|new|old)\b[^\w\n(+]*){0,5}$",
    re.IGNORECASE,
)
_MY_NUMBER = re.compile(
    r"\b(?:my|our|his|her|their|contact|meine|mon|mi) (?:new |old |work |home |neue )?"
    r"(?:number|nummer|numéro|número)"
    r"(?: is| ist| est| es)?\W{0,3}$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[ -]{0,2}\(?(?:office|fax|mobile|cell|phone|home|work|desk|tel)\b", re.IGNORECASE
)
_OTHER_NUMBER = re.compile(
    r"\b(?:order|ticket|invoice|account|serial|tracking|reference|ref|case|sku|isbn|ean|model|id|"
    r"version|article|contract|customer|booking|policy|vat|code|po box|claim|member\w*|license)\b"
    r"[^\n\d+]{0,12}$",
    re.IGNORECASE,
)
_LOOKED_BEFORE, _LOOKED_AFTER = 48, 12
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15  # E.164 allows 15
# Countries whose national form begins with 0 and is asked for by its own rules.
_ZERO_REGIONS = ("GB", "DE", "FR", "AU", "CH", "AT", "NL", "BE", "SE", "JP", "ZA", "IN")


def phone_numbers_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each telephone number."""
    for match in _CANDIDATE.finditer(text):
        for start, end in _numbers(match[0]):
            place = (match.start() + start, match.start() + end)
            if _is_phone(text, *place):
                yield place


def _numbers(found: str) -> Iterator[tuple[int, int]]:
    """Yield a candidate without what does not belong to it."""
    end = len(found)
    if found.count("(") < found.count(")"):
        end = found.index(")")
    start = 1 if found.startswith("(") and ")" not in found else 0
    yield start, end


def _is_phone(text: str, start: int, end: int) -> bool:
    number = _EXTENSION.sub("", text[start:end])
    digits = re.sub(r"\D", "", number)
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS or _DATE.fullmatch(number):
        return False
    if number.startswith("+"):
        return _is_possible(number)
    before = text[max(0, start - _LOOKED_BEFORE) : start]
    if _BEFORE.search(before) or _MY_NUMBER.search(before):
        return True
    if _OTHER_NUMBER.search(before):
        return False
    if _AFTER.match(text, end, end + _LOOKED_AFTER) or _NORTH_AMERICAN.fullmatch(number):
        return True
    if digits.startswith("00"):
        return _is_possible(f"+{digits[2:]}") and not number.isdigit()
    return digits.startswith("0") and not number.isdigit() and _is_national(number)


def _is_possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False


def _is_national(number: str) -> bool:
    for region in _ZERO_REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(number, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
