"""`manage.py evaluate`: measure search and answers over files of cases."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from tqdm import tqdm

from evaluation import answering, retrieval
from evaluation.cases import BadFile, CorpusRow, read_cases, read_corpus
from evaluation.corpus_index import ALL_AUDIENCES, CorpusIndex
from evaluation.corpus_languages import LanguageModels
from knowledge.actions.defaults import ensure_generation
from knowledge.management.preparing import PreparedCommand
from knowledge.wiring import classifier, embedder, second_embedder


class Command(PreparedCommand):
    """One sub-command a kind of evaluation; each in an isolated index."""

    help = "Measure search or answers on files of cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the sub-commands."""
        kinds = parser.add_subparsers(dest="kind", required=True)
        searches = kinds.add_parser("retrieval", help="are the right documents found?")
        answers = kinds.add_parser("answers", help="are the right documents cited?")
        for kind in (searches, answers):
            super().add_arguments(kind)
            kind.add_argument("--corpus", type=Path, required=True)
            kind.add_argument("--cases", type=Path, required=True)
            kind.add_argument("--field", choices=["query", "last_turn"], default="query")
            kind.add_argument("--audience", action="append", help="default: reads everything")
        searches.add_argument("--limit", type=int, default=10)
        answers.add_argument("--unanswerable", type=Path)
        answers.add_argument("--fit", action="store_true", help="fit the confidence on one half")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Read the files, build the index, and run the evaluation."""
        cpu_started = time.process_time()
        run: dict[str, Callable[..., dict[str, Any]]] = {
            "retrieval": self._retrieval,
            "answers": self._answers,
        }
        try:
            with self._index(read_corpus(options["corpus"])) as index:
                result = run[options["kind"]](index, options)
        except BadFile as error:
            raise self.wrong_usage(str(error)) from error
        result["cpu_seconds"] = round(time.process_time() - cpu_started, 2)
        return result, 0

    def present(self, result: dict[str, Any]) -> None:
        """Print the figures without the single cases."""
        for name, value in result.items():
            if name not in ("per_query", "per_case"):
                self.stdout.write(f"{name}: {value}")

    def _retrieval(self, index: CorpusIndex, options: dict[str, Any]) -> dict[str, Any]:
        if options["limit"] < 1:
            raise self.wrong_usage("--limit must be at least 1.")
        cases = read_cases(options["cases"], options["field"])
        return retrieval.evaluate(index, cases, _audiences(options), options["limit"])

    def _answers(self, index: CorpusIndex, options: dict[str, Any]) -> dict[str, Any]:
        field = options["field"]
        unanswerable = options["unanswerable"]
        return answering.evaluate(
            index,
            read_cases(options["cases"], field),
            read_cases(unanswerable, field) if unanswerable else [],
            _audiences(options),
            fitted=options["fit"],
        )

    def _index(self, rows: list[CorpusRow]) -> CorpusIndex:
        progress = tqdm(disable=None, file=self.stderr, unit="chunk")

        def report(done: int) -> None:
            progress.update(done - progress.n)

        file = settings.DATA_DIR / "evaluation" / "vectors.sqlite3"
        index = CorpusIndex(rows, embedder(), file, report, language_models())
        progress.close()
        return index


def language_models() -> LanguageModels:
    """Return what the installation's settings say about other languages."""
    return LanguageModels(classifier(), second_embedder(ensure_generation()))


def _audiences(options: dict[str, Any]) -> frozenset[str]:
    return frozenset(options["audience"]) if options["audience"] else ALL_AUDIENCES
