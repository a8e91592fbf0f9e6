"""The documents in the admin."""

from knowledge.admin import (
    collections,
    documents,
    faq,
    generations,
    golden,
    reviews,
    sources,
    vocabulary,
)

__all__ = [
    "collections",
    "documents",
    "faq",
    "generations",
    "golden",
    "reviews",
    "sources",
    "vocabulary",
]
