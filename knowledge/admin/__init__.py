"""The documents in the admin."""

from knowledge.admin import collections, documents, vocabulary

__all__ = ["collections", "documents", "vocabulary"]
