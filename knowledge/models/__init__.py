"""The documents and what was made of them."""

from knowledge.models.collection import Audience, Collection
from knowledge.models.document import Chunk, Document, DocumentStatus, DocumentVersion

__all__ = ["Audience", "Chunk", "Collection", "Document", "DocumentStatus", "DocumentVersion"]
