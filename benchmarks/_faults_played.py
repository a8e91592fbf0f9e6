"""Plays the fault matrix on a data folder of its own: stored messages, the task, the database.

    DATA_DIR=... python -m benchmarks._faults_played TIMES SCALE [AT_ONCE]

Each message is stored as a customer's, answered by the task that the worker runs, and read back
from the database: one final reply, an incident, no key anywhere. Prints one JSON list.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from conversations import intake, tasks, wiring  # noqa: E402
from conversations.actions import conversations as starting  # noqa: E402
from conversations.actions.thread import append_message, locked  # noqa: E402
from conversations.answering.toolbox import Toolbox  # noqa: E402
from conversations.models import Answer, Message, MessageKind, MessageRole  # noqa: E402
from evaluation import rehearsal  # noqa: E402
from evaluation.faults import FAULTS, Fault  # noqa: E402
from knowledge import wiring as knowledge_wiring  # noqa: E402
from observability.models import Incident, LlmCall  # noqa: E402
from providers.errors import (  # noqa: E402
    EmbedderUnavailable,
    VectorDimensionMismatch,
    VectorStoreUnavailable,
)
from providers.llm.base import CallRecord  # noqa: E402
from providers.llm.stub_process import stub_process  # noqa: E402

PAGES = "docs/help/customers"
# Something that the pages answer, so that half a search has something to find.
LOOKED_UP_QUESTION = "How do I rate an answer?"
LOOKED_UP = frozenset({"answer", "extract"})
SLOW_SECONDS = 10.0
# Messages side by side. With the real budgets nearly all of the time is waiting; with a tenth of
# them the processor's part would show as lateness.
AT_ONCE, AT_ONCE_IN_FULL = 3, 12
# One after the other where a tenth of the budget leaves the least room: a stream cut at the end of
# the budget has 0.1 s for all else, and endless ones are work for the processor.
ONE_AFTER_THE_OTHER = frozenset({18, 20})
Change = Callable[[Toolbox], Toolbox]
# What each message's toolbox is changed to; messages are answered side by side.
_changes: dict[str, Change] = {}
_toolbox = wiring.toolbox


class Logged(logging.Handler):
    """Counts what is logged, with everything attached to it, and where the key stands in it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines = 0
        self.leaked = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a line."""
        self.lines += 1
        self.leaked += rehearsal.KEY in repr(record.__dict__)


def main() -> None:
    """Read the pages in, play everything, print the results."""
    times, factor = int(sys.argv[1]), float(sys.argv[2])
    at_once = int(sys.argv[3]) if len(sys.argv) > 3 else _at_once(factor)
    logged = Logged()
    call_command("ingest", PAGES, "--json", stdout=sys.stderr)
    # Everything that any library would say, whatever LOG_LEVEL is.
    logging.getLogger().handlers = [logged]
    logging.getLogger().setLevel(logging.DEBUG)
    with ExitStack() as stack:
        stack.enter_context(patch.object(intake, "ring", lambda pk: None))
        stack.enter_context(patch.object(tasks, "ring", lambda pk: None))
        stack.enter_context(patch.object(wiring, "toolbox", _changed_toolbox))
        results = [*_model_rows(times, factor, at_once), *_search_rows(times, factor)]
    told = {"played": results, "log_lines": logged.lines, "leaked": logged.leaked}
    print(json.dumps(told))


def _changed_toolbox(*, message_id: uuid.UUID, **ids: Any) -> Toolbox:
    return _changes[str(message_id)](_toolbox(message_id=message_id, **ids))


def _at_once(factor: float) -> int:
    return AT_ONCE_IN_FULL if factor == 1 else AT_ONCE


def _model_rows(times: int, factor: float, at_once: int) -> list[dict[str, Any]]:
    with rehearsal.addresses() as where, ThreadPoolExecutor(at_once) as pool:
        # Once for nothing: the first message of a process pays for imports and connections.
        _message(FAULTS[2], _with_model(FAULTS[2], where[FAULTS[2].address], 0.1, []), 1.0, [])

        def one(fault: Fault) -> dict[str, Any]:
            calls: list[CallRecord] = []
            change = _with_model(fault, where[fault.address], factor, calls)
            return _message(fault, change, factor, calls)

        alone = ONE_AFTER_THE_OTHER if factor < 1 else frozenset[int]()
        played = [fault for fault in FAULTS for _ in range(times)]
        rows = list(pool.map(one, [fault for fault in played if fault.row not in alone]))
        return rows + [one(fault) for fault in played if fault.row in alone]


def _with_model(fault: Fault, base_url: str, factor: float, calls: list[CallRecord]) -> Change:
    model = rehearsal.client(fault, base_url, factor)

    def change(tools: Toolbox) -> Toolbox:
        def record(call: CallRecord) -> None:
            calls.append(call)
            tools.record_call(call)

        return replace(
            tools,
            retrieve=rehearsal.retrieve,
            cache=None,
            model=model,
            local_model=model,
            similarity=None,
            rewriting_prompt=None,
            record_call=record,
        )

    return change


def _message(
    fault: Fault, change: Change, factor: float, calls: list[CallRecord] | None
) -> dict[str, Any]:
    """Send one message, answer it, and hold what is stored against the matrix."""
    chat, _ = starting.start(None, "192.0.2.1")
    for turn in rehearsal.HISTORY if fault.with_history else ():
        with transaction.atomic():
            mine = turn.role == "customer"
            append_message(
                locked(chat.pk),
                role=MessageRole.CUSTOMER if mine else MessageRole.ASSISTANT,
                kind=MessageKind.QUESTION if mine else MessageKind.FINAL,
                state="done",
                text=turn.text,
            )
    started = time.monotonic()
    asked = rehearsal.QUESTION if calls is not None else LOOKED_UP_QUESTION
    question = intake.submit(chat, asked, uuid.uuid4()).message
    _changes[str(question.pk)] = change
    tasks.answer_message(str(question.pk))
    seconds = time.monotonic() - started
    row = _judged(fault, question, seconds, factor * fault.seconds, calls)
    connection.close()
    return row


def _judged(
    fault: Fault, question: Message, seconds: float, limit: float, calls: list[CallRecord] | None
) -> dict[str, Any]:
    finals = Message.objects.filter(reply_to=question, kind=MessageKind.FINAL)
    answers = list(Answer.objects.filter(message__in=finals))
    outcome = answers[0].disposition if answers else "none"
    played = rehearsal.Played(fault, outcome, seconds, limit, calls or [])
    problems = rehearsal.problems_of(played)
    if calls is None:
        problems = [p for p in problems if "come about" not in p]
    if finals.count() != 1:
        problems.append(f"{finals.count()} final replies")
    incidents = Incident.objects.filter(message_id=question.pk)
    if not incidents.exists():
        problems.append("no incident")
    if incidents.filter(kind="pipeline_failed").exists():
        problems.append("the pipeline failed")
    if calls is None and not incidents.filter(kind="search_degraded").exists():
        problems.append("not marked as half a search")
    stored: list[Any] = [*finals.values(), *Answer.objects.filter(message__in=finals).values()]
    stored += [*incidents.values(), *LlmCall.objects.filter(message_id=question.pk).values()]
    if rehearsal.KEY in repr(stored):
        problems.append("the key is stored")
    ledger = LlmCall.objects.filter(message_id=question.pk).count()
    if calls is not None and ledger != len(calls):
        problems.append(f"{ledger} lines in the ledger for {len(calls)} calls")
    told = {"incidents": sorted(incidents.values_list("kind", flat=True)), "problems": problems}
    return {**played.row(), **told, "ok": not problems}


# --- rows 21 and 22: the search ---------------------------------------------------------------


class _Broken:
    """Stands before a provider; the methods named in `wrong` go wrong."""

    def __init__(self, real: Any, wrong: Callable[[], None], names: tuple[str, ...]) -> None:
        self._real, self._wrong, self._names = real, wrong, names

    def __getattr__(self, name: str) -> Any:
        if name in self._names:
            return self._fail
        return getattr(self._real, name)

    def _fail(self, *args: Any, **kwargs: Any) -> Any:
        self._wrong()
        return []


SEARCHING = ("search_dense", "search_sparse", "score_dense", "score_titles")


def _search_faults(factor: float) -> Iterator[tuple[Fault, Change]]:
    def away(kind: type[Exception], after_seconds: float = 0.0) -> Callable[[], None]:
        def wrong() -> None:
            time.sleep(after_seconds)
            raise kind("rehearsed")

        return wrong

    def empty() -> None:
        """Find nothing."""

    stores: dict[str, Callable[[], None]] = {
        "vector store down": away(VectorStoreUnavailable),
        "vector store slow": away(VectorStoreUnavailable, SLOW_SECONDS * factor),
        "vector store of another size": away(VectorDimensionMismatch),
        "vector store empty": empty,
    }
    down = away(EmbedderUnavailable)
    yield _fault(21, "embedding down"), _searching(embedder=down)
    for name, wrong in stores.items():
        yield _fault(22, name), _searching(store=wrong)


def _fault(row: int, name: str) -> Fault:
    return Fault(row, name, ("stub",), LOOKED_UP, 30, most_calls=None)


def _searching(**wrong: Callable[[], None]) -> Change:
    def change(tools: Toolbox) -> Toolbox:
        real = knowledge_wiring.searcher()
        names = {"store": SEARCHING, "embedder": ("embed_query", "embed_documents")}
        broken: dict[str, Any] = {
            part: _Broken(getattr(real, part), fails, names[part]) for part, fails in wrong.items()
        }
        searcher = replace(real, languages=None, **broken)
        return replace(tools, cache=None, retrieve=searcher.retrieve)

    return change


@contextmanager
def _connected() -> Iterator[None]:
    with stub_process() as stub:
        fault = Fault(0, "none", ("stub",), LOOKED_UP, 30)
        model = rehearsal.client(fault, stub, 1.0)
        with patch.object(wiring, "chat_model", lambda wanted: model):
            yield


def _search_rows(times: int, factor: float) -> list[dict[str, Any]]:
    with _connected():
        found = [*_search_faults(factor)]
        return [
            _message(fault, change, factor, None) for fault, change in found for _ in range(times)
        ]


if __name__ == "__main__":
    main()
