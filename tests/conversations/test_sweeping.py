"""The sweeper repairs from the database alone."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from conversations.actions.messages import claim
from conversations.models import Answer, Conversation, Escalation, Message, MessageState
from conversations.sweeping import sweep_once, void_leases
from observability.models import Incident

Ask = Callable[[str], Message]


def aged(message: Message, **values: object) -> None:
    Message.objects.filter(pk=message.pk).update(**values)


def test_a_fresh_question_is_left_to_its_ring(ask: Ask, rung: list[str]) -> None:
    ask("Where is my parcel?")
    assert sweep_once() == 0


def test_a_question_whose_ring_was_lost_is_rung_again(ask: Ask, rung: list[str]) -> None:
    question = ask("Where is my parcel?")
    aged(question, created_at=timezone.now() - timedelta(seconds=10))
    assert sweep_once() == 1
    assert rung == [str(question.pk)]


def test_a_question_of_a_dead_worker_is_rung_again(ask: Ask, rung: list[str]) -> None:
    question = ask("Where is my parcel?")
    claim(question.pk)
    assert sweep_once() == 0
    aged(question, lease_until=timezone.now() - timedelta(seconds=1))
    assert sweep_once() == 1
    assert rung == [str(question.pk)]


def test_past_the_deadline_the_sweeper_hands_over_itself(
    ask: Ask, conversation: Conversation
) -> None:
    question = ask("Where is my parcel?")
    aged(question, deadline_at=timezone.now() - timedelta(seconds=1))
    assert sweep_once() == 1
    question.refresh_from_db()
    assert question.state == MessageState.DONE
    assert Answer.objects.get().disposition == "escalate"
    assert Escalation.objects.get().reason == "failure"
    assert Incident.objects.get().kind == "deadline_passed"
    assert sweep_once() == 0


def test_at_a_start_every_lease_is_void_and_the_deadline_moves_on(ask: Ask) -> None:
    question = ask("Where is my parcel?")
    claim(question.pk)
    aged(question, deadline_at=timezone.now() - timedelta(hours=1))
    assert void_leases() == 1
    question.refresh_from_db()
    assert question.state == MessageState.PENDING
    assert question.deadline_at is not None
    assert question.deadline_at > timezone.now()
