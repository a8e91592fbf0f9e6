"""Numbers with what they count or measure: "14 days", "up to 25 MB", "$12 a month", "3 tries"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from knowledge.comparison import units
from knowledge.comparison.clock import dates, hours, phones
from knowledge.comparison.numbers import ARTICLES, NUMBER, value_of
from knowledge.comparison.values import WORKING, Bound, Kind, Value
from knowledge.comparison.words import FUNCTION_WORDS, concept, concepts

_I = re.IGNORECASE
_SEPARATOR = r"\s?[-–—‑]\s?|\s(?:to|bis|à|a|or|oder|ou)\s|\s(?P<both>and|und|et|y)\s"
_AMOUNT = re.compile(
    rf"(?P<before>{units.CURRENCY_BEFORE})?\s?(?<![\w.,:/#@])(?P<low>{NUMBER})"
    rf"(?:(?:{_SEPARATOR})(?:{units.CURRENCY_BEFORE})?\s?(?P<high>{NUMBER})(?![\d-]))?",
    _I,
)
_BETWEEN = re.compile(r"(?:between|zwischen|entre)\s*$", _I)
# A number that names a thing instead of counting something.
_LABEL = re.compile(
    r"\b(?:steps?|sections?|chapters?|pages?|fig(?:ure|\.)?|tables?|options?|questions?|no\.?|nr\.?|"
    r"errors?|codes?|parts?|articles?|lines?|forms?|buildings?|rooms?|units?|phases?|appendix|"
    r"tickets?|cases?|ports?|http|item|suite|floor|gate|platform|schritt|seite|étape|paso)"
    r"[\s:#]{1,2}$",
    _I,
)
_ASKS_FOR_AMOUNT = re.compile(
    r"\b(?:within|after|in|for|than|about|around|lasts?|takes?|to|over|under|every|least|most|"
    r"exactly|innerhalb|nach|binnen|dans|après|pendant|sous|durante|tras)\s(?:of\s)?$",
    _I,
)
_ONLY = re.compile(r"\b(?:only|just|exactly|most|least|than|to|of|maximum|nur)\s$", _I)
_VERSION = re.compile(
    r"\b(?P<name>[A-Z][\w+.]*(?:\s?OS)?|[a-z]{1,3}[A-Z]\w*|[\w.]+(?=\s(?:version|release)\b))"
    r"(?:\s(?:version|release))?\s?$"
)
_QUOTES = re.compile(r"[\"'“”‘’«»]")
_TOO = (
    r"(?:full|whole|complete|consecutive|calendar|more|additional|further|extra|free|"
    r"volle[nr]?|weitere[nr]?)\s"
)
_PERCENT = re.compile(r"\s?(?:%|percent\b|per\scent\b|prozent\b|pour\scent\b|por\sciento\b)", _I)
_MONEY = re.compile(rf"[\s-]?(?P<unit>{units.CURRENCY})(?!\w)", _I)
_WORKING = re.compile(
    rf"[\s-]*(?:{_TOO})?(?:(?:{units.BUSINESS})[\s-]+days?|{units.WORKING_DAYS}"
    rf"|(?:jours|días)\s(?:{units.WORKING_AFTER}))\b",
    _I,
)
_TIME = re.compile(rf"[\s-]*(?:{_TOO})?(?P<unit>{units.TIME_UNIT})\b", _I)
_SIZE = re.compile(rf"[\s-]?(?P<unit>{units.SIZE_UNIT})\b", _I)
_MEASURE = re.compile(rf"[\s-]?(?P<unit>{units.MEASURE_UNIT})(?!\w)", _I)
_OLD = re.compile(r"[\s-](?:old|of\sage)\b", _I)
_AGE = re.compile(r"\b(?:age[ds]?|older|younger|alter)\b(?!\w)", _I)
_OLDER = re.compile(r"\s(?:or|and)\s(?:older|younger)\b", _I)
_PERIOD = re.compile(
    rf"\s?(?:/|\bper\b|\ba\b|\ban\b|\beach\b|\bevery\b|\bpro\b|\bpar\b|\bal\b|\bpor\b|\bim\b|\bje\b)"
    rf"\s?(?P<unit>{units.PERIOD})(?!\w)",
    _I,
)
_TIMES = re.compile(r"\b(?P<word>once|twice)\b", _I)
_ONCE_COUNTS = re.compile(
    r"(?i)\b(?:only\b[^.]{0,60}|just\s|than\s|be\sused\s|used\s|exactly\s)\bonce\b|\bonce\s(?:a|an|per|every|each)\b"
)
_WORD = re.compile(r"[^\W\d_][\w'’]*(?:-[^\W\d_][\w'’]*)*")
_MOST_NOUN_WORDS = 3
_PLURAL = re.compile(r"(?:[^s]s|people|persons|children|men|women|en|er)$", _I)
# "12 or more characters"
_OPEN_END = re.compile(r"\s?(?:or|and)\s(?:more|fewer|less)\b|\s?\+", _I)

_EVERY = re.compile(r"\b(?:every|each|alle|tous les|toutes les|cada)\s$", _I)
_BEFORE = re.compile(
    r"\s(?:before|prior|ahead|in advance|earlier|vor(?:her)?|im voraus|avant|antes)\b", _I
)
_AFTER = re.compile(r"\s(?:after|following|from|since|nach|ab|après|después)\b", _I)
_MORE = r"(?:more|longer|later|older|larger|bigger|greater|higher|above|over)"
_LESS = r"(?:less|fewer|shorter|earlier|younger|smaller|lower|under|below)"
_NOT = r"\b(?:no|not|never|cannot|can't|mustn't|nicht)\b(?:\s\w+){0,3}?\s"
_MOST_LEFT = re.compile(
    rf"(?:{_NOT}{_MORE}(?: than)?|{_NOT}exceed(?:ing)?|\b(?:at most|up to|within|{_LESS} than|"
    r"under|below|max(?:imum)?\.?(?: of)?|as many as|bis zu|höchstens|maximal|"
    r"innerhalb(?: von)?|binnen|jusqu'à|au plus|sous|hasta|máximo(?: de)?)|<=?|≤)\s*"
    r"(?:the (?:first|last|next) )?$",
    _I,
)
_LEAST_LEFT = re.compile(
    rf"(?:{_NOT}{_LESS}(?: than)?|\b(?:at least|min(?:imum)?\.?(?: of)?|{_MORE} than|over|above|"
    r"start(?:s|ing)? (?:at|from|with)|from|exceed(?:s|ing)?|mindestens|ab|au moins|à partir de|"
    r"al menos|mínimo(?: de)?|desde)|>=?|≥)\s*$",
    _I,
)
_NOT_LESS = re.compile(rf"{_NOT}{_LESS}(?: than)?\s*$", _I)
_LEAST_RIGHT = re.compile(
    r"^\s?(?:or (?:more|longer|newer|later|older|above|higher|over|greater)|minimum|"
    r"and (?:up|above|over|older|newer|later)|\+|oder (?:mehr|neuer|höher))",
    _I,
)
_MOST_RIGHT = re.compile(
    r"^\s?(?:or (?:less|fewer|younger|below|under|lower)|maximum|max\b|at most)", _I
)
_MOST_SAID = re.compile(r"\b(?:max(?:imum|imal)?|limit(?:ed)?|höchst\w*|máximo)\b", _I)
_LEAST_SAID = re.compile(r"\b(?:min(?:imum)?|mindest\w*|mínimo)\b", _I)


def values_in(sentence: str, language: str = "en") -> list[Value]:
    """Return the values of a sentence in order, none inside another."""
    taken: list[Value] = []
    for found in (phones, dates, hours):
        _add(taken, found(sentence))
    _add(taken, _amounts(sentence, language, taken))
    return sorted(taken, key=lambda value: value.start)


def _add(taken: list[Value], found: Iterator[Value]) -> None:
    for value in found:
        if not any(value.start < other.end and other.start < value.end for other in taken):
            taken.append(value)


def _amounts(sentence: str, language: str, taken: list[Value]) -> Iterator[Value]:
    yield from _once_and_twice(sentence)
    at = 0
    while found := _AMOUNT.search(sentence, at):
        at = max(found.end("low"), at + 1)
        if any(found.start("low") < v.end and v.start < found.end("low") for v in taken):
            continue
        value = _amount(sentence, found, language)
        if value is not None:
            at = value.end
            yield value


def _once_and_twice(sentence: str) -> Iterator[Value]:
    for word in _TIMES.finditer(sentence):
        twice = word["word"].casefold() == "twice"
        if twice or _ONCE_COUNTS.search(sentence):
            number = 2.0 if twice else 1.0
            value = Value(Kind.NUMBER, word.group(), *word.span(), number, number, "attempt")
            yield _completed(sentence, value)


def _amount(sentence: str, found: re.Match[str], language: str) -> Value | None:
    low = value_of(found["low"], language)
    if low is None or _LABEL.search(sentence[: found.start("low")]):
        return None
    high, end = low, found.end("low")
    joined = found["high"] and (not found["both"] or _BETWEEN.search(sentence[: found.start()]))
    upper = value_of(found["high"], language) if joined else None
    if upper is not None and upper > low:
        high, end = upper, found.end("high")
    start = found.start("before") if found["before"] else found.start("low")
    plain = Value(Kind.NUMBER, "", start, end, low, high)
    value = _measured(sentence, plain, found["before"]) or _counted(sentence, plain)
    if value is None:
        return None
    value = _completed(sentence, value)
    return value if _is_amount(sentence, found["low"].casefold(), value) else None


def _is_amount(sentence: str, written: str, value: Value) -> bool:
    """Say whether "a" and "one" count here: "within an hour", "only one account"."""
    before = sentence[: value.start]
    if written in ARTICLES or written.startswith("half"):
        asked = value.kind == Kind.DURATION and bool(_ASKS_FOR_AMOUNT.search(before))
        return asked and not value.shown.endswith("second")
    if written == "one":
        return value.kind != Kind.NUMBER or bool(value.unit and _ONLY.search(before))
    return True


def _measured(sentence: str, plain: Value, currency: str | None) -> Value | None:
    """Return the value with its unit of measure, or None when none follows."""
    at = plain.end
    if currency:
        return replace(plain, kind=Kind.PRICE, unit=units.currency_of(currency))
    if found := _PERCENT.match(sentence, at):
        return replace(plain, kind=Kind.PERCENTAGE, end=found.end())
    if found := _WORKING.match(sentence, at):
        return _scaled(plain, Kind.DURATION, WORKING, 86400.0, found.end())
    if found := _TIME.match(sentence, at):
        if old := _OLD.match(sentence, found.end()):
            return replace(plain, kind=Kind.AGE, end=old.end())
        return _scaled(plain, Kind.DURATION, "", units.seconds_in(found["unit"]), found.end())
    if found := _MONEY.match(sentence, at):
        return replace(
            plain, kind=Kind.PRICE, unit=units.currency_of(found["unit"]), end=found.end()
        )
    if found := _SIZE.match(sentence, at):
        return _scaled(plain, Kind.SIZE, "", units.bytes_in(found["unit"]), found.end())
    if found := _MEASURE.match(sentence, at):
        unit, factor = units.measure_of(found["unit"])
        return _scaled(plain, Kind.MEASURE, unit, factor, found.end())
    return None


def _scaled(plain: Value, kind: Kind, unit: str, factor: float, end: int) -> Value:
    return replace(
        plain, kind=kind, unit=unit, low=plain.low * factor, high=plain.high * factor, end=end
    )


def _counted(sentence: str, plain: Value) -> Value | None:
    """Return the number with what it counts, or with the name whose version it is."""
    rest = sentence[plain.end :]
    open_end = _OPEN_END.match(rest)
    at = plain.end + (open_end.end() if open_end else 0)
    joined = sentence[at : at + 1]
    if _QUOTES.match(joined) and _QUOTES.match(sentence[max(plain.start - 1, 0) :]):
        return None  # Something to type in.
    if joined.isalpha() or (joined in "./:@_" and sentence[at + 1 : at + 2].isalnum()):
        return None
    noun_end, noun = _noun_after(sentence, at, written_one=plain.low == plain.high == 1)
    before = sentence[: plain.start]
    if not noun:
        if name := _VERSION.search(before):
            return replace(plain, kind=Kind.VERSION, unit=name["name"].casefold())
        if _AGE.search(before) or _OLDER.match(rest):
            return replace(plain, kind=Kind.AGE)
        return replace(plain, unit=_announced(before))
    return replace(plain, unit=noun, end=noun_end)


def _noun_after(sentence: str, at: int, *, written_one: bool) -> tuple[int, str]:
    """Return where the words that are counted end, and the concept of what is counted."""
    position, failed = at, False
    for _ in range(_MOST_NOUN_WORDS):
        gap = re.match(r"[\s-]+", sentence[position:])
        word = _WORD.match(sentence, position + (gap.end() if gap else 0))
        if gap is None or word is None or word.group().casefold() in FUNCTION_WORDS:
            break
        # "a 16-character code" counts characters; else what is counted stands in the plural.
        hyphened = position == at and gap.group() == "-"
        position = word.end()
        if hyphened or _PLURAL.search(word.group()) or written_one:
            # Three wrong passwords are three attempts.
            return word.end(), "attempt" if failed else _counted_thing(word.group())
        failed = failed or concept(word.group()) == "wrong"
    return at, ""


def _announced(before: str) -> str:
    """Return what a number without a noun counts: "Codes come in sets of 20"."""
    words = (word.group() for word in _WORD.finditer(before))
    plurals = (w for w in words if _PLURAL.search(w) and w.casefold() not in FUNCTION_WORDS)
    first = next(plurals, "")
    return _counted_thing(first) if first else ""


def _counted_thing(word: str) -> str:
    if word.casefold() == "times":  # "You can try 3 times."
        return "attempt"
    return next(iter(reversed(concepts(word))), word.casefold())


def _completed(sentence: str, value: Value) -> Value:
    """Add bound and period, and what is shown."""
    before, after = sentence[: value.start], sentence[value.end :]
    period, end = "", value.end
    if found := _PERIOD.match(after):
        period, end = units.period_of(found["unit"]), value.end + found.end()
    elif said := units.PERIODICALLY.search(sentence):
        period = units.period_of(said.group())
    shown = sentence[value.start : end].strip()
    side = "before" if _BEFORE.match(after) else "after" if _AFTER.match(after) else ""
    # "Up to a day before" and "at least a day before" ask for the same.
    every = bool(_EVERY.search(before))
    bound = Bound.NONE if side == "before" else _bound(before, shown, after)
    return replace(value, period=period, end=end, bound=bound, shown=shown, side=side, every=every)


def _bound(before: str, shown: str, after: str) -> Bound:
    if _NOT_LESS.search(before):
        return Bound.LEAST
    if _MOST_LEFT.search(before) or _MOST_RIGHT.match(after):
        return Bound.MOST
    if _LEAST_LEFT.search(before) or _LEAST_RIGHT.match(after) or " or more" in shown:
        return Bound.LEAST
    if _MOST_SAID.search(before):
        return Bound.MOST
    return Bound.LEAST if _LEAST_SAID.search(before) else Bound.NONE
