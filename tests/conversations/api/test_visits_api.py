"""A visitor's chats over plain HTTP: list, keep, rate, report, erase; only one's own."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from conversations.actions.messages import claim, record_reply
from conversations.answering.values import Reply
from conversations.models import (
    Answer,
    CachedAnswer,
    CacheHit,
    ChatRating,
    Conversation,
    Escalation,
    Message,
    PageContext,
    ProblemReport,
    Site,
    Visitor,
)
from knowledge.actions.defaults import ensure_defaults

pytestmark = pytest.mark.django_db
BASE = "/api/v1"
JSON = "application/json"


@pytest.fixture(autouse=True)
def _fresh(rung: list[str]) -> None:
    cache.clear()
    ensure_defaults()


class Visit:
    """A visitor's browser."""

    def __init__(self, site: str = "") -> None:
        self.client = Client()
        started = self.client.post(f"{BASE}/conversations/", {"site": site}, JSON).json()
        self.id, self.token = started["id"], started["token"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        send = getattr(self.client, method)
        return send(f"{BASE}{path}", body or {}, content_type=JSON, headers=headers)

    def get(self, path: str) -> Any:
        return self.client.get(f"{BASE}{path}", headers={"Authorization": f"Bearer {self.token}"})

    def here(self, end: str = "") -> str:
        return f"/conversations/{self.id}/{end}"

    def say(self, text: str) -> Message:
        body = {"client_id": str(uuid.uuid4()), "text": text}
        sent = self.call("post", self.here("messages/"), body).json()
        return Message.objects.get(pk=sent["id"])


@pytest.fixture
def site() -> Site:
    return Site.objects.create(name="Shop")


def test_a_chat_begins_on_its_site_and_the_token_counts_there_only(site: Site) -> None:
    other = Site.objects.create(name="Other")
    visit = Visit(site.key)
    begun = Conversation.objects.get(pk=visit.id)
    assert (begun.site, begun.is_test) == (site, False)
    again = visit.call("post", "/conversations/", {"site": site.test_key})
    assert again.status_code == 201
    assert Conversation.objects.get(pk=again.json()["id"]).is_test
    for wrong in (other.key, ""):
        refused = visit.call("post", "/conversations/", {"site": wrong})
        assert (refused.status_code, refused.json()["code"]) == (403, "other_site")
    unknown = Client().post(f"{BASE}/conversations/", {"site": "site_no"}, JSON)
    assert (unknown.status_code, unknown.json()["code"]) == (403, "no_site")
    assert Conversation.objects.count() == 2


def test_my_chats_are_listed_by_their_first_words_without_empty_ones() -> None:
    visit, other = Visit(), Visit()
    other.say("Somebody else's")
    assert visit.get("/conversations/").json() == {"conversations": []}
    visit.say("  Where is\nmy parcel? ")
    (row,) = visit.get("/conversations/").json()["conversations"]
    assert (row["id"], row["title"]) == (visit.id, "Where is my parcel?")
    assert Client().get(f"{BASE}/conversations/").status_code == 401


def test_the_transcript_is_the_chat_as_text(reply: Callable[..., Reply]) -> None:
    visit = Visit()
    asked = visit.say("How do I <b>return</b> it?")
    answer(asked, reply("Send it back."))
    got = visit.get(visit.here("transcript/"))
    text = got.content.decode()

    assert got["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in got["Content-Disposition"]
    assert "How do I <b>return</b> it?" in text
    assert text.index("You,") < text.index("AI assistant,")
    assert "Send it back." in text


def answer(question: Message, made: Reply) -> Answer:
    claimed = claim(question.pk)
    assert claimed
    final = record_reply(question.pk, claimed.attempt, made)
    assert final
    return Answer.objects.get(message=final)


def test_erasing_leaves_nothing_of_the_chat(reply: Callable[..., Reply]) -> None:
    visit, other = Visit(), Visit()
    made = answer(visit.say("My secret question"), reply("An answer"))
    visit.call("post", f"/messages/{made.message_id}/feedback/", {"rating": -1})
    visit.call("post", visit.here("rating/"), {"solved": False})
    visit.call("post", visit.here("reports/"), {"kind": "wrong"})
    visit.call("post", visit.here("context/"), {"page_url": "https://a.example/x"})
    visit.call("post", visit.here("escalate/"))
    other.say("Stays")
    erased = visit.call("delete", visit.here())

    assert (erased.status_code, erased.json()) == (200, {"chats_left": 0})
    for model in (Answer, ChatRating, PageContext, ProblemReport, Escalation):
        assert not model.objects.exists(), model
    assert [row.text for row in Message.objects.all()] == ["Stays"]
    assert Visitor.objects.count() == 1
    assert visit.get("/conversations/").status_code == 401, "the token went with the last chat"


def test_erasing_takes_the_words_out_of_answers_given_to_others(
    reply: Callable[..., Reply],
) -> None:
    visit, other = Visit(), Visit()
    made = answer(visit.say("My secret question"), reply())
    entry = keep(made)
    given = answer(other.say("The same"), reply())
    CacheHit.objects.create(
        answer=given, entry=entry, layer="exact", asked_first="My secret question"
    )
    visit.call("delete", visit.here())
    assert CacheHit.objects.get().asked_first == ""


def keep(made: Answer) -> uuid.UUID:
    return CachedAnswer.objects.create(
        answer=made,
        scope="s",
        normal_hash="h",
        question="My secret question",
        vector=b"",
        evidence=[],
        text="",
        citations=[],
        used=[],
        facts={},
        audiences="public",
        language="en",
        prompt_version="p",
        model="m",
    ).pk


def test_one_of_two_chats_can_be_erased() -> None:
    visit = Visit()
    visit.say("First")
    second = visit.call("post", "/conversations/").json()["id"]
    assert visit.call("delete", visit.here()).json() == {"chats_left": 1}
    assert visit.get(f"/conversations/{second}/").status_code == 200
    assert visit.get(visit.here()).status_code == 404


def test_the_page_is_kept_without_what_may_be_secret_in_its_address() -> None:
    visit = Visit()
    context = {
        "page_url": "https://eva:pw@shop.example:8443/cart?token=1#x",
        "page_title": "Cart" * 200,
        "values": {"plan": "gold", "n": 3, "deep": {"a": 1}, "long": "x" * 900},
        "name": "Eva",
        "email": "eva@example.com",
    }
    assert visit.call("post", visit.here("context/"), context).status_code == 204
    row = PageContext.objects.get()
    assert row.page_url == "https://shop.example:8443/cart"
    assert len(row.page_title) == 300
    assert row.values == {"plan": "gold", "n": "3", "long": "x" * 300}
    visit.call("post", visit.here("context/"), {"page_url": "javascript:alert(1)"})
    row.refresh_from_db()
    assert (row.page_url, row.said_name) == ("", "Eva")
    many = {"values": {str(n): "x" for n in range(50)}}
    visit.call("post", visit.here("context/"), many)
    row.refresh_from_db()
    assert len(row.values) == 20


def test_whether_it_helped_can_be_said_and_changed() -> None:
    visit = Visit()
    visit.call("post", visit.here("rating/"), {"solved": True})
    visit.call("post", visit.here("rating/"), {"solved": False, "stars": 2, "comment": "Slow"})
    row = ChatRating.objects.get()
    assert (row.solved, row.stars, row.comment) == (False, 2, "Slow")
    for wrong in ({}, {"solved": True, "stars": 6}, {"solved": "maybe"}):
        assert visit.call("post", visit.here("rating/"), wrong).status_code == 400


def test_problems_are_reported_with_ones_own_messages_only_and_not_without_end() -> None:
    visit, other = Visit(), Visit()
    mine, theirs = visit.say("Mine"), other.say("Theirs")
    about = visit.here("reports/")
    sent = visit.call("post", about, {"kind": "private", "message": str(mine.pk), "text": "!"})
    assert sent.status_code == 204
    assert ProblemReport.objects.get().message == mine
    wrong = visit.call("post", about, {"kind": "private", "message": str(theirs.pk)})
    assert wrong.status_code == 404
    assert visit.call("post", about, {"kind": "no such"}).status_code == 400
    for _ in range(30):
        visit.call("post", about, {"kind": "other"})
    assert ProblemReport.objects.count() == 20


@pytest.mark.parametrize(
    ("method", "end"),
    [
        ("get", ""),
        ("delete", ""),
        ("get", "transcript/"),
        ("post", "context/"),
        ("post", "rating/"),
        ("post", "reports/"),
    ],
)
def test_nobody_reaches_the_chat_of_another(method: str, end: str) -> None:
    owner, stranger = Visit(), Visit()
    owner.say("Mine")
    body = {"solved": True, "kind": "other", "page_url": "https://evil.example/"}
    reach = stranger.get if method == "get" else lambda path: stranger.call(method, path, body)
    assert reach(owner.here(end)).status_code == 404
    given = {} if method == "get" else {"data": body, "content_type": JSON}
    bare = getattr(Client(), method)(f"{BASE}{owner.here(end)}", **given)
    assert bare.status_code == 401
    assert Conversation.objects.filter(pk=owner.id).exists()
    assert not ChatRating.objects.exists()
    assert not ProblemReport.objects.exists()
    assert not PageContext.objects.exists()
