"""The documents in the admin."""

from knowledge.admin import collections, documents

__all__ = ["collections", "documents"]
