"""Hours, presence and waits in the admin."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.actions import escalations
from conversations.models import Conversation, Escalation, Notice, Presence, WorkingHours
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
PRESENCE = reverse("admin:conversations_escalation_presence")
LIST = reverse("admin:conversations_escalation_changelist")


@pytest.fixture
def agents_client() -> Client:
    return cast.signed_in(cast.agent())


def test_a_page_at_work_puts_the_agent_at_the_desk(agents_client: Client) -> None:
    assert "Nobody is at the desk" in agents_client.get(LIST).content.decode()
    assert agents_client.post(PRESENCE).status_code == 204
    assert Presence.objects.here().count() == 1
    assert "At the desk: " in agents_client.get(LIST).content.decode()


def test_the_away_switch_outlasts_the_next_beat(agents_client: Client) -> None:
    agents_client.post(PRESENCE, {"away": "1"})
    agents_client.post(PRESENCE)
    assert Presence.objects.here().count() == 0
    page = agents_client.get(LIST).content.decode()
    assert "You are switched to away." in page
    agents_client.post(PRESENCE, {"away": "0"})
    assert Presence.objects.here().count() == 1


def test_only_who_answers_customers_is_at_the_desk() -> None:
    client = cast.signed_in(cast.operator())
    assert client.post(PRESENCE).status_code == 403
    assert not Presence.objects.exists()
    assert "data-presence-url" not in client.get(reverse("admin:index")).content.decode()


def test_the_pages_of_agents_say_where_to_beat(agents_client: Client) -> None:
    page = agents_client.get(reverse("admin:index")).content.decode()
    assert f'data-presence-url="{PRESENCE}"' in page
    assert "admin/presence.js" in page


@pytest.mark.parametrize(
    ("minutes", "says"),
    [(3, "3 minutes"), (8, "8 minutes, soon too long"), (11, "11 minutes, too long")],
)
def test_the_list_warns_before_a_wait_misses_its_target(
    agents_client: Client, conversation: Conversation, minutes: int, says: str
) -> None:
    escalations.request_person(conversation.pk)
    created = timezone.now() - timedelta(minutes=minutes, seconds=1)
    Escalation.objects.update(created_at=created)
    page = agents_client.get(LIST).content.decode()
    assert says in page
    assert ("too long" in page) == ("too long" in says)


def form(**changes: str) -> dict[str, str]:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return {
        **dict.fromkeys(days, "09:00-17:00"),
        "name": "Office",
        "time_zone": "Europe/Berlin",
        "closed_on": "2026-12-25 Christmas",
        **changes,
    }


def test_an_operator_sets_the_hours() -> None:
    client = cast.signed_in(cast.operator())
    add = reverse("admin:conversations_workinghours_add")
    assert client.get(add).status_code == 200
    assert client.post(add, form()).status_code == 302
    hours = WorkingHours.of_the_installation()
    assert hours is not None
    assert hours.schedule().zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("monday", "9 to 5", "are no hours"),
        ("sunday", "22:00-02:00", "Split a night at midnight"),
        ("time_zone", "Berlin", "is no time zone"),
        ("closed_on", "Christmas", "does not begin with a day"),
    ],
)
def test_what_cannot_be_read_is_refused_beside_its_field(field: str, value: str, says: str) -> None:
    client = cast.signed_in(cast.operator())
    page = client.post(reverse("admin:conversations_workinghours_add"), form(**{field: value}))
    assert page.status_code == 200
    assert says in page.content.decode()
    assert not WorkingHours.objects.exists()


def test_the_outbox_says_why_something_is_not_sent(conversation: Conversation) -> None:
    asked = escalations.request_person(conversation.pk)
    Notice.objects.create(
        kind="handoff_mail",
        conversation=conversation,
        escalation=asked,
        failures=3,
        last_error="SMTPServerDisconnected: closed.",
    )
    client = cast.signed_in(cast.operator())
    page = client.get(reverse("admin:conversations_notice_changelist")).content.decode()
    assert "SMTPServerDisconnected: closed." in page
    assert "To be sent" in page
