"""`manage.py ask`: one question through the pipeline that customers get."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from conversations import wiring
from conversations.actions.starter import ensure_starter_rules, ensure_starter_topics
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress
from conversations.answering.values import Question, Turn
from conversations.asking import reply_row, turns_of
from conversations.loading import unknown_replies_stay_here
from knowledge.management.preparing import PreparedCommand
from knowledge.models import Audience, Collection
from knowledge.models.collection import PUBLIC_AUDIENCE
from knowledge.retrieval.values import Reader


class Command(PreparedCommand):
    """Answer a question and show how the answer came about."""

    help = "Ask one question, as a customer would, and see the answer with its sources."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the question, the reader and the history."""
        super().add_arguments(parser)
        parser.add_argument("question")
        parser.add_argument("--collection")
        parser.add_argument("--audience", action="append", help="repeatable; default: public")
        parser.add_argument("--history", type=Path, help="JSON array of earlier turns")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Ask, and return the reply with its record."""
        question = self._question(options)
        ensure_starter_rules()
        ensure_starter_topics()
        return reply_row(answer(question, wiring.toolbox(with_cache=True), SilentProgress())), 0

    def _question(self, options: dict[str, Any]) -> Question:
        text: str = options["question"]
        if len(text) > settings.MESSAGE_MAX_CHARACTERS:
            raise self.wrong_usage(
                f"The question has {len(text)} characters; at most "
                f"{settings.MESSAGE_MAX_CHARACTERS} are accepted (MESSAGE_MAX_CHARACTERS)."
            )
        history: tuple[Turn, ...] = ()
        if options["history"]:
            try:
                given = json.loads(options["history"].read_text(encoding="utf-8"))
                history = turns_of(given, replies_stay_here=unknown_replies_stay_here())
            except OSError as error:
                raise self.wrong_usage(f"{options['history']}: {error.strerror}.") from error
            except ValueError as error:
                raise self.wrong_usage(f"{options['history']} is no history: {error}.") from error
        return Question(text, self._reader(options), history)

    def _reader(self, options: dict[str, Any]) -> Reader:
        audiences = frozenset(options["audience"] or [PUBLIC_AUDIENCE])
        known = frozenset(Audience.objects.values_list("slug", flat=True))
        if unknown := sorted(audiences - known):
            raise self.wrong_usage(
                f"There is no audience {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
            )
        collection = options["collection"]
        if collection and not Collection.objects.filter(slug=collection).exists():
            raise self.wrong_usage(f"There is no collection {collection}.")
        return Reader(audiences, collection)

    def present(self, result: dict[str, Any]) -> None:
        """Print the reply, its sources, and one line on how it came about."""
        self.stdout.write(result["text"])
        for row in result["citations"]:
            self.stdout.write(f"  [{row['marker']}] {row['title']}  {row['url']}".rstrip())
        how = f"{result['disposition']} from {result['source']}, "
        how += f"confidence {result['confidence']:.2f} ({result['confidence_level']})"
        self.stderr.write(f"{how}. {result['explanation']}")
        if result["error"]:
            self.stderr.write(f"The model failed: {result['error']}")
