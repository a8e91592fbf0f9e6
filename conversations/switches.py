"""What the operator's pause and banner do to an answer: read, say, hold back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal
from uuid import UUID

from django.db import transaction

from conversations import operator_settings
from conversations.actions.thread import append_message, locked
from conversations.answering import disposition
from conversations.answering.codes import Reason
from conversations.answering.disposition import Situation
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import (
    Banner,
    Confidence,
    ConfidenceLevel,
    Question,
    Reply,
    Source,
)
from conversations.models import (
    BannerThen,
    Message,
    MessageKind,
    MessageRole,
    MessageState,
    ServiceState,
)
from conversations.ownership import Owner, bot_may_speak
from conversations.protocol import banner_frame
from conversations.streaming import publish_to_all

BANNER_NOTICE = "banner"
_OURS = frozenset({Source.LLM, Source.CACHE, Source.EXTRACT})


def switched(
    question: Question, toolbox: Toolbox, message: Message, state: ServiceState
) -> tuple[Question, Toolbox]:
    """Return both as a customer's question is answered now: bot paused or not, with the banner."""
    text = state.banner_shown()
    if not text:
        return question, replace(toolbox, paused=state.is_paused())
    then: Literal["answer", "person"] = (
        "person" if state.banner_then == BannerThen.PERSON else "answer"
    )
    said = _said(message.conversation_id, state)
    tools = replace(
        toolbox,
        paused=state.is_paused(),
        banner=Banner(text, state.phrases(), then),
        say_banner=partial(say_banner, message),
    )
    return replace(question, banner_said=said), tools


def say_banner(question: Message, text: str) -> bool:
    """Put the banner into the chat before the reply; False when it is there, or not ours to say.

    A second attempt at the question, after a crash, finds what the first one said.
    """
    with transaction.atomic():
        conversation = locked(question.conversation_id)
        held = Message.objects.filter(
            pk=question.pk, attempt=question.attempt, state=MessageState.CLAIMED
        )
        there = conversation.messages.filter(reply_to=question, code=BANNER_NOTICE)
        if there.exists() or not held.exists() or not bot_may_speak(Owner(conversation.owner)):
            return False
        append_message(
            conversation,
            role=MessageRole.SYSTEM,
            kind=MessageKind.NOTICE,
            code=BANNER_NOTICE,
            text=text,
            reply_to=question,
        )
    return True


def held_back(reply: Reply) -> Reply:
    """Return the reply that may be delivered now: none of the bot's own while it is paused.

    What the withheld one cost and rested on stays with the record.
    """
    if reply.source not in _OURS or not operator_settings.now().state.is_paused():
        return reply
    decided = disposition.decide(Situation(paused=True))
    return replace(
        reply,
        text="",
        code=decided.code or "",
        disposition=decided.disposition,
        source=Source.OPERATOR,
        human_offered=decided.human_offered,
        escalation_reason=decided.escalation_reason,
        citations=(),
        alternatives=(),
        related=(),
        used=(),
        served=None,
        to_keep=None,
        confidence=Confidence(1.0, ConfidenceLevel.HIGH, (Reason.PAUSED,)),
    )


def show_banner() -> None:
    """Tell every open chat which banner stands now."""
    publish_to_all(banner_frame(ServiceState.current()))


def _said(conversation_id: UUID, state: ServiceState) -> bool:
    notices = Message.objects.filter(conversation=conversation_id, code=BANNER_NOTICE)
    if state.banner_at is not None:
        notices = notices.filter(created_at__gte=state.banner_at)
    return notices.exists()
