"""Customers proved by the host site: their tokens, what they may read, and what is refused."""

import json
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.test import Client
from django.utils import timezone

from conversations.actions.messages import claim, record_reply
from conversations.answering.values import Reply
from conversations.loading import question_of, reader_of
from conversations.models import (
    Message,
    MessageState,
    SiteIdentity,
    VerifiedCustomer,
    VisitorToken,
)
from knowledge.models import Audience
from observability.models import Incident
from tests.conversations.identity_cast import BASE, JSON, Browser, Host, age, fresh_house

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _fresh(rung: list[str]) -> None:
    fresh_house()


@pytest.fixture
def host() -> Host:
    return Host("Shop", "partner")


# --- tokens and their time ---


def test_a_token_ends_after_its_minutes_and_is_renewed(host: Host, settings: Any) -> None:
    settings.VISITOR_TOKEN_MINUTES = 15
    browser = Browser(host).begin()
    first = browser.token
    assert browser.status() == 200
    age(VisitorToken.objects.filter(kind="bearer"), 14 * MINUTE)
    assert browser.status() == 200
    age(VisitorToken.objects.filter(kind="bearer"), 2 * MINUTE)
    refused = browser.call("get", f"/conversations/{browser.id}/")
    assert (refused.status_code, refused.json()["code"]) == (401, "token_expired")
    given = browser.call("post", "/visitors/renew/", {"renewal": browser.renewal}).json()
    assert given["expires_in_seconds"] == 900
    browser.take(given)
    assert browser.token != first
    assert (browser.status(), browser.status(first)) == (200, 401)


def test_many_tabs_renew_with_one_renewal_token(host: Host) -> None:
    browser = Browser(host).begin()
    body = {"renewal": browser.renewal}
    tabs = {browser.call("post", "/visitors/renew/", body).json()["token"] for _ in range(10)}
    assert len(tabs) == 10
    assert {browser.status(token) for token in tabs} == {200}


def test_a_renewal_token_opens_nothing_and_a_bearer_renews_nothing(host: Host) -> None:
    browser = Browser(host).begin()
    assert browser.status(browser.renewal) == 401
    for wrong in (browser.token, "x" * 43, "a:b:c"):
        refused = browser.call("post", "/visitors/renew/", {"renewal": wrong})
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")


def test_no_token_is_stored_as_it_is(host: Host) -> None:
    browser = Browser(host).begin()
    assert not VisitorToken.objects.filter(pk__in=[browser.token, browser.renewal]).exists()


# --- what may be read ---


def audiences(browser: Browser) -> frozenset[str]:
    return reader_of(browser.row()).audiences


def test_audiences_are_those_of_the_token_within_the_site(host: Host) -> None:
    Audience.objects.get_or_create(slug="elsewhere-only")
    browser = Browser(host).begin()
    assert audiences(browser) == {"public"}
    wanted = ["partner", "internal", "elsewhere-only", "no-such"]
    browser.identify(host.token(audiences=wanted))
    assert audiences(browser) == {"public", "partner"}
    customer = VerifiedCustomer.objects.get()
    assert customer.not_given == ["elsewhere-only", "internal", "no-such"]
    browser.identify(host.token())
    assert audiences(browser) == {"public"}


def test_an_older_token_does_not_bring_back_what_a_newer_one_took(host: Host) -> None:
    now = int(time.time())
    old = host.token(audiences=["partner"], iat=now - 50, name="Old")
    browser = Browser(host).begin()
    browser.identify(old)
    browser.identify(host.token(iat=now, name="New"))
    assert browser.identify(old).status_code == 200, "it still proves who it is"
    assert audiences(browser) == {"public"}
    assert VerifiedCustomer.objects.get().name == "New"


def test_an_answer_under_way_when_a_customer_becomes_known_is_not_lost(
    host: Host, reply: Callable[..., Reply]
) -> None:
    browser = Browser(host).begin()
    asked = browser.say("How?")
    claimed = claim(asked.pk)
    assert claimed
    browser.identify(host.token(audiences=["partner"]))
    final = record_reply(asked.pk, claimed.attempt, reply("Made for strangers"))
    assert final is not None
    shown = browser.call("get", f"/conversations/{browser.id}/messages/").json()["messages"]
    assert [row["text"] for row in shown] == ["How?", "Made for strangers"]


def test_an_answer_made_with_more_than_may_be_read_now_is_made_again(
    host: Host, reply: Callable[..., Reply], rung: list[str]
) -> None:
    browser = Browser(host).begin()
    browser.identify(host.token(audiences=["partner"]))
    asked = browser.say("How?")
    claimed = claim(asked.pk)
    assert claimed
    rung.clear()
    browser.identify(host.token())
    assert record_reply(asked.pk, claimed.attempt, reply("For partners only")) is None
    asked.refresh_from_db()
    assert asked.state == MessageState.PENDING
    again = claim(asked.pk)
    assert again
    assert reader_of(again.conversation).audiences == {"public"}
    assert record_reply(asked.pk, again.attempt, reply("For everybody")) is not None
    assert not Message.objects.filter(text="For partners only").exists()


def test_what_a_token_says_is_in_no_prompt(host: Host) -> None:
    browser = Browser(host).begin()
    browser.identify(host.token(name="Eva Example", email="eva@example.com", attributes={"a": "b"}))
    asked = browser.say("How?")
    claimed = claim(asked.pk)
    assert claimed
    assert "Eva" not in repr(question_of(claimed, asked.text))


# --- wrong tokens ---


def test_wrong_tokens_are_refused_logged_and_the_chat_goes_on(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = Host("Elsewhere")
    now = int(time.time())
    browser = Browser(host).begin()
    wrong = {
        "expired": host.token(exp=now - 1),
        "issued_in_the_future": host.token(iat=now + 3600, exp=now + 4000),
        "bad_signature": elsewhere.token(aud=host.site.key),
        "other_site": host.token(aud=elsewhere.site.key),
        "no_subject": host.token(sub=None),
        "wrong_algorithm": jwt.encode({"sub": "c-1"}, "", algorithm="none"),
        "malformed": "nonsense",
        "token_too_large": "x" * 9000,
    }
    with caplog.at_level(logging.DEBUG):
        for reason, token in wrong.items():
            refused = browser.identify(token)
            assert refused.status_code == 401, reason
            body = refused.json()
            assert (body["code"], body["reason"]) == ("identity_refused", reason)
            assert body["text"]
            said = json.dumps(body) + caplog.text
            assert token not in said
            assert not any(len(part) > 8 and part in said for part in token.split("."))
    told = list(Incident.objects.filter(kind="identity_refused").values_list("detail", flat=True))
    assert len(told) == len(wrong)
    assert not any(token in detail for token in wrong.values() for detail in told)
    assert browser.say("Still here").text == "Still here"
    assert not VerifiedCustomer.objects.exists()


def test_a_flood_of_wrong_tokens_is_one_incident_a_minute(host: Host) -> None:
    for _ in range(20):
        Browser(host).identify("nonsense")
    assert Incident.objects.filter(kind="identity_refused").count() == 1


def test_exchanges_from_one_address_are_limited(host: Host, settings: Any) -> None:
    settings.ADDRESS_MESSAGES_PER_MINUTE = 1
    answers = [Browser(host).identify("nonsense").status_code for _ in range(7)]
    assert answers[-1] == 429


def test_a_site_that_is_off_or_unknown_takes_nobody(host: Host) -> None:
    browser = Browser(host).begin()
    token = host.token()
    host.site.enabled = False
    host.site.save()
    assert browser.identify(token).status_code == 403
    browser.key = "site_unknown"
    assert browser.identify(token).status_code == 403
    browser.key = ""
    assert browser.identify(token).status_code in (400, 403)
    SiteIdentity.objects.update(algorithm="")
    host.site.enabled = True
    host.site.save()
    browser.key = host.site.key
    assert browser.identify(token).json()["reason"] == "identity_off"


@pytest.mark.parametrize(
    "body", [{}, {"site": "s"}, {"token": "x"}, {"site": "s", "token": ""}, [], "text", None]
)
def test_a_request_of_another_shape_is_refused(body: Any) -> None:
    for path in ("identify", "renew", "forget"):
        sent = Client().post(f"{BASE}/visitors/{path}/", json.dumps(body), JSON)
        assert sent.status_code == 400, path


# --- secrets ---


def test_a_rotated_secret_overlaps_and_can_be_ended(host: Host) -> None:
    old = host.token()
    host.secret = host.settings.new_secret(timezone.now())
    host.settings.save()
    assert host.secret not in host.settings.encrypted_secret
    assert Browser(host).identify(old).status_code == 200
    assert Browser(host).identify(host.token()).status_code == 200
    later = timezone.now() + timedelta(hours=26)
    assert len(host.settings.rules(later).keys) == 1
    host.settings.end_old_secret()
    host.settings.save()
    assert Browser(host).identify(old).json()["reason"] == "bad_signature"


def test_after_a_change_of_the_secret_key_tokens_are_refused_and_that_is_seen(
    host: Host, settings: Any
) -> None:
    settings.SECRET_KEY = "another " * 8
    assert not host.settings.secret_is_readable()
    assert Browser(host).identify(host.token()).json()["reason"] == "no_key"
