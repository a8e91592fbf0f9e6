"""Files in a chat: handed in and sent once, read by those who may, gone with the chat."""

import os
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from conversations.actions import attachments
from conversations.actions.messages import claim, record_reply
from conversations.answering.codes import Code
from conversations.answering.values import Reply
from conversations.desk.acts import perform
from conversations.loading import question_of
from conversations.models import Attachment, Conversation, Escalation, Message
from conversations.models.attachment import FOLDER
from conversations.protocol import message_frame
from conversations.tokens import reopening_token
from knowledge.actions.defaults import ensure_defaults
from supportbot.roles import AGENT
from tests import admin_cast
from tests.conversations.api.test_visits_api import BASE, Visit
from tests.conversations.test_attachment_files import EXE, PDF, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(rung: list[str], settings: LazySettings, tmp_path: Path) -> None:
    cache.clear()
    ensure_defaults()
    settings.MEDIA_ROOT = tmp_path / "files"


class Sender(Visit):
    """A visitor who sends files."""

    def hand_in(
        self, content: bytes, name: str = "photo.png", client_id: str = "", token: str = ""
    ) -> Any:
        file = SimpleUploadedFile(name, content)
        return self.client.post(
            f"{BASE}{self.here('attachments/')}",
            {"client_id": client_id or str(uuid.uuid4()), "file": file},
            headers={"Authorization": f"Bearer {token or self.token}"},
        )

    def send(self, text: str, *files: str, client_id: str = "") -> Any:
        body = {
            "client_id": client_id or str(uuid.uuid4()),
            "text": text,
            "attachments": list(files),
        }
        return self.call("post", self.here("messages/"), body)

    def sent_file(self, text: str = "", content: bytes = b"") -> Attachment:
        given = self.hand_in(content or picture("PNG")).json()
        assert self.send(text, given["client_id"]).status_code == 201
        return Attachment.objects.get(pk=given["id"])

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(pk=self.id)


@pytest.fixture
def sender() -> Sender:
    return Sender()


def stored() -> list[str]:
    root = default_storage.path(FOLDER)
    return [name for _, _, names in os.walk(root) for name in names]


def test_a_file_is_handed_in_and_sent_once(sender: Sender) -> None:
    file, message = str(uuid.uuid4()), str(uuid.uuid4())
    first = sender.hand_in(picture("PNG"), client_id=file)
    again = sender.hand_in(picture("PNG"), client_id=file)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["type"] == "image/png"
    answers = [sender.send("See this", file, client_id=message) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    row = Message.objects.get(client_msg_id=message)
    assert [one["name"] for one in message_frame(row)["attachments"]] == ["photo.png"]
    listed = sender.get(sender.here("messages/")).json()["messages"]
    assert listed[0]["attachments"] == message_frame(row)["attachments"]
    assert len(stored()) == 1
    # The same ids with something else in them are another thing.
    assert sender.hand_in(PDF, client_id=file).status_code == 409
    assert sender.send("See this", client_id=message).json()["code"] == "conflict"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (EXE, "holiday.png", "file_program"),
        (b"<svg onload=alert(1)>", "x.svg", "file_type"),
        (b"", "x.txt", "file_empty"),
        (picture("PNG")[:40], "x.png", "file_broken_picture"),
    ],
)
def test_what_is_refused_says_why(sender: Sender, content: bytes, name: str, code: str) -> None:
    answer = sender.hand_in(content, name)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert len(answer.json()["text"]) > 20
    assert stored() == []


def test_limits(sender: Sender, settings: LazySettings) -> None:
    settings.ATTACHMENT_MAX_BYTES = 100
    assert sender.hand_in(b"x" * 101, "x.txt").status_code == 413
    settings.ATTACHMENTS_PER_MESSAGE = 1
    two = [sender.hand_in(b"text", f"{n}.txt").json()["client_id"] for n in range(2)]
    assert sender.send("", *two).json()["code"] == "files_too_many"
    settings.ATTACHMENTS_PER_CHAT = 2
    assert sender.hand_in(b"text", "3.txt").json()["code"] == "files_full"
    settings.ATTACHMENT_MAX_BYTES = 0
    assert sender.hand_in(b"text", "4.txt").json()["code"] == "files_off"
    assert sender.send("", str(uuid.uuid4())).json()["code"] == "file_missing"
    answers = {sender.hand_in(b"text", "5.txt").status_code for _ in range(20)}
    assert 429 in answers


def test_it_comes_back_as_something_to_save(sender: Sender) -> None:
    row = sender.sent_file()
    answer = sender.get(sender.here(f"attachments/{row.pk}/"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == 'attachment; filename="photo.png"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content == Path(row.file.path).read_bytes()


def test_nobody_else_reads_sends_or_removes_it(sender: Sender) -> None:
    row = sender.sent_file("look")
    unsent = sender.hand_in(PDF, "own.pdf").json()
    other = Sender()
    for path in (sender.here(f"attachments/{row.pk}/"), other.here(f"attachments/{row.pk}/")):
        assert other.get(path).status_code == 404
        assert other.call("delete", path).status_code == 404
    assert other.send("mine", unsent["client_id"]).json()["code"] == "file_missing"
    assert sender.hand_in(PDF, token=other.token).status_code == 404
    confined = reopening_token(uuid.UUID(other.id))
    url = f"{BASE}{sender.here(f'attachments/{row.pk}/')}"
    assert Client().get(url, headers={"Authorization": f"Bearer {confined}"}).status_code == 404
    assert Client().get(url).status_code == 401
    mine = reopening_token(uuid.UUID(sender.id))
    assert Client().get(url, headers={"Authorization": f"Bearer {mine}"}).status_code == 200


def test_only_an_unsent_one_is_taken_back(
    sender: Sender, django_capture_on_commit_callbacks: Any
) -> None:
    row = sender.sent_file("look")
    assert sender.call("delete", sender.here(f"attachments/{row.pk}/")).status_code == 404
    unsent = sender.hand_in(PDF, "own.pdf").json()
    with django_capture_on_commit_callbacks(execute=True):
        gone = sender.call("delete", sender.here(f"attachments/{unsent['id']}/"))
    assert gone.status_code == 204
    assert len(stored()) == 1


def test_it_goes_with_the_chat(sender: Sender, django_capture_on_commit_callbacks: Any) -> None:
    sender.sent_file("look")
    kept = Sender()
    kept.sent_file("other")
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.call("delete", sender.here()).status_code == 200
    assert Attachment.objects.count() == 1
    assert len(stored()) == 1


def test_the_sweep_drops_unsent_files_and_those_of_chats_that_are_gone(
    sender: Sender, django_capture_on_commit_callbacks: Any
) -> None:
    row = sender.sent_file("look")
    old = sender.hand_in(PDF, "old.pdf").json()
    new = sender.hand_in(PDF, "new.pdf").json()
    Attachment.objects.filter(pk=old["id"]).update(created_at=timezone.now() - timedelta(days=2))
    lost = Path(row.file.path).parent.parent / str(uuid.uuid4())
    lost.mkdir()
    (lost / "file").write_bytes(b"x")
    day_ago = (timezone.now() - timedelta(days=1)).timestamp()
    os.utime(lost, (day_ago, day_ago))
    with django_capture_on_commit_callbacks(execute=True):
        assert attachments.sweep() == 2
    assert set(stored()) == {str(row.pk), new["id"]}
    assert attachments.sweep() == 0


def test_the_assistant_says_that_it_cannot_read_it(
    sender: Sender, reply: Callable[..., Reply]
) -> None:
    row = sender.sent_file()
    question = claim(row.message_id)  # type: ignore[arg-type]
    assert question is not None
    asked = question_of(question, "")
    assert asked.attachments == 1
    final = record_reply(question.pk, question.attempt, reply("", code=Code.FILE_UNREAD))
    assert final is not None
    assert "cannot open files" in final.text


def test_it_is_named_in_transcripts_summaries_and_letters(sender: Sender) -> None:
    sender.sent_file()
    sender.call("post", sender.here("escalate/"), {"note": ""})
    assert Escalation.objects.get().summary == "[Attached: photo.png]"
    text = sender.get(sender.here("transcript/")).content.decode()
    assert "[Attached: photo.png]" in text


class Colleague:
    """An agent with a browser."""

    def __init__(self, name: str = "amira") -> None:
        self.user = admin_cast.person(name, AGENT)
        self.client = admin_cast.signed_in(self.user)

    def hand_in(self, conversation: Conversation, content: bytes, name: str = "a.pdf") -> Any:
        return self.client.post(
            f"/admin/desk/{conversation.pk}/files/",
            {"client_id": str(uuid.uuid4()), "file": SimpleUploadedFile(name, content)},
        )

    def reply(self, conversation: Conversation, text: str, *files: str) -> dict[str, Any]:
        values = {"conversation": str(conversation.pk), "text": text, "attachments": list(files)}
        return perform(self.user, "reply", {**values, "client_id": str(uuid.uuid4())})


def test_an_agent_sends_one_and_withdraws_it(
    sender: Sender, django_capture_on_commit_callbacks: Any
) -> None:
    agent, other = Colleague(), Colleague("bea")
    given = agent.hand_in(sender.conversation, PDF).json()
    url = f"/admin/desk/files/{given['id']}/"
    # Until it is sent it is nobody else's: no colleague's, and not the customer's.
    assert other.client.get(url).status_code == 404
    assert sender.get(sender.here(f"attachments/{given['id']}/")).status_code == 404
    taken = other.reply(sender.conversation, "mine", given["client_id"])
    assert (taken["ok"], taken["code"]) == (False, "file_missing")
    sent = agent.reply(sender.conversation, "", given["client_id"])
    assert sent["ok"]
    assert other.client.get(url).status_code == 200
    assert sender.get(sender.here(f"attachments/{given['id']}/")).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert perform(agent.user, "withdraw", {"message": sent["message"]})["ok"]
    assert sender.get(sender.here(f"attachments/{given['id']}/")).status_code == 404
    assert stored() == []


def test_the_desk_asks_for_the_permission(sender: Sender) -> None:
    row = sender.sent_file("look")
    url = f"/admin/desk/files/{row.pk}/"
    agent, reader = Colleague(), admin_cast.signed_in(admin_cast.operator())
    assert agent.client.get(url).status_code == 200
    assert reader.get(url).status_code == 200
    assert admin_cast.signed_in(admin_cast.outsider()).get(url).status_code == 403
    assert Client().get(url).status_code == 302
    given = {"client_id": str(uuid.uuid4()), "file": SimpleUploadedFile("a.txt", b"text")}
    assert reader.post(f"/admin/desk/{sender.id}/files/", given).status_code == 403
    refused = agent.hand_in(sender.conversation, EXE, "cat.png")
    assert refused.json()["code"] == "file_program"
    page = agent.client.get(f"/admin/conversations/conversation/{sender.id}/change/")
    assert url in page.content.decode()


def test_a_blocked_visitor_hands_nothing_in(sender: Sender) -> None:
    agent = Colleague()
    perform(agent.user, "block", {"conversation": sender.id, "reason": "spam"})
    assert sender.hand_in(PDF).json()["code"] == "blocked"
