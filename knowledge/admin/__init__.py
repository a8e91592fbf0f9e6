"""The documents in the admin."""

from knowledge.admin import collections, documents, generations, golden

__all__ = ["collections", "documents", "generations", "golden"]
