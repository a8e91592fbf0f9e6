"""The documents in the admin."""

from knowledge.admin import collections, documents, faq, sources

__all__ = ["collections", "documents", "faq", "sources"]
