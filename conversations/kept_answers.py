"""The answer cache over the database; see `answering.cached.AnswerCache`."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from conversations.actions.cached_answers import hash_of
from conversations.answering.cache_decision import NOMINATED_FROM
from conversations.answering.cached import Ages, Entry, Evidence, Flight, KeptCitation, Scope
from conversations.answering.flights import Flights
from conversations.models import CachedAnswer
from knowledge import wiring as knowledge_wiring
from providers.errors import ProviderError
from providers.llm.base import Usage

logger = logging.getLogger(__name__)
# Looked at for one question; the nearest is nearly always the one, if there is one.
MOST_NOMINATED = 5
# Vectors of one scope held in memory: 8 MB. Beyond it the oldest are served as exact repeats only.
MOST_VECTORS = 5000
# An entry committed out of order by another process is seen in the next look.
OVERLAP = timedelta(seconds=30)
_flights = Flights()


class KeptAnswers:
    """Entries are rows; this process holds the vectors of those it has seen.

    `give_back` returns this thread's database connection to the pool.
    """

    def __init__(
        self,
        model: str,
        settings_hash: Callable[[], str],
        give_back: Callable[[], None] = lambda: None,
    ) -> None:
        self._model, self._settings_hash, self._give_back = model, settings_hash, give_back

    @property
    def ages(self) -> Ages:
        """Return the ages that the settings allow."""
        return Ages(settings.CACHE_EXACT_HOURS * 3600.0, settings.CACHE_SEMANTIC_DAYS * 86400.0)

    def scope_of(
        self, audiences: frozenset[str], collection: str | None, language: str, prompt: str
    ) -> Scope:
        """Return the scope of a question, with the model and settings of the installation."""
        shaping = f"{self._settings_hash()} {knowledge_wiring.embedder().name}"
        return Scope(audiences, collection or "", language, prompt, self._model, shaping)

    def nominate(self, scope: Scope, text: str) -> list[tuple[Entry, float]]:
        """Return the entries worth a look with their cosine, the same text first."""
        try:
            return self._nominated(scope, text)
        except (DatabaseError, ProviderError):
            logger.exception("answer_cache.not_read")
            return []

    def join(self, key: str) -> Flight:
        """Take off with a question, or join the one that is in the air in this process."""
        seat = _flights.join(key)
        if not seat.first:
            # Who waits for another's answer must not keep a connection of the pool.
            self._give_back()
        return seat

    def _nominated(self, scope: Scope, text: str) -> list[tuple[Entry, float]]:
        oldest = timezone.now() - timedelta(
            seconds=max(self.ages.exact_seconds, self.ages.semantic_seconds)
        )
        rows = CachedAnswer.objects.filter(scope=scope.key, created_at__gt=oldest)
        near: dict[UUID, float] = {}
        if self.ages.semantic_seconds:
            vector = knowledge_wiring.embedder().embed_query(text)
            near = _vectors(scope.key).nearest(vector, oldest)
        same = hash_of(text)
        found = rows.filter(Q(normal_hash=same) | Q(pk__in=near)).defer("vector")
        newest_first = list(found.order_by("-created_at"))
        exact = [row for row in newest_first if row.normal_hash == same]
        others = [row for row in newest_first if row.normal_hash != same]
        others.sort(key=lambda row: -near[row.pk])
        exact_first = [(row, 1.0) for row in exact[:MOST_NOMINATED]]
        nearest = [(row, near[row.pk]) for row in others]
        return [(_entry(row, scope), cosine) for row, cosine in exact_first + nearest]


class ScopeVectors:
    """The questions' vectors of one scope, read once each."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._lock = threading.Lock()
        self._ids: list[UUID] = []
        self._made: list[datetime] = []
        self._vectors: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)

    def nearest(self, vector: NDArray[np.float32], oldest: datetime) -> dict[UUID, float]:
        """Return the nearest entries with their cosine. Some may be gone from the database."""
        with self._lock:
            self._read_new(oldest)
            ids, vectors = self._ids, self._vectors
        if not ids:
            return {}
        cosines = vectors @ vector
        best = np.argsort(-cosines)[:MOST_NOMINATED]
        return {ids[n]: float(cosines[n]) for n in best if cosines[n] >= NOMINATED_FROM}

    def _read_new(self, oldest: datetime) -> None:
        since = max(oldest, self._made[-1] - OVERLAP) if self._made else oldest
        rows = CachedAnswer.objects.filter(scope=self._scope, created_at__gt=since)
        known = set(self._ids[-MOST_VECTORS:])
        newest = rows.order_by("-created_at").values_list("pk", "created_at", "vector")
        new = [row for row in newest[:MOST_VECTORS] if row[0] not in known][::-1]
        if not new:
            return
        self._ids = (self._ids + [pk for pk, _, _ in new])[-MOST_VECTORS:]
        self._made = (self._made + [made for _, made, _ in new])[-MOST_VECTORS:]
        added = np.stack([np.frombuffer(bytes(raw), dtype=np.float32) for _, _, raw in new])
        joined = added if not len(self._vectors) else np.concatenate([self._vectors, added])
        self._vectors = joined[-MOST_VECTORS:]


_lock = threading.Lock()
_scopes: dict[str, ScopeVectors] = {}
MOST_SCOPES = 32


def _vectors(scope: str) -> ScopeVectors:
    with _lock:
        held = _scopes.pop(scope, None) or ScopeVectors(scope)
        _scopes[scope] = held  # The last one used stands last.
        while len(_scopes) > MOST_SCOPES:
            del _scopes[next(iter(_scopes))]
        return held


def forget() -> None:
    """Read everything anew next time, for tests."""
    with _lock:
        _scopes.clear()


def model_key(models: Sequence[str], base_url: str) -> str:
    """Return what tells one connection's answers from another's, without its key."""
    return hashlib.sha256("\0".join((*models, base_url)).encode()).hexdigest()


def _entry(row: CachedAnswer, scope: Scope) -> Entry:
    facts: dict[str, Any] = row.facts
    return Entry(
        id=str(row.pk),
        scope=scope,
        question=row.question,
        evidence=Evidence(
            tuple((chunk, version) for chunk, version in row.evidence), facts["lead"]
        ),
        text=row.text,
        citations=tuple(KeptCitation(*kept) for kept in row.citations),
        used=tuple((chunk, version) for chunk, version in row.used),
        confidence=facts["confidence"],
        confidence_level=facts["confidence_level"],
        reasons=tuple(facts["reasons"]),
        human_offered=facts["human_offered"],
        # Older rows were all free of doubt.
        doubtful=facts.get("doubtful", False),
        model=row.model,
        prompt_version=row.prompt_version,
        usage=Usage(**facts["usage"]) if facts["usage"] else None,
        cost_usd=row.cost_usd,
        age_seconds=(timezone.now() - row.created_at).total_seconds(),
    )
