"""What a model is sent, whole: a change of it is seen in a review.

A snapshot that is missing is written, and the test fails once. To renew one, delete it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conversations.answering import prompting, rewriting_by_model
from conversations.answering.values import InstructionsSpec, Turn
from conversations.prompts import load
from guardrails.pii import Masker
from providers.llm.base import ChatMessage
from tests.conversations.answering.cast import BILLING, DELETING

SNAPSHOTS = Path(__file__).parent / "snapshots"
QUESTION = "How do I delete my account? Write to ann@example.org."
HISTORY = (
    Turn("customer", "I want to leave."),
    Turn("assistant", "I am sorry to hear that."),
)
SPEC = InstructionsSpec(
    3, "Nora", "formal", ("Orders over 50 EUR ship free.",), ("cheap",), ("legal advice",)
)


@pytest.fixture(autouse=True)
def _known_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (prompting, rewriting_by_model):
        monkeypatch.setattr(module, "new_boundary", lambda: "=====BOUNDARY=====")
    monkeypatch.setattr(prompting, "new_canary", lambda: "~mark-canary")


def expect(name: str, messages: tuple[ChatMessage, ...]) -> None:
    text = "\n".join(f"##### {message.role}\n{message.content}" for message in messages) + "\n"
    path = SNAPSHOTS / f"{name}.txt"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} was missing and is written: read it and keep it.")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["answer_v1", "answer_v2"])
def test_the_messages_for_an_answer(name: str) -> None:
    spec = SPEC if name == "answer_v2" else None
    room = prompting.Room()
    prompt = prompting.make(load(name), QUESTION, HISTORY, (DELETING, BILLING), room, spec)
    expect(name, prompt.messages)
    (system,) = [m.content for m in prompt.messages if m.role == "system"]
    for words in ("leave", "ann@", "delete my account", DELETING.text[:20], DELETING.title):
        assert words not in system, "customers' words and passages never stand in the system role"


def test_the_messages_for_a_query() -> None:
    messages = rewriting_by_model._messages(load("rewrite_v1"), QUESTION, HISTORY, Masker())
    expect("rewrite_v1", tuple(messages))
