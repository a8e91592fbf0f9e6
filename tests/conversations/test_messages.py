"""Claims, fences, turns: exactly one final reply for each question."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from conversations.actions import escalations
from conversations.actions.messages import claim, record_reply, retry, seize, stop, turn_text
from conversations.answering.values import Disposition, Reply
from conversations.models import (
    Answer,
    Conversation,
    Escalation,
    Message,
    MessageKind,
    MessageState,
)
from conversations.ownership import Owner
from conversations.running import LEASE_SECONDS

Ask = Callable[[str], Message]
MakeReply = Callable[..., Reply]


def finals(conversation: Conversation) -> int:
    return conversation.messages.filter(kind=MessageKind.FINAL).count()


def test_a_claimed_question_is_not_claimed_again_while_the_lease_lasts(ask: Ask) -> None:
    question = ask("Where is my parcel?")
    first = claim(question.pk)
    assert first is not None
    assert first.attempt == 1
    assert claim(question.pk) is None


def test_after_the_lease_another_worker_takes_over_and_the_first_writes_nothing(
    ask: Ask, conversation: Conversation, reply: MakeReply
) -> None:
    question = ask("Where is my parcel?")
    stale = claim(question.pk)
    assert stale is not None
    Message.objects.filter(pk=question.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    fresh = claim(question.pk)
    assert fresh is not None
    assert fresh.attempt == 2
    assert record_reply(question.pk, stale.attempt, reply("Stale")) is None
    assert record_reply(question.pk, fresh.attempt, reply("Fresh")) is not None
    assert record_reply(question.pk, fresh.attempt, reply("Twice")) is None
    assert finals(conversation) == 1
    assert Answer.objects.get().message.text == "Fresh"


def test_questions_that_wait_together_are_one_turn(
    ask: Ask, conversation: Conversation, reply: MakeReply
) -> None:
    first, second, third = ask("Hi"), ask("my parcel"), ask("is late")
    claimed = claim(first.pk)
    assert claimed == third
    assert turn_text(third) == "Hi\nmy parcel\nis late"
    record_reply(third.pk, claimed.attempt, reply())
    states = [Message.objects.get(pk=m.pk).state for m in (first, second, third)]
    assert states == [MessageState.MERGED, MessageState.MERGED, MessageState.DONE]
    assert finals(conversation) == 1


def test_a_new_question_waits_while_an_answer_is_being_shown(ask: Ask, reply: MakeReply) -> None:
    first = ask("Where is my parcel?")
    claimed = claim(first.pk)
    assert claimed is not None
    Message.objects.filter(pk=first.pk).update(shown_at=timezone.now())
    second = ask("And the invoice?")
    assert claim(second.pk) is None
    record_reply(first.pk, claimed.attempt, reply())
    assert claim(second.pk) is not None


def test_no_reply_of_the_bot_commits_after_an_agent_has_taken_the_chat(
    ask: Ask, conversation: Conversation, agent: User, reply: MakeReply
) -> None:
    question = ask("Where is my parcel?")
    claimed = claim(question.pk)
    assert claimed is not None
    escalations.take(conversation.pk, agent)
    assert record_reply(question.pk, claimed.attempt, reply()) is None
    question.refresh_from_db()
    assert question.state == MessageState.FOR_AGENT
    assert finals(conversation) == 0


def test_a_stopped_question_gets_no_reply_until_it_is_asked_again(
    ask: Ask, conversation: Conversation, reply: MakeReply
) -> None:
    question = ask("Where is my parcel?")
    claimed = claim(question.pk)
    assert claimed is not None
    assert stop(conversation.pk, question.pk)
    assert not stop(conversation.pk, question.pk)
    assert record_reply(question.pk, claimed.attempt, reply()) is None
    assert retry(conversation.pk, question.pk)
    assert not retry(conversation.pk, question.pk)
    again = claim(question.pk)
    assert again is not None
    assert record_reply(question.pk, again.attempt, reply()) is not None


def test_an_escalating_reply_asks_a_person_and_silences_the_bot(
    ask: Ask, conversation: Conversation, reply: MakeReply
) -> None:
    question = ask("I want a person")
    claimed = claim(question.pk)
    assert claimed is not None
    handed = reply("", code="handed_over", disposition=Disposition.ESCALATE)
    assert record_reply(question.pk, claimed.attempt, handed) is not None
    conversation.refresh_from_db()
    assert conversation.owner == Owner.WAITING
    assert Escalation.objects.get().conversation == conversation


def test_an_overdue_question_is_taken_from_its_worker(
    ask: Ask, conversation: Conversation, reply: MakeReply
) -> None:
    question = ask("Where is my parcel?")
    slow = claim(question.pk)
    assert slow is not None
    attempt = seize(question.pk)
    assert attempt == slow.attempt + 1
    assert record_reply(question.pk, attempt, reply("From the sweeper")) is not None
    assert record_reply(question.pk, slow.attempt, reply("Too late")) is None
    assert finals(conversation) == 1


def test_sequence_numbers_have_no_gaps(ask: Ask, conversation: Conversation) -> None:
    for number in range(5):
        ask(f"Question {number}")
    numbers = list(conversation.messages.order_by("seq").values_list("seq", flat=True))
    assert numbers == [1, 2, 3, 4, 5]


def test_renewing_works_only_for_the_attempt_that_holds_the_lease(ask: Ask) -> None:
    question = ask("Where is my parcel?")
    claim(question.pk)
    assert Message.objects.renew(question.pk, 1, timezone.now(), LEASE_SECONDS)
    assert not Message.objects.renew(question.pk, 2, timezone.now(), LEASE_SECONDS)


@pytest.mark.django_db
def test_a_question_that_is_gone_is_not_claimed() -> None:
    assert claim(uuid.uuid4()) is None
