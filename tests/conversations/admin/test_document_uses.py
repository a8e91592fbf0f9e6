"""Where a document was cited and how those answers were rated, on the document's page."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.actions import conversations as starting
from conversations.models import Answer, Citation, Conversation, Feedback, Message, Visitor
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Collection, Document
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script><b x-init='alert(2)'>"


@pytest.fixture
def document() -> Document:
    ensure_defaults()
    collection = Collection.objects.get(slug="default")
    return Document.objects.create(collection=collection, path="a.md", title="Returns")


@pytest.fixture
def chat() -> Conversation:
    made, _ = starting.start(None, "192.0.2.1")
    return made


def cite(
    document: Document | None, chat: Conversation, question: str, ratings: tuple[int, ...] = ()
) -> Answer:
    seq = 100 + chat.messages.count()
    message = Message.objects.create(
        conversation=chat, seq=seq, role="assistant", kind="final", text="hi"
    )
    answer = Answer.objects.create(
        message=message, question=question, disposition="answer", source="llm", confidence=0.9
    )
    for marker in (1, 2):
        Citation.objects.create(
            answer=answer,
            marker=marker,
            document=document,
            chunk=uuid.uuid4(),
            title="Returns",
            quote=f"Within 30 days {HOSTILE}",
        )
    for rating in ratings:
        visitor = Visitor.objects.create()
        Feedback.objects.create(
            answer=answer, visitor=visitor, rating=rating, comment=f"Thanks {HOSTILE}"
        )
    return answer


def page_of(client: Client, document: Document) -> str:
    address = reverse("admin:knowledge_document_change", args=[document.pk])
    return client.get(address).content.decode()


def test_answers_that_cite_it_are_listed_with_their_ratings(
    document: Document, chat: Conversation
) -> None:
    rated = cite(document, chat, f"How long? {HOSTILE}", (1, 1, -1))
    cite(document, chat, "And abroad?")
    other = Document.objects.create(collection=document.collection, path="b.md", title="Other")
    cite(other, chat, "Something else?", (-1,))
    page = page_of(cast.signed_in(cast.operator()), document)
    # Two markers of one answer, and two of it in each rating, count once.
    assert "2 answers. Customers found 2 helpful and 1 not helpful." in page
    assert reverse("admin:conversations_answer_change", args=[rated.pk]) in page
    assert "And abroad?" in page
    assert "Something else?" not in page
    assert "How long? &lt;script&gt;" in page
    assert "Thanks &lt;script&gt;" in page
    assert "<script>alert(1)" not in page
    assert "<b x-init=" not in page


def test_only_the_latest_are_listed_but_all_are_counted(
    document: Document, chat: Conversation
) -> None:
    for number in range(25):
        answer = cite(document, chat, f"Question {number}?")
        moment = timezone.now() + timedelta(seconds=number)
        Answer.objects.filter(pk=answer.pk).update(created_at=moment)
    page = page_of(cast.signed_in(cast.operator()), document)
    assert "25 answers." in page
    assert "Question 24?" in page
    assert "Question 2?" not in page


def test_a_document_that_was_never_cited_says_how_to_try_it(document: Document) -> None:
    page = page_of(cast.signed_in(cast.operator()), document)
    assert "No answer has cited it yet." in page
    assert reverse("admin:try_bot") in page


def test_who_may_not_see_answers_sees_none_here(document: Document, chat: Conversation) -> None:
    cite(document, chat, "How long?")
    reader = cast.person("rita")
    reader.user_permissions.add(Permission.objects.get(codename="view_document"))
    page = page_of(cast.signed_in(reader), document)
    assert "Returns" in page
    assert "Answers that cite it" not in page
    assert "How long?" not in page
