"""The page where an operator pauses the bot and puts up a banner."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations import switches
from conversations.models import ServiceState
from supportbot import dashboard, health
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
DOWN = "Payments are down."
LIST = "admin:conversations_servicestate_changelist"


@pytest.fixture
def client() -> Client:
    return cast.signed_in(cast.operator())


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(switches, "publish_to_all", sent.append)
    return sent


def save(client: Client, **values: str) -> Any:
    page = client.get(reverse(LIST), follow=True)
    address = page.redirect_chain[-1][0]
    given = {"banner": "", "banner_phrases": "", "banner_then": "answer", **values}
    return client.post(address, given, follow=True)


def local(**delta: int) -> str:
    return f"{timezone.localtime(timezone.now() + timedelta(**delta)):%Y-%m-%dT%H:%M}"


def test_a_pause_says_who_and_when_in_the_admin_the_overview_and_the_doctor(
    client: Client,
) -> None:
    assert health.bot().ok
    save(client, paused="on", paused_until=local(hours=2))
    state = ServiceState.objects.get()
    assert state.is_paused()
    assert state.paused_by is not None
    assert state.paused_at is not None
    check = health.bot()
    assert not check.ok
    assert "paused since" in check.detail
    assert "by otto, until" in check.detail
    front = client.get(reverse("admin:index")).content.decode()
    assert "The bot is paused since" in front
    assert "otto" in save(client, paused="on").content.decode()
    assert LogEntry.objects.filter(user__username="otto").count() == 2


def test_an_agent_reads_nothing_of_it_on_the_overview(client: Client) -> None:
    save(client, paused="on")
    titles = [card.title for card in dashboard.cards(cast.agent())]
    assert "Pause and banner" not in titles


def test_the_open_chats_are_told_of_a_banner_and_of_its_end(
    client: Client, frames: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        save(client, banner=DOWN)
    with django_capture_on_commit_callbacks(execute=True):
        save(client, banner="")
    assert [frame["text"] for frame in frames] == [DOWN, ""]
    assert frames[0]["type"] == "banner"


def test_a_change_of_the_banner_does_not_name_a_new_pauser(client: Client) -> None:
    save(client, paused="on")
    before = ServiceState.objects.get().paused_at
    save(client, paused="on", banner=DOWN)
    state = ServiceState.objects.get()
    assert (state.paused_at, state.banner_by) == (before, state.paused_by)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"paused": "on", "paused_until": local(hours=-1)}, "Choose a time to come"),
        ({"banner": DOWN, "banner_until": local(hours=-1)}, "Choose a time to come"),
        ({"banner": DOWN, "banner_phrases": "x" * 101}, "at most 100 characters"),
        ({"banner": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    client: Client, values: dict[str, str], problem: str
) -> None:
    assert problem in save(client, **values).content.decode()
    state = ServiceState.objects.get()
    assert not state.is_paused()
    assert not state.banner_shown()


def test_an_end_without_its_switch_is_dropped(client: Client) -> None:
    save(client, paused_until=local(hours=-1))
    assert ServiceState.objects.get().paused_until is None
