"""Counts foreign passages: `python -m benchmarks._foreign_passages_found`, with a new DATA_DIR.

Arguments: a corpus file, a case file, how many documents and how many readers.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

from conversations import wiring  # noqa: E402 - settings come first
from conversations.answering.pipeline import answer  # noqa: E402
from conversations.answering.toolbox import SilentProgress, Toolbox  # noqa: E402
from conversations.answering.values import Question, Reply  # noqa: E402
from evaluation.cases import CorpusRow, read_cases, read_corpus  # noqa: E402
from evaluation.corpus_index import CorpusIndex  # noqa: E402
from knowledge.intake import submit_file  # noqa: E402
from knowledge.management.preparing import prepare_data_dir  # noqa: E402
from knowledge.models import PUBLIC_AUDIENCE, Audience  # noqa: E402
from knowledge.retrieval.values import Reader  # noqa: E402
from knowledge.wiring import embedder, searcher  # noqa: E402
from knowledge.working import work_on  # noqa: E402
from providers.llm.base import CallRecord, ChatMessage, Completion, StreamSink  # noqa: E402

AUDIENCES = ("a0", "a1", "a2", "a3", "a4")
SEED = 20250102
PUBLIC = Reader(frozenset({PUBLIC_AUDIENCE}))


class KeepingModel:
    """Keeps what it is sent, and claims that the first passages say it all."""

    def __init__(self) -> None:
        self.sent: list[str] = []

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
        """Return a cited sentence."""
        self.sent += [message.content for message in messages]
        return Completion("That is how it is [1][2][3].", "keeping", None, None, 1.0, 1.0)


def pairs(documents: int, readers: int) -> dict[str, int]:
    """Search for every document as every reader and count passages that are not the reader's."""
    chance = random.Random(SEED)  # noqa: S311 - not for secrets
    for slug in AUDIENCES:
        Audience.objects.get_or_create(slug=slug, defaults={"name": slug})
    owners: dict[str, frozenset[str]] = {}
    for number in range(documents):
        mine = chance.sample(AUDIENCES, chance.randint(1, 3))
        text = f"# Parcel {number}\n\nParcel number {number} is sent back by the door."
        submitted = submit_file(name=f"{number}.md", content=text.encode(), audiences=mine)
        work_on(submitted.document.pk)
        owners[str(submitted.document.pk)] = frozenset(mine)
    foreign = found = own = 0
    for _ in range(readers):
        reader = Reader(frozenset(chance.sample(AUDIENCES, chance.randint(1, 3))))
        seen = searcher().retrieve("how is a parcel sent back", reader, documents * 3).passages
        foreign += sum(not owners[p.document] & reader.audiences for p in seen)
        found += len({p.document for p in seen})
        own += sum(bool(audiences & reader.audiences) for audiences in owners.values())
    return {"pairs": documents * readers, "own": own, "found": found, "foreign": foreign}


def articles(corpus: Path, cases: Path) -> dict[str, Any]:
    """Ask for the public and count internal articles in each place where one could come out."""
    rows = read_corpus(corpus)
    internal = {row.id: row for row in rows if row.internal}
    questions = [case.query for case in read_cases(cases)]
    questions += [row.title for row in internal.values()]
    public = "\n".join(f"{row.title}\n{row.text}" for row in rows if not row.internal)
    marks = {row.id: _lines(row, public) for row in internal.values()}
    model, replies = KeepingModel(), list[Reply]()
    vectors = Path(settings.DATA_DIR) / "vectors.sqlite3"
    with CorpusIndex(rows, embedder(), vectors) as index:
        toolbox: Toolbox = replace(
            wiring.toolbox(), retrieve=index.searcher.retrieve, model=model, local_model=model
        )
        for text in questions:
            replies.append(answer(Question(text, PUBLIC), toolbox, SilentProgress()))
        passages = {index.corpus_id(p.document) for reply in replies for p in reply.passages}
        cited = {index.corpus_id(c.passage.document) for reply in replies for c in reply.citations}
    said = [reply.text for reply in replies]
    offered = [title for reply in replies for title in reply.alternatives]
    return {
        "internal": len(internal),
        "questions": len(questions),
        "prompts": len(model.sent),
        "found_in": {
            "passages": len(passages & internal.keys()),
            "citations": len(cited & internal.keys()),
            "prompts": _quoted(marks, _without_questions(model.sent, questions)),
            "replies": _quoted(marks, said),
            "alternatives": len({row.title for row in internal.values()} & set(offered)),
        },
    }


def _without_questions(sent: Sequence[str], questions: Sequence[str]) -> list[str]:
    # Half of the questions are titles of internal articles: these words are the asker's own.
    return [text.rsplit("The customer asks:", 1)[0] for text in sent if text not in questions]


def _quoted(marks: Mapping[str, Sequence[str]], texts: Sequence[str]) -> int:
    """Return how many articles have a line of their own in one of the texts."""
    everything = "\n".join(texts)
    return sum(any(line in everything for line in lines) for lines in marks.values())


def _lines(row: CorpusRow, public: str) -> list[str]:
    """Return what only this internal article says: long lines that no public article has."""
    lines = [row.title, *(line.strip() for line in row.text.splitlines() if len(line) > 60)]
    return [line for line in lines if line not in public]


if __name__ == "__main__":
    prepare_data_dir()
    result = {
        "pairs": pairs(int(sys.argv[3]), int(sys.argv[4])),
        "articles": articles(Path(sys.argv[1]), Path(sys.argv[2])),
    }
    print(json.dumps(result))
