"""Times answers apart from their model: `python -m benchmarks._overhead_timed`, new DATA_DIR.

Argument: a folder with the index's data (_search_data.py) and chats.json, the customers' turns.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

from benchmarks._search_ours import fill  # noqa: E402 - settings come first
from conversations import wiring  # noqa: E402
from conversations.actions import conversations as starting  # noqa: E402
from conversations.intake import submit  # noqa: E402
from conversations.models import Answer, Conversation  # noqa: E402
from conversations.tasks import answer_message  # noqa: E402
from observability.models import LlmCall  # noqa: E402

# Answered before anything counts: what loads at first use is warm_start's matter.
WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Timed:
    """One answer, in milliseconds: the whole way, the model's calls in it, and CPU."""

    whole: float
    model: float
    cpu: float
    answer: Answer

    @property
    def without_model(self) -> float:
        """Return what is left without the model's calls."""
        return self.whole - self.model


def main(folder: Path) -> dict[str, Any]:
    """Fill the index and ask every turn of every chat."""
    fill(folder)
    wiring.warm_up()
    chats = json.loads((folder / "chats.json").read_text())
    timed = [one for turns in chats for one in _asked(turns)][min(WARM_UP, len(chats) - 1) :]
    sources = [one.answer.source for one in timed]
    return {
        "answers": len(timed),
        "written_by": {name: sources.count(name) for name in sorted(set(sources))},
        "not_by_the_model": _reasons([one.answer for one in timed]),
        "without_model_ms": _spread([one.without_model for one in timed]),
        "cpu_ms": _spread([one.cpu for one in timed]),
        "model_ms": _spread([one.model for one in timed]),
        "stages_ms": _stages([one.answer.timings_ms for one in timed]),
    }


def _reasons(answers: Sequence[Answer]) -> dict[str, int]:
    """Return why the documents were quoted: the last reason of each record."""
    last = [answer.reasons[-1] for answer in answers if answer.source == "extract"]
    return {reason: last.count(reason) for reason in sorted(set(last))}


def _asked(turns: Sequence[str]) -> list[Timed]:
    chat, _ = starting.start(None, "192.0.2.1")
    return [_timed(chat, text) for text in turns]


def _timed(chat: Conversation, text: str) -> Timed:
    started, cpu = time.perf_counter(), time.process_time()
    question = submit(chat, text, uuid.uuid4()).message
    answer_message(str(question.pk))
    whole, cpu = time.perf_counter() - started, time.process_time() - cpu
    calls = LlmCall.objects.filter(message_id=question.pk).values_list("total_ms", flat=True)
    answer = Answer.objects.get(message__reply_to=question)
    return Timed(1000 * whole, sum(calls), 1000 * cpu, answer)


def _spread(milliseconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
    }


def _stages(timings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return each stage's median where it ran, as the answers' own records say."""
    names = dict.fromkeys(name for stages in timings for name in stages)
    return {
        name: round(statistics.median([s[name] for s in timings if name in s]), 2) for name in names
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
