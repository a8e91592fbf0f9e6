"""Who the customer is at the desk: the mark, the other conversations, and who may be the same."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone

from conversations.actions.desk import NotPossible
from conversations.actions.same_customer import everybody_of, say_not_same, say_same
from conversations.desk import queues
from conversations.desk.acts import perform
from conversations.desk.thread import thread_of
from conversations.models import Contact, Conversation, DeskAct, PageContext, SameCustomer
from knowledge.actions.defaults import ensure_defaults
from tests import admin_cast
from tests.conversations.identity_cast import Browser, Host

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(rung: list[str]) -> None:
    cache.clear()
    ensure_defaults()


@pytest.fixture
def host() -> Host:
    return Host("Shop")


def amira() -> User:
    return User.objects.filter(username="amira").first() or admin_cast.agent()


def customer(host: Host, words: str, subject: str = "", **claims: Any) -> Browser:
    browser = Browser(host).begin()
    browser.say(words)
    if subject:
        browser.identify(host.token(subject, **claims))
    return browser


def shown(browser: Browser) -> dict[str, Any]:
    found = thread_of(uuid.UUID(browser.id), amira())
    assert found
    return found


def act(name: str, here: Browser, there: Browser) -> dict[str, Any]:
    return perform(amira(), name, {"conversation": here.id, "other": there.id})


def test_what_was_verified_is_marked_with_when_and_by_whom(host: Host) -> None:
    eva = customer(
        host, "Hello", "c-1", name="Eva", email="eva@example.com", attributes={"plan": "gold"}
    )
    pane = shown(eva)
    verified = pane["customer"]["verified"]
    assert (verified["subject"], verified["name"], verified["site"]) == ("c-1", "Eva", "Shop")
    assert verified["attributes"] == [["plan", "gold"]]
    assert verified["joined_after"] == 1
    assert verified["at"] <= timezone.now().isoformat()
    assert pane["conversation"]["verified"]["name"] == "Eva"
    for words in ("eva", "EVA@example.com", "c-1"):
        assert [row["id"] for row in queues.rows_of(queues.search(words))] == [eva.id], words


def test_what_is_stated_never_looks_verified(host: Host) -> None:
    eva = customer(host, "I am Eva, verified")
    row = eva.row()
    PageContext.objects.create(
        conversation=row, said_name="Eva", said_email="eva@example.com", values={"verified": "yes"}
    )
    Contact.objects.create(conversation=row, email="eva@example.com")
    pane = shown(eva)
    assert pane["customer"]["verified"] is None
    assert pane["conversation"]["verified"] is None


def test_the_other_conversations_are_those_of_all_devices(host: Host) -> None:
    phone, desktop = customer(host, "Phone", "c-1"), customer(host, "Desktop", "c-1")
    customer(host, "Somebody else", "c-2")
    assert [row["id"] for row in shown(phone)["customer"]["others"]] == [desktop.id]


def test_a_stated_address_is_a_hint_and_may_be_merged_and_parted(host: Host) -> None:
    eva = customer(host, "Signed in", "c-1", name="Eva", email="Eva@Example.com")
    stranger = customer(host, "Not signed in")
    Contact.objects.create(conversation=stranger.row(), email="eva@example.COM")
    (hint,) = shown(eva)["customer"]["alike"]
    assert (hint["conversation"], hint["verified"]) == (stranger.id, False)
    assert "only stated" in hint["why"]
    (back,) = shown(stranger)["customer"]["alike"]
    assert (back["name"], back["may_merge"]) == ("Eva", True)
    assert "only stated" in back["why"]

    assert act("same", stranger, eva) == {"ok": True}
    assert act("same", stranger, eva) == {"ok": True}, "again"
    pane = shown(stranger)["customer"]
    assert [one["name"] for one in pane["same"]] == ["Eva"]
    assert [row["id"] for row in pane["others"]] == [eva.id]
    assert pane["alike"] == []
    assert pane["verified"] is None, "merged is not verified"
    assert DeskAct.objects.filter(verb="same").count() == 2, "in the trail of both"
    # Neither customer sees anything of the other.
    assert (eva.chats(), stranger.chats()) == ([eva.id], [stranger.id])
    assert eva.status(chat=stranger.id) == stranger.status(chat=eva.id) == 404

    assert act("not_same", eva, stranger) == {"ok": True}
    assert shown(eva)["customer"]["others"] == []
    assert not SameCustomer.objects.exists()
    assert DeskAct.objects.filter(verb="not_same").count() == 2


def test_two_verified_customers_never_merge_also_not_by_way_of_a_third(host: Host) -> None:
    one = customer(host, "One", "c-1", email="shared@example.com")
    two = customer(host, "Two", "c-2", email="shared@example.com")
    stranger = customer(host, "Unknown")
    (hint,) = shown(one)["customer"]["alike"]
    assert (hint["conversation"], hint["may_merge"]) == (two.id, False)
    refused = act("same", one, two)
    assert (refused["ok"], refused["code"]) == (False, "not_possible")
    assert act("same", stranger, one)["ok"]
    assert not act("same", stranger, two)["ok"]
    assert not act("same", two, stranger)["ok"]
    assert SameCustomer.objects.count() == 1


def test_customers_of_two_sites_never_merge(host: Host) -> None:
    here, there = customer(host, "Here"), customer(Host("Elsewhere"), "There")
    for browser in (here, there):
        Contact.objects.create(conversation=browser.row(), email="eva@example.com")
    assert shown(here)["customer"]["alike"] == []
    with pytest.raises(NotPossible):
        say_same(uuid.UUID(here.id), uuid.UUID(there.id), amira())


def test_of_three_the_one_in_the_middle_can_be_parted(host: Host) -> None:
    a, b, c = (customer(host, words) for words in ("A", "B", "C"))
    act("same", a, b)
    act("same", b, c)
    everybody = {browser.row().visitor_id for browser in (a, b, c)}
    assert everybody_of(a.row().visitor_id) == everybody
    agent = amira()
    say_not_same(uuid.UUID(b.id), uuid.UUID(a.id), agent)
    assert everybody_of(a.row().visitor_id) == {a.row().visitor_id}
    assert everybody_of(b.row().visitor_id) == everybody - {a.row().visitor_id}


def test_one_who_becomes_verified_after_a_merge_stays_apart_from_another(host: Host) -> None:
    """Merged while unknown, then signed in as another: what agents guessed has ended."""
    known = customer(host, "Known", "c-1")
    stranger = customer(host, "Unknown")
    act("same", known, stranger)
    stranger.identify(host.token("c-2"))
    pane = shown(known)["customer"]
    assert (pane["others"], pane["same"]) == ([], [])
    assert Conversation.objects.get(pk=stranger.id).visitor.verified.subject == "c-2"
