"""What nobody needs any more is dropped, and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from conversations.models import Conversation, Message, MessageKind, MessageRole, Visitor
from observability.models import Incident
from supportbot.celery import app
from supportbot.schedule import BEAT_SCHEDULE
from supportbot.tasks import EMPTY_VISITOR_DAYS, INCIDENT_DAYS, housekeeping

pytestmark = pytest.mark.django_db


def visitor(*, days: float) -> Visitor:
    made = Visitor.objects.create()
    seen = timezone.now() - timedelta(days=days)
    Visitor.objects.filter(pk=made.pk).update(seen_at=seen)
    return made


def test_expired_sessions_go_and_valid_ones_stay() -> None:
    now = timezone.now()
    for key, hours in (("old", -1), ("valid", 1)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=now + timedelta(hours=hours)
        )
    housekeeping()
    assert [session.session_key for session in Session.objects.all()] == ["valid"]


def test_a_visitor_who_never_wrote_goes_after_a_while() -> None:
    old, recent = visitor(days=EMPTY_VISITOR_DAYS + 1), visitor(days=1)
    wrote = visitor(days=EMPTY_VISITOR_DAYS + 1)
    Conversation.objects.create(visitor=old)
    Conversation.objects.create(visitor=wrote)
    conversation = Conversation.objects.create(visitor=wrote)
    Message.objects.create(
        conversation=conversation,
        seq=1,
        role=MessageRole.CUSTOMER,
        kind=MessageKind.QUESTION,
        text="Hello",
    )
    housekeeping()
    assert set(Visitor.objects.all()) == {recent, wrote}
    assert Message.objects.count() == 1


def test_incidents_are_kept_for_half_a_year() -> None:
    for kind, days in (("old", INCIDENT_DAYS + 1), ("recent", INCIDENT_DAYS - 1)):
        made = Incident.objects.create(kind=kind)
        when = timezone.now() - timedelta(days=days)
        Incident.objects.filter(pk=made.pk).update(created_at=when)
    housekeeping()
    assert [incident.kind for incident in Incident.objects.all()] == ["recent"]


def test_everything_on_the_schedule_is_a_task() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in BEAT_SCHEDULE.values()} <= set(app.tasks)
