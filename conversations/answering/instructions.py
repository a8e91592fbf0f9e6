"""The operator's instructions as a model reads them, and who gets a version on trial. Pure."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from conversations.answering.values import InstructionsSpec


def in_words(spec: InstructionsSpec) -> str:
    """Return the lines for the system text. Topics for a person are no matter of the model's."""
    lines = [f"- Tone: {spec.tone}"] if spec.tone else []
    lines += [f"- Never write: {word}" for word in spec.never_say]
    return "\n".join([line for line in (sayable(spec), *lines) if line]) or "- Nothing."


def sayable(spec: InstructionsSpec) -> str:
    """Return those of the lines whose words customers are meant to read; they stand together."""
    lines = [f"- Your name is {spec.name}."] if spec.name else []
    return "\n".join([*lines, *(f"- Say where it fits: {said}" for said in spec.must_say)])


def in_trial(conversation_id: UUID, version: int, percent: int) -> bool:
    """Say whether a conversation is among those that get a version on trial.

    The same conversation always is or is not; a greater share keeps those of a smaller one.
    """
    digest = sha256(f"{version}:{conversation_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100 < percent
