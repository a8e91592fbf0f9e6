"""Three suspicious messages in a day: no model writes to that visitor, until it is forgiven."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.actions.incidents import note_trouble
from conversations.actions.suspicion import RESTRICTED, forgive, quotes_only
from conversations.answering.codes import Reason
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress
from conversations.answering.values import (
    Confidence,
    ConfidenceLevel,
    Disposition,
    Finding,
    Question,
    Reply,
    Source,
)
from conversations.loading import question_of
from conversations.models import Conversation, Message, MessageKind, MessageRole, Visitor
from observability.models import Incident
from tests.conversations.answering.cast import ALL, PUBLIC, ScriptedModel, toolbox

pytestmark = pytest.mark.django_db


def new_conversation() -> Conversation:
    visitor = Visitor.objects.create(address="192.0.2.7")
    return Conversation.objects.create(visitor=visitor)


def say(conversation: Conversation, text: str, score: str = "2.0") -> Message:
    conversation.last_seq += 1
    message = Message.objects.create(
        conversation=conversation,
        seq=conversation.last_seq,
        role=MessageRole.CUSTOMER,
        kind=MessageKind.QUESTION,
        text=text,
    )
    finding = Finding("injection_suspected", "warn", score)
    sure = Confidence(0.5, ConfidenceLevel.LOW)
    note_trouble(message, Reply("", Disposition.REFUSE, Source.EXTRACT, sure, findings=(finding,)))
    conversation.visitor.refresh_from_db()
    return message


def test_three_different_ones_restrict_the_visitor_for_a_day() -> None:
    conversation = new_conversation()
    for text in ("one", "two", "Two!", "TWO"):
        say(conversation, text)
    assert not quotes_only(conversation.visitor)
    last = say(conversation, "three")
    assert quotes_only(conversation.visitor)
    assert question_of(last, last.text).quotes_only
    until = conversation.visitor.quotes_only_until
    assert until is not None
    assert timedelta(hours=23) < until - timezone.now() <= timedelta(hours=24)
    assert Incident.objects.filter(kind=RESTRICTED).count() == 1
    assert not Incident.objects.filter(detail__contains="three").exclude(kind=RESTRICTED).exists()


def test_weak_signals_old_ones_and_other_visitors_do_not_count() -> None:
    mine, other = new_conversation(), new_conversation()
    for text in ("one", "two", "three"):
        say(mine, text, score="1.2")
    say(other, "four")
    say(mine, "one")
    say(mine, "two")
    Incident.objects.update(created_at=timezone.now() - timedelta(hours=25))
    say(mine, "three")
    assert not quotes_only(mine.visitor)
    assert not quotes_only(other.visitor)


def test_it_is_counted_over_all_chats_of_the_visitor() -> None:
    first = new_conversation()
    second = Conversation.objects.create(visitor=first.visitor)
    say(first, "one")
    say(second, "two")
    say(second, "three")
    first.visitor.refresh_from_db()
    assert quotes_only(first.visitor)


def test_an_agent_can_forgive_and_it_starts_anew() -> None:
    conversation = new_conversation()
    for text in ("one", "two", "three"):
        say(conversation, text)
    forgive(conversation.visitor)
    assert not quotes_only(conversation.visitor)
    say(conversation, "four")
    assert not quotes_only(conversation.visitor)


def test_documents_are_quoted_and_no_model_is_asked() -> None:
    model = ScriptedModel("Open Settings and choose Delete account [1].")
    question = Question("How do I delete my account?", PUBLIC, quotes_only=True)
    reply = answer(question, toolbox(*ALL, model=model), SilentProgress())
    assert reply.disposition is Disposition.EXTRACT
    assert Reason.QUOTES_ONLY in reply.confidence.reasons
    assert model.prompts == []


def test_a_leaking_draft_is_an_incident() -> None:
    conversation = new_conversation()
    message = say(conversation, "x", score="1.0")
    sure = Confidence(0.5, ConfidenceLevel.LOW)
    leak = Finding("canary_leaked", "block")
    note_trouble(message, Reply("", Disposition.EXTRACT, Source.EXTRACT, sure, findings=(leak,)))
    assert Incident.objects.filter(kind="canary_leaked").count() == 1
