"""`manage.py search`: what would be found."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from knowledge.management.preparing import PreparedCommand
from knowledge.models import Audience, Collection
from knowledge.models.collection import PUBLIC_AUDIENCE
from knowledge.retrieval.analysis import MAX_QUERY_CHARACTERS
from knowledge.retrieval.values import Passage, Reader
from knowledge.wiring import searcher


class Command(PreparedCommand):
    """Search the documents as a reader of some audiences."""

    help = "Show the passages that a question finds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the query and the reader."""
        super().add_arguments(parser)
        parser.add_argument("query")
        parser.add_argument("--collection")
        parser.add_argument("--audience", action="append", help="repeatable; default: public")
        parser.add_argument("--limit", type=int, default=10)

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Search and return passages with their scores."""
        query: str = options["query"].strip()
        if not query:
            raise self.wrong_usage("The query is empty. Give some words to search for.")
        if len(query) > MAX_QUERY_CHARACTERS:
            raise self.wrong_usage(
                f"The query has {len(query)} characters; at most {MAX_QUERY_CHARACTERS} are read."
            )
        if options["limit"] < 1:
            raise self.wrong_usage("--limit must be at least 1.")
        reader = self._reader(options)
        found = searcher().retrieve(query, reader, options["limit"])
        result = {
            "passages": [passage_row(passage) for passage in found.passages],
            "degraded": found.degraded,
            "timings_ms": found.timings_ms,
        }
        return result, 1 if found.degraded == "vector_store" and not found.passages else 0

    def _reader(self, options: dict[str, Any]) -> Reader:
        audiences = frozenset(options["audience"] or [PUBLIC_AUDIENCE])
        known = set(Audience.objects.values_list("slug", flat=True))
        if unknown := sorted(audiences - known):
            raise self.wrong_usage(
                f"There is no audience {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
            )
        collection = options["collection"]
        if collection and not Collection.objects.filter(slug=collection).exists():
            slugs = ", ".join(Collection.objects.values_list("slug", flat=True))
            raise self.wrong_usage(f"There is no collection {collection}. There are: {slugs}.")
        return Reader(audiences, collection)

    def present(self, result: dict[str, Any]) -> None:
        """Print one block a passage."""
        if result["degraded"]:
            self.stderr.write(f"Degraded: no {result['degraded']}.")
        if not result["passages"]:
            self.stdout.write("Nothing found.")
        for row in result["passages"]:
            self.stdout.write(f"{row['score']:.3f}  {row['title']}  {row['heading']}")
            self.stdout.write("       " + " ".join(row["text"].split())[:160])


def passage_row(passage: Passage) -> dict[str, Any]:
    """Return a passage as the command and the API show it."""
    return {
        "document": passage.document,
        "title": passage.title,
        "heading": passage.heading,
        "chunk": passage.chunk,
        "score": passage.score,
        "text": passage.text,
        "url": passage.url,
    }
