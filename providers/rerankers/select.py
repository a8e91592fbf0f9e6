"""Chooses the reranker for a model's name."""

from __future__ import annotations

from importlib import import_module

from providers.rerankers.base import Reranker


def reranker_for(model: str) -> Reranker | None:
    """Return the cross-encoder of a name or folder, None for no name. Raises RerankerUnavailable.

    Its module is loaded by name, because it brings torch into the process.
    """
    if not model:
        return None
    made: Reranker = import_module("providers.rerankers.cross_encoder").CrossEncoderReranker(model)
    return made
