"""The rows that an empty installation needs before the first document."""

from __future__ import annotations

from knowledge.models import Audience, Collection
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


def ensure_collection(slug: str) -> Collection:
    """Return the collection; a new one is for everybody until an operator says otherwise."""
    collection, made = Collection.objects.get_or_create(slug=slug, defaults={"name": slug})
    if made:
        collection.audiences.add(Audience.objects.get(slug=PUBLIC_AUDIENCE))
    return collection


def ensure_audiences(slugs: list[str]) -> list[Audience]:
    """Return these audiences, making those that are not there."""
    return [Audience.objects.get_or_create(slug=slug, defaults={"name": slug})[0] for slug in slugs]
