"""Dates, times of the day, weekdays and phone numbers in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.comparison.values import Bound, Kind, Value

_MONTHS = (
    "January|Jan|Januar|janvier|enero", "February|Feb|Februar|février|febrero",
    "March|Mar|März|mars|marzo", "April|Apr|avril|abril", "May|Mai|mai|mayo",
    "June|Jun|Juni|juin|junio", "July|Jul|Juli|juillet|julio", "August|Aug|août|agosto",
    "September|Sept|Sep|septembre|septiembre", "October|Oct|Oktober|Okt|octobre|octubre",
    "November|Nov|novembre|noviembre", "December|Dec|Dezember|Dez|décembre|diciembre",
)  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})\b\.?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|\.|er)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?![\w-])"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_YEAR[:-9]}-(?P<number>[01]\d)-(?P<day>[0-3]\d)\b",
        rf"\b{_DAY}\s(?:of\s|de\s)?{_MONTH}(?:,?\s(?:de\s)?{_YEAR})?",
        rf"\b{_MONTH}\s{_DAY}(?!\d)(?:,?\s{_YEAR})?",
        rf"\b{_MONTH}\s(?:de\s)?{_YEAR}",
        rf"\b(?P<day>[0-3]?\d)\.\s?(?P<number>[01]?\d)\.\s?{_YEAR}",
        rf"(?i)\b(?:since|in|from|until|till|by|before|after|founded|established|year|of|summer|"
        rf"autumn|fall|winter|spring|seit|depuis|desde|©|\(c\))\s(?:the\syear\s)?(?P<only>{_YEAR})",
    )
)
_AM_PM = r"(?P<half{0}>[ap])\.?\s?m\b\.?"
_TIME = (
    r"(?:(?P<hour{0}>[0-2]?\d)(?:[:.](?P<minute{0}>[0-5]\d))?\s?" + _AM_PM +
    r"|(?P<hour24{0}>[0-2]?\d):(?P<minute24{0}>[0-5]\d)(?:\s?(?:Uhr|o'clock|h))?"
    r"|(?P<uhr{0}>[0-2]?\d)(?:\.(?P<minuteuhr{0}>[0-5]\d))?\s?Uhr"
    r"|(?P<word{0}>noon|midnight))"
)  # fmt: skip
_BARE = r"(?P<bare>[0-2]?\d)(?:[:.](?P<bareminute>[0-5]\d))?"
_TO = r"\s?(?:[-–—‑]|to|until|till|through|and|bis|à|a)\s?"
_HOURS = re.compile(rf"(?i)(?<![\w:.])(?:{_TIME.format(1)}|{_BARE}){_TO}{_TIME.format(2)}(?!\d)")
_MOMENT = re.compile(rf"(?i)(?<![\w:.]){_TIME.format(1)}(?!\d)")
_ALWAYS = re.compile(
    r"(?i)\b24/7\b|\b24[\s-]?h(?:ou)?rs?\s(?:a|per)\sday(?:,?\s(?:and\s)?(?:7|seven)\sdays\sa\sweek)?"
    r"|\baround the clock\b|\brund um die Uhr\b|\b24\sheures\ssur\s24\b"
)
_BY = re.compile(r"(?i)(?:until|till|by|before|to|bis|jusqu'à|hasta|closes at)\s*$")
_FROM = re.compile(r"(?i)\b(?:from|since|after|as of|ab|seit|nach|depuis|après|desde)\s*$")
_DAY_MINUTES = 1440.0
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = rf"({'|'.join(_DAYS)}|{'|'.join(day[:3] for day in _DAYS)})s?\b\.?"
_DAY_NAMES = re.compile(
    rf"\b{_WEEKDAY}(?:\s?(?:-|–|to|through|until)\s?{_WEEKDAY})?", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w.,/:-])(?:\+\d{1,3}[\s.\-‑–]?)?(?:\d[\s.\-‑–])?(?:\(\d{2,5}\)[\s.\-‑–]*)?\d{2,5}"
    r"(?:[\s.\-‑–/]{1,2}\d{2,5}){1,5}(?![\w%])|(?<![\w.,/:-])\+?\d{7,15}(?![\w%])"
)
_PHONE_CUE = re.compile(
    r"(?i)\b(?:call\w*|phone|telephone|tel|hotline|dial|fax|ring|tty|anrufen|telefon\w*|rufnummer|"
    r"téléphone|appel\w*|teléfono|llam\w+|contact\w*|reach)\b"
)
_YEARS = re.compile(r"(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d")
_MIN_DIGITS, _MAX_DIGITS = 7, 15


def phones(text: str) -> Iterator[Value]:
    """Yield the phone numbers of a sentence."""
    cued = bool(_PHONE_CUE.search(text))
    for found in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        marked = cued or found.group().lstrip().startswith(("+", "("))
        if not marked or not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS:
            continue
        if not _YEARS.fullmatch(found.group().strip()):
            shown = found.group().strip()
            yield Value(Kind.PHONE, shown, found.start(), found.end(), digits=digits)


def dates(text: str) -> Iterator[Value]:
    """Yield the dates of a sentence, and the years that stand for one."""
    for pattern in _DATES:
        for found in pattern.finditer(text):
            groups = found.groupdict()
            month = _month(groups.get("month")) or int(groups.get("number") or 0)
            parts = (int(groups.get("year") or 0), month, int(groups.get("day") or 0))
            start = found.start("only") if groups.get("only") else found.start()
            shown = text[start : found.end()]
            before = text[:start]
            side = "before" if _BY.search(before) else "after" if _FROM.search(before) else ""
            yield Value(Kind.DATE, shown, start, found.end(), parts=parts, side=side)


def hours(text: str) -> Iterator[Value]:
    """Yield times of the day; "9 a.m. to 5 p.m." is one value with two ends."""
    for found in _ALWAYS.finditer(text):
        yield _hours(found, 0.0, _DAY_MINUTES, "span")
    for found in _HOURS.finditer(text):
        end = _minutes(found, "2")
        begin = _bare(found, end) if found["bare"] else _minutes(found, "1")
        yield _hours(found, begin, end, "span")
    for found in _MOMENT.finditer(text):
        moment = _minutes(found, "1")
        bound = Bound.MOST if _BY.search(text[: found.start()]) else Bound.NONE
        yield _hours(found, moment, moment, "span", bound)


def _hours(
    found: re.Match[str], low: float, high: float, unit: str, bound: Bound = Bound.NONE
) -> Value:
    shown = found.group().strip()
    return Value(Kind.HOURS, shown, found.start(), found.end(), low, high, unit, bound)


def _minutes(found: re.Match[str], which: str) -> float:
    if found["word" + which]:
        return 720.0 if found["word" + which].casefold() == "noon" else 0.0
    if found["half" + which]:
        hour = int(found["hour" + which]) % 12
        hour += 12 * (found["half" + which].casefold() == "p")
        return 60.0 * hour + int(found["minute" + which] or 0)
    hour24 = found["hour24" + which] or found["uhr" + which]
    return 60.0 * int(hour24) + int(found["minute24" + which] or found["minuteuhr" + which] or 0)


def _bare(found: re.Match[str], end: float) -> float:
    """Read the 9 of "9 to 5 p.m.": the last one before the end that the clock shows."""
    begin = 60.0 * int(found["bare"]) + int(found["bareminute"] or 0)
    half_day = _DAY_MINUTES / 2
    if found["half2"] and begin < half_day <= end and begin + half_day < end:
        return begin + half_day
    return begin


def _month(written: str | None) -> int:
    if not written:
        return 0
    return 1 + next(i for i, names in enumerate(_MONTHS) if written in names.split("|"))


def weekdays(text: str) -> frozenset[int]:
    """Return the weekdays named in a text, those between "Monday to Friday" included."""
    found: set[int] = set()
    for match in _DAY_NAMES.finditer(text):
        first = _number(match[1])
        last = _number(match[2]) if match[2] else first
        span = range(first, last + 1) if first <= last else (*range(first, 7), *range(last + 1))
        found.update(span)
    return frozenset(found)


def _number(day: str) -> int:
    return next(i for i, name in enumerate(_DAYS) if name.startswith(day[:3].casefold()))
