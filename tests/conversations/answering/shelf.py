"""A cache of answers in memory, and asking beside it."""

from __future__ import annotations

from dataclasses import replace

from conversations.answering.cached import Ages, Entry, Flight, Scope
from conversations.answering.flights import Flights
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress, Toolbox
from conversations.answering.values import (
    Question,
    Reply,
    Turn,
)
from knowledge.retrieval.values import Reader
from tests.conversations.answering.cast import (
    PUBLIC,
)

GOOD = "Open Settings and choose Delete account [1]."
DELETE = "How do I delete my account?"


class Shelf:
    """A cache in memory whose questions are all equally near."""

    def __init__(self, ages: Ages | None = None, model: str = "m") -> None:
        self.ages = ages or Ages()
        self.model = model
        self.entries: list[Entry] = []
        self.looked = 0
        self._flights = Flights()

    def scope_of(
        self, audiences: frozenset[str], collection: str | None, language: str, prompt: str
    ) -> Scope:
        return Scope(audiences, collection or "", language, prompt, self.model)

    def nominate(self, scope: Scope, text: str) -> list[tuple[Entry, float]]:
        self.looked += 1
        return [(entry, 0.9) for entry in self.entries if entry.scope.key == scope.key]

    def join(self, key: str) -> Flight:
        return self._flights.join(key)


def asked(
    text: str, shelf: Shelf, tools: Toolbox, *history: Turn, reader: Reader = PUBLIC
) -> Reply:
    reply = answer(Question(text, reader, history), replace(tools, cache=shelf), SilentProgress())
    if reply.to_keep:
        shelf.entries.append(reply.to_keep)
    return reply
