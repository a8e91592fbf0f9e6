"""What a desk sent along with an act, read with its types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime

MOST_AT_ONCE = 100


class ActRefused(Exception):
    """The act was not done. `code` is for programs, `text` for the agent; `more` goes along."""

    def __init__(self, code: str, text: str, **more: Any) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.more = more


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object from a browser; every reader raises ActRefused for a value of another kind."""

    values: Mapping[str, Any]

    def text(self, name: str, most: int) -> str:
        """Return a text of at most so many characters, its ends stripped; empty when absent."""
        value = self.values.get(name, "")
        if not isinstance(value, str) or "\x00" in value:
            raise _not_understood(name)
        value = value.replace("\r\n", "\n").strip()
        if len(value) > most:
            problem = f"That has {len(value):,} characters; at most {most:,} are kept. Shorten it."
            raise ActRefused("too_long", problem)
        return value

    def needed_text(self, name: str, most: int) -> str:
        """Return a text that must not be empty."""
        value = self.text(name, most)
        if not value:
            raise ActRefused("empty", "There is nothing written yet. Write something first.")
        return value

    def words(self, name: str, most: int) -> list[str]:
        """Return a list of texts; empty when absent."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or len(value) > most:
            raise _not_understood(name)
        if not all(isinstance(one, str) and "\x00" not in one for one in value):
            raise _not_understood(name)
        return value

    def uuid(self, name: str) -> UUID:
        """Return a UUID."""
        value = self.values.get(name)
        return _uuid(value if isinstance(value, str) else "", name)

    def uuid_or_none(self, name: str) -> UUID | None:
        """Return a UUID, or None when absent."""
        return self.uuid(name) if self.values.get(name) else None

    def uuids(self, name: str, most: int = MOST_AT_ONCE) -> list[UUID]:
        """Return UUIDs, each once; empty when absent."""
        return list(dict.fromkeys(_uuid(one, name) for one in self.words(name, most)))

    def chosen(self, name: str) -> list[UUID]:
        """Return one UUID or more, each once."""
        found = self.uuids(name)
        if not found:
            raise _not_understood(name)
        return found

    def number_or_none(self, name: str) -> int | None:
        """Return a whole number, or None when absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**31:
            raise _not_understood(name)
        return value

    def number(self, name: str) -> int:
        """Return a whole number."""
        value = self.number_or_none(name)
        if value is None:
            raise _not_understood(name)
        return value

    def flag(self, name: str) -> bool:
        """Return whether something was ticked."""
        return self.values.get(name) is True

    def moment(self, name: str) -> datetime:
        """Return a moment; one without a zone is in the server's (TIME_ZONE)."""
        try:
            found = parse_datetime(self.needed_text(name, 40))
        except ValueError:
            found = None
        if found is None:
            raise ActRefused("bad_time", "That is not a date and time.")
        return found if timezone.is_aware(found) else timezone.make_aware(found)


def _uuid(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _not_understood(name) from None


def _not_understood(name: str) -> ActRefused:
    return ActRefused("bad_request", f"This request could not be understood ({name}).")
