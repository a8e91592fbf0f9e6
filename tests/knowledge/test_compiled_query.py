"""Compiled queries: the same rows as Django's own, each run with its own values."""

import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import CharField, IntegerField, UUIDField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.actions.thread import append_message
from conversations.models import Conversation, Message, MessageKind, MessageState, Visitor
from knowledge import authorisation
from knowledge.compiled_query import CompiledQuery, CompiledUpdate
from knowledge.models import Chunk, Document
from knowledge.retrieval.ranking import Scored
from knowledge.retrieval.values import Reader
from tests.knowledge.library import ingest

pytestmark = pytest.mark.django_db


def _chat(*texts: str) -> Conversation:
    chat = Conversation.objects.create(visitor=Visitor.objects.create())
    for text in texts:
        append_message(chat, role="customer", kind=MessageKind.QUESTION, text=text)
    return chat


def test_rows_are_those_of_each_runs_values() -> None:
    one, other = _chat("a", "b"), _chat("c")
    of_chat = CompiledQuery(
        lambda chat: Message.objects.filter(conversation=chat).select_related("conversation"),
        chat=UUIDField(),
    )
    for chat in (one, other, one):
        found = of_chat.rows(chat=chat.pk)
        assert found == list(chat.messages.all())
        with CaptureQueriesContext(connection) as asked:
            assert {row.conversation.visitor_id for row in found} == {chat.visitor_id}
        assert not asked.captured_queries
    assert of_chat.rows(chat=uuid.uuid4()) == []
    assert of_chat.first(chat=uuid.uuid4()) is None


def test_lists_may_have_any_length() -> None:
    chat = _chat("a", "b", "c")
    built = []

    def among(texts: Any) -> Any:
        built.append(len(texts))
        rows = Message.objects.filter(conversation=chat.pk, text__in=texts).order_by("-seq")
        return rows.values_list("text", flat=True)

    found: CompiledQuery[str] = CompiledQuery(among, texts=CharField())
    assert found.rows(texts=["a", "c"]) == ["c", "a"]
    assert found.rows(texts=["b", "x"]) == ["b"]
    assert found.rows(texts=["a", "b", "c"]) == ["c", "b", "a"]
    assert built == [2, 3]


def test_a_value_that_django_would_take_for_a_text_is_refused() -> None:
    """`__in` over a foreign key turns an expression into a text, and would find nothing, ever."""
    wrong: CompiledQuery[Any] = CompiledQuery(
        lambda names: Visitor.objects.filter(audiences__in=names), names=CharField()
    )
    with pytest.raises(TypeError, match="names"):
        wrong.rows(names=["public"])


def test_an_update_changes_the_rows_of_its_values_and_counts_them() -> None:
    one, other = _chat("a", "b"), _chat("c")
    change = CompiledUpdate(
        lambda chat, attempt: (
            Message.objects.filter(conversation=chat, state=MessageState.DONE),
            {"attempt": attempt, "code": "changed"},
        ),
        chat=UUIDField(),
        attempt=IntegerField(),
    )
    assert change.run(chat=one.pk, attempt=7) == 2
    assert change.run(chat=other.pk, attempt=8) == 1
    assert change.run(chat=uuid.uuid4(), attempt=9) == 0
    found = Message.objects.order_by("text").values_list("attempt", "code")
    assert list(found) == [(7, "changed"), (7, "changed"), (8, "changed")]


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_within_a_transaction_only() -> None:
    chat = _chat()
    lock = CompiledQuery(
        lambda pk: Conversation.objects.select_for_update().filter(pk=pk), pk=UUIDField()
    )
    with transaction.atomic():
        assert lock.first(pk=chat.pk) == chat
    if connection.features.has_select_for_update:
        with pytest.raises(transaction.TransactionManagementError):
            lock.first(pk=chat.pk)


@pytest.mark.usefixtures("own_index")
@pytest.mark.parametrize(
    "reader",
    [
        Reader(frozenset({"public"})),
        Reader(frozenset({"public", "internal"})),
        Reader(frozenset({"public"}), "shelf"),
        Reader(frozenset({"public", "internal"}), within=frozenset({"shelf", "default"})),
        Reader(frozenset({"internal"}), "shelf", within=frozenset({"default"})),
        Reader(frozenset({"public"}), previews=True),
        Reader(frozenset()),
    ],
)
def test_the_compiled_check_of_readers_allows_what_the_plain_one_does(reader: Reader) -> None:
    for number, audience in enumerate(("public", "internal")):
        for shelf in ("default", "shelf"):
            page = f"# Page {number} of {shelf}\n\nWords.".encode()
            ingest(f"{number}{shelf}.md", page, audiences=[audience], collection=shelf)
    ingest("hidden.md", b"# Hidden\n\nWords.")
    Document.objects.filter(title="Hidden").update(published=False)
    past = ingest("past.md", b"# Past\n\nWords.")
    Document.objects.filter(pk=past.pk).update(valid_until=timezone.now())
    asked = [
        Scored(str(pk), "", 0.5, 0.5, 0.5) for pk in Chunk.objects.values_list("pk", flat=True)
    ]
    plain = authorisation.visible_chunks(reader).values_list("pk", flat=True)
    assert set(authorisation.authorise(asked, reader)) == {str(pk) for pk in plain}
