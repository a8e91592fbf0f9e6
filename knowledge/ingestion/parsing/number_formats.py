"""Number formats of spreadsheets (ECMA-376 part 1, 18.8.31), applied to numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import NamedTuple

import regex

# Quoted words, a character by itself, a currency, a condition, a colour or the like, room for a
# character, the value as it is, then marks one by one.
_MARK = regex.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|\[(?P<relation>[<>=]{1,2})(?P<bound>-?\d+(?:\.\d+)?)\]|\[[^\]]*\]|(?P<room>[_*].)"
    r"|(?P<general>general)|(?P<unusual>E[+-]|[/@ymdhs])|(?P<digit>[0#?])|(?P<other>.)",
    regex.I | regex.S,
)
_SECTION = regex.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[]|["\\\[])*', regex.S)
_RELATIONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "=": operator.eq, "<>": operator.ne,
}  # fmt: skip
# Excel keeps 15 digits; what is written in full may have the 308 of the largest number.
KEPT_DIGITS = 15
_ROUNDING = Context(prec=400, rounding=ROUND_HALF_UP)
# Beyond this digits are noise of the calculation.
SIGNIFICANT_DIGITS = 12
MAX_PLACES = 30
# Excel itself takes 255.
MAX_CODE_CHARACTERS = 1000
_BLANK = regex.compile(r"\s+")
_POINT, _GENERAL, _DIGITS = ".", "general", "0#?"


class _Piece(NamedTuple):
    """What is written as it is, or a mark (`_POINT`, `_GENERAL`, one of `_DIGITS`)."""

    text: str
    is_mark: bool = False


class _Section(NamedTuple):
    pieces: tuple[_Piece, ...] = ()
    places: int = 0
    thousands: bool = False
    # How often the value is multiplied by ten; percent is two, a comma at the end minus three.
    shift: int = 0
    condition: tuple[str, Decimal] | None = None
    is_usual: bool = True


def formatted(value: float, code: str) -> str:
    """Return a number as a format shows it; whole when the format is not one of the usual ones."""
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{KEPT_DIGITS}g}")
    section, has_own_sign = _section_for(exact, _sections(code))
    if not section.is_usual:
        return plain(value)
    has_digits = any(piece.is_mark for piece in section.pieces)
    digits = abs(exact).scaleb(section.shift, _ROUNDING)
    if any(piece == (_GENERAL, True) for piece in section.pieces):
        text = "".join(plain(abs(value)) if one.is_mark else one.text for one in section.pieces)
    else:
        digits = digits.quantize(Decimal(1).scaleb(-section.places), context=_ROUNDING)
        text = _written(digits, section)
    is_negative = exact < 0 and digits != 0 and has_digits and not has_own_sign
    return ("-" if is_negative else "") + _BLANK.sub(" ", text).strip()


def plain(value: float) -> str:
    """Return a number without a format."""
    return f"{value:.0f}" if value == int(value) else f"{value:.{SIGNIFICANT_DIGITS}g}"


def _section_for(value: Decimal, sections: tuple[_Section, ...]) -> tuple[_Section, bool]:
    """Return the section for a value, and whether it writes the sign of a negative one itself."""
    if any(section.condition for section in sections[:2]):
        for section in sections[:2]:
            if section.condition is None or _holds(value, section.condition):
                return section, False
        return sections[2] if len(sections) > 2 else _Section(is_usual=False), False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


def _holds(value: Decimal, condition: tuple[str, Decimal]) -> bool:
    relation, bound = condition
    return _RELATIONS[relation](value, bound)


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    if len(code) > MAX_CODE_CHARACTERS:
        return (_Section(is_usual=False),)
    sections: list[_Section] = []
    at = 0
    while at <= len(code) and len(sections) < 3:
        found = _SECTION.match(code, at)
        sections.append(_section(found.group() if found else ""))
        at = (found.end() if found else len(code)) + 1
    return tuple(sections)


def _section(code: str) -> _Section:
    pieces: list[_Piece] = []
    condition = None
    is_usual = True
    percents = 0
    for mark in _MARK.finditer(code):
        percents += mark.group("other") == "%"
        if mark.group("unusual"):
            is_usual = False
        elif mark.group("relation") in _RELATIONS:
            condition = mark.group("relation"), Decimal(mark.group("bound"))
        elif mark.group("general"):
            pieces.append(_Piece(_GENERAL, True))
        elif digit := mark.group("digit"):
            pieces.append(_Piece(digit, True))
        elif (other := mark.group("other")) and other in ".,":
            pieces.append(_Piece(other, True))
        elif mark.group("room"):
            pieces.append(_Piece(" "))
        else:
            said = (mark.group(name) for name in ("quoted", "escaped", "currency", "other"))
            pieces.append(_Piece(next((one for one in said if one), "")))
    section = _measured(pieces, percents)
    return section._replace(condition=condition, is_usual=is_usual and section.is_usual)


def _measured(pieces: list[_Piece], percents: int) -> _Section:
    """Return a section with its places, and its commas as what they mean."""
    marks = [at for at, piece in enumerate(pieces) if piece.is_mark and piece.text in _DIGITS]
    last = marks[-1] if marks else -1
    points = [at for at, piece in enumerate(pieces) if piece == (_POINT, True)]
    point = points[0] if points and marks else len(pieces)
    last_whole = max((at for at in marks if at < point), default=-1)
    commas = [at for at, piece in enumerate(pieces) if piece == (",", True)]
    scaling = sum(at > last or last_whole < at < point for at in commas) if marks else 0
    places = sum(at > point for at in marks)
    shift = 2 * percents - 3 * scaling
    return _Section(
        pieces=tuple(
            piece if at == point or not piece.is_mark or piece.text != _POINT else _Piece(_POINT)
            for at, piece in enumerate(pieces)
            if at not in commas
        ),
        places=places,
        thousands=any(at < last_whole for at in commas),
        shift=shift,
        is_usual=max(places, abs(shift)) <= MAX_PLACES,
    )


def _written(value: Decimal, section: _Section) -> str:
    whole, _, fraction = f"{value:f}".partition(".")
    pieces = section.pieces
    point = pieces.index((_POINT, True)) if (_POINT, True) in pieces else len(pieces)
    before = "".join(_whole(whole.lstrip("0"), pieces[:point], section.thousands))
    after = "".join(_fraction(fraction, pieces[point + 1 :]))
    has_fraction = point < len(pieces) and after[:1].isdigit()
    return before + ("." if has_fraction else "") + after


def _whole(digits: str, pieces: tuple[_Piece, ...], thousands: bool) -> list[str]:
    """Put the digits before the point into their places, from the right."""
    made: list[str] = []
    left = list(digits)
    first = next((at for at, piece in enumerate(pieces) if piece.is_mark), -1)
    written = 0
    for at in range(len(pieces) - 1, -1, -1):
        piece = pieces[at]
        if not piece.is_mark:
            made.append(piece.text)
            continue
        taken = [left.pop()] if left else ["0"] if piece.text == "0" else []
        if at == first:
            taken += reversed(left)
        for digit in taken:
            if thousands and written and written % 3 == 0:
                made.append(",")
            made.append(digit)
            written += 1
    return made[::-1]


def _fraction(digits: str, pieces: tuple[_Piece, ...]) -> Iterator[str]:
    """Put the digits after the point into their places; zeros that a mark does not ask for go."""
    marks = "".join(piece.text for piece in pieces if piece.is_mark)
    shown = len(digits)
    while shown and digits[shown - 1] == "0" and marks[shown - 1] != "0":
        shown -= 1
    given = iter(digits[:shown])
    for piece in pieces:
        yield next(given, "") if piece.is_mark else piece.text
