"""The documents and what was made of them."""

from knowledge.models.collection import (
    DEFAULT_COLLECTION,
    INTERNAL_AUDIENCE,
    PUBLIC_AUDIENCE,
    Audience,
    Collection,
)
from knowledge.models.document import Chunk, Document, DocumentStatus, DocumentVersion

__all__ = [
    "DEFAULT_COLLECTION",
    "INTERNAL_AUDIENCE",
    "PUBLIC_AUDIENCE",
    "Audience",
    "Chunk",
    "Collection",
    "Document",
    "DocumentStatus",
    "DocumentVersion",
]
