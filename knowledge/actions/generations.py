"""Generations of the index: begun, filled, put into use, taken back, dropped."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from knowledge.actions.committing import words_of, write_chunks
from knowledge.actions.defaults import ensure_generation
from knowledge.actions.documents import LEASE_SECONDS
from knowledge.actions.indexing import (
    Held,
    Report,
    TakenOver,
    write_points,
)
from knowledge.actions.readers import readers_of
from knowledge.actions.sentences import begin_like
from knowledge.actions.words import count_words, one_at_a_time
from knowledge.models import (
    Activation,
    Chunk,
    Document,
    DocumentStatus,
    GenerationState,
    IndexGeneration,
)
from knowledge.models.document import DocumentQuerySet
from knowledge.sparing import sparing
from knowledge.wiring import indexes, sentence_store, vector_store
from knowledge.working import prepare_version

LEAST_CHUNK_TOKENS = 64
COMPLETE = (GenerationState.READY, GenerationState.RETIRED)


class GenerationRefused(Exception):
    """What was asked of a generation is not possible now. The text says why and what to do."""


@transaction.atomic
def begin_generation(
    embedding_model: str, chunk_tokens: int, activation: Activation
) -> IndexGeneration:
    """Register a new generation to be built. Raises GenerationRefused."""
    ensure_generation()
    generations = IndexGeneration.objects.select_for_update()
    if building := generations.filter(state=GenerationState.BUILDING).first():
        raise GenerationRefused(
            f"{building} is being built already. Wait until it is complete, or drop it."
        )
    highest = generations.aggregate(highest=Max("number"))["highest"] or 0
    made = IndexGeneration.objects.create(
        number=highest + 1,
        embedding_model=embedding_model,
        chunk_tokens=chunk_tokens,
        activation=activation,
        progress_total=_served_documents().count(),
    )
    begin_like(made, ensure_generation())
    return made


def missing_documents(generation: IndexGeneration) -> DocumentQuerySet:
    """Return the served documents whose current version the generation does not hold."""
    held = Chunk.objects.filter(version=OuterRef("current_version"), generation=generation)
    return _served_documents().filter(~Exists(held))


def fill_one(generation: IndexGeneration, document: Document) -> None:
    """Index a document's current version in a generation that is not in use.

    Raises TakenOver when another worker has the generation, DocumentUnreadable, ProviderError.
    """
    version = document.current_version
    if version is None:
        return
    report = _reporter(generation)
    prepared = prepare_version(version, generation, report)
    former = Held.of(document, generation)
    held = write_points(document, version, prepared, generation, readers_of(document), report)
    with transaction.atomic():
        one_at_a_time()
        # A document that was withdrawn meanwhile, or has a newer version, is seen to later.
        if not _served_documents().select_for_update().filter(pk=document.pk):
            vector_store(generation).delete_documents([str(document.pk)])
            sentence_store(generation).delete_documents([str(document.pk)])
            return
        write_chunks(version, prepared, generation, held.sentences)
        count_words({version: words_of(prepared)})
        version.save(update_fields=["words"])
    former.leave(held, generation)


def mark_progress(generation: IndexGeneration) -> None:
    """Count what is done, and prolong the lease. Raises TakenOver."""
    total = _served_documents().count()
    done = total - missing_documents(generation).count()
    prolong(generation, progress_done=done, progress_total=total)


@transaction.atomic
def mark_ready(generation: IndexGeneration, comparison: dict[str, object]) -> bool:
    """Call a generation complete, with its comparison; False when documents came meanwhile.

    Raises TakenOver, also for one that was dropped.
    """
    if not _held(generation).select_for_update():
        raise TakenOver
    if missing_documents(generation).exists():
        return False
    _held(generation).update(
        state=GenerationState.READY,
        ready_at=timezone.now(),
        comparison=comparison,
        error="",
        lease_until=None,
    )
    return True


def mark_generation_failed(generation: IndexGeneration, reason: str) -> None:
    """Record why it could not be completed; the one in use goes on answering."""
    _held(generation).update(state=GenerationState.FAILED, error=reason[:1000], lease_until=None)


def give_back(generation: IndexGeneration) -> None:
    """Let another worker go on at once."""
    _held(generation).update(lease_until=None)


def resume(generation: IndexGeneration) -> None:
    """Go on with a failed generation where it stopped. Raises GenerationRefused."""
    _build_again(generation, Activation(generation.activation))


def put_into_use(generation: IndexGeneration) -> bool:
    """Have a generation answer: at once when it holds every document, else when it does again.

    Returns whether it answers now. Raises GenerationRefused.
    """
    generation.refresh_from_db()
    if generation.state in COMPLETE and not missing_documents(generation).exists():
        activate(generation)
        return True
    _build_again(generation, Activation.ALWAYS)
    return False


def _build_again(generation: IndexGeneration, activation: Activation) -> None:
    others = IndexGeneration.objects.filter(state=GenerationState.BUILDING)
    if building := others.exclude(pk=generation.pk).first():
        raise GenerationRefused(
            f"{building} is being built. Wait until it is complete, or drop it."
        )
    rows = IndexGeneration.objects.filter(pk=generation.pk)
    changed = rows.exclude(state=GenerationState.CURRENT).update(
        state=GenerationState.BUILDING, activation=activation, error="", lease_until=None
    )
    if not changed:
        raise GenerationRefused("This generation answers already.")


@transaction.atomic
def activate(generation: IndexGeneration) -> None:
    """Put a complete generation into use in place of the present one.

    One transaction: each search sees one of both, whole. Raises GenerationRefused when it lacks a
    document, so that nothing is lost from answers.
    """
    rows = {row.pk: row for row in IndexGeneration.objects.select_for_update()}
    wanted = rows.get(generation.pk)
    if wanted is None or wanted.state not in COMPLETE:
        raise GenerationRefused("This generation is not complete, so it cannot answer.")
    if number := missing_documents(wanted).count():
        raise GenerationRefused(
            f"This generation lacks {number} documents that came later. Bring it up to date first."
        )
    IndexGeneration.objects.filter(state=GenerationState.CURRENT).update(
        state=GenerationState.RETIRED
    )
    IndexGeneration.objects.filter(pk=wanted.pk).update(
        state=GenerationState.CURRENT, activated_at=timezone.now()
    )


def drop_generation(generation: IndexGeneration) -> None:
    """Remove a generation with its points. Raises GenerationRefused for the one in use."""
    dropped, _ = (
        IndexGeneration.objects.filter(pk=generation.pk)
        .exclude(state=GenerationState.CURRENT)
        .delete()
    )
    if not dropped:
        raise GenerationRefused("This generation answers now. Put another one into use first.")
    indexes().drop(generation.number)


def previous_generation() -> IndexGeneration | None:
    """Return the one that a rollback goes back to: the last that was in use before."""
    retired = IndexGeneration.objects.filter(state=GenerationState.RETIRED)
    return retired.order_by("-activated_at").first()


def _served_documents() -> DocumentQuerySet:
    return Document.objects.exclude(status=DocumentStatus.WITHDRAWN).exclude(current_version=None)


def _held(generation: IndexGeneration) -> QuerySet[IndexGeneration]:
    return IndexGeneration.objects.filter(
        pk=generation.pk, attempt=generation.attempt, state=GenerationState.BUILDING
    )


def prolong(generation: IndexGeneration, **changes: int) -> None:
    """Show that its worker is alive. Raises TakenOver."""
    until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    if not _held(generation).update(lease_until=until, **changes):
        raise TakenOver


def _reporter(generation: IndexGeneration) -> Report:
    return sparing(lambda _: prolong(generation))
