"""The documents and what was made of them."""

from knowledge.models.collection import (
    DEFAULT_COLLECTION,
    INTERNAL_AUDIENCE,
    PUBLIC_AUDIENCE,
    Audience,
    Collection,
)
from knowledge.models.comparison import Contradiction, DuplicatePair, ReviewState
from knowledge.models.document import (
    Chunk,
    Document,
    DocumentKind,
    DocumentStatus,
    DocumentVersion,
)
from knowledge.models.generation import (
    INDEX_FORMAT,
    Activation,
    GenerationState,
    GoldenQuestion,
    IndexGeneration,
)
from knowledge.models.sentences import SentenceIndex
from knowledge.models.source import FaqEntry, FetchedPage, Source, SourceKind, SourceRun
from knowledge.models.vocabulary import VocabularyEntry
from knowledge.models.word import IndexedWord
from knowledge.models.worker import QueueSighting

__all__ = [
    "DEFAULT_COLLECTION",
    "INDEX_FORMAT",
    "INTERNAL_AUDIENCE",
    "PUBLIC_AUDIENCE",
    "Activation",
    "Audience",
    "Chunk",
    "Collection",
    "Contradiction",
    "Document",
    "DocumentKind",
    "DocumentStatus",
    "DocumentVersion",
    "DuplicatePair",
    "FaqEntry",
    "FetchedPage",
    "GenerationState",
    "GoldenQuestion",
    "IndexGeneration",
    "IndexedWord",
    "QueueSighting",
    "ReviewState",
    "SentenceIndex",
    "Source",
    "SourceKind",
    "SourceRun",
    "VocabularyEntry",
]
