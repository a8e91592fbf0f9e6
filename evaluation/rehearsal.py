"""Plays faults of the model's endpoint through the real client and the answering pipeline."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress, Toolbox
from conversations.answering.values import Question, Reply, Turn
from evaluation.faults import ANSWER, Address, Fault
from knowledge.retrieval.values import Passage, Query, Reader, Retrieved
from providers.llm.base import CallRecord
from providers.llm.openai_compatible import OpenAICompatible
from providers.llm.reading import Deadlines
from providers.llm.stub_process import refusing_address, silent_address, stub_process

# Never a real key: what is looked for in replies and records to show that none gets out.
KEY = "sk-rehearsal-0123456789abcdefghij"
QUESTION = "How do I delete my account?"
AT_ONCE = 6
_LONG_TURN = "I wrote about my account before. " * 24
HISTORY = tuple(
    Turn("customer" if n % 2 == 0 else "assistant", f"{n}. {_LONG_TURN}") for n in range(4)
)
_TEXTS = {
    "Deleting your account": "To delete your account, open Settings. Choose Delete account. "
    "Confirm with your password.",
    "Signing in": "You sign in with your e-mail address and your password. " * 4,
    "Exporting data": "You can export your data as a file before you delete your account. " * 4,
    "Invoices": "We keep invoices for ten years after an account is deleted. " * 4,
}


@dataclass(slots=True)
class Shown(SilentProgress):
    """What the customer would see while the reply is made."""

    text: str = ""
    retracted: int = 0

    def delta(self, text: str) -> None:
        """Show it."""
        self.text += text

    def retract(self) -> None:
        """Take it back."""
        self.text, self.retracted = "", self.retracted + 1


@dataclass(slots=True)
class Played:
    """What became of one message. `problems` is empty when all is as the matrix wants it."""

    fault: Fault
    outcome: str
    seconds: float
    limit_seconds: float
    calls: list[CallRecord] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "row": self.fault.row,
            "fault": self.fault.name,
            "outcome": self.outcome,
            "expected": " or ".join(sorted(self.fault.expected)),
            "seconds": round(self.seconds, 2),
            "limit_seconds": round(self.limit_seconds, 2),
            "calls": [f"{call.model}: {call.outcome}" for call in self.calls],
            "ok": not self.problems,
            "problems": self.problems,
        }


@contextlib.contextmanager
def addresses() -> Iterator[Mapping[Address, str]]:
    """Run the stub server and give the base address for each kind of endpoint."""
    with stub_process() as stub, refusing_address() as refusing, silent_address() as silent:
        # RFC 2606 keeps .invalid free of any host.
        nowhere = "http://model.invalid/v1"
        yield {"stub": stub, "refusing": refusing, "silent": silent, "nowhere": nowhere}


def rehearse(
    faults: Sequence[Fault],
    toolbox: Toolbox,
    *,
    factor: float = 1.0,
    told: Callable[[Played], None] = lambda played: None,
) -> list[Played]:
    """Play each fault once, a few at a time, with the client's budgets times `factor`."""
    with addresses() as where, ThreadPoolExecutor(AT_ONCE) as pool:

        def one(fault: Fault) -> Played:
            played = play(fault, where[fault.address], toolbox, factor)
            told(played)
            return played

        return list(pool.map(one, faults))


def play(fault: Fault, base_url: str, toolbox: Toolbox, factor: float) -> Played:
    """Ask one question whose model fails in this way."""
    calls: list[CallRecord] = []
    shown = Shown()
    model = client(fault, base_url, factor)
    tools = replace(
        toolbox,
        retrieve=retrieve,
        rules=(),
        cache=None,
        model=model,
        local_model=model,
        similarity=None,
        rewriting_prompt=None,
        within_budget=lambda: True,
        record_call=calls.append,
    )
    history = HISTORY if fault.with_history else ()
    started = time.monotonic()
    reply = answer(Question(QUESTION, Reader(frozenset({"public"})), history), tools, shown)
    seconds = time.monotonic() - started
    played = Played(fault, str(reply.disposition), seconds, factor * fault.seconds, calls)
    played.problems = [*problems_of(played), *_shown_problems(reply, shown)]
    if KEY in repr((reply, calls)):
        played.problems.append("the key stands in the reply or in the record of a call")
    return played


def client(fault: Fault, base_url: str, factor: float) -> OpenAICompatible:
    """Return a client of its own, so that no breaker is open from another fault."""
    deadlines = Deadlines().scaled(factor)
    return OpenAICompatible(
        models=fault.scaled(factor),
        base_url=base_url,
        api_key=KEY,
        total_seconds=deadlines.total,
        deadlines=deadlines,
    )


def problems_of(played: Played) -> list[str]:
    """Return what is not as the matrix wants it: outcome, time, number of calls."""
    fault, found = played.fault, []
    if played.outcome not in fault.expected:
        found.append(f"ended as {played.outcome}")
    if played.seconds > played.limit_seconds:
        found.append(f"took {played.seconds:.1f} s of {played.limit_seconds:.1f} s")
    if not played.calls or played.calls[0].outcome == "ok":
        found.append("the fault did not come about")
    if fault.most_calls is not None and len(played.calls) > fault.most_calls:
        found.append(f"made {len(played.calls)} calls, {fault.most_calls} are enough")
    return found


def _shown_problems(reply: Reply, shown: Shown) -> list[str]:
    left = shown.text if str(reply.disposition) not in ANSWER else ""
    return ["text of a failed call stays shown"] if left else []


def retrieve(query: Query, reader: Reader, limit: int) -> Retrieved:
    """Return the same four passages for whatever is asked."""
    passages = tuple(
        Passage(
            chunk=_id("chunk", number),
            document=_id("document", number),
            version=_id("version", number),
            title=title,
            headings=(),
            text=text,
            url="",
            page=None,
            score=0.95 - number / 10,
            dense_score=0.9 - number / 10,
            sparse_score=0.9 - number / 10,
        )
        for number, (title, text) in enumerate(_TEXTS.items())
    )
    return Retrieved(passages[:limit])


def _id(kind: str, number: int) -> str:
    # As the rows have them: a record of a citation takes nothing else.
    return str(uuid5(NAMESPACE_URL, f"rehearsal:{kind}:{number}"))
