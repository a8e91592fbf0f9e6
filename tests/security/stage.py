"""Whose things, and who reaches for them: the cast of the access matrix.

A visitor of a shop has a chat with everything a chat can have, each with the secret word in it.
Everybody else in the cast tries to read or change it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core import serializers
from django.db import connection
from django.test import Client

from conversations.actions import attachments, desk, escalations
from conversations.actions import conversations as starting
from conversations.intake import submit
from conversations.models import (
    Answer,
    AnswerFlag,
    Attachment,
    ChatRating,
    Citation,
    Contact,
    Conversation,
    DeskDraft,
    Feedback,
    Message,
    Note,
    PageContext,
    Presence,
    ProblemReport,
    Site,
)
from conversations.tokens import reopening_token
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Audience, Collection, Document, DocumentVersion
from supportbot.roles import ADMINISTRATOR, AGENT, OPERATOR
from tests import admin_cast

SECRET = "zanzibarquartz"
# What a search for a part of the secret would find; a page that only repeats it gives nothing away.
PART = SECRET[:9]
OWNER, OTHER, LINKED, ELSEWHERE, NOBODY = "owner", "other", "linked", "elsewhere", "nobody"
OUTSIDER, DEACTIVATED, CUSTOMER_ACCOUNT = "outsider", "deactivated", "customer account"
VISITORS = (OWNER, OTHER, LINKED, ELSEWHERE)
ROLES = (AGENT, OPERATOR, ADMINISTRATOR)
SUBJECTS = (*VISITORS, NOBODY, CUSTOMER_ACCOUNT, OUTSIDER, DEACTIVATED, *ROLES)
# Tables that say nothing of a customer or a document: who is signed in, who did what when.
UNWATCHED = {"django_session", "django_admin_log"}


@dataclass
class Stage:
    """One chat with everything, and the ways into it."""

    chat: Conversation
    earlier: Conversation
    of_other: Conversation
    of_elsewhere: Conversation
    question: Message
    final: Message
    reply: Message
    open_question: Message
    document: Document
    sent_file: Attachment
    file: Attachment
    site: Site
    tokens: dict[str, str]
    people: dict[str, User] = field(default_factory=dict)

    def client(self, subject: str) -> Client:
        """Return a browser as this subject has it: with a token, a session or neither."""
        if subject in self.tokens:
            return Client(headers={"Authorization": f"Bearer {self.tokens[subject]}"})
        client = Client()
        if subject in self.people:
            client.force_login(self.people[subject])
        if subject == DEACTIVATED:
            User.objects.filter(pk=self.people[subject].pk).update(is_active=False)
        return client

    def session(self, subject: str) -> str:
        """Return the session's cookie of a member of staff, "" for who has none."""
        cookies = self.client(subject).cookies
        return cookies[settings.SESSION_COOKIE_NAME].value if cookies else ""


def set_stage() -> Stage:
    """Make the rows."""
    ensure_defaults()
    site = Site.objects.create(name="Shop", origins="https://shop.example")
    second = Site.objects.create(name="Another shop")
    earlier, token = starting.start(None, "192.0.2.1", site)
    chat, _ = starting.start(earlier.visitor, "192.0.2.1", site)
    of_other, other = starting.start(None, "192.0.2.2", site)
    of_elsewhere, elsewhere = starting.start(None, "192.0.2.3", second)
    for mine in (earlier, of_other, of_elsewhere):
        submit(mine, "Hello there", uuid.uuid4())
    people = _people()
    document = _document()
    question, final = _answered(chat, document)
    reply = _with_a_person(chat, people[AGENT], final)
    tokens = {
        OWNER: token,
        OTHER: other,
        # The owner's own link, to another chat of theirs than the one reached for.
        LINKED: reopening_token(earlier.pk),
        ELSEWHERE: elsewhere,
    }
    waiting = submit(chat, f"And {SECRET}?", uuid.uuid4()).message
    Message.objects.filter(pk=waiting.pk).update(state="pending")
    return Stage(
        chat, earlier, of_other, of_elsewhere, question, final, reply, waiting, document,
        *_files(chat, question), site, tokens, people,
    )  # fmt: skip


def _people() -> dict[str, User]:
    return {
        AGENT: admin_cast.agent(),
        OPERATOR: admin_cast.operator(),
        ADMINISTRATOR: admin_cast.administrator(),
        OUTSIDER: admin_cast.outsider(),
        CUSTOMER_ACCOUNT: admin_cast.person("carla", ADMINISTRATOR, is_staff=False),
        DEACTIVATED: admin_cast.person("dana", ADMINISTRATOR),
    }


def _document() -> Document:
    collection = Collection.objects.get(slug="default")
    made = Document.objects.create(
        collection=collection, path="internal.md", title=f"Internal {SECRET}", status="indexed"
    )
    made.audiences.set(Audience.objects.filter(slug="internal"))
    made.current_version = DocumentVersion.objects.create(
        document=made,
        number=1,
        text=f"Only we know: {SECRET}",
        content_hash="h",
        size_bytes=1,
        stored_name="no-such-file",
    )
    made.save()
    return made


def _answered(chat: Conversation, document: Document) -> tuple[Message, Message]:
    question = submit(chat, f"Where is my {SECRET}?", uuid.uuid4()).message
    Message.objects.filter(pk=question.pk).update(state="done")
    chat.refresh_from_db()
    final = Message.objects.create(
        conversation=chat, seq=chat.last_seq + 1, role="assistant", kind="final",
        text=f"Your {SECRET} is here.", reply_to=question,
    )  # fmt: skip
    Conversation.objects.filter(pk=chat.pk).update(last_seq=final.seq)
    answer = Answer.objects.create(
        message=final, question=question.text, disposition="answer", source="llm", confidence=0.9
    )
    Citation.objects.create(
        answer=answer, marker=1, document=document, chunk=uuid.uuid4(), title=SECRET, quote=SECRET
    )
    Feedback.objects.create(answer=answer, visitor=chat.visitor, rating=1, comment=SECRET)
    return question, final


def _files(chat: Conversation, question: Message) -> tuple[Attachment, Attachment]:
    """Return a file that was sent, and one that was not yet."""
    sent, waiting = (
        attachments.take(chat, f"{SECRET}-{name}.txt", SECRET.encode(), uuid.uuid4())[0]
        for name in ("sent", "waiting")
    )
    Attachment.objects.filter(pk=sent.pk).update(message=question)
    return sent, waiting


def _with_a_person(chat: Conversation, agent: User, final: Message) -> Message:
    escalations.request_person(chat.pk, f"About {SECRET}")
    # Only who is at the desk is given conversations.
    Presence.beat(agent.pk)
    desk.take(chat.pk, agent, None)
    reply = desk.reply(chat.pk, agent, f"A person on {SECRET}", uuid.uuid4())
    Note.objects.create(conversation=chat, author=agent, text=SECRET, after_seq=1)
    DeskDraft.objects.create(conversation=chat, agent=agent, text=SECRET)
    AnswerFlag.objects.create(answer=final.answer, agent=agent, comment=SECRET)
    Contact.objects.create(conversation=chat, email=f"{SECRET}@example.com")
    PageContext.objects.create(conversation=chat, page_url=f"https://shop.example/{SECRET}")
    ChatRating.objects.create(conversation=chat, solved=False, comment=SECRET)
    ProblemReport.objects.create(conversation=chat, kind="other", text=SECRET)
    return reply


def all_rows() -> dict[str, list[Any]]:
    """Return every row of every table that is watched, to be compared with a later state."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table not in UNWATCHED and not model._meta.proxy:
            rows = serializers.serialize("python", model._default_manager.order_by("pk"))
            found[model._meta.label] = list(rows)
    return found


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """Return the names of the tables that differ."""
    return [label for label in before if before[label] != after[label]]


def of_the_chat(stage: Stage) -> dict[str, list[Any]]:
    """Every row that has to do with the owner's chat."""
    ids = {str(stage.chat.pk)}
    rows = all_rows()
    messages = {
        str(row["pk"])
        for row in rows["conversations.Message"]
        if str(row["fields"]["conversation"]) in ids
    }
    return {
        label: [row for row in found if any(one in repr(row) for one in ids | messages)]
        for label, found in rows.items()
    }


@contextmanager
def writes() -> Iterator[list[tuple[str, str]]]:
    """Collect (verb, table) of each statement that writes; watched tables only."""
    found: list[tuple[str, str]] = []

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        verb, _, tail = sql.partition(" ")
        if verb in ("INSERT", "UPDATE", "DELETE"):
            table = tail.split('"')[1]
            if table not in UNWATCHED:
                found.append((verb, table))
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield found
