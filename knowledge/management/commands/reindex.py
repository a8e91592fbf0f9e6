"""`manage.py reindex`: build the index anew beside the one that answers, compare, and swap."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from tqdm import tqdm

from knowledge.actions.defaults import ensure_generation
from knowledge.actions.documents import queue
from knowledge.actions.generations import (
    LEAST_CHUNK_TOKENS,
    GenerationRefused,
    begin_generation,
    previous_generation,
    put_into_use,
)
from knowledge.building import build_for
from knowledge.intake import ring, ring_for_generation
from knowledge.management.preparing import PreparedCommand
from knowledge.models import (
    Activation,
    Collection,
    Document,
    DocumentStatus,
    GenerationState,
    IndexGeneration,
)
from knowledge.wiring import embedder, indexes
from knowledge.working import preparation, work_on
from providers.errors import ProviderError

POLL_SECONDS = 0.5
SLICE_SECONDS = 2.0


class Command(PreparedCommand):
    """Build a generation here, or have the server that runs on the data folder build it."""

    help = "Build the index anew (another embedding model or size of chunk), then swap to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what the new generation is made with, and what becomes of it."""
        super().add_arguments(parser)
        parser.add_argument("--embedding-model", help="default: the setting EMBEDDING_MODEL")
        parser.add_argument("--chunk-tokens", type=int, default=0, help="0: what the model takes")
        parser.add_argument("--collection", help="read only its documents again, in place")
        parser.add_argument(
            "--activate",
            choices=[choice.value for choice in Activation],
            default=Activation.UNLESS_WORSE.value,
        )
        parser.add_argument("--to", type=int, metavar="NUMBER", help="put a generation into use")
        parser.add_argument("--rollback", action="store_true", help="put the last one into use")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Do what was asked for; report the generation with its progress and comparison."""
        ensure_generation()
        try:
            if options["collection"]:
                return self._read_again(options)
            generation = self._wanted(options)
            if generation.state == GenerationState.BUILDING:
                generation = self._built(generation)
        except GenerationRefused as error:
            return {"generation": None, "error": str(error)}, 1
        finally:
            self._stop_child()
        failed = generation.state == GenerationState.FAILED
        return generation_row(generation), 1 if failed else 0

    def _wanted(self, options: dict[str, Any]) -> IndexGeneration:
        if options["rollback"] or options["to"] is not None:
            return self._chosen(options)
        model = options["embedding_model"] or settings.PROVIDERS["embeddings"]["OPTIONS"]["model"]
        if options["chunk_tokens"] and options["chunk_tokens"] < LEAST_CHUNK_TOKENS:
            raise self.wrong_usage(f"--chunk-tokens must be at least {LEAST_CHUNK_TOKENS}.")
        try:
            # Before anything is begun: a name that cannot be loaded is wrong usage.
            name = embedder(model).name
        except ProviderError as error:
            raise self.wrong_usage(str(error)) from error
        return begin_generation(name, options["chunk_tokens"], Activation(options["activate"]))

    def _chosen(self, options: dict[str, Any]) -> IndexGeneration:
        if options["rollback"]:
            generation = previous_generation()
            if generation is None:
                raise GenerationRefused("There is no earlier generation to go back to.")
        else:
            generation = IndexGeneration.objects.filter(number=options["to"]).first()
            if generation is None:
                raise self.wrong_usage(f"There is no generation {options['to']}.")
        put_into_use(generation)
        generation.refresh_from_db()
        return generation

    def _built(self, generation: IndexGeneration) -> IndexGeneration:
        here = indexes().owns_index
        if not here:
            ring_for_generation(generation)
        progress = tqdm(total=generation.progress_total, disable=None, file=self.stderr)
        while generation.state == GenerationState.BUILDING:
            if here:
                build_for(generation.pk, SLICE_SECONDS)
            else:
                time.sleep(POLL_SECONDS)
                here = indexes().owns_index
            generation.refresh_from_db()
            progress.total = generation.progress_total
            progress.update(generation.progress_done - progress.n)
        progress.close()
        return generation

    def _read_again(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        if options["embedding_model"] or options["chunk_tokens"]:
            raise self.wrong_usage(
                "A generation holds all collections: leave --collection out to change its model."
            )
        collection = Collection.objects.filter(slug=options["collection"]).first()
        if collection is None:
            slugs = ", ".join(Collection.objects.values_list("slug", flat=True))
            raise self.wrong_usage(f"There is no collection {options['collection']}: {slugs}.")
        documents = list(
            collection.documents.exclude(status__in=[DocumentStatus.WITHDRAWN, DocumentStatus.HELD])
        )
        here = indexes().owns_index
        for document in documents:
            queue(document)
            if here:
                work_on(document.pk)
            else:
                ring(document)
        self._wait_for([document.pk for document in documents])
        failed = collection.documents.filter(status=DocumentStatus.FAILED).count()
        result = generation_row(ensure_generation())
        return {**result, "documents": len(documents), "failed": failed}, 1 if failed else 0

    def _wait_for(self, ids: list[Any]) -> None:
        waiting = Document.objects.filter(pk__in=ids).exclude(
            status__in=[
                DocumentStatus.INDEXED,
                DocumentStatus.FAILED,
                DocumentStatus.HELD,
                DocumentStatus.WITHDRAWN,
            ]
        )
        while waiting.exists():
            time.sleep(POLL_SECONDS)

    def _stop_child(self) -> None:
        if preparation.made:
            preparation().stop()
            preparation.cache_clear()

    def present(self, result: dict[str, Any]) -> None:
        """Print where it stands, and what to do next."""
        if result["error"]:
            self.stdout.write(result["error"])
        if result["generation"] is None:
            return
        self.stdout.write(f"Generation {result['generation']}: {result['state']}")
        if result["comparison"].get("questions"):
            self.stdout.write(f"before {result['comparison']['before']}")
            self.stdout.write(f"after  {result['comparison']['after']}")
        if result["state"] == GenerationState.READY:
            self.stdout.write(
                "It does not answer yet: it compares worse, or you asked to decide yourself. "
                f"manage.py reindex --to {result['generation']} puts it into use."
            )


def generation_row(generation: IndexGeneration) -> dict[str, Any]:
    """Return a generation as the command shows it."""
    return {
        "generation": generation.number,
        "state": str(generation.state),
        "embedding_model": generation.embedding_model,
        "chunk_tokens": generation.chunk_tokens,
        "progress": {"done": generation.progress_done, "total": generation.progress_total},
        "chunks": generation.count_passages(),
        "comparison": generation.comparison,
        "error": generation.error,
    }
