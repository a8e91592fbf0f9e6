"""This process's child for reading and embedding."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from knowledge.ingestion.process import PreparationProcess
from providers.once import once


@once
def preparation() -> PreparationProcess:
    """Return the child; it starts at first use."""
    return PreparationProcess(Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"]))
