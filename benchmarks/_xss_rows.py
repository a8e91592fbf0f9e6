"""Writes hostile texts wherever somebody reads one: `python -m benchmarks._xss_rows TEXTS.json`.

In the DATA_DIR of a running server. Prints what a browser needs to find them, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

from django.apps import apps  # noqa: E402 - settings come first
from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.exceptions import ObjectDoesNotExist, ValidationError  # noqa: E402
from django.core.validators import (  # noqa: E402
    MaxLengthValidator,
    ProhibitNullCharactersValidator,
    URLValidator,
)
from django.db import DatabaseError, models, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from conversations import letters  # noqa: E402
from conversations.actions import attachments, escalations, visits  # noqa: E402
from conversations.actions import conversations as starting  # noqa: E402
from conversations.actions.thread import append_message, locked  # noqa: E402
from conversations.attachment_files import FileRefused  # noqa: E402
from conversations.models import (  # noqa: E402
    Answer,
    Attachment,
    Citation,
    Contact,
    Conversation,
    Escalation,
    Feedback,
    Message,
    MessageKind,
    MessageRole,
    MessageState,
    Note,
    Notice,
    NoticeKind,
    Site,
    Visitor,
)

A_CHAT = 25
OF_DJANGO = (MaxLengthValidator, ProhibitNullCharactersValidator, URLValidator)
NOT_MADE = (DatabaseError, ValidationError, ObjectDoesNotExist, ValueError, TypeError, IndexError)
PASSWORD = "hostile-texts-1"  # noqa: S105 - of a throw-away server
# Texts that are no words of anybody: keys, hashes, names of types.
NO_WORDS = frozenset(
    {
        "token_hash", "content_hash", "given_hash", "key", "test_key", "slug", "media_type", "file",
        "logo_type", "accent", "language", "given_language", "languages", "password", "api_key",
        "codename", "model", "app_label", "session_data", "pattern", "kind", "code", "purpose",
        "timezone", "time_zone", "weekdays", "encrypted_key",
    }
)  # fmt: skip
OWN_APPS = ("knowledge", "conversations", "observability", "evaluation", "auth")


def fill(texts: list[str]) -> dict[str, Any]:
    """Write the rows and return where they are."""
    reader = User.objects.create_superuser("hostile-reader", password=PASSWORD)
    site = Site.objects.create(name="Hostile", origins=os.environ.get("HOST_ORIGIN", ""))
    first, token = starting.start(None, "192.0.2.66", site)
    visitor = first.visitor
    chats = [_chat(part, visitor, reader, site) for part in _parts(texts)]
    first.delete()
    # A site for each text takes part in nothing; its page is opened by its key.
    keys = [_site_with(text, number) for number, text in enumerate(texts)]
    made = {model._meta.label: _rows_of(model, texts) for model in _listed()}
    return {
        "password": PASSWORD,
        "token": token,
        "site": site.key,
        "conversations": [str(chat.pk) for chat in chats],
        "sites": keys,
        "rows": made,
        "lists": [
            f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in _listed()
        ],
        "letters": [part for chat in chats for part in _letters(chat)],
        "files": Attachment.objects.count(),
    }


def _parts(texts: list[str]) -> list[list[str]]:
    return [texts[start : start + A_CHAT] for start in range(0, len(texts), A_CHAT)]


def _chat(texts: list[str], visitor: Visitor, reader: User, site: Site) -> Conversation:
    chat, _ = starting.start(visitor, "192.0.2.66", site)
    escalations.request_person(chat.pk, texts[0])
    for number, text in enumerate(texts):
        agent = User(username=f"hostile-{uuid.uuid4()}", first_name=text[:150], is_staff=True)
        agent.save()
        with transaction.atomic():
            _one_round(locked(chat.pk), text, agent, with_marker=number % 2 == 0)
        Note.objects.create(conversation=chat, author=agent, text=text, after_seq=chat.last_seq)
        visits.report_problem(chat, kind="other", text=text, message=None)
    visits.note_context(
        chat, {"page_url": "https://shop.example/", "page_title": texts[0], "name": texts[-1]}
    )
    visits.rate_chat(chat, solved=False, stars=1, comment=texts[0])
    return chat


def _one_round(held: Conversation, text: str, agent: User, *, with_marker: bool) -> None:
    """Write a question with a file, the assistant's reply with sources, and an agent's reply."""
    question = append_message(
        held,
        role=MessageRole.CUSTOMER,
        kind=MessageKind.QUESTION,
        text=text,
        state=MessageState.FOR_AGENT,
        attachment_count=1,
    )
    _attach(held, question, text)
    final = append_message(
        held,
        role=MessageRole.ASSISTANT,
        kind=MessageKind.FINAL,
        text=f"{text} [1]" if with_marker else text,
        reply_to=question,
    )
    answer = Answer.objects.create(
        message=final,
        question=text,
        query=text,
        disposition="answer",
        source="llm",
        confidence=0.9,
        confidence_level="high",
        explanation=text,
        human_offered=True,
        alternatives=[text],
        related=[{"title": text, "url": text}],
        form_fields=[text[:60]],
        error=text[:500],
        model=text[:200],
    )
    chunk = str(uuid.uuid4())
    # A passage holds what the document says; its link is what a front matter may hold.
    answer.passages = [{"chunk": chunk, "text": text, "title": text, "document": "", "score": 1}]
    answer.save(update_fields=["passages"])
    Citation.objects.create(
        answer=answer,
        marker=1,
        chunk=chunk,
        title=text[:500],
        heading=text[:1000],
        url=text[:2000],
        quote=text,
    )
    Feedback.objects.create(answer=answer, visitor=held.visitor, rating=-1, comment=text[:2000])
    append_message(held, role=MessageRole.AGENT, kind=MessageKind.REPLY, text=text, author=agent)


def _attach(held: Conversation, question: Message, text: str) -> None:
    """Hand in a text file with this name and with this content, where it is taken as one."""
    for content in (text.encode(), b"words"):
        try:
            row, _ = attachments.take(held, text, content, uuid.uuid4())
        except FileRefused:
            continue
        attachments.send_with(question, [row])
        return


def _site_with(text: str, number: int) -> str:
    made = Site.objects.create(
        name=f"{number} {text}"[:120],
        title=text[:60],
        welcome=text[:300],
        launcher=text[:40],
        quick_replies=" ".join(text.split())[:100],
        origins=os.environ.get("HOST_ORIGIN", ""),
    )
    return made.key


def _listed() -> list[type[models.Model]]:
    known = admin.site._registry
    return [m for m in apps.get_models() if m in known and m._meta.app_label in OWN_APPS]


def _rows_of(model: type[models.Model], texts: list[str]) -> int:
    """Make a row for each text where the model lets us; return how many hold one."""
    made = 0
    for number, text in enumerate(texts):
        try:
            with transaction.atomic():
                model(**_values(model, text, number)).save(force_insert=True)
            made += 1
        except NOT_MADE:
            break
    return made or _overwritten(model, texts)


def _overwritten(model: type[models.Model], texts: list[str]) -> int:
    """Put texts into rows that are there, one in each."""
    made = 0
    fields = [field for field in model._meta.concrete_fields if _is_words(field)]
    for number, pk in enumerate(model._default_manager.values_list("pk", flat=True)[: len(texts)]):
        if not fields:
            break
        values = {one.name: texts[number][: one.max_length or 4000] for one in fields}
        try:
            with transaction.atomic():
                made += model._default_manager.filter(pk=pk).update(**values)
        except DatabaseError:
            continue
    return made


def _values(model: type[models.Model], text: str, number: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.auto_created or getattr(field, "auto_now_add", False):
            continue
        if _is_words(field):
            told = f"{number} {text}" if field.unique else text
            values[field.name] = told[: field.max_length or 4000]
        elif not field.has_default() and not field.null:
            values[field.name] = _needed(field, number)
    return values


def _needed(field: Any, number: int) -> Any:
    """Return a value of a field that must have one."""
    if isinstance(field, models.ForeignKey):
        others = field.related_model._default_manager.order_by("pk")
        return others[number % max(1, others.count())]
    if isinstance(field, models.BooleanField):
        return False
    if field.choices:
        return next(iter(field.choices))[0]
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return timezone.localdate()
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.CharField | models.TextField):
        return f"x{number}-{uuid.uuid4().hex}"[: field.max_length or 40]
    return number + 1


def _is_words(field: Any) -> bool:
    text = isinstance(field, models.CharField | models.TextField | models.URLField)
    # What a form checks by a rule of our own, such as hours of a day, is no free text.
    text = text and all(isinstance(one, OF_DJANGO) for one in field.validators)
    return text and not field.choices and not field.primary_key and field.name not in NO_WORDS


def _letters(chat: Conversation) -> list[list[str]]:
    """Return the parts of every letter about a chat: [media type, text]."""
    contact = Contact(conversation=chat, email="iris@example.com")
    request = Escalation.objects.filter(conversation=chat).first()
    notices = {
        kind: Notice(conversation=chat, kind=kind, escalation=request, email="iris@example.com")
        for kind in (NoticeKind.HANDOFF_MAIL, NoticeKind.REPLY_MAIL, NoticeKind.TRANSCRIPT_MAIL)
    }
    replies = letters.unseen_replies(notices[NoticeKind.REPLY_MAIL])
    made = [
        letters.to_agents(notices[NoticeKind.HANDOFF_MAIL], ["ada@example.com"], timezone.now()),
        letters.to_customer(notices[NoticeKind.REPLY_MAIL], contact, replies),
        letters.chat_to_keep(notices[NoticeKind.TRANSCRIPT_MAIL]),
    ]
    parts = []
    for letter in made:
        for part in letter.message().walk():
            if part.get_content_maintype() == "text":
                body = part.get_payload(decode=True)
                text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
                parts.append([part.get_content_type(), text])
    return parts


if __name__ == "__main__":
    print(json.dumps(fill(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
