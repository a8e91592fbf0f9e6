"""Does the index in use fit the embedding model that is set, and the model it was made with?"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.conf import settings

from knowledge.models import INDEX_FORMAT, GenerationState, IndexGeneration
from knowledge.wiring import embedder, vector_store
from providers.embeddings.names import PACKAGED, name_of
from providers.errors import ProviderError, VectorDimensionMismatch
from providers.vector_store.base import Scope

logger = logging.getLogger(__name__)
# No valid slug, so nothing is ever found: only the vector's length is looked at.
NOBODY = Scope(frozenset({"~nobody"}))


@dataclass(frozen=True, slots=True)
class Misfit:
    """What does not fit, and what to do: two sentences."""

    detail: str
    fix: str

    def __str__(self) -> str:
        return f"{self.detail} {self.fix}"


def model_set() -> str:
    """Return the model that EMBEDDING_MODEL names."""
    return name_of(settings.PROVIDERS["embeddings"]["OPTIONS"]["model"])


def models_known() -> list[str]:
    """Return the models that this installation was given already, by name; the installed first."""
    complete = IndexGeneration.objects.exclude(ready_at=None)
    used = complete.values_list("embedding_model", flat=True)
    return list(dict.fromkeys([PACKAGED, model_set(), *map(name_of, used)]))


def other_model_set() -> Misfit | None:
    """Say that EMBEDDING_MODEL is not the model whose index answers. Loads nothing."""
    generation = IndexGeneration.objects.in_use()
    wanted = model_set()
    if generation is None or name_of(generation.embedding_model) == wanted:
        return None
    used = name_of(generation.embedding_model)
    detail = f"The index answers with model {used}, EMBEDDING_MODEL names {wanted}."
    building = IndexGeneration.objects.filter(state=GenerationState.BUILDING)
    for other in building:
        if name_of(other.embedding_model) == wanted:
            return Misfit(detail, f"{other} is being built with it; wait until it is complete.")
    return Misfit(
        detail, f"Run manage.py reindex to go over to it, or set EMBEDDING_MODEL to {used}."
    )


def older_format() -> Misfit | None:
    """Say that the index was made by an earlier version of supportbot. Loads nothing."""
    generation = IndexGeneration.objects.in_use()
    if generation is None or generation.format >= INDEX_FORMAT:
        return None
    return Misfit(
        f"{generation} was made by an earlier version: it answers, but without the titles and word "
        "weights by which documents are ranked now.",
        "Run manage.py reindex.",
    )


def other_dimensions() -> Misfit | None:
    """Say that the index's vectors are not as long as its model's. Loads the model.

    Raises ProviderError when the model or the index is away.
    """
    generation = IndexGeneration.objects.in_use()
    if generation is None:
        return None
    vector = [float(x) for x in embedder(generation.embedding_model).embed_query("dimensions")]
    try:
        vector_store(generation).search_dense(vector, NOBODY, 1)
    except VectorDimensionMismatch:
        return Misfit(
            f"The index holds vectors of another length than the {len(vector)} numbers that "
            f"{name_of(generation.embedding_model)} makes, so only words are searched.",
            "Run manage.py reindex.",
        )
    return None


def log_misfits() -> None:
    """Tell the log at a start what does not fit, with the command that mends it."""
    try:
        found = {
            "index.other_model": other_model_set(),
            "index.older_format": older_format(),
            "index.dimensions": other_dimensions(),
        }
    except ProviderError as error:
        logger.warning("index.not_checked", extra={"error": type(error).__name__})
        return
    for event, misfit in found.items():
        if misfit is not None:
            logger.error(event, extra={"detail": misfit.detail, "fix": misfit.fix})
