"""Finds card numbers, IBANs and e-mail addresses and puts placeholders in their place.

A small, honest set: names and postal addresses are not found. E-mail addresses and IBANs can be
put back into a reply; card numbers never are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[a-zA-Z]{2,24}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.IGNORECASE)
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_PLACEHOLDER = re.compile(r"<(?:EMAIL|IBAN|CARD)_\d{1,3}>")


def luhn_holds(digits: str) -> bool:
    """Say whether a digit string passes the check of card numbers."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban_holds(text: str) -> bool:
    """Say whether a text passes the IBAN's own check (ISO 13616: remainder 1 of 97)."""
    compact = text.replace(" ", "").upper()
    if not 15 <= len(compact) <= 34:
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


@dataclass(slots=True)
class Masker:
    """Masks texts of one conversation; the same value always gets the same placeholder."""

    placeholders: dict[str, str] = field(default_factory=dict)

    def mask(self, text: str) -> str:
        """Return the text with placeholders."""
        text = _EMAIL.sub(lambda m: self._placeholder("EMAIL", m[0]), text)
        text = _IBAN.sub(self._iban, text)
        return _CARD.sub(self._card, text)

    def unmask(self, text: str) -> str:
        """Put e-mail addresses and IBANs back. Card numbers stay masked."""
        values = {mark: value for value, mark in self.placeholders.items()}
        return _PLACEHOLDER.sub(
            lambda m: m[0] if m[0].startswith("<CARD") else values.get(m[0], m[0]), text
        )

    def kinds(self) -> tuple[str, ...]:
        """Return which kinds were masked, without values: ("EMAIL", "CARD")."""
        return tuple(sorted({mark[1:].split("_")[0] for mark in self.placeholders.values()}))

    def _iban(self, match: re.Match[str]) -> str:
        return self._placeholder("IBAN", match[0]) if iban_holds(match[0]) else match[0]

    def _card(self, match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match[0])
        if len(set(digits)) == 1 or not luhn_holds(digits):
            return match[0]
        return self._placeholder("CARD", match[0])

    def _placeholder(self, kind: str, value: str) -> str:
        if value not in self.placeholders:
            number = 1 + sum(mark.startswith(f"<{kind}_") for mark in self.placeholders.values())
            self.placeholders[value] = f"<{kind}_{number}>"
        return self.placeholders[value]
