"""Chooses the embedder for a model's name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from providers.embeddings.base import Embedder
from providers.embeddings.names import is_packaged
from providers.embeddings.packaged import PackagedEmbedder


def embedder_for(model: str, cache_folder: Path) -> Embedder:
    """Return the packaged model for its name, else the hub's or a local one.

    The hub's module is loaded by name, because it brings torch into the process.
    """
    if is_packaged(model):
        return PackagedEmbedder(cache_folder)
    hub = import_module("providers.embeddings.hub")
    embedder: Embedder = hub.HubEmbedder(model)
    return embedder
