"""Values of spreadsheet cells as the reader sees them."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import NamedTuple

import regex

_LITERAL = regex.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|([$€£¥₹])')
_BRACKETS = regex.compile(r"\[[^\]]*\]")
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
    return f"{sign}{form.before}{digits}{'%' if form.percent else ''}{form.after}"


@lru_cache(maxsize=1024)
def _format(code: str) -> _Format:
    """Read a number format (ECMA-376 part 1, 18.8.31): its first section, the usual marks."""
    section = code.split(";")[0]
    if section.lower() == "general" or "@" in section or "E+" in section or "/" in section:
        return _Format("", "", None, False, False)
    bare = _LITERAL.sub("", _BRACKETS.sub("", section.replace("[$", "\0")).replace("\0", "[$"))
    places = _PLACES.search(bare)
    if places is None:
        return _Format("", "", None, False, False)
    first_digit = min(at for at in (section.find(mark) for mark in "0#?") if at >= 0)
    before, after = "", ""
    for found in _LITERAL.finditer(section):
        text = next((group for group in found.groups() if group), "")
        if found.start() < first_digit:
            before += text
        else:
            after += text
    decimals = len(places.group(1)) if places.group(1) else 0
    return _Format(before.lstrip(), after.rstrip(), decimals, "," in places.group(), "%" in bare)
