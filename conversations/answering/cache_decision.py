"""May the answer to one question serve another? A pure decision.

That the vectors are near only nominates. What decides: retrieval finds the same evidence for both
now, and the two texts do not differ in anything that an answer may hang on. How the constants were
found, and figures: docs/decisions/0020-answer-cache.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile
from math import sqrt

from rapidfuzz.distance import Indel

from conversations.answering.cached import Evidence, Layer
from conversations.answering.language import language_of
from conversations.answering.question_form import (
    asks_more,
    named_alone,
    other_condition,
    other_form,
    other_slot,
)
from conversations.answering.question_reading import (
    OTHER,
    SELF,
    Reading,
    inverted,
    names_inverted,
    opposed,
    read,
    said,
    swapped,
    undoes,
)
from conversations.answering.question_scope import denies_another, other_amounts
from conversations.answering.terms import all_words
from knowledge.retrieval.values import Passage

# Stored questions nearer than this are looked at.
NOMINATED_FROM = 0.5
# The passages that an answer may rest on; rank r weighs 1/r.
PASSAGES_THAT_COUNT = 6
# Of the weight of what is found (see `agreement`), beside one document being first for both.
SAME_EVIDENCE_FROM = 0.3
# Questions in other words, not only in another form: (lead of the first document in both searches,
# cosine). With less of a lead the texts have to be nearer.
REWORDED_FROM = ((0.1, 0.5), (0.05, 0.7))
# Words in common, small ones too, in order (1: the same text). From here on two questions have
# one frame, and a word that differs stands in another's place.
ONE_FRAME_FROM = 0.5
# Of the concepts of the shorter question. From here on each question's own words say which part of
# the page is meant, if the page has them.
SHARED_FROM = 0.5
# Kinds of question whose answer is one figure of what is named.
# "Which of them": each word chooses.
CHOICE = "which"
FIGURES_OF = frozenset(("how much", "how often", "when", "who"))


class Refusal(StrEnum):
    """Why an answer may not serve another question."""

    FAR = "far"
    OTHER_EVIDENCE = "other_evidence"
    EVIDENCE_GONE = "evidence_gone"
    TOO_OLD = "too_old"
    DOUBTFUL = "doubtful"
    NOT_SHARED = "not_shared"
    NOTHING_SAID = "nothing_said"
    OTHER_LANGUAGE = "other_language"
    FIGURES = "figures"
    NAMES = "names"
    NEGATION = "negation"
    OPPOSITE = "opposite"
    DIRECTION = "direction"
    ANOTHER_KIND = "another_kind"
    ORDER = "order"
    WORD_REPLACED = "word_replaced"
    POINTS_ELSEWHERE = "points_elsewhere"
    CONDITION = "condition"
    ASKS_MORE = "asks_more"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The layer that serves, or why none does."""

    layer: Layer | None = None
    refusal: Refusal | None = None


def evidence_of(passages: Sequence[Passage]) -> Evidence:
    """Return the fingerprint of what was found."""
    if not passages:
        return Evidence()
    first = passages[0]
    next_score = max((p.score for p in passages if p.document != first.document), default=0.0)
    found = tuple((p.chunk, p.version) for p in passages[:PASSAGES_THAT_COUNT])
    return Evidence(found, round(first.score - next_score, 4))


def normal(text: str) -> str:
    """Return a question's words alone: what two exact repeats have in common."""
    return " ".join(all_words(text))


def decide(
    stored: str,
    asked: str,
    cosine: float,
    before: Evidence,
    now: Evidence,
    page: Passage | None = None,
) -> Verdict:
    """Say whether the answer to `stored`, which rests on `before`, may serve `asked`.

    `cosine` is that of the two questions' vectors; `now` is what retrieval finds for `asked`, and
    `page` the first passage of it. Without a page any word may stand there.
    """
    if normal(stored) == normal(asked):
        same_first = before.passages[:1] == now.passages[:1]
        return Verdict(Layer.EXACT) if same_first else Verdict(refusal=Refusal.OTHER_EVIDENCE)
    if cosine < NOMINATED_FROM:
        return Verdict(refusal=Refusal.FAR)
    if not (_english(stored) and _english(asked)):
        return Verdict(refusal=Refusal.OTHER_LANGUAGE)
    first, second = read(stored), read(asked)
    refusal = differing(first, second)
    if refusal is None and not _same_evidence(before, now):
        refusal = Refusal.OTHER_EVIDENCE
    if refusal is None and set(first.content) != set(second.content):
        lead = min(before.lead, now.lead)
        refusal = _reworded(first, second, frame(stored, asked), cosine, lead, page)
    return Verdict(refusal=refusal) if refusal else Verdict(Layer.SEMANTIC)


def differing(first: Reading, second: Reading) -> Refusal | None:
    """Return what tells two questions apart for an answer whatever their words, or None."""
    return next((refusal for refusal, differ in _CHECKS if differ(first, second)), None)


def _english(text: str) -> bool:
    """Say whether the tables of words can be trusted; a few words may tell no language."""
    letters = [char for char in text if char.isalpha()]
    return all(map(str.isascii, letters)) and language_of(text, default="en") == "en"


def agreement(one: Evidence, other: Evidence) -> float:
    """Return how far two searches found the same, 0..1: the cosine of the weights 1/rank."""
    ours = {passage: 1 / rank for rank, passage in enumerate(one.passages, 1)}
    theirs = {passage: 1 / rank for rank, passage in enumerate(other.passages, 1)}
    norm = sqrt(sum(w * w for w in ours.values()) * sum(w * w for w in theirs.values()))
    return sum(w * theirs.get(passage, 0.0) for passage, w in ours.items()) / norm if norm else 0.0


def frame(one: str, other: str) -> float:
    """Return how much of the words stands in both in the same order, 0..1."""
    return float(Indel.normalized_similarity(all_words(one), all_words(other)))


def _same_evidence(before: Evidence, now: Evidence) -> bool:
    one_document = bool(now.document) and before.document == now.document
    return one_document and agreement(before, now) >= SAME_EVIDENCE_FROM


def _reworded(
    first: Reading,
    second: Reading,
    likeness: float,
    cosine: float,
    lead: float,
    page: Passage | None,
) -> Refusal | None:
    if likeness >= ONE_FRAME_FROM:
        return Refusal.WORD_REPLACED
    if not any(lead >= leads and cosine >= nearness for leads, nearness in REWORDED_FROM):
        return Refusal.FAR
    return Refusal.POINTS_ELSEWHERE if _point_apart(first, second, page) else None


def _point_apart(first: Reading, second: Reading, page: Passage | None) -> bool:
    """Say whether each question has a word of its own for another part of the page.

    One word of the title is only its name for what the other calls by another.
    """
    ours, theirs = set(first.content), set(second.content)
    if ours ^ theirs and CHOICE in first.kinds & second.kinds:
        return True
    if _named_alone(first, second) and ours - theirs and theirs - ours:
        return True
    if len(ours & theirs) < SHARED_FROM * min(len(ours), len(theirs)):
        return False
    if page is None:
        return bool(ours - theirs and theirs - ours)
    title, text = said(page.title), said(f"{page.heading} {page.text}")
    own, others = ours - theirs, theirs - ours
    if own & title and others & title:
        return True
    return bool(own & text - title and others & text - title)


def _asks_more(question: Reading, other: Reading) -> bool:
    """Say whether a question asks for what the other asks for, and for another thing."""
    return set(other.content) <= set(question.content) and asks_more(question.form, other.words)


def _named_alone(first: Reading, second: Reading) -> bool:
    """Say whether an answer is about just what is named: a figure of it, a yes, what is wrong."""
    figure = not FIGURES_OF.isdisjoint(first.kinds & second.kinds)
    return figure or named_alone(first.form, second.form)


def _exclude(first: Reading, second: Reading) -> bool:
    if dict(first.strict) != dict(second.strict):
        return True
    common = first.loose.keys() & second.loose.keys()
    return any(first.loose[number].isdisjoint(second.loose[number]) for number in common)


def _turned(first: Reading, second: Reading) -> bool:
    places = swapped(first, second) or swapped(second, first)
    order = inverted(first, second) or names_inverted(first, second)
    return opposed(first, second) or places or order


def _denies_another(first: Reading, second: Reading) -> bool:
    ours, theirs = set(first.content), set(second.content)
    return denies_another(first.scope, ours, second.scope, theirs)


def _one_line(first: Reading, second: Reading) -> bool:
    """Say whether the same words stand in one order, with the same small words that count."""
    return first.scope.telling == second.scope.telling and _line(first) == _line(second)


def _line(question: Reading) -> list[str]:
    """Return the words in order; who asks ("tell me", "I'd like") is nobody in what is asked."""
    return list(dropwhile(lambda word: word in (SELF, OTHER), question.order))


_CHECKS: tuple[tuple[Refusal, Callable[[Reading, Reading], bool]], ...] = (
    (Refusal.NOTHING_SAID, lambda a, b: not (a.content and b.content)),
    (Refusal.FIGURES, lambda a, b: a.figures != b.figures or other_amounts(a.scope, b.scope)),
    (Refusal.NAMES, lambda a, b: bool(a.names - b.words or b.names - a.words)),
    (Refusal.NEGATION, lambda a, b: a.negations != b.negations or _denies_another(a, b)),
    (Refusal.OPPOSITE, lambda a, b: _exclude(a, b) or undoes(a, b)),
    (Refusal.DIRECTION, lambda a, b: a.ways != b.ways or _turned(a, b)),
    (Refusal.ANOTHER_KIND, lambda a, b: a.kinds != b.kinds or other_form(a.form, b.form)),
    (Refusal.CONDITION, lambda a, b: other_condition(a.form, b.form)),
    (Refusal.WORD_REPLACED, lambda a, b: other_slot(a.form, a.words, b.form, b.words)),
    (Refusal.ASKS_MORE, lambda a, b: _asks_more(a, b) or _asks_more(b, a)),
    (Refusal.ORDER, lambda a, b: set(a.content) == set(b.content) and not _one_line(a, b)),
)
