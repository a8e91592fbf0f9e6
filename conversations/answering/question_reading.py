"""What a question says, read so that two questions can be told apart.

The tables are in question_words.yaml. Whatever is read twice here (a plan as a name and as a word)
only makes the comparison stricter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from conversations.answering.question_form import Form, form_of
from conversations.answering.question_scope import TABLES, Scope, negates, scope_of
from conversations.answering.terms import STOP_WORDS
from knowledge.comparison import units
from knowledge.comparison.numbers import ARTICLES, NUMBER, value_of
from knowledge.comparison.words import FUNCTION_WORDS, concept, concepts

_ASKING = frozenset(map(concept, TABLES["asking"].split()))
_SAME = {
    concept(word): concept(line.split()[0]) for line in TABLES["same"] for word in line.split()
}
_UNDOING = frozenset(map(concept, TABLES["undoing"].split()))
_NOT_FOREIGN = frozenset(TABLES["not_foreign"].split())
_DATES = frozenset(TABLES["dates"].split())
_NOW = re.compile(rf"\b(?:{TABLES['now']})\b", re.IGNORECASE)
_LOOKED = re.compile(TABLES["looked"].strip(), re.IGNORECASE)
_KINDS = {
    name: re.compile("|".join(patterns), re.IGNORECASE)
    for name, patterns in TABLES["kinds"].items()
}
_ROLES = {word: role for role, words in TABLES["prepositions"].items() for word in words.split()}
_RELATING = frozenset(TABLES["relating"].split())
_OPPOSITES = frozenset(
    pair for one, two in TABLES["opposites"] for pair in ((one, two), (two, one))
)
_PARTICLE = re.compile(
    rf"\b(?:{TABLES['particle_verbs'].strip()})(?:s|e|es|ed|ing|ping|ting|ging|ned)?\s"
    r"(?:(?P<way>in)\b|(?:\S+\s){0,4}?(?P<apart>on|off|out|up|down|back)\b)",
    re.IGNORECASE,
)
_DONE_TO_ME = re.compile(
    rf"\b(?:{TABLES['done_to_me'].strip()})\s+(?:only\s+)?(?:to\s+)?(?:me|us)\b", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
# Months that are also other words, where they are written as months within a sentence.
_MAY_AND_MARCH = re.compile(r"(?<=\w\s)(?:May|March)\b")
_NUMBER = re.compile(
    rf"(?:(?P<sign>{units.CURRENCY_BEFORE})\s?)?(?<![\w.])(?P<number>{NUMBER})"
    rf"[\s-]?(?P<unit>{units.CURRENCY}|{units.SIZE_UNIT}|{units.MEASURE_UNIT}|%|percent\b)?",
    re.IGNORECASE,
)
_PERIODS = re.compile(
    r"\b(?:minute|hour|day|week|month|quarter|year)s?\b|" + units.PERIODICALLY.pattern,
    re.IGNORECASE,
)
_SIZES = re.compile(rf"\b(?:{units.SIZE_UNIT})\b", re.IGNORECASE)
_MONEY = re.compile(rf"(?<!\w)(?:{units.CURRENCY})(?!\w)", re.IGNORECASE)
# An ordinal, or any word with a digit in it: a model, a code, a version.
_CODE = re.compile(r"\b\d+(?:st|nd|rd|th)\b|\b(?=\w*\d)(?=\w*[^\W\d])[\w-]+\b", re.IGNORECASE)
_NAME = re.compile(
    r"(?<=[\w,;:'\"(] )['\"(]?(?:[A-Z][\w+]*(?:[.-]\w+)*)|\b[a-z]+[A-Z]\w*|\b[A-Z]{2,}\b"
)
_NO_NAMES = frozenset(["I", "I'm", "I'd", "I've", "I'll", "OK", "FAQ", "PLEASE", "HELP", "NOT"])
_SENTENCE_ENDS = re.compile(r"[.!?]\s+$")
SELF, OTHER = "~self", "~other"
_PERSONS = {
    **dict.fromkeys(("i", "me", "we", "us", "i'm", "i've", "i'd", "i'll"), SELF),
    **dict.fromkeys(
        ("someone", "somebody", "anyone", "anybody", "they", "them", "he", "she"), OTHER
    ),
}
# Words of one meaning: "out of" is "from", "leaving for" is "leaving to".
_IN_ONE = (
    (re.compile(r"\bout of\b", re.IGNORECASE), "from"),
    (re.compile(r"\b(leav(?:e|es|ing)) for\b", re.IGNORECASE), r"\1 to"),
    (re.compile(r"\bin order\b", re.IGNORECASE), ""),
    (re.compile(r"\bg[eo]t(?:s|ting)? rid of\b", re.IGNORECASE), "remove"),
)
_ALL_BUT = re.compile(
    r"\b((?:every|any|no)(?:one|body|thing|where)|no one|all|every|any|none|nothing)"
    r"((?:\s\w+){0,2}?)\s(?:but|besides|save for|apart from|other than)\b",
    re.IGNORECASE,
)
_BY_ME = re.compile(r"\bby (?:me|us|myself|ourselves)\b", re.IGNORECASE)
# Words looked at behind a preposition.
_REACH = 4

_Places = Mapping[str, frozenset[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question says.

    `tokens` are the words as written; `content` are the concepts in order, `order` the same with
    dates and with who does something (SELF, OTHER) among them; `negations` is how many there are;
    `figures` numbers with units, dates and periods; `names` what is written as one; `strict` and
    `loose` the sides that its words take, by table row; `ways` particles of verbs, and "me" for
    what is done to the customer; `towards` pairs of (preposition, concept behind it); `kinds` what
    is asked for (why, when, how much); `scope` what its numbers and negations are about; `form`
    whether it asks to do something, how things stand, or on what condition.
    """

    tokens: frozenset[str]
    words: frozenset[str]
    content: tuple[str, ...]
    order: tuple[str, ...]
    figures: frozenset[str]
    names: frozenset[str]
    negations: int
    strict: Mapping[int, frozenset[int]]
    loose: Mapping[int, frozenset[int]]
    ways: frozenset[str]
    towards: frozenset[tuple[str, str]]
    kinds: frozenset[str]
    scope: Scope
    form: Form


def about_now(text: str) -> bool:
    """Say whether the answer to a question depends on the day it is asked."""
    return bool(_NOW.search(text))


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """Read a question."""
    clean = _ALL_BUT.sub(r"\1\2 except", _LOOKED.sub(" ", text.replace("’", "'")))
    for phrase, word in _IN_ONE:
        clean = phrase.sub(word, clean)
    tokens = [token.casefold() for token in _WORD.findall(clean)]
    content = tuple(_SAME.get(c, c) for c in concepts(clean) if c not in _ASKING)
    return Reading(
        tokens=frozenset(tokens),
        words=frozenset((*map(concept, tokens), *content)),
        content=content,
        order=tuple(_order(clean, frozenset(content))),
        figures=frozenset(_figures(clean, tokens)),
        names=frozenset((*_names(clean), *(t for t in tokens if t in _NOT_FOREIGN))),
        negations=sum(map(negates, tokens)),
        strict=_taken(_STRICT, tokens),
        loose=_taken(_LOOSE, tokens),
        ways=_ways(clean),
        towards=frozenset(_towards(tokens)),
        kinds=frozenset(name for name, pattern in _KINDS.items() if pattern.search(clean)),
        scope=scope_of(clean),
        form=form_of(clean),
    )


def said(text: str) -> frozenset[str]:
    """Return the concepts of a page's text, as `Reading.content` names them."""
    return frozenset(_SAME.get(c, c) for c in concepts(text))


def opposed(first: Reading, second: Reading) -> bool:
    """Say whether a word stands behind "to" here and behind "from" there, or the like."""
    return any(
        word == behind and (role, other) in _OPPOSITES
        for role, word in first.towards
        for other, behind in second.towards
    )


def undoes(first: Reading, second: Reading) -> bool:
    """Say whether one says all that the other says, and to undo it."""
    ours, theirs = set(first.content), set(second.content)
    added = ours ^ theirs if ours <= theirs or theirs <= ours else set()
    return not _UNDOING.isdisjoint(added)


def inverted(first: Reading, second: Reading) -> bool:
    """Say whether two words change places where both questions relate two things.

    "Is the car newer than the bus?", "May a bus be ahead of a car?"
    """
    if _RELATING.isdisjoint(first.tokens) or _RELATING.isdisjoint(second.tokens):
        return False
    return _in_other_order(first.content, second.content)


def names_inverted(first: Reading, second: Reading) -> bool:
    """Say whether names change places: "English from Spanish", "Spanish for the English"."""
    named = first.names & second.names
    return _in_other_order(
        *([word for word in one.content if word in named] for one in (first, second))
    )


def _in_other_order(first: Iterable[str], second: Iterable[str]) -> bool:
    ours, theirs = (tuple(dict.fromkeys(words)) for words in (first, second))
    places = [theirs.index(word) for word in ours if word in theirs]
    return any(a > b for a, b in pairwise(places))


def swapped(first: Reading, second: Reading) -> bool:
    """Say whether two words change places around one: "Pro to Team", "Team to Pro"."""
    for role, word in first.towards:
        ours = {w for r, w in first.towards if r == role}
        theirs = {w for r, w in second.towards if r == role}
        for behind in theirs - ours:
            if (
                word not in theirs
                and _before(first, behind, word)
                and _before(second, word, behind)
            ):
                return True
    return False


def _order(text: str, content: frozenset[str]) -> Iterator[str]:
    months = {found.start() for found in _MAY_AND_MARCH.finditer(text)}
    for found in _WORD.finditer(text):
        token = found.group().casefold()
        if token in _PERSONS:
            yield _PERSONS[token]
        elif token in _DATES or found.start() in months:
            yield token
        elif (word := _SAME.get(concept(token), concept(token))) in content:
            yield word


def _before(question: Reading, one: str, other: str) -> bool:
    order = question.content
    return one in order and other in order and order.index(one) < order.index(other)


def _figures(text: str, tokens: Iterable[str]) -> Iterator[str]:
    yield from (token for token in tokens if token in _DATES)
    yield from (found.group().casefold() for found in _MAY_AND_MARCH.finditer(text))
    yield from (units.period_of(found.group().rstrip("s")) for found in _PERIODS.finditer(text))
    yield from (found.group().casefold() for found in _CODE.finditer(text))
    yield from (f"size {units.bytes_in(found.group()):g}" for found in _SIZES.finditer(text))
    yield from (units.currency_of(found.group()) for found in _MONEY.finditer(text))
    for found in _NUMBER.finditer(text):
        written = found["number"].casefold()
        # "Which one?"
        if written != "one" and written not in ARTICLES:
            value = value_of(written)
            unit = (found["unit"] or "").casefold()
            yield f"{written if value is None else value} {unit}".strip()


def _names(text: str) -> Iterator[str]:
    for found in _NAME.finditer(text):
        word = found.group().strip("'\"(")
        begins = _SENTENCE_ENDS.search(text[: found.start()])
        if word not in _NO_NAMES and not begins and word.casefold() not in FUNCTION_WORDS:
            yield concept(word)


def _ways(text: str) -> frozenset[str]:
    found = {(match["way"] or match["apart"]).casefold() for match in _PARTICLE.finditer(text)}
    me = {"me"} if _DONE_TO_ME.search(text) else set()
    return frozenset(found | me | ({"by me"} if _BY_ME.search(text) else set()))


def _towards(tokens: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands behind each preposition: the next word that says something."""
    for number, token in enumerate(tokens):
        role = _ROLES.get(token)
        for behind in tokens[number + 1 : number + 1 + _REACH] if role else ():
            if behind in _ROLES:
                break
            if behind in ("me", "us") or (
                behind not in FUNCTION_WORDS and behind not in STOP_WORDS
            ):
                yield str(role), concept(behind)
                break


def _table(lines: Iterable[str], start: int = 0) -> _Places:
    """Return for each form of a word the rows it stands in, with its side there."""
    table: dict[str, set[tuple[int, int]]] = {}
    for number, line in enumerate(lines, start):
        for side, words in enumerate(line.split("|")):
            for word in words.split():
                for form in _forms(word):
                    table.setdefault(form, set()).add((number, side))
    return {word: frozenset(places) for word, places in table.items()}


def _forms(word: str) -> Iterator[str]:
    # Not by its stem: "personal" is no form of "personalise".
    stem = word.removesuffix("e")
    yield from (word, f"{word}s", f"{word}es", f"{stem}ed", f"{stem}ing", f"{stem}ion")
    yield from (f"{word}{word[-1]}ed", f"{word}{word[-1]}ing", f"{word.removesuffix('y')}ies")


_STRICT = _table(TABLES["both"])
_LOOSE = _table(TABLES["either"], len(TABLES["both"]))


def _taken(table: _Places, words: Iterable[str]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for word in words:
        for number, side in table.get(word, ()):
            found.setdefault(number, set()).add(side)
    return {number: frozenset(sides) for number, sides in found.items()}
