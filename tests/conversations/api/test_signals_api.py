"""What customers do with replies: each thing counted once, for the right reply, without words."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from conversations.actions import answer_signals
from conversations.actions.messages import claim, record_reply
from conversations.answering.values import Reply
from conversations.models import Answer, Message, Signal, SignalKind
from conversations.rephrasing import is_rephrased
from knowledge.actions.defaults import ensure_defaults
from tests import admin_cast
from tests.conversations.api.test_visits_api import Visit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(rung: list[str]) -> None:
    cache.clear()
    ensure_defaults()


@pytest.fixture
def visit() -> Visit:
    return Visit()


@pytest.fixture
def answered(reply: Callable[[str], Reply]) -> Callable[[Visit, str], Message]:
    def ask(visit: Visit, text: str) -> Message:
        question = claim(visit.say(text).pk)
        assert question is not None
        final = record_reply(question.pk, question.attempt, reply("Here you are."))
        assert final is not None
        return final

    return ask


def tell(visit: Visit, *signals: dict[str, Any]) -> Any:
    return visit.call("post", visit.here("signals/"), {"signals": list(signals)})


def kinds() -> list[str]:
    return sorted(Signal.objects.values_list("kind", flat=True))


def test_each_thing_is_counted_once(
    visit: Visit, answered: Callable[[Visit, str], Message]
) -> None:
    final = answered(visit, "How do I return a lamp?")
    opened = {"kind": "source_opened", "message": str(final.pk), "marker": 1}
    other = {**opened, "marker": 2}
    copied = {"kind": "copied", "message": str(final.pk)}
    for _ in range(3):
        assert tell(visit, opened, other, copied).status_code == 204
    assert kinds() == ["copied", "source_opened", "source_opened"]


def test_what_is_of_another_chat_or_no_reply_is_left_out(
    visit: Visit, answered: Callable[[Visit, str], Message]
) -> None:
    foreign = answered(Visit(), "Where is my order?")
    own = visit.say("A question")
    for about in (foreign.pk, own.pk, uuid.uuid4()):
        assert tell(visit, {"kind": "copied", "message": str(about)}).status_code == 204
    assert tell(visit, {"kind": "solved"}).status_code == 400
    assert tell(Visit(), {"kind": "left"}).status_code == 204
    assert kinds() == []


def test_left_counts_until_somebody_comes_back_or_says_something(
    visit: Visit, answered: Callable[[Visit, str], Message]
) -> None:
    visit.say("A question without an answer")
    tell(visit, {"kind": "left"})
    assert kinds() == []
    answered(visit, "How do I return a lamp?")
    tell(visit, {"kind": "left"})
    tell(visit, {"kind": "left"})
    assert kinds() == ["left"]
    tell(visit, {"kind": "back"})
    assert kinds() == []
    tell(visit, {"kind": "left"})
    final = answered(visit, "And a table?")
    assert kinds() == []
    visit.call("post", f"/messages/{final.pk}/feedback/", {"rating": 1})
    tell(visit, {"kind": "left"})
    assert kinds() == []


def test_solved_follows_the_customer(
    visit: Visit, answered: Callable[[Visit, str], Message]
) -> None:
    visit.call("post", visit.here("rating/"), {"solved": True})
    assert kinds() == []
    final = answered(visit, "How do I return a lamp?")
    for _ in range(2):
        visit.call("post", visit.here("rating/"), {"solved": True})
    assert Signal.objects.get().message == final
    visit.call("post", visit.here("rating/"), {"solved": False})
    assert kinds() == []


def test_the_same_question_in_other_words_soon_after(
    visit: Visit, answered: Callable[[Visit, str], Message]
) -> None:
    first = answered(visit, "How do I return a broken lamp?")
    answered(visit, "I want to return my lamp, it is broken")
    assert [(row.kind, row.message) for row in Signal.objects.all()] == [("rephrased", first)]
    answered(visit, "What are your opening hours?")
    assert Signal.objects.count() == 1


def test_much_later_it_is_no_second_try(
    visit: Visit, answered: Callable[[Visit, str], Message]
) -> None:
    first = answered(visit, "How do I return a broken lamp?")
    assert first.reply_to is not None
    first.reply_to.created_at -= timedelta(minutes=3)
    first.reply_to.save(update_fields=["created_at"])
    answered(visit, "How can I return a broken lamp?")
    assert kinds() == []


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("How do I delete my account?", "delete account how", True),
        ("Wie lösche ich mein Konto?", "Konto löschen, wie geht das?", True),
        ("パスワードを変更したい", "パスワードの変更方法", True),
        ("What?", "Why?", False),
        ("How do I delete my account?", "Do you deliver to Norway?", False),
    ],
)
def test_words_in_common(before: str, after: str, same: bool) -> None:
    assert is_rephrased(before, after) is same


def test_there_is_a_cap(
    visit: Visit, answered: Callable[[Visit, str], Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_signals, "MOST_OF_A_CHAT", 3)
    final = answered(visit, "How do I return a lamp?")
    rows = [
        {"kind": "source_opened", "message": str(final.pk), "marker": number}
        for number in range(10)
    ]
    tell(visit, *rows)
    assert Signal.objects.count() == 3
    answers = {tell(visit, rows[0]).status_code for _ in range(61)}
    assert answers == {204, 429}


def test_they_go_with_the_chat_and_stand_on_the_answers_page(
    visit: Visit, answered: Callable[[Visit, str], Message]
) -> None:
    final = answered(visit, "How do I return a lamp?")
    tell(visit, {"kind": "copied", "message": str(final.pk)})
    client = admin_cast.signed_in(admin_cast.operator())
    listed = client.get("/admin/conversations/answer/").content.decode()
    assert "Answer copied 1" in listed
    answer = Answer.objects.get(message=final)
    page = client.get(f"/admin/conversations/answer/{answer.pk}/change/").content.decode()
    assert "What the customer did with it: Answer copied 1." in page
    response: Any = client.get("/admin/conversations/feedback/export/")
    header, row = b"".join(response.streaming_content).decode().splitlines()
    values = dict(zip(header.split(","), row.split(","), strict=True))
    assert values["copied"] == "1"
    assert values[SignalKind.SOLVED.value] == "0"
    assert "lamp" not in row
    outsider = admin_cast.signed_in(admin_cast.outsider())
    assert outsider.get("/admin/conversations/feedback/export/").status_code == 403
    visit.call("delete", visit.here())
    assert kinds() == []
