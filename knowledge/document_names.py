"""Finds the one document that somebody means by its path, its title or its id."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from knowledge.models import Document

SUGGESTED = 12
NAMED_IN_PROBLEM = 4
MOST_CHARACTERS = 1000


class NotOneDocument(Exception):
    """The words mean no document, or several. The text says what to write instead."""


def document_meant(words: str) -> Document:
    """Return the document: by id, else by path, by title, by a part of either.

    Raises NotOneDocument.
    """
    words = _one_line(words)
    if not words:
        raise NotOneDocument("Name a document by its path or title.")
    for found in _from_narrow_to_wide(words):
        some = list(found[: NAMED_IN_PROBLEM + 1])
        if len(some) == 1:
            return some[0]
        if some:
            raise NotOneDocument(_several(words, some))
    raise NotOneDocument(f"There is no document {words}. Write a part of its path or title.")


def suggestions(words: str) -> list[dict[str, str]]:
    """Return documents that the words may mean: `value` names just one, `label` is for people."""
    words = _one_line(words)
    found = list(_partly(words).order_by("title")[:SUGGESTED]) if words else []
    return [{"value": unique_name(document), "label": _label(document)} for document in found]


def unique_name(document: Document) -> str:
    """Return the path, or the id where another collection has a document of that path."""
    return document.path if not _shares_path(document) else str(document.pk)


def _one_line(words: str) -> str:
    # PostgreSQL refuses a NUL.
    return " ".join(words.replace("\0", " ").split())[:MOST_CHARACTERS]


def _from_narrow_to_wide(words: str) -> list[QuerySet[Document]]:
    documents = Document.objects.select_related("collection")
    narrow = [
        documents.filter(path=words),
        documents.filter(title__iexact=words),
        _partly(words),
    ]
    try:
        return [documents.filter(pk=uuid.UUID(words)), *narrow]
    except ValueError:
        return narrow


def _partly(words: str) -> QuerySet[Document]:
    documents = Document.objects.select_related("collection")
    return documents.filter(Q(title__icontains=words) | Q(path__icontains=words))


def _shares_path(document: Document) -> bool:
    return Document.objects.filter(path=document.path).exclude(pk=document.pk).exists()


def _several(words: str, some: list[Document]) -> str:
    names = [_label(document) for document in some[:NAMED_IN_PROBLEM]]
    more = " and others" if len(some) > NAMED_IN_PROBLEM else ""
    first = unique_name(some[0])
    return f"Several documents fit {words}: {'; '.join(names)}{more}. Write one like {first}."


def _label(document: Document) -> str:
    title = document.title or document.path
    return f"{title} ({document.path}, {document.collection})"
