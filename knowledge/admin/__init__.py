"""The documents in the admin."""

from knowledge.admin import collections, documents, reviews

__all__ = ["collections", "documents", "reviews"]
