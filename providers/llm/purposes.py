"""What a model is asked for, and which of the models gets to do it first. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Purpose(StrEnum):
    """What a call is for. `simple_answer`: one that a cheaper model may write (routing.py)."""

    ANSWER = "answer"
    SIMPLE_ANSWER = "simple_answer"
    REWRITE = "rewrite"
    GUARD = "guard"
    SUMMARY = "summary"
    DRAFT = "draft"
    JUDGE = "judge"


def read_purpose_models(text: str) -> dict[str, str]:
    """Read "rewrite=small-model,answer=big-model". Raises ValueError that names what is wrong."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        purpose, sign, model = (piece.strip() for piece in part.partition("="))
        if not sign or not model:
            raise ValueError(f"accepts purpose=model pairs, not {part!r}")
        if purpose not in list(Purpose):
            known = ", ".join(Purpose)
            raise ValueError(f"knows no purpose {purpose!r}; there are: {known}")
        if purpose in found:
            raise ValueError(f"names the purpose {purpose!r} twice")
        found[purpose] = model
    return found


def unknown_models(purpose_models: Mapping[str, str], models: Sequence[str]) -> list[str]:
    """Return the named models that are not among the connected ones."""
    return sorted(set(purpose_models.values()) - set(models))


def order(
    models: Sequence[str], purpose_models: Mapping[str, str], purpose: str
) -> tuple[str, ...]:
    """Return the models in the order in which they are tried for a purpose.

    The one named for it comes first if it is connected; the others stay as its fallbacks.
    """
    first = purpose_models.get(purpose, "")
    if first not in models:
        return tuple(models)
    return (first, *(model for model in models if model != first))
