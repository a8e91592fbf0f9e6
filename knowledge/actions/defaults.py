"""The rows that an empty installation needs before the first document."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from knowledge.models import Audience, Collection, GenerationState, IndexGeneration
from knowledge.models.collection import DEFAULT_COLLECTION, INTERNAL_AUDIENCE, PUBLIC_AUDIENCE


def ensure_defaults() -> None:
    """Make the two audiences and the default collection; repeatable."""
    public, _ = Audience.objects.get_or_create(slug=PUBLIC_AUDIENCE, defaults={"name": "Everybody"})
    Audience.objects.get_or_create(slug=INTERNAL_AUDIENCE, defaults={"name": "Our own people"})
    collection, made = Collection.objects.get_or_create(
        slug=DEFAULT_COLLECTION, defaults={"name": "Default"}
    )
    if made:
        collection.audiences.add(public)
    ensure_generation()


def ensure_generation() -> IndexGeneration:
    """Return the generation of the index that answers; the first is made from the settings."""
    found = IndexGeneration.objects.in_use()
    if found is not None:
        return found
    now = timezone.now()
    try:
        with transaction.atomic():
            return IndexGeneration.objects.create(
                number=1,
                embedding_model=settings.PROVIDERS["embeddings"]["OPTIONS"]["model"],
                state=GenerationState.CURRENT,
                ready_at=now,
                activated_at=now,
            )
    except IntegrityError:
        # Another process was first.
        return IndexGeneration.objects.get(state=GenerationState.CURRENT)


def ensure_collection(slug: str) -> Collection:
    """Return the collection; a new one is for everybody until an operator says otherwise."""
    collection, made = Collection.objects.get_or_create(slug=slug, defaults={"name": slug})
    if made:
        collection.audiences.add(Audience.objects.get(slug=PUBLIC_AUDIENCE))
    return collection


def ensure_audiences(slugs: list[str]) -> list[Audience]:
    """Return these audiences, making those that are not there."""
    return [Audience.objects.get_or_create(slug=slug, defaults={"name": slug})[0] for slug in slugs]
