"""What stands beside what in a question: how many of which thing, and what is denied.

Two questions may hold the same words and still ask for other things: "one card with two accounts"
and "two cards with one account".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from importlib.resources import files

import yaml

from knowledge.comparison.numbers import ARTICLES, NUMBER, value_of
from knowledge.comparison.words import FUNCTION_WORDS, concept

TABLES = yaml.safe_load((files(__package__) / "question_words.yaml").read_text("utf-8"))
_NEGATIONS = frozenset(TABLES["negations"].split())
_TELLING = frozenset(TABLES["telling"].split())
_AMOUNTS = {word: name for name, words in TABLES["amounts"].items() for word in words.split()}
# Words that say how a number is meant, of which nothing is left beside "one" but "many".
_MORE_THAN_ONE = re.compile(r"\b(?:more than (?:one|1)|(?:one|1) or more|at least two)\b")
_ONLY_ONE = re.compile(r"\b(?:only|just|exactly) (?:one|1|a single)\b")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_NUMBER = re.compile(NUMBER)
_NOT_UNMADE = frozenset(("united", "unified", "understood"))
# "I wan't to": nothing is denied.
_MISSPELT = frozenset(("wan't",))
# Words looked at behind a number and behind a negation.
_REACH = 4


@dataclass(frozen=True, slots=True)
class Scope:
    """`amounts` names how many of a thing, by its concept; `denied` what a negation is about.

    `telling` counts the small words that may change an answer: "only", "into", "by".
    """

    amounts: Mapping[str, frozenset[str]]
    denied: frozenset[str]
    telling: Mapping[str, int]


def scope_of(text: str) -> Scope:
    """Read a question's amounts, negations and small words."""
    plain = _ONLY_ONE.sub("single", _MORE_THAN_ONE.sub("several", text.casefold()))
    tokens = _WORD.findall(plain.replace("’", "'"))
    amounts: dict[str, set[str]] = {}
    for thing, amount in _amounts(tokens):
        amounts.setdefault(thing, set()).add(amount)
    return Scope(
        amounts={thing: frozenset(found) for thing, found in amounts.items()},
        denied=frozenset(_denied(tokens)),
        telling=Counter(token for token in tokens if token in _TELLING),
    )


def negates(token: str) -> bool:
    """Say whether a word turns what is said round."""
    return token in _NEGATIONS or token.endswith("n't") or _unmade(token)


def _unmade(token: str) -> bool:
    # "Unlabelled mails" are those without a label.
    return token.startswith("un") and token.endswith("ed") and token not in _NOT_UNMADE


def other_amounts(first: Scope, second: Scope) -> bool:
    """Say whether a thing that both count is counted otherwise."""
    common = first.amounts.keys() & second.amounts.keys()
    return any(first.amounts[thing].isdisjoint(second.amounts[thing]) for thing in common)


def denies_another(
    first: Scope, said_first: Set[str], second: Scope, said_second: Set[str]
) -> bool:
    """Say whether one denies what the other says without denying it."""
    ours, theirs = first.denied - second.denied, second.denied - first.denied
    return not (ours.isdisjoint(said_second) and theirs.isdisjoint(said_first))


def _amounts(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, token in enumerate(tokens):
        amount = _AMOUNTS.get(token) or _number(token)
        if amount:
            for thing in _next_things(tokens[number + 1 :]):
                yield thing, amount


def _number(token: str) -> str:
    counts = token not in ARTICLES and _NUMBER.fullmatch(token)
    value = value_of(token) if counts else None
    return "" if value is None else f"{value:g}"


def _next_things(behind: Sequence[str]) -> Iterator[str]:
    """Yield the words up to the end of a group of nouns: "two backup codes for"."""
    begun = False
    for token in behind[:_REACH]:
        if token in FUNCTION_WORDS or token in _AMOUNTS:
            if begun:
                return
            continue
        begun = True
        yield concept(token)


def _denied(tokens: Sequence[str]) -> Iterator[str]:
    for number, token in enumerate(tokens):
        if _unmade(token):
            yield concept(token.removeprefix("un"))
        elif negates(token) and token not in _MISSPELT:
            yield from _next_things(tokens[number + 1 :])
