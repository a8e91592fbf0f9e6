"""Asks a day's questions: `python -m benchmarks._day_asked`, with a new DATA_DIR.

Arguments: a file of questions (_day_recipe.Asked as JSON), corpus files.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

from django.conf import settings  # noqa: E402 - settings come first
from django.db.models import Count, Sum  # noqa: E402

from benchmarks._day_recipe import Asked  # noqa: E402
from conversations import wiring  # noqa: E402
from conversations.actions import conversations as starting  # noqa: E402
from conversations.answering import prompting  # noqa: E402
from conversations.answering.retrieval import find, query_of  # noqa: E402
from conversations.intake import submit  # noqa: E402
from conversations.loading import TURN_KINDS  # noqa: E402
from conversations.models import (  # noqa: E402
    Answer,
    CachedAnswer,
    CacheHit,
    Conversation,
    MessageRole,
)
from conversations.prompts import load  # noqa: E402
from conversations.summaries import may_be_due  # noqa: E402
from conversations.tasks import answer_message, summarise  # noqa: E402
from evaluation.cases import read_corpus  # noqa: E402
from evaluation.corpus_index import CorpusIndex  # noqa: E402
from evaluation.corpus_languages import LanguageModels  # noqa: E402
from knowledge.management.preparing import prepare_data_dir  # noqa: E402
from knowledge.models import PUBLIC_AUDIENCE  # noqa: E402
from knowledge.retrieval.values import Query, Reader, Retrieved  # noqa: E402
from knowledge.wiring import classifier, embedder  # noqa: E402
from observability.models import LlmCall  # noqa: E402
from providers.llm.base import ChatMessage, Usage  # noqa: E402
from providers.llm.stub_behaviour import (  # noqa: E402
    Behaviour,
    completion_text,
    prompt_tokens,
    tokens_of,
)
from tests.fresh_data_folder import MODELS  # noqa: E402

PUBLIC = Reader(frozenset({PUBLIC_AUDIENCE}))
# Longer than any prompt: what is compared with has no budget for the conversation.
NO_LIMIT = 1_000_000
MOST_NAMED = 30
# What the documents' vectors cost is made once.
VECTORS = MODELS.parent / "benchmark-vectors.sqlite3"


@dataclass(slots=True)
class Plain:
    """What it costs to send each question to the first model, with all that was said before."""

    index: CorpusIndex
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    found: Retrieved | None = None

    def retrieve(self, query: Query, reader: Reader, limit: int) -> Retrieved:
        """Search, and remember what was found for the question that is being asked."""
        self.found = replace(self.index.searcher, embedder=embedder()).retrieve(
            query, reader, limit
        )
        return self.found

    def note(self, text: str, history: Sequence[ChatMessage]) -> None:
        """Count the tokens of one question as the stub would."""
        found = find(query_of(text, ()), PUBLIC, self._again)
        room = prompting.Room(settings.PROMPT_PASSAGES, NO_LIMIT)
        prompt = prompting.make(load(wiring.ANSWER_PROMPT), text, (), found.passages, room)
        sent = [prompt.messages[0], *history, prompt.messages[-1]]
        bodies = [{"role": one.role, "content": one.content} for one in sent]
        self.calls += 1
        self.input_tokens += prompt_tokens(bodies)
        self.output_tokens += len(tokens_of(completion_text(bodies, Behaviour())))

    def _again(self, query: Query, reader: Reader, limit: int) -> Retrieved:
        """Return what was found for this question; search where it was not searched for."""
        return self.found or self.retrieve(query, reader, limit)

    def figures(self) -> dict[str, Any]:
        """Return the sums, with their price."""
        price = settings.PROVIDERS["llm"]["OPTIONS"]["prices"][settings.ENV.listed("LLM_MODELS")[0]]
        cost = price.of(Usage(self.input_tokens, self.output_tokens))
        return {
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": round(float(cost), 4),
        }


def main(file: Path, corpora: Sequence[Path]) -> dict[str, Any]:
    """Ask every question and return the figures."""
    asked = [Asked(**row) for row in json.loads(file.read_text())]
    rows = {row.id: row for corpus in corpora for row in read_corpus(corpus)}
    languages = LanguageModels(classifier(), None)
    with CorpusIndex(list(rows.values()), embedder(), VECTORS, second=languages) as index:
        plain = Plain(index)
        wiring.retrieve = plain.retrieve
        answers = _ask_all(asked, plain)
    return {
        "questions": len(asked),
        "kinds": dict(Counter(one.kind for one in asked)),
        "ledger": _ledger(),
        "without_call": sum(not answer.input_tokens for _, answer in answers),
        "each_to_first_model": plain.figures(),
        "came_to": _came_to(answers),
        "reuse": _reuse(answers),
    }


def _ask_all(asked: Sequence[Asked], plain: Plain) -> list[tuple[Asked, Answer]]:
    chats: dict[str, Conversation] = {}
    answers = []
    for one in asked:
        if one.chat not in chats:
            chats[one.chat], _ = starting.start(None, "192.0.2.1")
        chat, plain.found = chats[one.chat], None
        before = _history(chat)
        question = submit(chat, one.text, uuid.uuid4()).message
        answer_message(str(question.pk))
        plain.note(one.text, before)
        answer = Answer.objects.get(message__reply_to=question)
        if may_be_due(answer.message.seq, one.text):
            # Which a worker does after the reply.
            summarise(str(chat.pk))
        answers.append((one, answer))
    return answers


def _history(chat: Conversation) -> list[ChatMessage]:
    rows = chat.messages.filter(kind__in=TURN_KINDS).order_by("seq")
    return [
        ChatMessage("user" if row.role == MessageRole.CUSTOMER else "assistant", row.text)
        for row in rows
    ]


def _ledger() -> dict[str, Any]:
    sums = LlmCall.objects.aggregate(
        calls=Count("pk"),
        input=Sum("input_tokens"),
        output=Sum("output_tokens"),
        cost=Sum("cost_usd"),
    )
    grouped = LlmCall.objects.values_list("purpose", "model", "outcome").annotate(Count("pk"))
    return {
        "calls": sums["calls"],
        "input_tokens": sums["input"] or 0,
        "output_tokens": sums["output"] or 0,
        "cost_usd": round(float(sums["cost"] or Decimal(0)), 4),
        "by_purpose": {" ".join(row[:3]): row[3] for row in grouped.order_by("purpose", "model")},
    }


def _came_to(answers: Sequence[tuple[Asked, Answer]]) -> dict[str, Any]:
    """Return how the questions of each source ended: who wrote what."""
    found: dict[str, Counter[str]] = {}
    for one, answer in answers:
        ended = f"{answer.source}/{answer.disposition}"
        found.setdefault(f"{one.kind} {one.source}", Counter())[ended] += 1
    return {name: dict(counts.most_common()) for name, counts in sorted(found.items())}


def _reuse(answers: Sequence[tuple[Asked, Answer]]) -> dict[str, Any]:
    of_answer = {answer.pk: one for one, answer in answers}
    behind = dict(CachedAnswer.objects.values_list("pk", "answer"))
    counts: Counter[str] = Counter()
    wrong = []
    for hit in CacheHit.objects.all():
        one, first = of_answer[hit.answer_id], of_answer[behind[hit.entry]]
        counts[f"{one.kind} {hit.layer}"] += 1
        if one.topic != first.topic:
            counts[f"{one.kind} wrong"] += 1
            wrong.append([one.text, first.text])
    return {**dict(sorted(counts.items())), "kept": len(behind), "wrong": wrong[:MOST_NAMED]}


if __name__ == "__main__":
    prepare_data_dir()
    print(json.dumps(main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])))
