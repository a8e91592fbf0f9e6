"""Documents in every state, made without a worker, for the tests of the admin's pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

from knowledge.actions.defaults import ensure_generation
from knowledge.models import (
    Audience,
    Chunk,
    Collection,
    Document,
    DocumentStatus,
    DocumentVersion,
)

LIST = "admin:knowledge_document_changelist"


def make(name: str, status: str = DocumentStatus.INDEXED, **fields: Any) -> Document:
    """Make a document for everybody, with one version; a ready one serves it."""
    document = Document.objects.create(
        collection=Collection.objects.get(slug="default"),
        path=f"{name}.md",
        title=name,
        status=status,
        **fields,
    )
    document.audiences.add(Audience.objects.get(slug="public"))
    version = add_version(document)
    if status == DocumentStatus.INDEXED:
        document.current_version = version
        document.save()
    return document


def add_version(document: Document, text: str = "", findings: Sequence[Any] = ()) -> Any:
    """Add the next version with this text."""
    return DocumentVersion.objects.create(
        document=document,
        number=document.versions.count() + 1,
        content_hash="0" * 64,
        stored_name="x",
        size_bytes=2048,
        text=text,
        findings=list(findings),
    )


def add_chunks(document: Document, *chunks: tuple[list[str], str]) -> None:
    """Add passages (heading path, text) to the version in use."""
    assert document.current_version is not None
    for ordinal, (headings, text) in enumerate(chunks):
        Chunk.objects.create(
            version=document.current_version,
            generation=ensure_generation(),
            ordinal=ordinal,
            headings=headings,
            text=text,
            token_count=7,
        )


def held(name: str, text: str, sentence: str) -> Document:
    """Make a document that is held because of a sentence of its text."""
    document = make(name, DocumentStatus.HELD, error="1 sentence instructs the assistant.")
    document.versions.all().delete()
    start = text.index(sentence)
    finding = {
        "code": "instruction",
        "detail": sentence,
        "reason": "override",
        "holds": True,
        "start": start,
        "end": start + len(sentence),
    }
    add_version(document, text, [finding])
    return document


def open_list(client: Client, **query: str) -> Any:
    """Open the list of documents."""
    return client.get(reverse(LIST), query)


def open_page(client: Client, document: Document, **query: str) -> Any:
    """Open a document's page."""
    return client.get(reverse("admin:knowledge_document_change", args=[document.pk]), query)


def act(client: Client, document: Document, action: str, **more: Any) -> str:
    """Press a button of a document's page; return the page that follows."""
    address = reverse("admin:knowledge_document_act", args=[document.pk])
    return client.post(address, {"action": action, **more}, follow=True).content.decode()


def choose(client: Client, action: str, documents: Sequence[Document], **more: Any) -> str:
    """Run an action of the list on some documents; return the page that follows."""
    ids = [str(document.pk) for document in documents]
    data = {"action": action, "_selected_action": ids, **more}
    return client.post(reverse(LIST), data, follow=True).content.decode()


def listed(**query: str) -> list[str]:
    """Return the titles that the list would show an operator, in alphabetical order."""
    request = RequestFactory().get(reverse(LIST), query)
    request.user = User.objects.get(username="otto")
    found = admin.site.get_model_admin(Document).get_changelist_instance(request)
    return sorted(row.title for row in found.result_list)
