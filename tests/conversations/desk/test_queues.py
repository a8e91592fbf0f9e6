"""Which conversation stands in which queue, and since when somebody waits."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from conversations.actions import conversations as starting
from conversations.actions import desk, desk_sorting, escalations
from conversations.actions.messages import claim, record_reply
from conversations.desk import queues
from conversations.intake import submit
from conversations.models import (
    Contact,
    Conversation,
    Escalation,
    Message,
    PageContext,
    Priority,
)
from supportbot.roles import AGENT
from tests import admin_cast

Ask = Callable[[str], Message]


@pytest.fixture
def amira(db: None) -> User:
    return admin_cast.agent()


def ids(name: str, agent: User) -> list[str]:
    return [row["id"] for row in queues.rows_of(queues.queue(name, agent, timezone.now()))]


def where(conversation: Conversation, agent: User) -> set[str]:
    return {name for name in queues.QUEUES if str(conversation.pk) in ids(name, agent)}


def test_a_conversation_goes_from_queue_to_queue(
    conversation: Conversation, ask: Ask, amira: User
) -> None:
    bea = admin_cast.person("bea", AGENT)
    assert where(conversation, amira) == set()
    ask("Where is my parcel?")
    assert where(conversation, amira) == {"bot"}
    escalations.request_person(conversation.pk)
    assert where(conversation, amira) == {"unassigned", "waiting"}
    desk.take(conversation.pk, amira)
    assert where(conversation, amira) == {"mine", "waiting"}
    assert where(conversation, bea) == {"waiting"}
    desk.reply(conversation.pk, amira, "On its way", uuid.uuid4())
    assert where(conversation, amira) == {"mine"}
    desk.snooze(conversation.pk, amira, timezone.now() + timedelta(hours=1))
    assert where(conversation, amira) == {"snoozed"}
    ask("Thanks")
    assert where(conversation, amira) == {"mine", "waiting"}
    desk.resolve(conversation.pk, amira)
    assert where(conversation, amira) == {"closed"}
    counts = queues.counts(amira, timezone.now())
    assert counts == {**dict.fromkeys(queues.QUEUES, 0), "closed": 1}


def test_a_snooze_ends_by_itself(conversation: Conversation, amira: User) -> None:
    desk.take(conversation.pk, amira)
    desk.snooze(conversation.pk, amira, timezone.now() + timedelta(minutes=5))
    later = timezone.now() + timedelta(minutes=6)
    assert queues.queue("mine", amira, later).count() == 1
    assert queues.queue("snoozed", amira, later).count() == 0


def test_the_longest_wait_is_first_and_urgent_ones_before(conversation: Conversation) -> None:
    amira = admin_cast.agent()
    chats = [conversation, *(starting.start(None, "192.0.2.8")[0] for _ in range(2))]
    for number, chat in enumerate(chats):
        escalations.request_person(chat.pk)
        asked = timezone.now() - timedelta(minutes=number)
        Escalation.objects.filter(conversation=chat).update(created_at=asked)
    expected = [str(chat.pk) for chat in reversed(chats)]
    assert ids("unassigned", amira) == expected
    desk_sorting.set_priority(conversation.pk, amira, Priority.URGENT)
    assert ids("unassigned", amira) == [str(conversation.pk), *expected[:2]]


def test_the_wait_begins_with_the_first_message_nobody_answered(
    conversation: Conversation, ask: Ask, amira: User
) -> None:
    escalations.request_person(conversation.pk)
    desk.reply(conversation.pk, amira, "Hello", uuid.uuid4())
    first, _ = ask("One"), ask("Two")
    row = queues.annotated_row(conversation.pk)
    assert row is not None
    assert row["since"] == first.created_at.isoformat()
    assert (row["words"], row["agent"]) == ("Two", "Amira")


def test_who_asked_by_a_button_waits_until_an_agent_writes(
    conversation: Conversation, ask: Ask, reply: Callable[..., Any], amira: User
) -> None:
    asked_first = ask("How do I delete my account?")
    claimed = claim(asked_first.pk)
    assert claimed is not None
    assert record_reply(asked_first.pk, claimed.attempt, reply("In your account."))
    escalations.request_person(conversation.pk)
    asked = Escalation.objects.get().created_at
    desk.take(conversation.pk, amira)
    assert where(conversation, amira) == {"mine", "waiting"}
    row = queues.annotated_row(conversation.pk)
    assert row is not None
    assert row["since"] == asked.isoformat()
    calls = queues.calling(amira, "", timezone.now())
    assert [call["id"] for call in calls] == [str(conversation.pk)]
    desk.reply(conversation.pk, amira, "By the menu", uuid.uuid4())
    assert where(conversation, amira) == {"mine"}


def test_search_finds_words_notes_tags_and_ids(
    conversation: Conversation, ask: Ask, amira: User
) -> None:
    other, _ = starting.start(None, "192.0.2.9")
    submit(other, "Nothing of the kind", uuid.uuid4())
    ask("My parcel is LOST")
    desk.write_note(conversation.pk, amira, "Carrier called back")
    desk_sorting.change_tags(conversation.pk, amira, ["refund"])
    for words in ("parcel is lost", "carrier called", "Refund", str(conversation.pk)):
        assert [row["id"] for row in queues.rows_of(queues.search(words))] == [
            str(conversation.pk)
        ], words
    assert queues.rows_of(queues.search("zeppelin")) == []


@pytest.mark.parametrize("words", ["ÄPFEL (rot)", "äpfel (ROT)", "äpfel (rot)", "großes ÄPFEL"])
def test_search_knows_large_and_small_letters_of_all_languages(
    conversation: Conversation, ask: Ask, words: str
) -> None:
    ask("Ein großes Äpfel (rot) bitte")
    assert len(queues.rows_of(queues.search(words))) == 1
    assert queues.rows_of(queues.search("ä.fel")) == []


def test_search_finds_the_customer_by_what_is_known_of_them(
    conversation: Conversation, ask: Ask, amira: User
) -> None:
    ask("Hello")
    Contact.objects.create(conversation=conversation, email="carla@example.com")
    PageContext.objects.create(conversation=conversation, said_name="Carla Muster")
    for words in ("CARLA@example", "muster"):
        assert len(queues.rows_of(queues.search(words))) == 1, words


def test_a_queue_costs_the_same_number_of_queries_however_long_it_is(
    conversation: Conversation, django_assert_max_num_queries: Callable[..., object]
) -> None:
    amira = admin_cast.agent()
    for _ in range(8):
        chat, _ = starting.start(None, "192.0.2.8")
        escalations.request_person(chat.pk)
        desk_sorting.change_tags(chat.pk, amira, ["a", "b"])
    with django_assert_max_num_queries(3):  # type: ignore[attr-defined]
        assert len(ids("unassigned", amira)) == 8


def test_outside_the_hours_the_wait_begins_when_somebody_is_back(
    conversation: Conversation, amira: User
) -> None:
    asked = escalations.request_person(conversation.pk)
    back = asked.created_at + timedelta(hours=9)
    Escalation.objects.update(back_at=back)
    (row,) = queues.rows_of(queues.queue("waiting", amira, timezone.now()))
    assert row["since"] == back.isoformat()
    Escalation.objects.update(back_at=None)
    (row,) = queues.rows_of(queues.queue("waiting", amira, timezone.now()))
    assert row["since"] == asked.created_at.isoformat()
