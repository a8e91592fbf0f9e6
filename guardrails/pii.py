"""Puts placeholders in the place of personal data, and takes them out again.

The same value gets the same placeholder all through a conversation's prompt. What a reply may have
to repeat can be put back; what nobody should repeat (cards, passwords, keys, social security
numbers) never is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from guardrails.personal_data import Kind, find_personal_data

_PLACEHOLDER = re.compile(r"<([A-Z]+)_\d{1,3}>")
_NAMES = {kind: kind.name for kind in Kind}
_NEVER_PUT_BACK = frozenset({"CARD", "PASSWORD", "KEY", "SSN"})


@dataclass(slots=True)
class Masker:
    """Masks texts of one conversation; the same value always gets the same placeholder."""

    placeholders: dict[str, str] = field(default_factory=dict)

    def mask(self, text: str) -> str:
        """Return the text with placeholders."""
        parts, position = [], 0
        for found in find_personal_data(text):
            value = text[found.start : found.end]
            parts += [text[position : found.start], self._placeholder(_NAMES[found.kind], value)]
            position = found.end
        return "".join([*parts, text[position:]])

    def unmask(self, text: str) -> str:
        """Put back what may be. Cards, passwords, keys and SSNs stay masked."""
        values = {mark: value for value, mark in self.placeholders.items()}
        return _PLACEHOLDER.sub(
            lambda m: m[0] if m[1] in _NEVER_PUT_BACK else values.get(m[0], m[0]), text
        )

    def kinds(self) -> tuple[str, ...]:
        """Return which kinds were masked, without values: ("EMAIL", "CARD")."""
        return tuple(sorted({mark[1:].split("_")[0] for mark in self.placeholders.values()}))

    def _placeholder(self, kind: str, value: str) -> str:
        if value not in self.placeholders:
            number = 1 + sum(mark.startswith(f"<{kind}_") for mark in self.placeholders.values())
            self.placeholders[value] = f"<{kind}_{number}>"
        return self.placeholders[value]
