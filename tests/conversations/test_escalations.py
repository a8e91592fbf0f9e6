"""A person is asked, answers, hands back; nothing twice, nothing silently."""

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from conversations.actions import escalations, messages
from conversations.models import Conversation, Escalation, Message, MessageRole
from conversations.ownership import Owner, TransitionRefused

Ask = Callable[[str], Message]


def test_asking_twice_is_one_request(ask: Ask, conversation: Conversation) -> None:
    ask("Where is my parcel?")
    first = escalations.request_person(conversation.pk)
    assert escalations.request_person(conversation.pk) == first
    assert first.summary == "Where is my parcel?"
    conversation.refresh_from_db()
    assert conversation.owner == Owner.WAITING
    assert conversation.messages.filter(code="person_requested").count() == 1


def test_a_reply_takes_the_chat_and_is_stored_once(conversation: Conversation, agent: User) -> None:
    escalations.request_person(conversation.pk)
    client_id = uuid.uuid4()
    first = escalations.agent_reply(conversation.pk, agent, "Hello, Ada here.", client_id)
    again = escalations.agent_reply(conversation.pk, agent, "Hello, Ada here.", client_id)
    assert again == first
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.agent) == (Owner.AGENT, agent)
    assert conversation.messages.filter(role=MessageRole.AGENT).count() == 1
    assert Escalation.objects.get().state == "taken"


def test_handing_back_lets_the_bot_answer_again(conversation: Conversation, agent: User) -> None:
    escalations.request_person(conversation.pk)
    escalations.take(conversation.pk, agent)
    escalations.hand_back(conversation.pk, agent, "Explained")
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.agent) == (Owner.BOT, None)
    escalation = Escalation.objects.get()
    assert (escalation.state, escalation.resolution) == ("resolved", "Explained")


def test_the_customer_can_take_the_request_back_until_somebody_answers(
    conversation: Conversation, agent: User
) -> None:
    escalations.request_person(conversation.pk)
    escalations.withdraw(conversation.pk)
    assert Escalation.objects.get().state == "withdrawn"
    escalations.request_person(conversation.pk)
    escalations.take(conversation.pk, agent)
    with pytest.raises(TransitionRefused):
        escalations.withdraw(conversation.pk)


def test_open_questions_go_to_the_person(ask: Ask, conversation: Conversation) -> None:
    question = ask("Where is my parcel?")
    escalations.request_person(conversation.pk)
    question.refresh_from_db()
    assert question.state == "for_agent"


def test_what_nobody_has_answered_is_the_assistants_again_with_its_customer(
    ask: Ask, conversation: Conversation, agent: User
) -> None:
    ask("Hello")
    escalations.request_person(conversation.pk)
    escalations.agent_reply(conversation.pk, agent, "Hello, I am Ada.", uuid.uuid4())
    escalations.hand_back(conversation.pk, agent)
    waiting = [ask("Where is my parcel?"), ask("It is number 4711")]
    escalations.request_person(conversation.pk)
    assert messages.claim(waiting[1].pk) is None
    escalations.withdraw(conversation.pk)
    states = Message.objects.filter(kind="question").order_by("seq").values_list("state", flat=True)
    assert list(states) == ["for_agent", "pending", "pending"]
    claimed = messages.claim(waiting[1].pk)
    assert claimed is not None
    assert messages.turn_text(claimed) == "Where is my parcel?\nIt is number 4711"


def test_closing_ends_the_escalation(conversation: Conversation, agent: User) -> None:
    escalations.request_person(conversation.pk)
    escalations.close(conversation.pk, agent, "Done")
    escalations.close(conversation.pk, agent)
    conversation.refresh_from_db()
    assert conversation.owner == Owner.CLOSED
    assert Escalation.objects.get().state == "resolved"
