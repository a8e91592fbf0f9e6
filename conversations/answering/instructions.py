"""The operator's instructions as a model reads them, and who gets a version on trial. Pure."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from conversations.answering.values import InstructionsSpec


def in_words(spec: InstructionsSpec) -> str:
    """Return the lines for the system text. Topics for a person are no matter of the model's."""
    lines = [f"- Your name is {spec.name}."] if spec.name else []
    if spec.tone:
        lines.append(f"- Tone: {spec.tone}")
    lines += [f"- Say where it fits: {said}" for said in spec.must_say]
    lines += [f"- Never write: {word}" for word in spec.never_say]
    return "\n".join(lines) or "- Nothing."


def in_trial(conversation_id: UUID, version: int, percent: int) -> bool:
    """Say whether a conversation is among those that get a version on trial.

    The same conversation always is or is not; a greater share keeps those of a smaller one.
    """
    digest = sha256(f"{version}:{conversation_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100 < percent
