"""Documents of a small shop, and what tests do with them in few words."""

from __future__ import annotations

from typing import Any

from knowledge.intake import submit_file
from knowledge.models import Document
from knowledge.retrieval.values import Reader
from knowledge.wiring import searcher
from knowledge.working import work_on

PUBLIC = Reader(frozenset({"public"}))
STAFF = Reader(frozenset({"internal"}))
PREVIEW = Reader(frozenset({"public"}), previews=True)
RETURNS = b"# Returns\n\nSend goods back within 30 days of delivery."
PASSWORDS = b"# Passwords\n\nTo change your password, open Settings and press Change password."
INVOICES = b"# Invoices\n\nInvoices are sent by e-mail on the first day of each month."
SHOP = {"returns.md": RETURNS, "passwords.md": PASSWORDS, "invoices.md": INVOICES}


def ingest(name: str, content: bytes, **values: Any) -> Document:
    """Take a file in and work on it; return the document as it then is."""
    document = submit_file(name=name, content=content, **values).document
    work_on(document.pk)
    document.refresh_from_db()
    return document


def ingest_shop() -> dict[str, Document]:
    """Take all pages of the shop in."""
    return {name: ingest(name, content) for name, content in SHOP.items()}


def titles(query: str, reader: Reader = PUBLIC) -> list[str]:
    """Return the titles that a reader finds, best first."""
    found = searcher().retrieve(query, reader).passages
    return list(dict.fromkeys(passage.title for passage in found))
