"""Stage: small talk and the operator's own rules. No model, no search.

A phrase matches when a message says just that, give or take filler words and one typo; a greeting
in front of a real question is not a greeting. For handing over to a person one clause that says
so is enough.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import regex

from conversations.answering.values import Finding, RuleSpec
from knowledge.retrieval.values import Reader

# A backtracking pattern must not hold up an answer; ordinary ones take microseconds.
PATTERN_SECONDS = 0.05
MOST_FILLERS = 6
MOST_TYPOS = 1
# A typo in a shorter word too often makes another word.
SHORTEST_WITH_TYPO = 5
_FILLERS_TEXT = """
much being kann können
a about ah all also am an and anyone are at be being but can could dear did do does everyone for
from get go good great guys have hello hey hi i id im is it just kindly let lets like lot many
may me must my need now of oh ok okay on or our please pls plz right sir madam maam so some team
thank thanks that the then there this to today u ur us very want wanna was we well will with
would yes you your aber auch bitte danke das dem den der die doch ein eine einem einen es gerne
hallo ich ist ja jetzt kann können mal mich mir mit möchte nun noch sie und wir würde zu zum
avec bien bonjour ce d de des du et ici je la le les merci moi oui peux pourrais que puis s
salut svp un une veux vous voudrais con del el en favor gracias hola lo los mi muy por puedo
quiero quisiera si una y
"""
FILLERS = frozenset(_FILLERS_TEXT.split())
_RUN = re.compile(r"(.)\1+")


@lru_cache(4096)
def _squeezed(word: str) -> str:
    """Return a word with repeated letters once: "helllo" is "helo", and so is "hello"."""
    return _RUN.sub(r"\1", word)


_FILLERS_SQUEEZED = frozenset(_squeezed(word) for word in FILLERS)
_CLAUSE_END = re.compile(r"[.,;:!?\n]+|\s[-–—]+\s")
_NOT_WORD = re.compile(r"[^\w\s]|_")
How = Literal["phrase", "phrase in a clause", "phrase inside", "pattern"]


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that fired, by which of its phrases or its pattern, and how."""

    rule: RuleSpec
    by: str
    how: How
    typos: int = 0


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule makes of a text, for the test box. `why` is for operators."""

    rule: RuleSpec
    matched: bool
    why: str


@dataclass(frozen=True, slots=True)
class MatchExplanation:
    """The rule that would answer, if any, and the verdict on each rule in order."""

    winner: RuleMatch | None
    verdicts: tuple[RuleVerdict, ...]


class _Said:
    """A message as its rules look at it; prepared once for all phrases."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words(text)

    @cached_property
    def clauses(self) -> tuple[tuple[str, ...], ...]:
        """The words of each clause."""
        return tuple(words(clause) for clause in _CLAUSE_END.split(self.text))


@lru_cache(4096)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text as rules compare them: no case, no punctuation, no apostrophes."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    return tuple(_NOT_WORD.sub(" ", text).split())


def match(
    text: str,
    rules: Iterable[RuleSpec],
    reader: Reader,
    language: str = "",
    *,
    inside: bool = False,
) -> RuleMatch | None:
    """Return the rule that fits best; `inside`: its phrase may stand in a longer text.

    Best: fewest typos, then priority, then the phrase with most words.
    """
    said = _Said(text)
    fired = [_fires(said, rule, inside=inside) for rule in applicable(rules, reader, language)]
    return min((found for found in fired if found), key=_rank, default=None)


def _rank(found: RuleMatch) -> tuple[int, int, int]:
    return found.typos, found.rule.priority, -len(words(found.by))


def applicable(rules: Iterable[RuleSpec], reader: Reader, language: str) -> list[RuleSpec]:
    """Return the rules for this reader and language in the order they are tried."""
    fitting = [
        rule
        for rule in rules
        if (not rule.audiences or rule.audiences & reader.audiences)
        and (not rule.language or not language or rule.language == language[:2])
    ]
    # In the customer's own language first, so that a greeting is returned in kind.
    return sorted(
        fitting, key=lambda rule: (rule.priority, rule.language != language[:2], rule.name)
    )


def explain_match(
    text: str, rules: Sequence[RuleSpec], reader: Reader | None = None, language: str = ""
) -> MatchExplanation:
    """Say which rule would answer a text and why each does or does not fit (the test box)."""
    everyone = Reader(frozenset().union(*(rule.audiences for rule in rules)))
    reader = reader or everyone
    verdicts, said = [], _Said(text)
    for rule in applicable(rules, reader, language):
        fired = _fires(said, rule, inside=False)
        verdicts.append(RuleVerdict(rule, fired is not None, _why(fired, text, rule)))
    return MatchExplanation(match(text, rules, reader, language), tuple(verdicts))


def pattern_problem(pattern: str) -> Finding | None:
    """Return what is wrong with a pattern, for the form where it is written; None when fine."""
    try:
        regex.compile(pattern, flags=regex.IGNORECASE)
    except regex.error as error:
        return Finding("pattern_invalid", "block", str(error))
    return None


def _fires(said: _Said, rule: RuleSpec, *, inside: bool) -> RuleMatch | None:
    if rule.pattern and _pattern_matches(said.text, rule.pattern):
        return RuleMatch(rule, rule.pattern, "pattern")
    matches = [_phrase_fires(said, phrase, rule, inside=inside) for phrase in rule.phrases]
    return min((found for found in matches if found), key=_rank, default=None)


def _phrase_fires(said: _Said, phrase: str, rule: RuleSpec, *, inside: bool) -> RuleMatch | None:
    wanted = words(phrase)
    if not wanted:
        return None
    typos = typos_in(said.words, wanted)
    if typos is not None:
        return RuleMatch(rule, phrase, "phrase", typos)
    if rule.action in ("person", "form") and len(wanted) > 1:
        found = [typos_in(clause, wanted) for clause in said.clauses]
        fewest = min((n for n in found if n is not None), default=None)
        if fewest is not None:
            return RuleMatch(rule, phrase, "phrase in a clause", fewest)
        # Only for handing over: "how does this work" inside a question means the question's topic.
        if inside and len(wanted) > 2 and _contains(said.words, wanted):
            return RuleMatch(rule, phrase, "phrase inside")
    return None


def _contains(said: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return any(said[i : i + size] == wanted for i in range(len(said) - size + 1))


def typos_in(said: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return how many typos (0, 1) part the words from the phrase, fillers aside; else None."""
    if not len(wanted) <= len(said) <= len(wanted) + MOST_FILLERS:
        return None
    return _align(tuple(said), tuple(wanted), MOST_TYPOS)


def _align(said: tuple[str, ...], wanted: tuple[str, ...], left: int) -> int | None:
    if not wanted:
        return 0 if all(_is_filler(word) for word in said) else None
    if len(said) < len(wanted):
        return None
    cost = _difference(said[0], wanted[0])
    if cost <= left:
        rest = _align(said[1:], wanted[1:], left - cost)
        if rest is not None:
            return cost + rest
    return _align(said[1:], wanted, left) if _is_filler(said[0]) else None


def _is_filler(word: str) -> bool:
    return word in FILLERS or _squeezed(word) in _FILLERS_SQUEEZED


# Each message is held against the first words of some two hundred phrases.
@lru_cache(16_384)
def _difference(said: str, wanted: str) -> int:
    """Return 0 for the same word, 1 for one typo, 2 for another word."""
    if said == wanted or _squeezed(said) == _squeezed(wanted):
        return 0
    if len(wanted) < SHORTEST_WITH_TYPO or abs(len(said) - len(wanted)) > 1:
        return 2
    return 1 if _one_edit(said, wanted) else 2


def _one_edit(one: str, other: str) -> bool:
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    swapped = a[1:2] + a[:1] + a[2:] == b and len(a) > 1
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or swapped


def _pattern_matches(text: str, pattern: str) -> bool:
    try:
        found = regex.search(pattern, text, flags=regex.IGNORECASE, timeout=PATTERN_SECONDS)
    except (regex.error, TimeoutError):
        return False
    return found is not None


def _why(fired: RuleMatch | None, text: str, rule: RuleSpec) -> str:
    if fired:
        return f"fits by {fired.how}: {fired.by}"
    if rule.pattern and pattern_problem(rule.pattern):
        return "its pattern is not a valid regular expression"
    said = words(text)
    for phrase in rule.phrases:
        wanted = words(phrase)
        if wanted and _contains(said, wanted):
            return f"the message says more than the phrase: {phrase}"
    return "none of its phrases is what the message says"
