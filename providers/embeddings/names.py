"""The names of embedding models, known without loading any."""

from __future__ import annotations

PACKAGED = "all-MiniLM-L6-v2"
_ALSO_PACKAGED = {"", PACKAGED, f"sentence-transformers/{PACKAGED}"}


def is_packaged(model: str) -> bool:
    """Say whether a name means the model that is installed with us."""
    return model in _ALSO_PACKAGED


def name_of(model: str) -> str:
    """Return the name under which an index knows a model; all of the packaged one's are one."""
    return PACKAGED if is_packaged(model) else model
