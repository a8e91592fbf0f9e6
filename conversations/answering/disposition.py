"""Stage: what happens to the question. A pure table, read from top to bottom, first row wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conversations.answering.codes import Code
from conversations.answering.values import Disposition

RuleAction = Literal["text", "link", "form", "person"]


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the decision depends on.

    `specific`: the query says enough to be searched for. `enough`: the pages found are worth
    quoting. `drafted`: a model's text passed the guard. `found_no_answer`: the model read the
    passages and says that they do not answer. `filtered`: the endpoint's own filter withheld its
    text. `model_failed`: it was asked and could not answer. `unsure`: the confidence is low.
    `high_stakes`: a wrong answer does harm. `banner_to_person`: the operator's banner answered and
    asks for a person. `topic`: one that the instructions always give to a person. `paused`: the
    operator has silenced the bot. `about_file`: the question is about a file that came along.
    """

    readable: bool = True
    rule: RuleAction | None = None
    specific: bool = True
    enough: bool = False
    quotable: bool = False
    drafted: bool = False
    found_no_answer: bool = False
    filtered: bool = False
    model_failed: bool = False
    unsure: bool = False
    high_stakes: bool = False
    banner_to_person: bool = False
    topic: bool = False
    paused: bool = False
    about_file: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens, with which standard text (none: the draft's own), and is a person offered."""

    disposition: Disposition
    code: Code | None = None
    human_offered: bool = False
    escalation_reason: str = ""


def decide(situation: Situation) -> Decision:
    """Return what happens to the question."""
    ordered = _ordered(situation)
    if ordered:
        return ordered
    offered = situation.unsure or situation.high_stakes
    if situation.filtered:
        return Decision(Disposition.ESCALATE, Code.HANDED_OVER, escalation_reason="guard")
    if situation.drafted:
        return Decision(Disposition.ANSWER, human_offered=offered or not situation.enough)
    if situation.found_no_answer:
        return Decision(Disposition.REFUSE, Code.NOTHING_FOUND, human_offered=True)
    if situation.enough and situation.quotable:
        return Decision(Disposition.EXTRACT, human_offered=offered)
    if situation.model_failed:
        # "The documents do not say" would be a guess: the one who was to read them is away.
        return Decision(Disposition.ESCALATE, Code.COULD_NOT_ANSWER, escalation_reason="failure")
    if not situation.specific:
        return Decision(Disposition.CLARIFY, Code.NAME_THE_TOPIC, human_offered=True)
    return Decision(Disposition.REFUSE, Code.NOTHING_FOUND, human_offered=True)


def _ordered(situation: Situation) -> Decision | None:
    """Return what the operator's words decide, before any document is looked at."""
    if not situation.readable:
        return Decision(Disposition.CLARIFY, Code.SAY_MORE)
    if situation.banner_to_person:
        return Decision(Disposition.ESCALATE, Code.HANDED_OVER, escalation_reason="incident")
    if situation.rule == "person":
        return Decision(Disposition.ESCALATE, escalation_reason="requested")
    if situation.rule == "form":
        return Decision(Disposition.ESCALATE, escalation_reason="rule")
    if situation.topic:
        return Decision(Disposition.ESCALATE, Code.HANDED_OVER, escalation_reason="topic")
    if situation.paused:
        return Decision(Disposition.REFUSE, Code.PAUSED, human_offered=True)
    if situation.about_file:
        return Decision(Disposition.CLARIFY, Code.FILE_UNREAD, human_offered=True)
    return Decision(Disposition.ANSWER) if situation.rule else None
