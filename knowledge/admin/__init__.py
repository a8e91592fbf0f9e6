"""The documents in the admin."""

from knowledge.admin import (
    collections,
    documents,
    faq,
    generations,
    golden,
    sources,
    vocabulary,
)

__all__ = [
    "collections",
    "documents",
    "faq",
    "generations",
    "golden",
    "sources",
    "vocabulary",
]
