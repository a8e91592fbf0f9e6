"""The desk's page and its JSON: who reads it, under which policy, and what it holds."""

import json
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from conversations.actions import conversations as starting
from conversations.actions import desk, escalations
from conversations.models import CannedReply, Conversation, Message, PageContext, Presence, Team
from supportbot.roles import AGENT
from tests import admin_cast

Ask = Callable[[str], Message]


def paths(conversation: Conversation) -> list[str]:
    return [
        reverse("admin:desk"),
        reverse("admin:desk_lists"),
        reverse("admin:desk_queue"),
        reverse("admin:desk_thread", args=[conversation.pk]),
        reverse("admin:desk_why", args=[uuid.uuid4()]),
    ]


def test_strangers_read_nothing(conversation: Conversation) -> None:
    outsider = admin_cast.signed_in(admin_cast.outsider())
    for path in paths(conversation):
        assert Client().get(path).status_code == 302
        assert outsider.get(path).status_code == 403
    act = {"act": "take", "conversation": str(conversation.pk)}
    for client, status in ((Client(), 302), (outsider, 403)):
        answered = client.post(reverse("admin:desk_act"), act, content_type="application/json")
        assert answered.status_code == status
    conversation.refresh_from_db()
    assert conversation.agent is None


def test_an_act_needs_the_token_of_the_page(conversation: Conversation) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_cast.agent())
    act = {"act": "take", "conversation": str(conversation.pk)}
    refused = client.post(reverse("admin:desk_act"), act, content_type="application/json")
    assert refused.status_code == 403


def test_the_page_keeps_the_strict_policy(conversation: Conversation) -> None:
    page = admin_cast.signed_in(admin_cast.agent()).get(reverse("admin:desk"))
    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    html = page.content.decode()
    assert " style=" not in html
    assert "<script>" not in html
    assert "onclick" not in html
    me = json.loads(page.context["me"])
    assert {"reply", "note", "draft", "block"} <= set(me["may"])
    assert "faq" not in me["may"]


def test_a_thread_holds_messages_notes_customer_and_trail(
    conversation: Conversation, ask: Ask
) -> None:
    amira = admin_cast.agent()
    client = admin_cast.signed_in(amira)
    ask("<b>Where</b> is it?")
    desk.write_note(conversation.pk, amira, "Ask the <i>carrier</i>")
    shown = client.get(reverse("admin:desk_thread", args=[conversation.pk])).json()
    assert [message["text"] for message in shown["messages"]] == ["<b>Where</b> is it?"]
    assert shown["messages"][0]["html"] == ""
    assert [note["text"] for note in shown["notes"]] == ["Ask the <i>carrier</i>"]
    assert shown["customer"]["others"] == []
    assert [act["what"] for act in shown["acts"]] == ["wrote a note"]


def test_a_queue_and_a_search(conversation: Conversation, ask: Ask) -> None:
    client = admin_cast.signed_in(admin_cast.agent())
    ask("Where is it?")
    found = client.get(reverse("admin:desk_queue"), {"queue": "bot"}).json()
    assert [row["words"] for row in found["rows"]] == ["Where is it?"]
    assert found["counts"]["bot"] == 1
    searched = client.get(reverse("admin:desk_queue"), {"q": "where is"}).json()
    assert len(searched["rows"]) == 1
    assert client.get(reverse("admin:desk_queue"), {"queue": "none"}).status_code == 404
    assert client.get(reverse("admin:desk_queue"), {"q": "a\x00b"}).status_code == 200


def test_acts_over_http(conversation: Conversation) -> None:
    client = admin_cast.signed_in(admin_cast.agent())
    path = reverse("admin:desk_act")

    def post(body: object) -> tuple[int, str]:
        answered = client.post(path, json.dumps(body), content_type="application/json")
        return answered.status_code, answered.json().get("code", "")

    assert post({"act": "take", "conversation": str(conversation.pk)}) == (200, "")
    assert post({"act": "nonsense"}) == (400, "unknown_act")
    assert post(["take"]) == (400, "bad_request")
    assert post({"act": "take", "conversation": str(uuid.uuid4())}) == (404, "not_found")


def test_canned_replies_are_edited_in_the_admin_and_offered_at_the_desk(
    conversation: Conversation,
) -> None:
    operator = admin_cast.signed_in(admin_cast.operator())
    add = reverse("admin:conversations_cannedreply_add")
    values = {"shortcut": "hours", "title": "Opening hours", "text": "We are here from 9 to 5."}
    assert operator.post(add, {**values, "shortcut": "two words"}).status_code == 200
    assert CannedReply.objects.count() == 0
    assert operator.post(add, values).status_code == 302
    agent = admin_cast.signed_in(admin_cast.person("bea", AGENT))
    assert agent.get(add).status_code == 403
    lists = agent.get(reverse("admin:desk_lists")).json()
    assert lists["canned"] == [values]
    assert [one["name"] for one in lists["colleagues"]] == ["Bea"]


@pytest.mark.parametrize("name", ["cannedreply", "tag", "answerflag", "deskact", "agentreaders"])
def test_the_lists_open(name: str, db: None) -> None:
    client = admin_cast.signed_in(admin_cast.administrator())
    assert client.get(reverse(f"admin:conversations_{name}_changelist")).status_code == 200


def test_more_rows_come_when_they_are_asked_for(
    conversation: Conversation, rung: list[str]
) -> None:
    client = admin_cast.signed_in(admin_cast.agent())
    address = reverse("admin:desk_queue")
    for _ in range(3):
        chat, _ = starting.start(None, "192.0.2.7")
        escalations.request_person(chat.pk)
    for most, shown, more in (("2", 2, True), ("3", 3, False), ("", 3, False), ("x", 3, False)):
        page = client.get(address, {"queue": "unassigned", "most": most}).json()
        assert (len(page["rows"]), page["more"]) == (shown, more)
    assert len(page["calling"]) == 3
    assert page["next_waking"] is None


@pytest.mark.parametrize("team", ["nonsense", "-1", "9" * 30, "mine'--"])
def test_a_team_that_is_none_hurts_nothing(conversation: Conversation, team: str) -> None:
    client = admin_cast.signed_in(admin_cast.agent())
    found = client.get(reverse("admin:desk_queue"), {"queue": "unassigned", "team": team})
    assert found.status_code == 200


def test_what_the_page_said_is_shown_and_its_address_is_followed_only_when_safe(
    conversation: Conversation,
) -> None:
    client = admin_cast.signed_in(admin_cast.agent())
    row = PageContext.objects.create(
        conversation=conversation, page_url="https://a.example/x", values={"plan": "Gold"}
    )
    address = reverse("admin:desk_thread", args=[conversation.pk])
    page = client.get(address).json()["customer"]["page"]
    assert (page["safe"], page["values"]) == (True, [["plan", "Gold"]])
    for hostile in ("javascript:alert(1)", "data:text/html,x", "//a.example", "https://", "http:x"):
        row.page_url = hostile
        row.save()
        assert client.get(address).json()["customer"]["page"]["safe"] is False, hostile


def test_the_lists_say_who_is_at_the_desk_and_who_is_in_a_team(conversation: Conversation) -> None:
    amira = admin_cast.agent()
    bea = admin_cast.person("bea", AGENT)
    team = Team.objects.create(name="Billing")
    team.members.add(amira, bea)
    Presence.beat(bea.pk)
    desk.take(conversation.pk, bea)
    found = admin_cast.signed_in(amira).get(reverse("admin:desk_lists")).json()
    assert found["colleagues"] == [
        {"id": bea.pk, "name": "Bea", "here": True, "has": 1},
        {"id": amira.pk, "name": "Amira", "here": False, "has": 0},
    ]
    assert found["teams"] == [{"id": team.pk, "name": "Billing", "here": 1, "mine": True}]
