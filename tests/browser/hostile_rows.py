"""Fills a server's database with hostile texts wherever the desk shows one.

Run by `manage.py shell`; the texts come as a JSON list in the file that HOSTILE_TEXTS names.
"""

import json
import os
import uuid
from pathlib import Path

from django.contrib.auth.models import User

from conversations.actions import conversations as starting
from conversations.actions import desk, desk_sorting, escalations
from conversations.intake import submit
from conversations.models import (
    AnswerFlag,
    CannedReply,
    ChatRating,
    Conversation,
    Message,
    MessageKind,
    MessageRole,
    PageContext,
    ProblemReport,
    Site,
    Team,
)

A_CHAT = 25


def fill(texts: list[str]) -> None:
    """Write each text as message, reply, note, tag, name and summary."""
    names = User.objects.bulk_create(
        [
            User(
                username=f"hostile-{number}",
                first_name=text[:150],
                is_staff=True,
                is_superuser=True,
            )
            for number, text in enumerate(texts)
        ]
    )
    for start in range(0, len(texts), A_CHAT):
        chat, _ = starting.start(None, "192.0.2.66")
        escalations.request_person(chat.pk)
        for text, agent in zip(
            texts[start : start + A_CHAT], names[start : start + A_CHAT], strict=True
        ):
            submit(chat, text, uuid.uuid4())
            chat.refresh_from_db()
            desk.assign(chat.pk, agent, agent, text[:4000], from_agent=chat.agent_id)
            desk.reply(chat.pk, agent, text, uuid.uuid4())
            desk_sorting.change_tags(chat.pk, agent, [text[:39].replace("\x00", "")])
            chat.desk.tags.clear()
        desk_sorting.change_tags(chat.pk, agent, [text[:39] for text in texts[start : start + 8]])
        told_by_the_page(chat, texts[start : start + A_CHAT])
    for number, text in enumerate(texts[:40]):
        CannedReply.objects.create(shortcut=f"x{number}", title=text[:120], text=text[:4000])
    assert AnswerFlag.objects.count() == 0
    assert Message.objects.filter(role=MessageRole.AGENT, kind=MessageKind.REPLY).exists()


def told_by_the_page(chat: Conversation, texts: list[str]) -> None:
    """Write texts wherever the desk shows what a page or a customer says, and as site and team."""
    given = dict(zip(texts[:9], texts[1:10], strict=False))
    PageContext.objects.create(
        conversation=chat,
        page_url=texts[0][:2000],
        page_title=texts[-1][:300],
        values=given,
        said_name=texts[1][:120],
        said_email=texts[2][:254],
    )
    ChatRating.objects.create(conversation=chat, solved=False, comment=texts[3][:2000])
    for text in texts[:5]:
        ProblemReport.objects.create(conversation=chat, kind="other", text=text[:2000])
    site = Site.objects.create(name=texts[4][:120])
    team = Team.objects.create(name=f"{chat.pk.hex[:8]}{texts[0][:60]}")
    Conversation.objects.filter(pk=chat.pk).update(site=site, team=team)


fill(json.loads(Path(os.environ["HOSTILE_TEXTS"]).read_text(encoding="utf-8")))
