"""Times cached replies: `python -m benchmarks._cached_replies`, with a new DATA_DIR.

Arguments: a corpus file, a case file, how many questions.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

from conversations import wiring  # noqa: E402 - settings come first
from conversations.actions import conversations as starting  # noqa: E402
from conversations.actions.answers import create_answer  # noqa: E402
from conversations.actions.cached_answers import keep  # noqa: E402
from conversations.answering.pipeline import answer  # noqa: E402
from conversations.answering.toolbox import SilentProgress, Toolbox  # noqa: E402
from conversations.answering.values import Question, Reply, Source  # noqa: E402
from conversations.kept_answers import KeptAnswers  # noqa: E402
from evaluation.cases import read_cases, read_corpus  # noqa: E402
from evaluation.corpus_index import ALL_AUDIENCES, CorpusIndex  # noqa: E402
from knowledge.management.preparing import prepare_data_dir  # noqa: E402
from knowledge.retrieval.values import Reader  # noqa: E402
from knowledge.wiring import embedder  # noqa: E402
from providers.llm.base import CallRecord, ChatMessage, Completion, StreamSink  # noqa: E402

READER = Reader(ALL_AUDIENCES)
TEXT = "That is how it is done [1]."


class InstantModel:
    """Answers at once, with a citation."""

    def complete(
        self,
        messages: Sequence[ChatMessage],
        *,
        purpose: str,
        sink: StreamSink | None = None,
        record: Callable[[CallRecord], None] | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Completion:
        """Return the sentence."""
        if sink:
            sink.delta(TEXT)
        return Completion(TEXT, "instant", None, None, 0.0, 0.0)


def main(corpus: Path, cases: Path, number: int) -> dict[str, float | int]:
    """Ask each question anew, keep it, and ask it again."""
    vectors = Path(settings.DATA_DIR) / "vectors.sqlite3"
    questions = [case.query for case in read_cases(cases)][:number]
    with CorpusIndex(read_corpus(corpus), embedder(), vectors) as index:
        # Not through the file of vectors: a customer's question is embedded.
        searcher = replace(index.searcher, embedder=embedder())
        model = InstantModel()
        anew: Toolbox = replace(
            wiring.toolbox(), retrieve=searcher.retrieve, model=model, local_model=model
        )
        cached = replace(anew, cache=KeptAnswers("bench", wiring.settings_hash))
        return _measured(questions, anew, cached)


def _measured(questions: Sequence[str], anew: Toolbox, cached: Toolbox) -> dict[str, float | int]:
    _timed(questions[0].lower(), cached)  # What loads at first use.
    without, in_vain, again, found = [], [], [], []
    for text in questions:
        without.append(_timed(text.lower() + " ", anew)[0])
        took, reply = _timed(text, cached)
        if reply.to_keep is None:
            continue
        in_vain.append(took)
        _keep(reply)
        took, reply = _timed(text.upper(), cached)
        if reply.source is Source.CACHE:
            again.append(took)
            found.append(reply.timings_ms["answer_cache"])
    return {
        "questions": len(questions),
        "kept": len(in_vain),
        "served": len(again),
        "anew_cpu_ms": round(1000 * statistics.median(without), 2),
        "looked_in_vain_cpu_ms": round(1000 * statistics.median(in_vain), 2),
        "cached_cpu_ms": round(1000 * statistics.median(again), 2),
        "stage_ms": round(statistics.median(found), 2),
    }


def _timed(text: str, toolbox: Toolbox) -> tuple[float, Reply]:
    started = time.process_time()
    reply = answer(Question(text, READER), toolbox, SilentProgress())
    return time.process_time() - started, reply


def _keep(reply: Reply) -> None:
    entry = reply.to_keep
    assert entry
    chat, _ = starting.start(None, "192.0.2.1")
    final = chat.messages.create(seq=1, role="assistant", kind="final", text=reply.text)
    keep(entry, create_answer(final, entry.question, reply, 1))


if __name__ == "__main__":
    prepare_data_dir()
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
