"""The form of a question: asked to do, how things stand, yes or no, where and with what.

"Add milk to my list" and "what is on my list" share every word that the second one has, and yet the
answer to one is none to the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import dropwhile, islice, takewhile

from conversations.answering.question_scope import TABLES
from knowledge.comparison.words import FUNCTION_WORDS, concept

_FORMS = TABLES["forms"]
_POLITE = rf"^\W*(?:(?:{_FORMS['polite'].strip()})\W+)*"
_NO_ACT = frozenset(_FORMS["no_act"].split())


def _begins(name: str) -> re.Pattern[str]:
    return re.compile(_POLITE + rf"(?:{_FORMS[name].strip()})", re.IGNORECASE)


_ORDERED = _begins("ordered")
_HOW = _begins("how")
_A_WAY = re.compile(rf"\b(?:{_FORMS['a_way'].strip()})\b", re.IGNORECASE)
_ASKED_TO = re.compile(
    _POLITE + rf"(?:(?:{_FORMS['asked_to'].strip()})\s+)?(?P<verb>[a-z]+)\b", re.IGNORECASE
)
_STANDS = _begins("stands")
_CONFIRMS = _begins("confirms")
_LEAVE = _begins("leave")
_REPORTS = _begins("reports")
_LOOKS_FOR = re.compile(rf"\b(?:{_FORMS['looks_for'].strip()})\b", re.IGNORECASE)
_CONDITION = re.compile(
    rf"(?<=[\w,] )(?:{_FORMS['condition'].strip()})\b([^,.?!;]*)", re.IGNORECASE
)
_JOINED = re.compile(r"\b([\w-]{1,40}),? and (?:also )?([\w-]{1,40})\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_SLOTS = {word: name for name, words in TABLES["slots"].items() for word in words.split()}
_DETERMINERS = frozenset(TABLES["determiners"].split())
_ARTICLES = frozenset(TABLES["articles"].split())
_YOU = ("you",)
# Nouns looked at behind a verb: "add a door sensor".
_NOUNS = 3


@dataclass(frozen=True, slots=True)
class Form:
    """What is wanted, and what stands in which place.

    `act`: somebody is to do something, or it is asked how to; `orders`: at once; `how`: how.
    `stands`: how a thing stands. `confirms`: yes or no, of just what is named; `fact`: and no way
    is asked for; `leave`: whether it may or can be done, which often asks how. `reports`: what goes
    wrong is told, nothing asked. `condition` holds the concepts of a clause behind "if" or
    "because", `slots` those behind prepositions (where, with what) and those that a verb is about,
    by its concept, `joined` pairs with "and" between.
    """

    act: bool
    orders: bool
    how: bool
    stands: bool
    confirms: bool
    fact: bool
    leave: bool
    reports: bool
    condition: frozenset[str]
    slots: Mapping[str, frozenset[str]]
    joined: frozenset[tuple[str, str]]


def form_of(text: str) -> Form:
    """Read a question's form."""
    looks_for = bool(_LOOKS_FOR.search(text))
    stands = bool(_STANDS.search(text)) and not looks_for
    confirms = bool(_CONFIRMS.search(text)) and not looks_for
    act = not stands and _acts(text)
    return Form(
        act=act,
        orders=act and bool(_ORDERED.search(text)),
        how=bool(_HOW.search(text)),
        stands=stands,
        confirms=confirms,
        fact=confirms and not _A_WAY.search(text),
        leave=bool(_LEAVE.search(text)),
        reports=bool(_REPORTS.search(text)) and "?" not in text,
        condition=frozenset(_condition(text)),
        slots=_slots(text),
        joined=frozenset(_joined(text)),
    )


def other_form(first: Form, second: Form) -> bool:
    """Say whether one asks to do what the other asks the state of."""
    return _done_or_told(first, second) or _done_or_told(second, first)


def _done_or_told(first: Form, second: Form) -> bool:
    how = first.how and second.fact
    return (first.act and second.stands) or (first.orders and second.confirms) or how


def named_alone(first: Form, second: Form) -> bool:
    """Say whether answers to both are about just what is named: yes or no, or what went wrong."""
    asked = all(one.confirms or one.leave or one.orders for one in (first, second))
    return asked or (first.reports and second.reports)


def asks_more(question: Form, said: Set[str]) -> bool:
    """Say whether it asks for two things of which the other, with the concepts `said`, has one."""
    return any((one in said) != (other in said) for one, other in question.joined)


def other_slot(first: Form, said_first: Set[str], second: Form, said_second: Set[str]) -> bool:
    """Say whether another thing stands in one's place: "in the garage", "in the street".

    `said_first` and `said_second` are the concepts of both texts.
    """
    return any(
        first.slots[name].isdisjoint(said_second) and second.slots[name].isdisjoint(said_first)
        for name in first.slots.keys() & second.slots.keys()
    )


def other_condition(first: Form, second: Form) -> bool:
    """Say whether both ask what holds on a condition, and not on the same one."""
    ours, theirs = first.condition, second.condition
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _acts(text: str) -> bool:
    found = _ASKED_TO.search(text)
    word = found["verb"].casefold() if found else ""
    return bool(word) and word not in _NO_ACT


def _condition(text: str) -> Iterator[str]:
    for clause in _CONDITION.findall(text):
        yield from (
            concept(word) for word in _WORD.findall(clause) if word.casefold() not in FUNCTION_WORDS
        )


def _joined(text: str) -> Iterator[tuple[str, str]]:
    for one, other in _JOINED.findall(text):
        if FUNCTION_WORDS.isdisjoint((one.casefold(), other.casefold())):
            yield concept(one), concept(other)


def _slots(text: str) -> Mapping[str, frozenset[str]]:
    tokens = [word.casefold() for word in _WORD.findall(text)]
    found: dict[str, set[str]] = {}
    for number, token in enumerate(tokens):
        name = _SLOTS.get(token)
        if name:
            found.setdefault(name, set()).update(_placed(tokens[number + 1 :], name))
        elif number and token in _ARTICLES and _is_verb(tokens[number - 1]):
            about = f"about {concept(tokens[number - 1])}"
            found.setdefault(about, set()).update(_group(tokens[number + 1 :], _NOUNS))
    return {name: frozenset(things) for name, things in found.items() if things}


def _is_verb(word: str) -> bool:
    """Say whether a word in front of an article may be a verb."""
    return word not in FUNCTION_WORDS and word not in _SLOTS and word not in _DETERMINERS


def _placed(behind: list[str], name: str) -> tuple[str, ...]:
    """Return the concept of the first word of the nouns that a preposition begins."""
    nouns = list(dropwhile(lambda word: word in _DETERMINERS, behind))
    if nouns[:1] == list(_YOU) and name in ("to", "from"):
        return _YOU
    if name == "to" and len(nouns) == len(behind):
        return ()  # "To cancel".
    return _group(nouns, 1)


def _group(behind: list[str], most: int) -> tuple[str, ...]:
    """Return the concepts of a group of nouns, as many as `most`."""
    nouns = dropwhile(lambda word: word in _DETERMINERS, behind)
    group = takewhile(lambda word: word not in FUNCTION_WORDS and word not in _SLOTS, nouns)
    return tuple(map(concept, islice(group, most)))
