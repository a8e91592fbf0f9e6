"""An unknown visitor becomes a customer of the host site: what comes along, and what never does."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from conversations import letters
from conversations.actions import desk, desk_sorting
from conversations.actions.conversations import VisitorGone, start
from conversations.actions.identity import identify
from conversations.actions.messages import claim, record_reply
from conversations.answering.values import Reply
from conversations.models import (
    Block,
    Contact,
    Conversation,
    Feedback,
    IdentityJoin,
    Notice,
    VerifiedCustomer,
    Visitor,
    VisitorToken,
)
from conversations.tokens import held_by, reopening_token
from tests.conversations.identity_cast import Browser, Host, age, fresh_house

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _fresh(rung: list[str]) -> None:
    fresh_house()


@pytest.fixture
def host() -> Host:
    return Host("Shop", "partner")


# --- becoming known ---


def test_the_chats_of_this_browser_become_the_customers(host: Host, agent: User) -> None:
    browser = Browser(host).begin()
    browser.say("Where is my parcel?")
    other = Browser(host).begin()
    other.say("Somebody else")
    before, renewal = browser.token, browser.renewal
    known = host.token(name="Eva", email="eva@example.com", attributes={"plan": "gold"})
    done = browser.identify(known).json()

    assert (done["verified"], done["chats_joined"]) == (True, 1)
    assert done["conversation"] == browser.id
    assert browser.chats() == [browser.id]
    assert browser.status(before) == 401, "the old token ends at once"
    assert browser.call("post", "/visitors/renew/", {"renewal": renewal}).status_code == 401
    row = browser.row()
    verified = row.visitor.verified
    assert (verified.subject, verified.name, verified.email) == ("c-1", "Eva", "eva@example.com")
    assert verified.attributes == {"plan": "gold"}
    join = IdentityJoin.objects.get()
    assert (str(join.conversation_id), join.after_seq) == (browser.id, 1)
    assert other.status() == 200
    assert other.row().visitor_id != row.visitor_id


def test_the_same_again_changes_nothing_more(host: Host) -> None:
    browser = Browser(host).begin()
    browser.say("Hello")
    token = host.token()
    browser.identify(token)
    renewal = browser.renewal
    done = browser.identify(token).json()
    assert (done["chats_joined"], done["conversation"]) == (0, browser.id)
    assert done["renewal"] == "", "the browser keeps what its other tabs have"
    assert browser.call("post", "/visitors/renew/", {"renewal": renewal}).status_code == 200
    assert VerifiedCustomer.objects.count() == IdentityJoin.objects.count() == 1


def test_an_answer_that_was_lost_on_the_way_can_be_asked_for_again(host: Host) -> None:
    browser = Browser(host).begin()
    browser.say("Hello")
    unknown = browser.token
    browser.identify(host.token())
    browser.token = unknown
    done = browser.identify(host.token()).json()
    assert done["conversation"] == browser.id
    assert browser.status() == 200


def test_a_bearer_whose_time_is_over_is_renewed_before_so_that_no_chat_is_left(host: Host) -> None:
    browser = Browser(host).begin()
    age(VisitorToken.objects.filter(kind="bearer"), 16 * MINUTE)
    refused = browser.identify(host.token())
    assert (refused.status_code, refused.json()["code"]) == (401, "token_expired")
    assert not VerifiedCustomer.objects.exists()


def test_one_customer_on_two_devices_has_one_list_of_chats(host: Host) -> None:
    phone, desktop = Browser(host).begin(), Browser(host).begin()
    phone.say("On the phone")
    desktop.say("On the desktop")
    phone.identify(host.token())
    desktop.identify(host.token())
    assert set(phone.chats()) == set(desktop.chats()) == {phone.id, desktop.id}
    assert phone.status() == 200, "the phone's token goes on"


# --- what never passes from one to another ---


def test_another_customer_on_the_same_device_sees_nothing_of_the_first(host: Host) -> None:
    browser = Browser(host).begin()
    browser.identify(host.token("a"))
    browser.say("A's secret")
    a_chat, a_token = browser.id, browser.token
    done = browser.identify(host.token("b")).json()

    assert (done["chats_joined"], done["conversation"]) == (0, None)
    assert browser.chats() == []
    assert browser.status() == 404
    assert browser.status(a_token) == 401, "A's token on this device ends"
    sent = browser.call(
        "post",
        f"/conversations/{a_chat}/messages/",
        {"client_id": str(uuid.uuid4()), "text": "as B"},
    )
    assert sent.status_code == 404
    assert Conversation.objects.get(pk=a_chat).visitor.verified.subject == "a"


def test_as_another_customer_the_first_one_s_other_device_goes_on(host: Host) -> None:
    shared, own = Browser(host).begin(), Browser(host).begin()
    shared.identify(host.token("a"))
    own.identify(host.token("a"))
    shared.identify(host.token("b"))
    assert own.status() == 200


def test_a_chat_of_another_site_does_not_come_along(host: Host) -> None:
    elsewhere = Host("Elsewhere")
    browser = Browser(elsewhere).begin()
    browser.say("On the other site")
    browser.key = host.site.key
    done = browser.identify(host.token()).json()
    assert (done["chats_joined"], done["conversation"]) == (0, None)
    assert Conversation.objects.get(pk=browser.id).site == elsewhere.site


def test_the_same_subject_of_two_sites_is_two_customers(host: Host) -> None:
    elsewhere = Host("Elsewhere")
    one, two = Browser(host).begin(), Browser(elsewhere).begin()
    one.identify(host.token("c-1"))
    two.identify(elsewhere.token("c-1"))
    assert one.status(two.token) == 404
    assert VerifiedCustomer.objects.count() == 2


def test_a_mailed_link_brings_no_chat_over_and_ends_with_the_stranger(host: Host) -> None:
    stranger = Browser(host).begin()
    stranger.say("One")
    link = reopening_token(uuid.UUID(stranger.id))
    thief = Browser(host)
    thief.token = link
    assert thief.identify(host.token("thief")).json()["chats_joined"] == 0
    assert stranger.status() == 200
    stranger.identify(host.token("a"))
    assert stranger.status(link) == 401, "it was sent to an address that nobody has proved"
    assert stranger.status(reopening_token(uuid.UUID(stranger.id))) == 200


def test_a_letter_to_an_address_stated_before_says_only_that_there_is_a_reply(
    host: Host, agent: User
) -> None:
    browser = Browser(host).begin()
    browser.say("Hello")
    browser.call("post", f"/conversations/{browser.id}/escalate/", {"note": ""})
    browser.call("post", f"/conversations/{browser.id}/email/", {"email": "x@example.com"})
    browser.identify(host.token("a", email="eva@example.com"))
    desk.reply(uuid.UUID(browser.id), agent, "Eva, your secret balance", uuid.uuid4())
    notice, contact = Notice.objects.get(kind="reply_mail"), Contact.objects.get()
    letter = letters.to_customer(notice, contact, letters.unseen_replies(notice))
    assert "secret" not in letter.body
    assert "#chat=" not in letter.body
    contact.email = "Eva@example.com"
    letter = letters.to_customer(notice, contact, letters.unseen_replies(notice))
    assert "secret" in letter.body


def test_signing_out_ends_this_browser_and_no_other(host: Host) -> None:
    here, there = Browser(host).begin(), Browser(host).begin()
    here.identify(host.token())
    there.identify(host.token())
    gone = here.call("post", "/visitors/forget/", {"renewal": here.renewal})
    assert gone.status_code == 204
    assert (here.status(), there.status()) == (401, 200)
    assert here.call("post", "/visitors/renew/", {"renewal": here.renewal}).status_code == 401
    again = Browser(host).begin()
    assert again.chats() == []


def test_a_verified_customer_is_forgotten_a_day_after_the_site_s_last_word(host: Host) -> None:
    browser = Browser(host).begin()
    browser.identify(host.token())
    row = VisitorToken.objects.get(kind="renewal")
    assert row.expires_at <= timezone.now() + timedelta(hours=24)
    browser.call("post", "/visitors/renew/", {"renewal": browser.renewal})
    row.refresh_from_db()
    assert row.expires_at <= timezone.now() + timedelta(hours=24), "renewing does not prolong it"
    age([row], timedelta(hours=25))
    refused = browser.call("post", "/visitors/renew/", {"renewal": browser.renewal})
    assert refused.status_code == 401


def test_a_block_and_quotes_only_come_along(host: Host, agent: User) -> None:
    browser = Browser(host).begin()
    browser.say("Spam")
    row = browser.row()
    desk_sorting.block(row.pk, agent, "spam")
    Visitor.objects.filter(pk=row.visitor_id).update(
        quotes_only_until=timezone.now() + timedelta(hours=5)
    )
    browser.identify(host.token())
    visitor = browser.row().visitor
    assert Block.objects.get().visitor_id == visitor.pk
    assert visitor.quotes_only_until is not None


def test_a_rating_comes_along_and_can_be_changed(host: Host, reply: Callable[..., Reply]) -> None:
    browser = Browser(host).begin()
    asked = browser.say("How?")
    claimed = claim(asked.pk)
    assert claimed
    final = record_reply(asked.pk, claimed.attempt, reply())
    assert final
    browser.call("post", f"/messages/{final.pk}/feedback/", {"rating": 1})
    browser.identify(host.token())
    browser.call("post", f"/messages/{final.pk}/feedback/", {"rating": -1})
    assert [row.rating for row in Feedback.objects.all()] == [-1]


# --- at the same time ---


def test_a_browser_that_became_known_meanwhile_moves_nothing_twice(host: Host) -> None:
    """Two requests read the bearer before either of them was done."""
    browser = Browser(host).begin()
    browser.say("Hello")
    held = held_by(browser.token)
    first = identify(host.site, host.token("a"), held)
    second = identify(host.site, host.token("a"), held)
    other = identify(host.site, host.token("b"), held)
    assert (first.chats_joined, second.chats_joined, other.chats_joined) == (1, 0, 0)
    assert browser.row().visitor.verified.subject == "a"


def test_a_chat_begun_by_who_has_just_become_known_is_refused(host: Host) -> None:
    browser = Browser(host).begin()
    held = held_by(browser.token)
    assert held
    browser.identify(host.token())
    with pytest.raises(VisitorGone):
        start(held.visitor, "192.0.2.1", host.site)


def test_erasing_the_last_chat_erases_who_it_was(host: Host) -> None:
    browser = Browser(host).begin()
    browser.say("Hello")
    browser.identify(host.token(name="Eva"))
    browser.call("delete", f"/conversations/{browser.id}/")
    assert not VerifiedCustomer.objects.exists()
    assert not Visitor.objects.exists()
    assert not VisitorToken.objects.exists()
