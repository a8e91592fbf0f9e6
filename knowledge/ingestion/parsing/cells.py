"""Values of spreadsheet cells as the reader sees them."""

from __future__ import annotations

import datetime
import math
from functools import lru_cache
from typing import NamedTuple

import regex

# Quoted words, a character by itself, a currency, a colour or condition, room for a character.
_LITERAL = regex.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].|([$€£¥₹])')
_OTHER = regex.compile(r"general|@|E[+-]|/|[ymdhs]", regex.I)
_BLANK = regex.compile(r"\s+")
_PLACES = regex.compile(r"[#0?][#0?,]*(?:\.([0#?]+))?")
MIDNIGHT = datetime.time()
# Beyond this digits are noise of the calculation.
SIGNIFICANT_DIGITS = 12


class _Format(NamedTuple):
    """How a number is written: what stands before and after it, decimals, thousands, percent."""

    before: str
    after: str
    decimals: int | None
    thousands: bool
    percent: bool


def shown_value(value: object, number_format: str) -> str:
    """Return a cell's value as text: numbers by their format, dates as YYYY-MM-DD."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    if isinstance(value, int | float):
        return _number(value, _format(number_format or "General"))
    if isinstance(value, datetime.datetime):
        return str(value.date()) if value.time() == MIDNIGHT else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    return str(value).strip()


def _number(value: float, form: _Format) -> str:
    if form.percent:
        value *= 100
    if form.decimals is None:
        digits = f"{value:.0f}" if value == int(value) else f"{value:.{SIGNIFICANT_DIGITS}g}"
    else:
        digits = f"{value:{',' if form.thousands else ''}.{form.decimals}f}"
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    return f"{sign}{form.before}{digits}{'%' if form.percent else ''}{form.after}".strip()


@lru_cache(maxsize=1024)
def _format(code: str) -> _Format:
    """Read a number format (ECMA-376 part 1, 18.8.31): its first section, the usual marks."""
    section = code.split(";")[0]
    bare = _without_literals(section)
    places = _PLACES.search(bare)
    if places is None or _OTHER.search(bare):
        return _Format("", "", None, False, False)
    return _Format(
        before=_words(section[: places.start()]),
        after=_words(section[places.end() :]),
        decimals=len(places.group(1) or ""),
        thousands="," in places.group(),
        percent="%" in bare,
    )


def _without_literals(section: str) -> str:
    """Return a section with what is written as it is blanked, each mark at its place."""
    return _LITERAL.sub(lambda found: " " * len(found.group()), section)


def _words(text: str) -> str:
    """Return what a piece of a format writes as it is, currencies included."""
    said = _LITERAL.sub(lambda found: next((one for one in found.groups() if one), ""), text)
    return _BLANK.sub(" ", said.replace("%", ""))
