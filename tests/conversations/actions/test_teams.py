"""Teams: whose a request is, who gets it, and that nobody's request is out of sight."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from conversations.actions import assigning, desk, escalations, outbox
from conversations.actions import conversations as starting
from conversations.actions.handoff_watch import release_left_waiting
from conversations.desk import queues
from conversations.desk.acts import perform
from conversations.models import (
    Conversation,
    DeskAct,
    Escalation,
    EscalationReason,
    Message,
    Notice,
    Presence,
    Site,
    Team,
    WorkingHours,
)
from conversations.ownership import Owner
from conversations.protocol import DUMMY_MAIL, message_frame
from conversations.teams import TeamReasons, least_busy, team_for
from supportbot.roles import AGENT
from tests import admin_cast

Ask = Callable[[str], Message]


@pytest.fixture
def amira(db: None) -> User:
    return admin_cast.agent()


@pytest.fixture
def bea(db: None) -> User:
    return admin_cast.person("bea", AGENT)


@pytest.fixture
def billing(amira: User) -> Team:
    made = Team.objects.create(name="Billing")
    made.members.add(amira)
    return made


def on_site(**values: Any) -> Conversation:
    site = Site.objects.create(name=f"Shop {uuid.uuid4()}", **values)
    made, _ = starting.start(None, "192.0.2.7", site)
    return made


def do(agent: User, name: str, conversation: Conversation, **values: Any) -> dict[str, Any]:
    return perform(agent, name, {"conversation": str(conversation.pk), **values})


def shown(agent: User, team: str, name: str = "unassigned") -> set[str]:
    now = timezone.now()
    rows = queues.rows_of(queues.of_teams(queues.queue(name, agent, now), team, agent, now))
    return {row["id"] for row in rows}


@given(
    some.one_of(some.none(), some.integers(1, 5)),
    some.one_of(some.none(), some.integers(1, 5)),
    some.lists(
        some.builds(
            TeamReasons,
            some.integers(1, 5),
            some.frozensets(some.sampled_from(EscalationReason.values)),
        )
    ),
)
def test_the_reason_decides_before_the_site_and_what_an_agent_chose_before_both(
    now_with: int | None, of_site: int | None, teams: list[TeamReasons]
) -> None:
    found = team_for("sensitive", now_with=now_with, of_site=of_site, teams=teams)
    fitting = [one.team for one in teams if "sensitive" in one.reasons]
    if now_with:
        assert found == now_with
    elif fitting:
        assert found in fitting
    else:
        assert found == of_site


@given(some.sets(some.integers(1, 9)), some.dictionaries(some.integers(1, 9), some.integers(0, 4)))
def test_the_least_busy_of_those_present_gets_it(here: set[int], busy: dict[int, int]) -> None:
    chosen = least_busy(here, busy)
    if not here:
        assert chosen is None
        return
    assert chosen in here
    assert all(busy.get(chosen, 0) <= busy.get(other, 0) for other in here)


def test_a_request_goes_to_the_team_of_its_site_or_reason(
    conversation: Conversation, billing: Team, rung: list[str]
) -> None:
    at_shop = on_site(team=billing)
    escalations.request_person(at_shop.pk)
    escalations.request_person(conversation.pk)
    at_shop.refresh_from_db()
    conversation.refresh_from_db()
    assert (at_shop.team, conversation.team) == (billing, None)
    safety = Team.objects.create(name="Safety", reasons=["requested"])
    escalations.withdraw(at_shop.pk)
    at_shop.refresh_from_db()
    assert at_shop.team is None
    escalations.request_person(at_shop.pk)
    at_shop.refresh_from_db()
    assert at_shop.team == safety


def test_with_nobody_of_the_team_there_everybody_sees_it(
    billing: Team, amira: User, bea: User, conversation: Conversation
) -> None:
    chat = on_site(team=billing)
    escalations.request_person(chat.pk)
    assert shown(bea, "") == {str(chat.pk)}
    assert shown(bea, "mine") == {str(chat.pk)}
    Presence.beat(amira.pk)
    assert shown(bea, "mine") == set()
    assert shown(amira, "mine") == {str(chat.pk)}
    assert shown(bea, str(billing.pk)) == {str(chat.pk)}
    assert queues.counts(bea, timezone.now(), "mine")["unassigned"] == 0
    assert [row["id"] for row in queues.calling(amira, "mine", timezone.now())] == [str(chat.pk)]
    Presence.set_away(amira.pk, True)
    assert shown(bea, "mine") == {str(chat.pk)}


def test_the_team_is_written_to_while_others_are_there_and_everybody_when_nobody_is(
    billing: Team, amira: User, bea: User, settings: Any, conversation: Conversation
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert settings.EMAIL_BACKEND != DUMMY_MAIL
    for one in (amira, bea):
        User.objects.filter(pk=one.pk).update(email=f"{one.username}@example.com")
    chat = on_site(team=billing)
    Presence.beat(bea.pk)
    escalations.request_person(chat.pk)
    assert Notice.objects.filter(conversation=chat, kind="handoff_mail").exists()
    chat.refresh_from_db()
    assert list(outbox.agents_for(chat)) == [amira]
    Presence.objects.all().delete()
    assert list(outbox.agents_for(chat)) == [amira, bea]


def test_a_team_that_gives_out_gives_to_the_least_busy_at_the_desk(
    billing: Team, amira: User, bea: User, rung: list[str], conversation: Conversation
) -> None:
    cleo = admin_cast.person("cleo", AGENT)
    billing.members.add(bea, cleo)
    Team.objects.update(gives_out=True)
    for one in (amira, bea):
        Presence.beat(one.pk)
    desk.take(conversation.pk, amira)
    billing.refresh_from_db()
    chat = on_site(team=billing)
    escalations.request_person(chat.pk)
    chat.refresh_from_db()
    assert (chat.owner, chat.agent) == (Owner.AGENT, bea)
    assert chat.escalations.get().state == "taken"
    assert DeskAct.objects.get(conversation=chat).get_verb_display() == "was given it"


def test_only_who_is_at_the_desk_is_given_a_conversation(
    conversation: Conversation, amira: User, bea: User
) -> None:
    escalations.request_person(conversation.pk)
    refused = do(amira, "assign", conversation, to=bea.pk)
    assert (refused["ok"], refused["code"]) == (False, "away")
    assert "Bea is not at the desk" in refused["text"]
    assert do(amira, "assign", conversation, to=0)["code"] == "away"
    Presence.beat(bea.pk)
    assert do(amira, "assign", conversation, to=0)["to"] == "Bea"
    conversation.refresh_from_db()
    assert conversation.agent == bea


def test_an_agent_passes_a_conversation_to_a_team(
    conversation: Conversation, billing: Team, amira: User, bea: User, ask: Ask
) -> None:
    ask("My bill is wrong")
    nothing_asked = do(bea, "assign", conversation, team=billing.pk)
    assert "No person has been asked for" in nothing_asked["text"]
    desk.take(conversation.pk, bea)
    done = do(bea, "transfer", conversation, team=billing.pk, note="About the bill")
    assert done["ok"]
    assert "Nobody of Billing is at the desk" in done["text"]
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.agent) == (Owner.WAITING, None)
    assert conversation.team == billing
    assert conversation.escalations.get().state == "open"
    assert conversation.notes.get().text == "About the bill"
    said = conversation.messages.get(code="passed_on")
    assert message_frame(said)["text"].startswith("Bea has passed your chat on.")
    assert do(bea, "assign", conversation, team=99)["code"] == "no_team"
    assert do(bea, "assign", conversation, team=0)["ok"]
    conversation.refresh_from_db()
    assert conversation.team is None


def test_what_an_agent_gives_to_everybody_does_not_come_back_to_a_team_by_its_reason(
    conversation: Conversation, billing: Team, amira: User
) -> None:
    Team.objects.update(reasons=["requested", "passed_on"])
    escalations.request_person(conversation.pk)
    conversation.refresh_from_db()
    assert conversation.team == billing
    desk.take(conversation.pk, amira)
    assert do(amira, "transfer", conversation, team=0, note="Not about a bill")["ok"]
    now = Conversation.objects.get(pk=conversation.pk)
    assert (now.owner, now.team) == (Owner.WAITING, None)


def unanswered_for(conversation: Conversation, minutes: float) -> None:
    then = timezone.now() - timedelta(minutes=minutes)
    conversation.messages.filter(role="customer").update(created_at=then)
    Escalation.objects.update(taken_at=then)
    DeskAct.objects.update(created_at=then)


def test_a_chat_whose_agent_is_gone_goes_back_to_the_queue(
    conversation: Conversation, amira: User, ask: Ask
) -> None:
    desk.take(conversation.pk, amira)
    ask("Are you there?")
    Presence.beat(amira.pk)
    unanswered_for(conversation, 11)
    assert release_left_waiting() == 0
    Presence.objects.all().delete()
    unanswered_for(conversation, 9)
    assert release_left_waiting() == 0
    unanswered_for(conversation, 11)
    assert release_left_waiting() == 1
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.agent) == (Owner.WAITING, None)
    request = conversation.escalations.get()
    assert (request.reason, request.state) == ("passed_on", "open")
    codes = list(conversation.messages.exclude(code="").values_list("code", flat=True))
    assert codes[-2:] == ["passed_on", "nobody_here"]
    assert release_left_waiting() == 0


def test_a_chat_without_a_word_goes_back_too(conversation: Conversation, amira: User) -> None:
    escalations.request_person(conversation.pk)
    desk.take(conversation.pk, amira)
    then = timezone.now() - timedelta(minutes=11)
    Escalation.objects.update(taken_at=then, created_at=then)
    DeskAct.objects.update(created_at=then)
    assert release_left_waiting() == 1
    desk.reply(conversation.pk, amira, "Hello", uuid.uuid4())
    unanswered_for(conversation, 11)
    assert release_left_waiting() == 0


def test_an_answered_chat_stays_with_who_is_away(
    conversation: Conversation, amira: User, ask: Ask
) -> None:
    ask("Hello?")
    desk.reply(conversation.pk, amira, "Hello", uuid.uuid4())
    unanswered_for(conversation, 99)
    assert release_left_waiting() == 0


def test_a_site_has_hours_of_its_own(conversation: Conversation) -> None:
    closed = dict.fromkeys(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), ""
    )
    tomorrow = timezone.now() + timedelta(days=1)
    WorkingHours.objects.create(name="Everybody's", time_zone="UTC", **closed)
    tokyo = WorkingHours.objects.create(
        name="Tokyo",
        time_zone="Asia/Tokyo",
        **closed,
        closed_on=f"{tomorrow:%Y-%m-%d} 23:00-23:30",
    )
    chat = on_site(hours=tokyo)
    chat.words_language = "de"
    chat.save()
    asked = escalations.request_person(chat.pk)
    assert asked.back_at is not None
    assert asked.back_at.hour == 14
    told = chat.messages.get(code="outside_hours")
    assert "23:00 (Asia/Tokyo)" in told.text
    assert "23:00 Uhr (Asia/Tokyo)" in message_frame(told)["text"]
    escalations.request_person(conversation.pk)
    assert conversation.messages.filter(code="nobody_here").exists()
    WorkingHours.objects.filter(pk=tokyo.pk).delete()
    chat.site.refresh_from_db()  # type: ignore[union-attr]
    assert chat.site is not None
    assert chat.site.hours is None


def test_who_asks_behind_others_is_told_the_place(
    conversation: Conversation, amira: User, rung: list[str]
) -> None:
    Presence.beat(amira.pk)
    escalations.request_person(conversation.pk)
    assert not conversation.messages.filter(code="place_in_queue").exists()
    second, _ = starting.start(None, "192.0.2.8")
    escalations.request_person(second.pk)
    assert second.messages.get(code="place_in_queue").values == {"place": 2}


def test_a_member_who_left_is_in_no_list(billing: Team, amira: User) -> None:
    amira.groups.remove(Group.objects.get(name=AGENT))
    Presence.objects.all().delete()
    assert not assigning.present_in(billing).exists()
