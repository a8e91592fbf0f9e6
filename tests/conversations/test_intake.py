"""A message is checked, stored once, and rung for after the commit."""

import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import connection

from conversations.actions import escalations
from conversations.intake import MessageRefused, submit
from conversations.models import Conversation, Message, MessageState
from conversations.ownership import Owner


def test_a_question_waits_for_the_bot_and_the_worker_is_rung(
    conversation: Conversation,
    rung: list[str],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        accepted = submit(conversation, "How do I reset my password?", uuid.uuid4())
    assert accepted.created
    assert accepted.message.state == MessageState.PENDING
    assert accepted.message.deadline_at is not None
    assert rung == [str(accepted.message.pk)]


def test_the_same_client_id_is_one_message(conversation: Conversation) -> None:
    client_id = uuid.uuid4()
    first = submit(conversation, "Hello", client_id)
    second = submit(conversation, "Hello", client_id)
    assert second.message == first.message
    assert not second.created
    assert conversation.messages.count() == 1


def test_the_same_client_id_with_another_text_is_refused(conversation: Conversation) -> None:
    client_id = uuid.uuid4()
    submit(conversation, "Hello", client_id)
    with pytest.raises(MessageRefused) as refused:
        submit(conversation, "Good bye", client_id)
    assert refused.value.code == "conflict"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("\u200b\u2060", "empty"),
        ("x" * 4001, "too_long"),
        ("\x00\x01\x02", "binary"),
        ("a\x00b", "binary"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_code(
    conversation: Conversation, text: str, code: str
) -> None:
    with pytest.raises(MessageRefused) as refused:
        submit(conversation, text, uuid.uuid4())
    assert refused.value.code == code
    assert not conversation.messages.exists()


def test_an_emoji_is_a_message(conversation: Conversation) -> None:
    assert submit(conversation, "\U0001f44d", uuid.uuid4()).message.text == "\U0001f44d"


def test_a_message_goes_to_the_agent_while_the_agent_has_the_chat(
    conversation: Conversation, agent: object, rung: list[str]
) -> None:
    escalations.take(conversation.pk, agent)  # type: ignore[arg-type]
    message = submit(conversation, "Are you there?", uuid.uuid4()).message
    assert message.state == MessageState.FOR_AGENT
    assert rung == []


def test_writing_again_reopens_a_closed_chat(conversation: Conversation, agent: object) -> None:
    escalations.close(conversation.pk, agent)  # type: ignore[arg-type]
    message = submit(conversation, "One more thing", uuid.uuid4()).message
    conversation.refresh_from_db()
    assert conversation.owner == Owner.BOT
    assert message.state == MessageState.PENDING


@pytest.mark.django_db(transaction=True)
def test_fifty_sends_of_one_id_at_once_are_one_row(rung: list[str]) -> None:
    from conversations.actions import conversations as starting  # noqa: PLC0415
    from knowledge.actions.defaults import ensure_defaults  # noqa: PLC0415

    ensure_defaults()
    conversation, _ = starting.start(None, "")
    client_id = uuid.uuid4()
    created: list[bool] = []

    def send() -> None:
        created.append(submit(conversation, "Once", client_id).created)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(created) == [False] * 49 + [True]
    assert Message.objects.filter(conversation=conversation).count() == 1
