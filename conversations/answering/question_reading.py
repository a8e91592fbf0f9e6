"""What a question says, read so that two questions can be told apart.

The tables are in question_words.yaml. Whatever is read twice here (a plan as a name and as a word)
only makes the comparison stricter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from conversations.answering.terms import STOP_WORDS
from knowledge.comparison import units
from knowledge.comparison.numbers import ARTICLES, NUMBER, value_of
from knowledge.comparison.words import FUNCTION_WORDS, concept, concepts

_TABLES = yaml.safe_load((files(__package__) / "question_words.yaml").read_text("utf-8"))
_ASKING = frozenset(_TABLES["asking"].split())
_ASKING_CONCEPTS = frozenset(map(concept, _ASKING))
_NEGATIONS = frozenset(_TABLES["negations"].split())
_DATES = frozenset(_TABLES["dates"].split())
_NOW = re.compile(
    r"\b(?:" + "|".join(w.replace("-", r"\s") for w in _TABLES["now"].split()) + r")\b", re.I
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_MAY_AND_MARCH = re.compile(r"(?<=\w\s)(?:May|March)\b")
_NUMBER = re.compile(
    rf"(?:(?P<sign>{units.CURRENCY_BEFORE})\s?)?(?<![\w.])(?P<number>{NUMBER})"
    rf"[\s-]?(?P<unit>{units.CURRENCY}|{units.SIZE_UNIT}|{units.MEASURE_UNIT}|%|percent\b)?",
    re.IGNORECASE,
)
_PERIODS = re.compile(
    r"\b(?:minute|hour|day|week|month|quarter|year)s?\b|" + units.PERIODICALLY.pattern, re.I
)
_SIZES = re.compile(rf"\b(?:{units.SIZE_UNIT})\b", re.IGNORECASE)
_MONEY = re.compile(rf"(?<!\w)(?:{units.CURRENCY})(?!\w)", re.IGNORECASE)
_ORDINAL = re.compile(r"\b\d+(?:st|nd|rd|th)\b", re.IGNORECASE)
# Any word with a digit in it: a model, a code, a version.
_CODE = re.compile(r"\b(?=\w*\d)(?=\w*[^\W\d])[\w-]+\b")
_NAME = re.compile(
    r"(?<=[\w,;:'\"(] )['\"(]?(?:[A-Z][\w+]*(?:[.-]\w+)*)|\b[a-z]+[A-Z]\w*|\b[A-Z]{2,}\b"
)
_I = frozenset(("I", "I'm", "I'd", "I've", "I'll", "OK", "FAQ", "PLEASE", "HELP", "NOT"))
_SENTENCE_START = re.compile(r"[.!?]\s+$")
_TO_OR_BY_ME = re.compile(
    r"\b(?P<how>send|sends|sent|e?-?mail(?:s|ed)?|messag(?:e|es|ed)|call(?:s|ed)?|invit(?:e|es|ed)|contact"
    r"(?:s|ed)?|tag(?:s|ged)?|follow(?:s|ed)?|block(?:s|ed)?|add(?:s|ed)?|shar(?:e|es|ed)|pay(?:s|ing)?|paid"
    r"|ow(?:e|es|ed)|charg(?:e|es|ed)|refer(?:s|red)?|refund(?:s|ed)?|to|from|by)\s+(?:me|us)\b",
    re.IGNORECASE,
)
# Says that somebody looked, not what is asked: "I can't seem to find".
_NO_NEGATION = re.compile(
    r"\b(?:can'?t|cannot|can not|couldn'?t|could not|don'?t know|do not know|not sure)"
    r"(?: seem to)? (?:find|figure out|work out|see how|how|where|whether|if)\b",
    re.IGNORECASE,
)
_PARTICLE = re.compile(
    r"\b(?:turn|switch|opt|check|sign|log|phas|tak|took|taken|put|mov|zoom|clock|plug|roll|scal|cash"
    r"|bring|brought)(?:s|e|es|ed|ing|ping|ting|ging|ned)?\s(?:\S+\s){0,3}?(?P<way>on|off|out|up|down|back|(?<=k in)|(?<=g in)|(?<=n in)|(?<=t in))\b",
    re.IGNORECASE,
)
_DIRECTIONS = {"to": "to", "into": "to", "onto": "to", "toward": "to", "towards": "to", "from": "from", "off": "from",
               "before": "before", "prior": "before", "until": "before", "after": "after", "since": "after",
               "with": "with", "without": "without", "over": "over", "under": "under", "above": "over",
               "below": "under", "than": "than", "instead": "than", "by": "by", "between": "between",
               "inside": "in", "within": "in", "outside": "out"}  # fmt: skip
_OPPOSITE = {"to": "from", "from": "to", "before": "after", "after": "before", "with": "without",
             "without": "with", "over": "under", "under": "over", "in": "out", "out": "in"}  # fmt: skip
_KINDS = (
    ("why", r"\bwhy\b|\bhow come\b|\b(?:what is|what's|whats) the (?:reason|cause)|\bfor what reason"),
    ("when", r"\bhow (?:long|soon|quickly|fast|late|early)\b|\b(?:what|which) (?:time|day|date)\b|\buntil when\b"
             r"|^\W*(?:\w+\W+){0,3}?when (?:will|do|does|can|is|are|was|should|would|must)\b|\bdeadline\b"
             r"|\bhow (?:many|much) (?:time|days?|hours?|weeks?|months?)\b|\bsince when\b"),
    ("how much", r"\bhow (?:many|much|large|big|far|old|high|low|tall|wide|heavy)\b"
                 r"|\b(?:costs?|price|prices|fees?|charges?|rates?|limits?|maximum|minimum) (?:of|for|is|are|do|does)\b"
                 r"|\bwhat (?:is|are|'s) (?:the|your) (?:\w+ ){0,3}(?:costs?|price|prices|fees?|charges?|rates?|limits?)\b"),
    ("how often", r"\bhow (?:often|frequently)\b|\bhow many times\b"),
    ("where", r"^\W*(?:\w+\W+){0,3}?where\b|\bwhere (?:can|do|does|is|are|should|will) (?!the (?:option|setting|button|menu))|\b(?:which|what) (?:place|places|country|countries|location|locations|address)\b"),
    ("who", r"^\W*(?:who|whom|whose)\b|\bwho (?:can|has|is|are|may|gets|pays)\b|\bwhich (?:person|people|role|users?|member)\b"),
    ("what if", r"\bwhat (?:happens|happened|if|would happen|will happen|does .{1,40} do)\b|\bconsequences?\b"),
    ("what is", r"\bwhat (?:is|are|does|do) (?:an? )?[\w\s-]{1,30}(?: mean| means)?\s*\?*$|\bdefin(?:e|ition)\b|\bdifference\b"),
    ("risk", r"\bsafe(?:ty)?\b|\bsecure(?:ly)?\b|\blegal(?:ly)?\b"),
)  # fmt: skip
_KIND_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _KINDS)
_ATTEMPTED = re.compile(
    r"\b(?:doesn'?t|does not|isn'?t|not|won'?t|stopped|stops) work|\berror\b|\bfails?\b|\bfailed\b|\bbroken\b"
    r"|\bproblem\b|\bissue\b|\bhasn'?t\b|\bhave not\b|\bhaven'?t\b|\bstill\b|\bstuck\b",
    re.IGNORECASE,
)

Sides = Mapping[str, frozenset[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question says.

    `content` are the concepts in order; `figures` numbers with units, dates and periods; `names`
    what is written as one; `negated` how often it is turned round, as 0 or 1; `strict` and `loose`
    the sides that its words take; `ways` particles of verbs, and who acts; `towards` pairs of
    (preposition, concept behind it); `kinds` what is asked for (why, when, how much).
    """

    words: frozenset[str]
    content: tuple[str, ...]
    figures: frozenset[str]
    names: frozenset[str]
    negated: bool
    strict: Mapping[int, frozenset[int]]
    loose: Mapping[int, frozenset[int]]
    ways: frozenset[str]
    towards: frozenset[tuple[str, str]]
    kinds: frozenset[str]


def about_now(text: str) -> bool:
    """Say whether the answer to a question depends on the day it is asked."""
    return bool(_NOW.search(text))


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """Read a question."""
    clean = _NO_NEGATION.sub(" ", text.replace("’", "'"))
    tokens = [token.casefold() for token in _WORD.findall(clean)]
    named = frozenset(concept(token) for token in tokens)
    content = tuple(c for c in concepts(clean) if c not in _ASKING_CONCEPTS)
    return Reading(
        words=frozenset((*named, *content)),
        content=content,
        figures=_figures(clean, tokens),
        names=_names(clean),
        negated=any(t in _NEGATIONS or t.endswith("n't") for t in tokens),
        strict=_taken(_STRICT, (*named, *content)),
        loose=_taken(_LOOSE, (*named, *content)),
        ways=_ways(clean),
        towards=_towards(tokens),
        kinds=_kinds(clean),
    )


def _figures(text: str, tokens: Iterable[str]) -> frozenset[str]:
    found = {token for token in tokens if token in _DATES}
    found |= {match.group().casefold() for match in _MAY_AND_MARCH.finditer(text)}
    found |= {units.period_of(match.group().rstrip("s")) for match in _PERIODS.finditer(text)}
    found |= {
        match.group().casefold() for match in (*_ORDINAL.finditer(text), *_CODE.finditer(text))
    }
    found |= {f"size {units.bytes_in(match.group()):g}" for match in _SIZES.finditer(text)}
    found |= {units.currency_of(match.group()) for match in _MONEY.finditer(text)}
    for match in _NUMBER.finditer(text):
        written = match["number"].casefold()
        if written == "one" or written in ARTICLES:
            continue  # "Which one?"
        value = value_of(written)
        found.add(
            f"{written if value is None else value} {(match['unit'] or '').casefold()}".strip()
        )
    return frozenset(found)


def _names(text: str) -> frozenset[str]:
    found = []
    for match in _NAME.finditer(text):
        word = match.group().strip("'\"(")
        starts = _SENTENCE_START.search(text[: match.start()])
        if word not in _I and not starts and word.casefold() not in FUNCTION_WORDS:
            found.append(concept(word))
    return frozenset(found)


def _ways(text: str) -> frozenset[str]:
    found = {f"{match['way'].casefold()}" for match in _PARTICLE.finditer(text)}
    if _TO_OR_BY_ME.search(text):
        found.add("me")
    return frozenset(found)


def _towards(tokens: list[str]) -> frozenset[tuple[str, str]]:
    """Return what stands behind each preposition: the next word that says something."""
    found = []
    for number, token in enumerate(tokens):
        role = _DIRECTIONS.get(token)
        if role is None:
            continue
        for behind in tokens[number + 1 : number + 5]:
            if behind in _DIRECTIONS:
                break
            if behind not in FUNCTION_WORDS and behind not in STOP_WORDS:
                found.append((role, concept(behind)))
                break
    return frozenset(found)


def opposed(one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> bool:
    """Say whether a word stands behind "to" here and behind "from" there, or the like."""
    there = set(other)
    return any((_OPPOSITE.get(role, ""), word) in there for role, word in one)


def swapped(first: Reading, second: Reading) -> bool:
    """Say whether what comes after a preposition changes places: "Pro to Team", "Team to Pro"."""
    for role, word in first.towards:
        others = {w for r, w in second.towards if r == role}
        mine = {w for r, w in first.towards if r == role}
        for behind in others:
            moved = word in second.words and word not in others
            if moved and behind in first.words and behind not in mine:
                return _before(first, behind, word) and _before(second, word, behind)
    return False


def _before(read_: Reading, one: str, other: str) -> bool:
    order = read_.content
    return one in order and other in order and order.index(one) < order.index(other)


def _kinds(text: str) -> frozenset[str]:
    found = {name for name, pattern in _KIND_PATTERNS if pattern.search(text)}
    if _ATTEMPTED.search(text):
        found.add("trouble")
    return frozenset(found)


def _table(lines: Iterable[str], start: int = 0) -> Sides:
    table: dict[str, set[tuple[int, int]]] = {}
    for number, line in enumerate(lines, start):
        for side, words in enumerate(line.split("|")):
            for word in words.split():
                for form in {word, concept(word)}:
                    table.setdefault(form, set()).add((number, side))
    return {word: frozenset(places) for word, places in table.items()}


_STRICT = _table(_TABLES["both"])
_LOOSE = _table(_TABLES["either"], len(_TABLES["both"]))


def _taken(table: Sides, words: Iterable[str]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for word in words:
        for number, side in table.get(word, ()):
            found.setdefault(number, set()).add(side)
    return {number: frozenset(sides) for number, sides in found.items()}
