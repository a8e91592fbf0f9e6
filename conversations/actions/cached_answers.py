"""Writes around the answer cache: keep, note a hit, drop what was wrong, forget the old."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from conversations.answering.cache_decision import normal
from conversations.answering.cached import Entry, Served
from conversations.models import Answer, CachedAnswer, CacheHit, Conversation
from knowledge import wiring as knowledge_wiring
from providers.errors import ProviderError

SHORTENED_TO = 500


def hash_of(question: str) -> str:
    """Return what exact repeats of a question have in common."""
    return hashlib.sha256(normal(question).encode()).hexdigest()


def keep(entry: Entry, answer: Answer) -> CachedAnswer | None:
    """Store an entry with the answer that it was made for; None where no vector can be made.

    Two who asked the same at the same moment in two processes leave two entries; both are right.
    """
    try:
        vector = knowledge_wiring.embedder().embed_query(entry.question)
    except ProviderError:
        return None
    scope = entry.scope
    return CachedAnswer.objects.create(
        id=UUID(entry.id),
        answer=answer,
        scope=scope.key,
        normal_hash=hash_of(entry.question),
        question=entry.question,
        vector=np.asarray(vector, dtype=np.float32).tobytes(),
        evidence=[list(passage) for passage in entry.evidence.passages],
        text=entry.text,
        citations=[[c.marker, c.chunk, c.version, c.quote] for c in entry.citations],
        used=[list(passage) for passage in entry.used],
        facts={
            "lead": entry.evidence.lead,
            "confidence": entry.confidence,
            "confidence_level": entry.confidence_level,
            "reasons": list(entry.reasons),
            "human_offered": entry.human_offered,
            "doubtful": entry.doubtful,
            "usage": asdict(entry.usage) if entry.usage else None,
        },
        audiences=", ".join(sorted(scope.audiences))[:1000],
        collection=scope.collection[:100],
        language=scope.language[:10],
        prompt_version=entry.prompt_version[:60],
        model=entry.model[:200],
        cost_usd=entry.cost_usd,
    )


def note_hit(served: Served, answer: Answer) -> CacheHit:
    """Count that an entry served a question, with what it would have cost."""
    return CacheHit.objects.create(
        answer=answer,
        entry=UUID(served.entry.id),
        layer=served.layer.value,
        asked_first=served.entry.question[:SHORTENED_TO],
        saved_usd=served.entry.cost_usd,
    )


@transaction.atomic
def drop_behind(answers: Iterable[int], *, wrong: bool) -> int:
    """Drop the entries that these answers were, or were made into; return how many.

    `wrong`: the hits count as reported wrong.
    """
    ids = list(answers)
    hits = CacheHit.objects.filter(answer__in=ids)
    entries = set(hits.values_list("entry", flat=True))
    entries |= set(CachedAnswer.objects.filter(answer__in=ids).values_list("pk", flat=True))
    if wrong:
        hits.update(reported_wrong=True)
    return CachedAnswer.objects.filter(pk__in=entries).delete()[0]


def drop_corrected(conversation: Conversation) -> int:
    """Drop the entry behind the last answer of a conversation in which a person speaks now."""
    last = Answer.objects.filter(message__conversation=conversation).order_by("-message__seq")[:1]
    return drop_behind([answer.pk for answer in last], wrong=False)


def forget_old() -> int:
    """Delete the entries that no layer serves any more; return how many."""
    hours = max(settings.CACHE_EXACT_HOURS, 24 * settings.CACHE_SEMANTIC_DAYS)
    before = timezone.now() - timedelta(hours=hours)
    return CachedAnswer.objects.filter(created_at__lte=before).delete()[0]
