"""`manage.py evaluate`: measure search and answers over files of cases."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from tqdm import tqdm

from conversations import wiring
from evaluation import answer_runs, answering, cache, injection, personal_data, retrieval
from evaluation.cases import (
    BadFile,
    Case,
    CorpusRow,
    check_relevant,
    of_half,
    read_cases,
    read_corpus,
    read_pairs,
)
from evaluation.comparison import compare_runs
from evaluation.corpus_index import ALL_AUDIENCES, CorpusIndex
from evaluation.corpus_languages import LanguageModels
from evaluation.report import write_report
from evaluation.stored_runs import check_writable, fingerprint, load_run, save_run
from knowledge.actions.defaults import ensure_generation
from knowledge.management.preparing import PreparedCommand
from knowledge.retrieval.values import Reader
from knowledge.wiring import classifier, embedder, second_embedder

ROOT = Path(__file__).resolve().parents[3]
# What only `--json` shows.
_TOO_LONG = frozenset(
    {
        "per_query",
        "per_case",
        "per_pair",
        "against_best_baseline",
        "compared",
        "altered",
        "lost",
        "leaked",
    }
)


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
            kind.add_argument("--half", type=int, choices=[0, 1], help="one half of the cases")
        searches.add_argument("--limit", type=int, default=10, help="documents a case")
        for kind in (searches, answers):
            kind.add_argument("--baseline", type=Path, help="compare with this stored run")
            kind.add_argument("--save-baseline", type=Path, help="store this run in a file")
            kind.add_argument("--report", type=Path, help="write an HTML page, worst cases first")
        attacks = kinds.add_parser("injection", help="what do attackers gain, and others lose?")
        super().add_arguments(attacks)
        attacks.add_argument("--attacks", type=Path, required=True)
        attacks.add_argument("--benign", type=Path, required=True)
        attacks.add_argument("--documents", type=Path, help="documents with planted orders")
        attacks.add_argument("--corpus", type=Path, help="default: the help articles")
        pii = kinds.add_parser("pii", help="is personal data found, and nothing else?")
        super().add_arguments(pii)
        pii.add_argument("--cases", type=Path, nargs="+", required=True)
        pii.add_argument("--benign", type=Path, nargs="+", default=[], help="texts without any")
        answers.add_argument("--unanswerable", type=Path)
        answers.add_argument("--fit", action="store_true", help="fit the confidence on one half")

        reuse = kinds.add_parser("cache", help="may the answer to one question serve another?")
        super().add_arguments(reuse)
        reuse.add_argument("--pairs", type=Path, required=True)
        reuse.add_argument("--corpus", type=Path, help="where the evidence of both is searched")
        reuse.add_argument("--audience", action="append", help="default: reads everything")
        reuse.add_argument("--half", type=int, choices=[0, 1], help="one half of the pairs")
        reuse.add_argument(
            "--same-evidence", action="store_true", help="take the evidence of both for the same"
        )

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Read and check every file, then build the index and run the evaluation."""
        cpu_started = time.process_time()
        run: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "retrieval": self._retrieval,
            "answers": self._answers,
            "cache": self._cache,
            "injection": self._injection,
            "pii": self._pii,
        }
        try:
            result = run[options["kind"]](options)
        except BadFile as error:
            raise self.wrong_usage(str(error)) from error
        result["cpu_seconds"] = round(time.process_time() - cpu_started, 2)
        return result, 0

    def present(self, result: dict[str, Any]) -> None:
        """Print the figures without the single cases."""
        for name, value in result.items():
            if name not in _TOO_LONG:
                self.stdout.write(f"{name}: {value}")
        if "against_best_baseline" in result:
            self._differences(result["best_baseline"], result["against_best_baseline"])
        if "compared" in result:
            self._differences("the stored run", result["compared"]["differences"])

    def _differences(self, other: str, differences: dict[str, Any]) -> None:
        self.stdout.write(f"against {other}, case by case, with 95 % intervals:")
        for name, found in differences.items():
            low, high = found["interval"]
            self.stdout.write(
                f"  {name}: {found['after']} - {found['before']} = {found['difference']:+} "
                f"[{low:+}, {high:+}], {found['better_cases']} better, {found['worse_cases']} worse"
            )

    def _retrieval(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["limit"] < 1:
            raise self.wrong_usage("--limit must be at least 1.")
        rows = read_corpus(options["corpus"])
        cases = self._cases(options["cases"], options)
        judged = [case for case in cases if case.relevant]
        if not judged:
            raise BadFile(f"{options['cases']}: no case names a document that answers it")
        missing = check_relevant(judged, rows)
        stored = load_run(options["baseline"]) if options["baseline"] else None
        for file in filter(None, (options["save_baseline"], options["report"])):
            check_writable(file)
        audiences = _audiences(options)
        with self._index(rows) as index:
            result = retrieval.evaluate(index, judged, audiences, options["limit"])
        result["about"] = _about(options, audiences)
        result["without_relevant"] = len(cases) - len(judged)
        result["not_in_corpus"] = missing
        if stored is not None:
            result["compared"] = compare_runs(stored, result)
        if options["save_baseline"]:
            save_run(options["save_baseline"], result)
        if options["report"]:
            write_report(options["report"], result, {row.id: row.title for row in rows})
        return result

    def _answers(self, options: dict[str, Any]) -> dict[str, Any]:
        rows = read_corpus(options["corpus"])
        answerable = self._cases(options["cases"], options)
        check_relevant(answerable, rows)
        unanswerable = options["unanswerable"]
        others = self._cases(unanswerable, options) if unanswerable else []
        stored = load_run(options["baseline"]) if options["baseline"] else None
        for file in filter(None, (options["save_baseline"], options["report"])):
            check_writable(file)
        audiences = _audiences(options)
        with self._index(rows) as index:
            result = answering.evaluate(index, answerable, others, audiences, fitted=options["fit"])
        run = answer_runs.as_run(result, _about({"limit": None, **options}, audiences))
        if stored is not None:
            result["compared"] = answer_runs.compared(stored, run)
        if options["save_baseline"]:
            save_run(options["save_baseline"], run)
        if options["report"]:
            questions = {case.id: case.query for case in (*answerable, *others)}
            answer_runs.write_report(options["report"], result, questions)
        return result

    def _injection(self, options: dict[str, Any]) -> dict[str, Any]:
        attacks = injection.read_messages(options["attacks"])
        benign = injection.read_messages(options["benign"])
        documents = injection.read_documents(options["documents"]) if options["documents"] else []
        rows = read_corpus(options["corpus"]) if options["corpus"] else help_articles()
        with self._index(rows) as index:
            toolbox = replace(wiring.toolbox(), retrieve=index.searcher.retrieve)
            progress = tqdm(disable=None, file=self.stderr, unit="message")
            result = injection.evaluate(
                toolbox,
                attacks,
                benign,
                documents,
                Reader(ALL_AUDIENCES),
                lambda n: progress.update(),
            )
            progress.close()
        return result

    def _cache(self, options: dict[str, Any]) -> dict[str, Any]:
        pairs = read_pairs(options["pairs"], options["half"])
        same_evidence = options["same_evidence"]
        audiences = _audiences(options)
        if options["corpus"] is None or same_evidence:
            return cache.evaluate(pairs, embedder(), None, audiences, same_evidence=same_evidence)
        with self._index(read_corpus(options["corpus"])) as index:
            return cache.evaluate(pairs, index.vectors, index.searcher.retrieve, audiences)

    def _pii(self, options: dict[str, Any]) -> dict[str, Any]:
        cases = personal_data.read_marked(options["cases"])
        return personal_data.evaluate(cases, personal_data.read_texts(options["benign"]))

    def _cases(self, file: Path, options: dict[str, Any]) -> list[Case]:
        return of_half(read_cases(file, options["field"]), options["half"])

    def _index(self, rows: list[CorpusRow]) -> CorpusIndex:
        progress = tqdm(disable=None, file=self.stderr, unit="chunk")

        def report(done: int) -> None:
            progress.update(done - progress.n)

        file = settings.DATA_DIR / "evaluation" / "vectors.sqlite3"
        index = CorpusIndex(rows, embedder(), file, report, language_models())
        progress.close()
        return index


def help_articles() -> list[CorpusRow]:
    """Return the help articles as a corpus."""
    folder = ROOT / "docs" / "help"
    return [
        CorpusRow(str(file.relative_to(folder)), _title(text), text, "", internal=False)
        for file in sorted(folder.rglob("*.md"))
        if (text := file.read_text(encoding="utf-8"))
    ]


def _title(text: str) -> str:
    return text.lstrip("# ").split("\n", 1)[0]


def language_models() -> LanguageModels:
    """Return what the installation's settings say about other languages."""
    return LanguageModels(classifier(), second_embedder(ensure_generation()))


def _audiences(options: dict[str, Any]) -> frozenset[str]:
    return frozenset(options["audience"]) if options["audience"] else ALL_AUDIENCES


def _about(options: dict[str, Any], audiences: frozenset[str]) -> dict[str, Any]:
    """Return what two runs must have in common to be compared."""
    return {
        "corpus": fingerprint(options["corpus"]),
        "cases": fingerprint(options["cases"]),
        "field": options["field"],
        "half": options["half"],
        "limit": options["limit"],
        "audiences": sorted(audiences),
        "embedding_model": embedder().name,
    }
