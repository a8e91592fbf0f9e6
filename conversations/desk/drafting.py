"""A draft from the documents, for an agent: made as answers are, read as the agent may read.

Nothing here is sent. Words that only agents may read are marked, and go out after a confirmation.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from conversations import loading, wiring
from conversations.actions.desk import note_act
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import Deadline
from conversations.answering.values import Disposition, Question, Reply
from conversations.desk.fields import ActRefused
from conversations.models import (
    AgentReaders,
    Conversation,
    DeskDraft,
    DeskVerb,
    Message,
    MessageKind,
)
from guardrails.leaks import Repetition
from knowledge.authorisation import visible_chunks
from knowledge.models import INTERNAL_AUDIENCE, PUBLIC_AUDIENCE
from knowledge.retrieval.values import Passage, Reader

PURPOSE = "draft"
MOST_SECONDS = 30.0
MOST_SOURCES = 6
# So many words in a row in common are taken for a quotation. Twelve, as for a system text
# (guardrails.leaks), would let a sentence of a price list through.
WORDS_IN_COMMON = 6
# Drafts of this time are looked at when a reply goes out.
WATCHED = timedelta(hours=24)
_MARKER = re.compile(r"\s?\[(?:\d{1,2}|\?)\]")


def make_draft(conversation: Conversation, agent: User, words: str) -> DeskDraft:
    """Answer the customer's last question, or these words, with the agent's own eyes.

    A draft without text has its sources all the same: the passages nearest to the question.
    Raises ActRefused when nothing was asked.
    """
    reply = answer(_question(conversation, agent, words), _toolbox(), Deadline(MOST_SECONDS))
    found = reply.disposition in (Disposition.ANSWER, Disposition.EXTRACT)
    passages = (reply.used if found else ()) or reply.passages
    draft = DeskDraft.objects.create(
        conversation=conversation,
        agent=agent,
        text=_MARKER.sub("", reply.text) if found else "",
        sources=_sources(conversation, reply, passages[:MOST_SOURCES]),
    )
    note_act(conversation, agent, DeskVerb.DRAFT, f"{len(draft.sources)} sources")
    return draft


def draft_row(draft: DeskDraft) -> dict[str, Any]:
    """Return a draft as the desk shows it."""
    return {
        "id": str(draft.pk),
        "text": draft.text,
        "sources": draft.sources,
        "internal": any(source["internal"] for source in draft.sources),
    }


def internal_titles(conversation: Conversation, text: str, draft_id: uuid.UUID | None) -> list[str]:
    """Return the titles of internal sources that a text repeats, or that its draft rests on."""
    since = timezone.now() - WATCHED
    drafts = DeskDraft.objects.filter(conversation=conversation, created_at__gt=since)
    titles: list[str] = []
    for draft in drafts:
        internal = [source for source in draft.sources if source["internal"]]
        secrets = [source["text"] for source in internal]
        if internal and (draft.pk == draft_id or _repeats(text, [*secrets, draft.text])):
            titles += [source["title"] for source in internal]
    return list(dict.fromkeys(titles))


def reader_of(agent: User, conversation: Conversation) -> Reader:
    """Return on whose behalf an agent's drafts are searched."""
    own = AgentReaders.objects.filter(agent=agent).first()
    slugs = (
        own.audiences.values_list("slug", flat=True)
        if own
        else (PUBLIC_AUDIENCE, INTERNAL_AUDIENCE)
    )
    return Reader(frozenset(slugs), _collection(conversation))


def _question(conversation: Conversation, agent: User, words: str) -> Question:
    last = conversation.messages.filter(kind=MessageKind.QUESTION).order_by("-seq").first()
    reader = reader_of(agent, conversation)
    if last is None:
        if not words:
            raise ActRefused("nothing_asked", "The customer has asked nothing yet.")
        return Question(text=words, reader=reader)
    asked = loading.question_of(_with_conversation(last, conversation), words or last.text)
    return replace(asked, reader=reader)


def _with_conversation(message: Message, conversation: Conversation) -> Message:
    message.conversation = conversation
    return message


def _toolbox() -> Any:
    toolbox = wiring.toolbox()
    record = toolbox.record_call
    return replace(toolbox, record_call=lambda call: record(replace(call, purpose=PURPOSE)))


def _sources(
    conversation: Conversation, reply: Reply, passages: Sequence[Passage]
) -> list[dict[str, Any]]:
    quotes = {cited.passage.chunk: cited.quote for cited in reply.citations}
    open_to_customer = _open_to_customer(conversation, [passage.chunk for passage in passages])
    return [
        {
            "title": passage.title,
            "heading": passage.headings[-1] if passage.headings else "",
            "url": passage.url,
            "document": passage.document,
            "quote": quotes.get(passage.chunk, ""),
            "text": passage.text,
            "internal": passage.chunk not in open_to_customer,
        }
        for passage in passages
    ]


def _open_to_customer(conversation: Conversation, chunks: Sequence[str]) -> frozenset[str]:
    # The site's limits too: what it may not read, its customers may not.
    rows = visible_chunks(loading.reader_of(conversation)).filter(pk__in=chunks)
    return frozenset(str(pk) for pk in rows.values_list("pk", flat=True))


def _collection(conversation: Conversation) -> str | None:
    return conversation.collection.slug if conversation.collection else None


def _repeats(text: str, secrets: Iterable[str]) -> bool:
    # The blank ends the last word, which could otherwise go on.
    return any(Repetition(secret, WORDS_IN_COMMON).grows(f"{text} ") for secret in secrets)
