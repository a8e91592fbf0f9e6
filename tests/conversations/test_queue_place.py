"""The place in the queue is told as it is now, each change once."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache

from conversations.actions import conversations as starting
from conversations.actions import escalations
from conversations.api.changes import stamp_of
from conversations.models import Conversation, Presence, Team
from conversations.protocol import owner_frame
from conversations.sweeping import sweep_places

Told = list[tuple[uuid.UUID, int]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What browsers were told since the last look."""
    found: Told = []

    def publish(pk: uuid.UUID, frame: dict[str, Any]) -> None:
        assert frame["type"] == "place"
        found.append((pk, frame["place"]))

    monkeypatch.setattr("conversations.sweeping.publish", publish)
    sweep_places()
    found.clear()
    return found


@pytest.fixture
def waiting(conversation: Conversation, agent: User) -> list[Conversation]:
    """Three customers who asked one after the other, with an agent at the desk."""
    cache.clear()
    Presence.beat(agent.pk)
    chats = [conversation, *(starting.start(None, f"192.0.2.{last}")[0] for last in (8, 9))]
    for chat in chats:
        escalations.request_person(chat.pk)
        chat.refresh_from_db()
    return chats


def test_whoever_waits_behind_is_told_when_one_is_taken(
    waiting: list[Conversation], agent: User, told: Told
) -> None:
    first, second, third = waiting
    assert [owner_frame(chat)["place"] for chat in waiting] == [1, 2, 3]
    before = stamp_of(third)
    assert sweep_places() == 0
    escalations.take(first.pk, agent)
    assert sweep_places() == 3
    assert sorted(told) == sorted([(first.pk, 0), (second.pk, 1), (third.pk, 2)])
    # Who asks over plain requests learns it at once too.
    assert stamp_of(third) != before
    assert sweep_places() == 0
    escalations.withdraw(second.pk)
    told.clear()
    sweep_places()
    assert sorted(told) == sorted([(second.pk, 0), (third.pk, 1)])
    first.refresh_from_db()
    assert owner_frame(first)["place"] == 0
    # Nothing of it is a line in the chat.
    assert list(third.messages.values_list("code", flat=True)) == [
        "person_requested", "place_in_queue",
    ]  # fmt: skip


def test_without_anybody_at_the_desk_no_place_is_told(
    waiting: list[Conversation], agent: User, told: Told
) -> None:
    Presence.set_away(agent.pk, True)
    assert sweep_places() == 3
    assert {place for _, place in told} == {0}
    assert owner_frame(waiting[2])["place"] == 0


def test_a_team_has_a_queue_of_its_own(waiting: list[Conversation], told: Told) -> None:
    team = Team.objects.create(name="Billing")
    Conversation.objects.filter(pk=waiting[1].pk).update(team=team)
    sweep_places()
    assert sorted(told) == sorted([(waiting[1].pk, 1), (waiting[2].pk, 2)])
