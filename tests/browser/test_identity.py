"""Verified customers in a host page: what A said is never seen by B, nor sent as B."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import DELETE, EMAIL
from tests.browser.conftest import MANY_TESTS, Visits, keep_picture, serving
from tests.browser.desk_people import Desk
from tests.browser.host_pages import HostServer, chat, host_server, launcher, page
from tests.browser.test_admin import violations
from tests.browser.test_widget import ask_inside, in_server, picture, ready_chat
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
MAKE_SITE = """
import json
from django.utils import timezone
from conversations.models import Site, SiteIdentity
from knowledge.models import Audience
site = Site.objects.create(name="Members", origins={origins!r})
site.audiences.set(Audience.objects.filter(slug="public"))
identity = SiteIdentity(site=site, algorithm="HS256")
secret = identity.new_secret(timezone.now())
identity.save()
print(json.dumps([site.key, secret]))
"""
MAKE_EVA = """
import json, time, uuid
import jwt
from django.utils import timezone
from conversations.actions.conversations import start
from conversations.actions.escalations import request_person
from conversations.actions.identity import identify
from conversations.intake import submit
from conversations.models import Contact, Site, SiteIdentity
from conversations.tokens import held_by
site = Site.objects.create(name="Members")
settings = SiteIdentity(site=site, algorithm="HS256")
secret = settings.new_secret(timezone.now())
settings.save()
for words in ("I say that I am Eva", "Eva is signed in"):
    chat, token = start(None, "192.0.2.1", site)
    request_person(chat.pk)
    submit(chat, words, uuid.uuid4())
    if "say" in words:
        Contact.objects.create(conversation=chat, email="eva@example.com")
now = int(time.time())
claims = {"sub": "c-1", "aud": site.key, "iat": now, "exp": now + 600, "name": "Eva Example",
          "email": "eva@example.com", "attributes": {"plan": "gold"}}
identify(site, jwt.encode(claims, secret, algorithm="HS256"), held_by(token))
print(json.dumps(str(chat.pk)))
"""
WHO_SAID = """
import json
from conversations.models import Message
rows = Message.objects.filter(role="customer", conversation__site__key={key!r})
rows = rows.order_by("created_at")
rows = rows.select_related("conversation__visitor__verified")
print(json.dumps([[row.text, getattr(getattr(row.conversation.visitor, "verified", None),
                   "subject", "")] for row in rows]))
"""
# `void`: Playwright would call the function that comes back, which ends it.
LISTEN = (
    "window.heard = []; void supportbot.on('identity', said => heard.push([said.state, said.code]))"
)
Member = tuple[str, str]


@pytest.fixture(scope="module")
def hosts() -> Iterator[HostServer]:
    with host_server() as made:
        yield made


@pytest.fixture
def member(server: ServerProcess, hosts: HostServer) -> Member:
    """A site of its own for each test: its key and secret."""
    origins = f"{hosts.url}\n{hosts.same_site_url}"
    key, secret = in_server(server, MAKE_SITE.format(origins=origins))
    return key, secret


def token(member: Member, subject: str, **changes: Any) -> str:
    now = int(time.time())
    claims = {"sub": subject, "aud": member[0], "iat": now, "exp": now + 600, **changes}
    return jwt.encode(claims, member[1], algorithm="HS256")


def tag(server: ServerProcess, member: Member) -> str:
    return f'<script src="{server.url}/widget.js" data-site="{member[0]}" async></script>'


def early(said: str) -> str:
    return f'<script>window.supportbot = [["identify", {said}]];</script>'


def signed_in(value: str) -> str:
    return early(f'{{token: "{value}"}}')


def said(server: ServerProcess, member: Member) -> list[list[str]]:
    found: list[list[str]] = in_server(server, WHO_SAID.format(key=member[0]))
    return found


def heard(shown: Page, *states: str) -> None:
    """Wait until the host page has been told these states, the last ones of all."""
    shown.wait_for_function(
        "states => JSON.stringify(heard.slice(-states.length).map(one => one[0]))"
        " === JSON.stringify(states)",
        arg=list(states),
    )


def everything_kept(shown: Page) -> str:
    """All that any storage of the page and its frames holds."""
    script = "JSON.stringify([...Object.entries(localStorage), ...Object.entries(sessionStorage)])"
    found = [shown.evaluate(script)]
    for frame in shown.frames:
        if "/widget/" in frame.url:
            found.append(
                frame.evaluate(f"() => {{ try {{ return {script} }} catch {{ return '' }} }}")
            )
    return " ".join(found)


@pytest.mark.parametrize("storage", ["refused to the frame", "its own"])
def test_a_chat_comes_along_and_the_next_customer_sees_nothing_of_it(
    visits: Visits, hosts: HostServer, server: ServerProcess, member: Member, storage: str
) -> None:
    base = hosts.same_site_url if storage == "its own" else hosts.url
    hosts.put("/shop", page(tag(server, member)))
    hosts.put("/a", page(tag(server, member), signed_in(token(member, "a"))))
    shown = visits.open(f"{base}/shop")
    launcher(shown).click()
    ask_inside(shown)
    shown.evaluate(LISTEN)
    shown.evaluate("token => supportbot.identify({token})", token(member, "a"))
    heard(shown, "verified")
    inside = ready_chat(shown)
    expect(inside.locator(".message.assistant:not(.draft)")).to_have_count(1)
    ask_inside(shown, EMAIL)
    assert said(server, member) == [[DELETE, "a"], [EMAIL, "a"]]

    # On the next page, where the page says so again.
    shown.goto(f"{base}/a")
    expect(chat(shown).locator(".message.assistant:not(.draft)")).to_have_count(2)
    chat(shown).locator("#box").fill("A has begun to write")
    shown.evaluate(LISTEN)
    shown.evaluate("token => supportbot.identify({token})", token(member, "b"))
    heard(shown, "verified", "verified")
    inside = ready_chat(shown)
    expect(inside.locator("#welcome")).to_be_visible()
    expect(inside.locator("#box")).to_have_value("")
    assert inside.locator(".message").count() == 0
    kept = everything_kept(shown)
    for words in ("A has begun", "delete my account", "e-mail address"):
        assert words not in kept
    ask_inside(shown, "Something of B")
    assert said(server, member)[-1] == ["Something of B", "b"]
    inside.locator("#menu-button").click()
    inside.locator("#menu-chats").click()
    expect(inside.locator(".chat-row")).to_have_count(1)
    picture(shown, f"identity-b-{storage.replace(' ', '-')}")


def test_what_a_could_not_send_is_never_sent_as_b(
    visits: Visits, hosts: HostServer, server: ServerProcess, member: Member
) -> None:
    visits.cuts_connection = True
    hosts.put("/outbox", page(tag(server, member), signed_in(token(member, "a"))))
    shown = visits.open(f"{hosts.same_site_url}/outbox")
    launcher(shown).click()
    ask_inside(shown)
    for path in ("**/api/v1/conversations/**", "**/ws/chat/"):
        shown.context.route(path, lambda route: route.abort())
    shown.context.set_offline(True)
    inside = ready_chat(shown)
    inside.locator("#box").fill("Only for A")
    inside.locator("#box").press("Enter")
    expect(inside.get_by_text("Only for A")).to_be_visible()
    inside.locator("#file").set_input_files(
        {"name": "bill-of-a.txt", "mimeType": "text/plain", "buffer": b"Only for A"}
    )
    expect(inside.locator(".file-chip")).to_be_visible()
    shown.wait_for_timeout(300)
    assert "bill-of-a" in everything_kept(shown)
    shown.evaluate("token => supportbot.identify({token})", token(member, "b"))
    shown.wait_for_timeout(500)
    shown.context.set_offline(False)
    shown.context.unroute_all()
    shown.reload()
    shown.evaluate(LISTEN)
    shown.evaluate("token => supportbot.identify({token})", token(member, "b"))
    heard(shown, "verified")
    assert "Only for A" not in everything_kept(shown)
    assert "bill-of-a" not in everything_kept(shown)
    expect(ready_chat(shown).locator(".file-chip")).to_have_count(0)
    ask_inside(shown, "From B")
    assert [row for row in said(server, member) if row[1] == "b"] == [["From B", "b"]]


def test_signing_out_forgets_the_chat_even_on_the_way_to_another_page(
    visits: Visits, hosts: HostServer, server: ServerProcess, member: Member
) -> None:
    hosts.put("/in", page(tag(server, member), signed_in(token(member, "a"))))
    hosts.put("/out", page(tag(server, member)))
    shown = visits.open(f"{hosts.same_site_url}/in")
    launcher(shown).click()
    ask_inside(shown)
    chat(shown).locator("#close-chat").click()
    # Said and gone: there is no time for anything to be done.
    shown.evaluate("() => { supportbot.identify(null); location.href = '/out'; }")
    shown.wait_for_url("**/out")
    expect(launcher(shown)).to_be_visible()
    launcher(shown).click()
    inside = ready_chat(shown)
    expect(inside.locator("#welcome")).to_be_visible()
    ask_inside(shown, "Nobody knows me")
    assert said(server, member) == [[DELETE, "a"], ["Nobody knows me", ""]]
    # Signed in again, A finds the chat in the list, and what was written between comes along.
    shown.goto(f"{hosts.same_site_url}/in")
    expect(inside.locator(".message.assistant:not(.draft)")).to_have_count(1)
    inside.locator("#menu-button").click()
    inside.locator("#menu-chats").click()
    expect(inside.locator(".chat-row")).to_have_count(2)


def test_a_refused_token_is_told_to_the_page_and_the_chat_goes_on(
    visits: Visits, hosts: HostServer, server: ServerProcess, member: Member
) -> None:
    visits.cuts_connection = True
    listen = """<script>window.heard = [];
      window.supportbot = [["on", "identity", said => heard.push([said.state, said.code])]];
    </script>"""
    hosts.put("/refused", page(tag(server, member), listen))
    shown = visits.open(f"{hosts.url}/refused")
    old = token(member, "a", exp=int(time.time()) - 5)
    launcher(shown).click()
    shown.evaluate("token => supportbot.identify({token})", old)
    heard(shown, "refused")
    assert shown.evaluate("heard") == [["refused", "expired"]]
    ask_inside(shown)
    shown.evaluate("token => supportbot.identify({token})", token(member, "a"))
    heard(shown, "refused", "verified")
    assert said(server, member) == [[DELETE, "a"]]


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose tokens live for six seconds."""
    settings = {**MANY_TESTS, "VISITOR_TOKEN_MINUTES": "0.1"}
    yield from serving(Path(tmp_path_factory.mktemp("hasty")), settings)


def test_a_chat_outlives_its_tokens(browser: Browser, hasty: ServerProcess) -> None:
    visits = Visits(browser, hasty.url)
    visits.cuts_connection = True
    shown = visits.open()
    for count in (1, 2):
        shown.locator("#box").fill(DELETE)
        shown.locator("#box").press("Enter")
        expect(shown.locator(".message.assistant:not(.draft)")).to_have_count(count)
        shown.wait_for_timeout(7000)
    assert shown.locator("#page-problem").is_hidden()
    shown.reload()
    expect(shown.locator(".message.assistant:not(.draft)")).to_have_count(2)
    assert visits.errors == []
    visits.close()


def test_who_is_verified_is_marked_and_two_can_be_merged_and_parted(
    visits: Visits, desk: Desk, server: ServerProcess, axe: str
) -> None:
    in_server(server, MAKE_EVA)
    page = desk.page
    desk.open_row("Eva is signed in")
    mark = page.locator("desk-customer .chip[data-tone=verified]").first
    expect(mark).to_have_text("Verified: Eva Example")
    expect(mark.locator("svg")).to_be_visible()
    expect(page.locator("desk-customer")).to_contain_text("gold")
    row = page.locator(".row-item", has_text="Eva is signed in")
    expect(row.locator(".chip[data-tone=verified]")).to_have_text("Verified: Eva Example")
    alike = page.locator("desk-customer li", has_text="only stated: a hint, no proof")
    keep_picture(page, "desk-verified")
    assert violations(page, axe) == []
    alike.get_by_role("button", name="Merge").click()
    page.locator("dialog").get_by_role("button", name="Merge").click()
    expect(page.locator("desk-customer")).to_contain_text("Merged at the desk")
    other = page.locator("desk-customer .others").get_by_role("button", name="I say that I am Eva")
    other.click()
    expect(desk.message("I say that I am Eva").first).to_be_visible()
    expect(page.locator("desk-customer")).to_contain_text("Not verified")
    row = page.locator(".row-item", has_text="I say that I am Eva")
    expect(row.locator("[data-tone=verified]")).to_have_count(0)
    page.get_by_role("button", name="Part again").click()
    page.locator("dialog").get_by_role("button", name="Part").click()
    expect(page.locator("desk-customer")).to_contain_text("May be the same customer")
    page.get_by_text("Audit trail").click()
    expect(page.locator(".trail")).to_contain_text("merged two customers at the desk")
    expect(page.locator(".trail")).to_contain_text("parted two customers again")
