"""Numbers as people write them, in digits and in words, in English, German, French and Spanish."""

from __future__ import annotations

import re

# Languages that write 1.000,50 for what English writes 1,000.50.
COMMA_DECIMAL = ("de", "fr", "es", "it", "nl", "pt")
_ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9,
}  # fmt: skip
_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
# Words that are numbers in only one of these languages, or the same number in each.
_OTHERS = {
    "dozen": 12, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8,
    "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "fünfzehn": 15, "zwanzig": 20, "dreißig": 30,
    "sechzig": 60, "neunzig": 90, "hundert": 100, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
    "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "douze": 12, "quinze": 15, "vingt": 20,
    "trente": 30, "soixante": 60, "cent": 100, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
    "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "veinte": 20, "treinta": 30,
    "sesenta": 60, "noventa": 90, "cien": 100,
}  # fmt: skip
_WORDS = {**_ONES, **_TEENS, **_TENS, **_OTHERS}
# "an hour": a number only before a unit of time, and after a word that asks for an amount.
ARTICLES = frozenset({"a", "an", "ein", "eine", "einen", "einem", "einer", "un", "une", "una"})
_SCALES = {"hundred": 1e2, "thousand": 1e3, "tausend": 1e3, "k": 1e3, "million": 1e6, "mio": 1e6,
           "millionen": 1e6, "billion": 1e9}  # fmt: skip

DIGITS = r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?"
# A pattern for all of them that are no articles.
SPELT_NUMBERS = "|".join(sorted(_WORDS, key=len, reverse=True))
_SPELT = "|".join(sorted([*_WORDS, *ARTICLES], key=len, reverse=True))
_COMPOUND = rf"(?:{'|'.join(_TENS)})[- ](?:{'|'.join(_ONES)})"
_SCALE = r"(?:\s?(?:hundred|thousand|tausend|million(?:en)?|mio\.?|billion)\b|k\b)"
# One number. In a larger pattern: nothing that is part of a word or of a longer number before it.
NUMBER = rf"(?:(?:{DIGITS})|\b(?:half an?|{_COMPOUND}|{_SPELT})\b){_SCALE}?"
_PARTS = re.compile(rf"^(?P<number>.*?)(?P<scale>{_SCALE})?$", re.IGNORECASE | re.DOTALL)
_THREES = re.compile(r"^\d{1,3}([.,'’\u00a0\u202f])\d{3}(?:\1\d{3})*(?:[.,]\d{1,2})?$")


def value_of(written: str, language: str = "en") -> float | None:
    """Return the number that a match of NUMBER stands for; None when it is none."""
    parts = _PARTS.match(written.strip().casefold())
    if parts is None:
        return None
    number, scale = parts["number"].strip(), (parts["scale"] or "").strip(" .")
    amount = _spelt(number) if not number[:1].isdigit() else _digits(number, language)
    if amount is None:
        return None
    return amount * _SCALES.get(scale, 1.0)


def _spelt(word: str) -> float | None:
    if word in ARTICLES:
        return 1.0
    if word.startswith("half"):
        return 0.5
    if word in _WORDS:
        return float(_WORDS[word])
    tens, _, ones = word.replace(" ", "-").partition("-")
    if tens in _TENS and ones in _ONES:
        return float(_TENS[tens] + _ONES[ones])
    return None


def _digits(number: str, language: str) -> float:
    decimal = "," if language[:2] in COMMA_DECIMAL else "."
    threes = _THREES.match(number)
    if threes and not (threes[1] == decimal and number.count(decimal) == 1):
        whole = number.split(threes[1])
        last = re.split(r"[.,]", whole[-1])
        return float("".join([*whole[:-1], last[0]]) + "." + (last[1] if len(last) > 1 else "0"))
    # A comma with other than three digits after it is a decimal comma in any language.
    return float(number.replace(",", ".") if number.count(",") == 1 else number.replace(",", ""))
