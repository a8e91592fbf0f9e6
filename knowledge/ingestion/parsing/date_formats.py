"""Date and time formats of spreadsheets (ECMA-376 part 1, 18.8.31), applied to what was read."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import NamedTuple

import regex

from knowledge.ingestion.parsing.number_formats import MAX_CODE_CHARACTERS

_MARK = regex.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]|[_*].'
    r"|(?P<half>AM/PM|A/P)|(?P<run>y+|m+|d+|h+|s+)|\.(?P<parts>0+)|(?P<other>.)",
    regex.I | regex.S,
)
_SECOND = datetime.timedelta(seconds=1)
MIDNIGHT = datetime.time()


class _Piece(NamedTuple):
    """What is written as it is, or a mark: its letter, how often, in brackets or not.

    `M` is the month and `m` minutes, `E` an elapsed unit whose letter is in `text`.
    """

    text: str = ""
    letter: str = ""
    width: int = 0


def shown_date(value: datetime.datetime, code: str) -> str:
    """Return a moment as its format shows it, if that names the day in digits, else by ISO 8601.

    Formats with names depend on the reader's language, and those of two digits for the year may be
    shown in the order of the reader's country. A time by itself is shown as such.
    """
    pieces = _pieces(code)
    if _is_time(pieces) or _names_the_day(pieces):
        return _written(pieces, value)
    return str(value.date()) if value.time() == MIDNIGHT else value.strftime("%Y-%m-%d %H:%M")


def shown_time(value: datetime.time, code: str) -> str:
    """Return a time of day as its format shows it, else as hours and minutes."""
    pieces = _pieces(code)
    if not _is_time(pieces):
        return value.strftime("%H:%M")
    return _written(pieces, datetime.datetime.combine(datetime.date(1900, 1, 1), value))


def shown_duration(value: datetime.timedelta, code: str) -> str:
    """Return a duration as its format shows it, else as hours and minutes."""
    pieces = _pieces(code)
    seconds = round(abs(value) / _SECOND)
    if not any(piece.letter == "E" for piece in pieces):
        pieces = _pieces("[h]:mm")
    units = {"h": 3600, "m": 60, "s": 1}
    inside = {"h": seconds // 3600 % 24, "m": seconds // 60 % 60, "s": seconds % 60}
    text = ""
    for piece in pieces:
        if piece.letter == "E":
            text += f"{seconds // units[piece.text]:0{piece.width}d}"
        elif piece.letter in inside:
            text += f"{inside[piece.letter]:0{min(piece.width, 2)}d}"
        else:
            text += piece.text
    return ("-" if value < datetime.timedelta() and seconds else "") + text.strip()


def _is_time(pieces: tuple[_Piece, ...]) -> bool:
    letters = {piece.letter for piece in pieces} - {""}
    return bool(letters & {"h", "s"}) and not letters & {"y", "M", "d", "E", "?"}


def _names_the_day(pieces: tuple[_Piece, ...]) -> bool:
    widths = {piece.letter: piece.width for piece in pieces if piece.letter}
    in_digits = widths.get("d", 9) <= 2 and widths.get("M", 9) <= 2
    return in_digits and widths.get("y", 0) > 2 and not widths.keys() & {"E", "?"}


@lru_cache(maxsize=1024)
def _pieces(code: str) -> tuple[_Piece, ...]:
    """Read the first section of a format; a letter that means nothing known becomes `?`."""
    pieces: list[_Piece] = []
    for mark in _MARK.finditer(code[:MAX_CODE_CHARACTERS]):
        run, other = (mark.group("run") or "").lower(), mark.group("other") or ""
        if other == ";":
            break
        if elapsed := (mark.group("elapsed") or "").lower():
            pieces.append(_Piece(elapsed[0], "E", min(len(elapsed), 2)))
        elif mark.group("half"):
            pieces.append(_Piece(letter="p", width=len(mark.group("half"))))
        elif run:
            pieces.append(_Piece(letter="M" if run[0] == "m" else run[0], width=len(run)))
        elif other.isalpha():
            pieces.append(_Piece(other, "?"))
        else:
            said = mark.group("quoted") or mark.group("escaped") or other
            pieces.append(_Piece(said or "", "f" if mark.group("parts") else ""))
    return tuple(_with_minutes(pieces))


def _with_minutes(pieces: list[_Piece]) -> list[_Piece]:
    """Tell minutes from months: they stand after hours or before seconds."""
    marks = [at for at, piece in enumerate(pieces) if piece.letter not in ("", "p", "f")]
    units = ["", *(pieces[at].text or pieces[at].letter for at in marks), ""]
    for place, at in enumerate(marks):
        is_short = pieces[at].letter == "M" and pieces[at].width <= 2
        if is_short and (units[place] == "h" or units[place + 2] == "s"):
            pieces[at] = pieces[at]._replace(letter="m")
    return pieces


def _written(pieces: tuple[_Piece, ...], value: datetime.datetime) -> str:
    if value.microsecond >= 500_000 and value < datetime.datetime.max - _SECOND:
        value += _SECOND
    half = any(piece.letter == "p" for piece in pieces)
    hour = (value.hour + 11) % 12 + 1 if half else value.hour
    parts = {
        "y": value.year, "M": value.month, "d": value.day, "h": hour, "m": value.minute,
        "s": value.second,
    }  # fmt: skip
    text = ""
    for piece in pieces:
        if piece.letter == "p":
            said = "PM" if value.hour >= 12 else "AM"
            text += said if piece.width > 3 else said[0]
        elif piece.letter in parts:
            width = 4 if piece.letter == "y" else min(piece.width, 2)
            text += f"{parts[piece.letter]:0{width}d}"
        else:
            text += piece.text
    return " ".join(text.split())
