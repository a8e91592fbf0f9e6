from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from conversations import wiring
from knowledge import wiring as knowledge_wiring
from knowledge.retrieval.values import Query, Reader, Retrieved
from tests.conversations.answering.cast import ALL

pytestmark = pytest.mark.django_db

FIELDS = {
    "text", "disposition", "source", "confidence", "confidence_level", "reasons", "explanation",
    "alternatives", "related", "high_stakes", "human_offered", "citations", "model",
    "prompt_version", "usage", "cost_usd", "timings_ms", "error",
}  # fmt: skip


class Found:
    """Answers each search with the same passages and notes who asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Reader]] = []

    def retrieve(self, query: Query, reader: Reader, limit: int = 10) -> Retrieved:
        self.asked.append((query.text, reader))
        return Retrieved(ALL)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    searcher = Found()
    monkeypatch.setattr(knowledge_wiring, "searcher", lambda: searcher)
    return searcher


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    call_command("ask", *arguments, "--json")
    row: dict[str, Any] = json.loads(capsys.readouterr().out)
    return row


def test_it_prints_one_document_with_all_promised_fields(
    found: Found, capsys: pytest.CaptureFixture[str]
) -> None:
    row = asked(capsys, "How do I delete my account?")
    assert set(row) >= FIELDS
    assert (row["disposition"], row["source"], row["error"]) == ("extract", "extract", "")
    assert row["citations"][0]["document"] == "deleting"
    assert row["citations"][0]["marker"] == 1
    assert row["usage"] == {"input_tokens": 0, "output_tokens": 0}
    assert row["explanation"]
    assert found.asked == [("How do I delete my account?", Reader(frozenset({"public"})))]


def test_small_talk_needs_no_search(found: Found, capsys: pytest.CaptureFixture[str]) -> None:
    row = asked(capsys, "hello!")
    assert (row["disposition"], row["source"]) == ("answer", "rule")
    assert found.asked == []


def test_refusing_is_a_success_with_a_sentence_and_a_person_offered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wiring, "retrieve", lambda query, reader, limit: Retrieved(()))
    row = asked(capsys, "How do I delete my account?")
    assert (row["disposition"], row["human_offered"]) == ("refuse", True)
    assert row["text"] == "I could not find this in our help pages. Shall I ask a colleague?"


def test_the_history_is_read_and_used(
    found: Found, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "history.json"
    turns = ["Tell me about the premium plan", {"role": "assistant", "text": "It is large."}]
    file.write_text(json.dumps(turns), encoding="utf-8")
    row = asked(capsys, "How much is that?", "--history", str(file))
    assert row["query"] == "Tell me about the premium plan How much is that?"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}", "must be a JSON array"),
        ("[1]", "neither a string nor an object"),
        ('[{"role": "robot", "text": "x"}]', "user, assistant, agent"),
        ("[", "is no history"),
    ],
)
def test_a_wrong_history_is_wrong_usage(
    found: Found, tmp_path: Path, content: str, told: str
) -> None:
    file = tmp_path / "history.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=told) as raised:
        call_command("ask", "x", "--history", str(file))
    assert raised.value.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["x", "--audience", "martians"], "There is no audience martians"),
        (["x", "--collection", "none"], "There is no collection none"),
        (["x", "--history", "/nowhere.json"], "No such file"),
        (["x" * 4001], "at most 4000 are accepted"),
    ],
)
def test_wrong_usage_names_what_is_wrong(found: Found, arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told) as raised:
        call_command("ask", *arguments)
    assert raised.value.returncode == 2


def test_for_eyes_it_prints_the_answer_its_sources_and_how(
    found: Found, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("ask", "How do I delete my account?")
    printed = capsys.readouterr()
    assert "[1] Deleting your account  https://help.example/deleting" in printed.out
    assert "extract from extract, confidence" in printed.err
