"""Every handoff ends as one of four; nobody is forgotten, and nobody is promised what is not so."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from conversations.actions import conversations as starting
from conversations.actions import escalations, handoffs
from conversations.actions.handoff_watch import (
    give_up_left_chats,
    note_failed_handoffs,
    warn_of_waits,
)
from conversations.actions.handoffs import EmailRefused, TooManyRings
from conversations.actions.messages import claim, record_reply, retry, stop
from conversations.answering.values import Disposition, Reply
from conversations.models import (
    Contact,
    Conversation,
    Escalation,
    EscalationReason,
    Message,
    Notice,
    Presence,
    WorkingHours,
)
from conversations.protocol import DUMMY_MAIL, owner_frame
from conversations.waiting import Urgency
from observability.models import Incident

Ask = Callable[[str], Message]
MakeReply = Callable[..., Reply]
NEVER_OPEN = dict.fromkeys(
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), ""
)


@pytest.fixture
def mailed_agent(agent: User) -> User:
    agent.email = "ada@example.com"
    agent.save()
    agent.user_permissions.add(Permission.objects.get(codename="change_escalation"))
    return agent


def codes(conversation: Conversation) -> list[str]:
    return list(conversation.messages.exclude(code="").values_list("code", flat=True))


def aged(escalation: Escalation, minutes: float, **values: object) -> None:
    created = timezone.now() - timedelta(minutes=minutes)
    Escalation.objects.filter(pk=escalation.pk).update(created_at=created, **values)


def kinds() -> set[str]:
    return set(Notice.objects.values_list("kind", flat=True))


def test_with_an_agent_there_nobody_is_written_to(
    conversation: Conversation, mailed_agent: User
) -> None:
    Presence.beat(mailed_agent.pk)
    asked = escalations.request_person(conversation.pk)
    assert (asked.outcome, codes(conversation), kinds()) == ("queued", ["person_requested"], set())


def test_the_expected_wait_comes_from_recent_ones(
    conversation: Conversation, mailed_agent: User
) -> None:
    Presence.beat(mailed_agent.pk)
    now = timezone.now()
    for minutes in (2, 4, 90):
        row = Escalation.objects.create(
            conversation=conversation, reason="requested", state="resolved", taken_at=now
        )
        aged(row, minutes + 120, taken_at=now - timedelta(minutes=120))
    asked = escalations.request_person(conversation.pk)
    assert asked.expected_wait is not None
    assert round(asked.expected_wait.total_seconds()) == 240
    said = conversation.messages.get(code="wait_expected").text
    assert said == "Lately it took about 4 minutes until somebody answered."


def test_an_agent_who_is_away_or_whose_page_is_closed_is_not_there(agent: User) -> None:
    Presence.beat(agent.pk)
    assert Presence.objects.here().count() == 1
    Presence.set_away(agent.pk, True)
    Presence.beat(agent.pk)
    assert Presence.objects.here().count() == 0
    Presence.set_away(agent.pk, False)
    Presence.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert Presence.objects.here().count() == 0


def test_with_nobody_there_agents_are_written_to(
    conversation: Conversation, mailed_agent: User, settings: Any
) -> None:
    settings.HANDOFF_WEBHOOK_URL = "https://chat.example.com/hooks/1"
    escalations.request_person(conversation.pk)
    assert codes(conversation) == ["person_requested", "nobody_here"]
    assert kinds() == {"handoff_mail", "handoff_webhook"}


def test_outside_the_hours_the_customer_is_told_when(conversation: Conversation) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    days = {**NEVER_OPEN, f"{tomorrow:%A}".lower(): "09:00-17:00"}
    WorkingHours.objects.create(time_zone="UTC", **days)
    asked = escalations.request_person(conversation.pk)
    assert asked.back_at == tomorrow.replace(hour=9, minute=0, second=0, microsecond=0)
    said = conversation.messages.get(code="outside_hours").text
    assert "Somebody is back tomorrow at 09:00 (UTC)." in said


def test_taking_the_chat_acknowledges_and_nobody_is_written_to_any_more(
    conversation: Conversation, mailed_agent: User
) -> None:
    escalations.request_person(conversation.pk)
    escalations.take(conversation.pk, mailed_agent)
    assert Escalation.objects.get().outcome == "acknowledged"
    assert Notice.objects.get().state == "dropped"


def test_an_address_is_taken_and_told(conversation: Conversation) -> None:
    escalations.request_person(conversation.pk)
    conversation.refresh_from_db()
    assert owner_frame(conversation)["email"] == "offered"
    handoffs.take_email(conversation.pk, " kim@example.com ")
    handoffs.take_email(conversation.pk, "kim@example.com")
    assert owner_frame(conversation)["email"] == "given"
    assert Escalation.objects.get().outcome == "email_taken"
    assert codes(conversation).count("email_taken") == 1
    assert Contact.objects.get().email == "kim@example.com"


@pytest.mark.parametrize("email", ["", "kim", "kim@example.com\nBcc: x@example.com", "a@b@c"])
def test_what_is_no_address_is_refused(conversation: Conversation, email: str) -> None:
    with pytest.raises(EmailRefused, match="bad_email"):
        handoffs.take_email(conversation.pk, email)


def test_no_address_is_asked_for_where_no_mail_can_go(
    conversation: Conversation, settings: Any
) -> None:
    settings.EMAIL_BACKEND = DUMMY_MAIL
    escalations.request_person(conversation.pk)
    conversation.refresh_from_db()
    assert owner_frame(conversation)["email"] == ""
    with pytest.raises(EmailRefused, match="no_mail"):
        handoffs.take_email(conversation.pk, "kim@example.com")


def test_a_handoff_that_reaches_nobody_fails_aloud_once(conversation: Conversation) -> None:
    asked = escalations.request_person(conversation.pk)
    assert note_failed_handoffs() == 0
    aged(asked, 2)
    assert (note_failed_handoffs(), note_failed_handoffs()) == (1, 0)
    assert Escalation.objects.get().outcome == "failed"
    assert Incident.objects.get().kind == "handoff_failed"
    assert codes(conversation)[-1] == "nobody_told"


def test_a_handoff_fails_when_its_notices_do(
    conversation: Conversation, mailed_agent: User
) -> None:
    aged(escalations.request_person(conversation.pk), 2)
    assert note_failed_handoffs() == 0
    Notice.objects.update(failures=3)
    assert note_failed_handoffs() == 1


def test_a_handoff_does_not_fail_while_somebody_is_there_or_an_address_was_left(
    conversation: Conversation, agent: User
) -> None:
    aged(escalations.request_person(conversation.pk), 2)
    Presence.beat(agent.pk)
    assert note_failed_handoffs() == 0
    Presence.objects.all().delete()
    handoffs.take_email(conversation.pk, "kim@example.com")
    assert note_failed_handoffs() == 0


def test_agents_are_warned_once_before_the_target_is_missed(
    conversation: Conversation, mailed_agent: User
) -> None:
    Presence.beat(mailed_agent.pk)
    asked = escalations.request_person(conversation.pk)
    aged(asked, 6)
    assert (warn_of_waits(), Escalation.objects.get().urgency()) == (0, Urgency.FINE)
    aged(asked, 8)
    assert (warn_of_waits(), warn_of_waits()) == (1, 0)
    assert Escalation.objects.get().urgency() is Urgency.SOON
    assert kinds() == {"late_mail"}
    aged(asked, 11)
    assert Escalation.objects.get().urgency() is Urgency.MISSED


def test_outside_the_hours_the_wait_begins_when_somebody_is_back(
    conversation: Conversation, mailed_agent: User
) -> None:
    asked = escalations.request_person(conversation.pk)
    aged(asked, 600, back_at=timezone.now() + timedelta(hours=1))
    assert (warn_of_waits(), Escalation.objects.get().urgency()) == (0, Urgency.FINE)
    aged(asked, 600, back_at=timezone.now() - timedelta(minutes=8))
    assert (warn_of_waits(), Escalation.objects.get().urgency()) == (1, Urgency.SOON)


def test_a_visitor_can_ring_so_often_an_hour(conversation: Conversation, settings: Any) -> None:
    settings.VISITOR_RINGS_PER_HOUR = 2
    for _ in range(2):
        asked = escalations.request_person(conversation.pk)
        # Asking twice is one request, and counts once.
        escalations.request_person(conversation.pk)
        escalations.withdraw(conversation.pk)
    with pytest.raises(TooManyRings) as over:
        escalations.request_person(conversation.pk)
    assert 3590 <= over.value.retry_after_seconds <= 3600
    aged(asked, 61)
    Escalation.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert escalations.request_person(conversation.pk).state == "open"


def test_another_chat_of_the_visitor_counts_and_another_visitor_does_not(
    conversation: Conversation, settings: Any
) -> None:
    settings.VISITOR_RINGS_PER_HOUR = 1
    escalations.request_person(conversation.pk)
    second, _ = starting.start(conversation.visitor, "192.0.2.7")
    with pytest.raises(TooManyRings):
        escalations.request_person(second.pk)
    other, _ = starting.start(None, "192.0.2.7")
    assert escalations.request_person(other.pk).state == "open"


def test_the_bot_does_not_ask_again_for_a_question_that_a_person_has_had(
    ask: Ask, conversation: Conversation, agent: User, reply: MakeReply
) -> None:
    failing = reply(
        "", disposition=Disposition.ESCALATE, code="could_not_answer", escalation_reason="failure"
    )
    first = ask("Where is my parcel?")
    stop(conversation.pk, first.pk)
    second = ask("And the invoice?")
    claimed = claim(second.pk)
    assert claimed is not None
    record_reply(second.pk, claimed.attempt, failing)
    escalations.close(conversation.pk, agent)
    third = ask("Hello?")
    escalated = claim(third.pk)
    assert escalated is not None
    record_reply(third.pk, escalated.attempt, reply())
    # The chat is open again; the question of before is tried again and fails again.
    assert retry(conversation.pk, first.pk)
    again = claim(first.pk)
    assert again is not None
    final = record_reply(first.pk, again.attempt, failing)
    assert final is not None
    assert final.code == "asked_before"
    conversation.refresh_from_db()
    assert conversation.owner == "bot"
    assert Escalation.objects.count() == 1
    # A new question is another matter.
    fourth = ask("Where is it now?")
    fresh = claim(fourth.pk)
    assert fresh is not None
    record_reply(fourth.pk, fresh.attempt, failing)
    assert Escalation.objects.filter(reason=EscalationReason.FAILURE).count() == 2


def test_a_request_while_an_agent_has_the_chat_is_theirs(
    conversation: Conversation, agent: User
) -> None:
    escalations.take(conversation.pk, agent)
    asked = escalations.request_person(conversation.pk)
    assert (asked.state, asked.agent, asked.outcome) == ("taken", agent, "acknowledged")


def test_when_the_agents_account_is_gone_the_chat_waits_again(
    conversation: Conversation, agent: User
) -> None:
    escalations.agent_reply(conversation.pk, agent, "Hello.", uuid.uuid4())
    agent.delete()
    asked = escalations.request_person(conversation.pk)
    conversation.refresh_from_db()
    assert (asked.state, conversation.owner) == ("open", "waiting")


def test_asking_for_a_person_in_words_is_limited_too(
    ask: Ask, conversation: Conversation, settings: Any, reply: MakeReply
) -> None:
    settings.VISITOR_RINGS_PER_HOUR = 1
    escalations.request_person(conversation.pk)
    escalations.withdraw(conversation.pk)
    question = ask("I want to talk to a person")
    claimed = claim(question.pk)
    assert claimed is not None
    wanted = reply("", disposition=Disposition.ESCALATE, escalation_reason="requested")
    final = record_reply(question.pk, claimed.attempt, wanted)
    assert final is not None
    assert (final.code, Escalation.objects.count()) == ("ring_limit", 1)


@pytest.mark.parametrize("left", ["deleted", "switched off"])
def test_chats_of_an_agent_who_has_left_wait_again_or_are_the_bots(
    conversation: Conversation, agent: User, left: str
) -> None:
    escalations.request_person(conversation.pk)
    escalations.take(conversation.pk, agent)
    unasked, _ = starting.start(None, "192.0.2.7")
    escalations.take(unasked.pk, agent)
    assert give_up_left_chats() == 0
    if left == "deleted":
        agent.delete()
    else:
        User.objects.update(is_active=False)
    assert (give_up_left_chats(), give_up_left_chats()) == (2, 0)
    conversation.refresh_from_db()
    unasked.refresh_from_db()
    assert (conversation.owner, conversation.agent) == ("waiting", None)
    assert (unasked.owner, codes(unasked)[-1]) == ("bot", "agent_left")
    asked = Escalation.objects.get()
    assert (asked.state, asked.outcome, asked.taken_at) == ("open", "queued", None)


def test_ringing_in_a_chat_whose_agent_has_left_asks_again(
    conversation: Conversation, agent: User
) -> None:
    escalations.request_person(conversation.pk)
    escalations.take(conversation.pk, agent)
    agent.delete()
    asked = escalations.request_person(conversation.pk)
    conversation.refresh_from_db()
    assert (asked.state, conversation.owner) == ("open", "waiting")
