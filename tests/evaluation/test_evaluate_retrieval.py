"""`manage.py evaluate retrieval` on the committed samples."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.management import CommandError, call_command

from evaluation.management.commands import evaluate
from evaluation.report import report, worst_first
from tests.fresh_data_folder import ROOT

pytestmark = pytest.mark.django_db

SAMPLES = ROOT / "tests" / "samples" / "evaluation"
METRICS = {"recall_at_1", "recall_at_5", "recall_at_10", "mrr_at_10", "ndcg_at_10"}


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """A command makes the log quiet."""
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


def run(*options: str | Path, cases: Path = SAMPLES / "cases.jsonl") -> dict[str, Any]:
    out = io.StringIO()
    files = ["--corpus", str(SAMPLES / "corpus.jsonl"), "--cases", str(cases)]
    call_command("evaluate", "retrieval", *files, *map(str, options), "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def cases_file(folder: Path, *cases: dict[str, Any]) -> Path:
    file = folder / "cases.jsonl"
    file.write_text("".join(json.dumps(case) + "\n" for case in cases))
    return file


def test_the_result_holds_what_is_promised() -> None:
    result = run()
    assert result["n"] == 5
    assert set(result) >= METRICS | {"intervals", "latency_ms", "cpu_seconds", "per_query"}
    assert set(result["intervals"]) == METRICS
    assert set(result["latency_ms"]) == {"p50", "p95"}
    assert result["ndcg_at_10"] > 0.9
    assert [row["id"] for row in result["per_query"]] == ["q1", "q2", "q3", "q4", "q5"]
    assert result["per_query"][0]["retrieved"][0] == "returns"


def test_plain_search_stands_beside_it_and_the_best_is_compared_with() -> None:
    result = run()
    assert set(result["baselines"]) == {"bm25", "dense", "rrf"}
    best = result["baselines"][result["best_baseline"]]["ndcg_at_10"]
    assert best == max(found["ndcg_at_10"] for found in result["baselines"].values())
    against = result["against_best_baseline"]["ndcg_at_10"]
    assert (against["before"], against["after"]) == (best, result["ndcg_at_10"])


def test_plain_search_reads_as_the_same_audience(tmp_path: Path) -> None:
    """The held orders are in an internal page, which the public must not find in any way."""
    case = {"id": "i", "query": "orders over 2,000 to a new address", "relevant": ["fraud-check"]}
    file = cases_file(tmp_path, case)
    inside, outside = run(cases=file), run("--audience", "public", cases=file)
    assert all(figures["recall_at_1"] == 1 for figures in inside["baselines"].values())
    assert all(figures["recall_at_10"] == 0 for figures in outside["baselines"].values())
    assert "fraud-check" not in outside["per_query"][0]["retrieved"]


def test_two_runs_are_identical_and_the_second_embeds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = run()

    def refuse(self: object, texts: list[str]) -> None:
        raise AssertionError(f"embedded again: {texts[0]}")

    monkeypatch.setattr("providers.embeddings.packaged.PackagedEmbedder.embed_documents", refuse)
    second = run()
    assert timeless(first) == timeless(second)


def timeless(result: dict[str, Any]) -> dict[str, Any]:
    times = {"latency_ms", "search_ms", "cpu_seconds"}
    return {name: value for name, value in result.items() if name not in times}


def test_a_half_holds_the_cases_of_its_hash() -> None:
    assert [row["id"] for row in run("--half", "0")["per_query"]] == ["q4"]
    assert [row["id"] for row in run("--half", "1")["per_query"]] == ["q1", "q2", "q3", "q5"]


def test_a_stored_run_is_compared_case_by_case(tmp_path: Path) -> None:
    """Two questions that ask for something else now find the wanted page lower down."""
    stored = tmp_path / "before.json"
    run("--save-baseline", stored)
    rows = [json.loads(line) for line in (SAMPLES / "cases.jsonl").read_text().splitlines()]
    rows[0]["query"] = "what does express delivery cost"
    compared = run("--baseline", stored, cases=cases_file(tmp_path, *rows))["compared"]
    assert compared["n"] == 5
    assert [row["id"] for row in compared["changed"]] == ["q1"]
    assert compared["changed"][0]["before"] == 1.0
    assert compared["changed"][0]["after"] < 1.0
    assert compared["differences"]["ndcg_at_10"]["worse_cases"] == 1
    assert "cases" in compared["other_settings"]


def test_the_same_run_again_changes_nothing(tmp_path: Path) -> None:
    stored = tmp_path / "before.json"
    run("--save-baseline", stored)
    compared = run("--baseline", stored)["compared"]
    assert compared["changed"] == []
    assert compared["other_settings"] == {}
    assert compared["differences"]["ndcg_at_10"]["interval"] == [0.0, 0.0]


def test_the_page_shows_the_worst_case_first_and_what_it_missed(tmp_path: Path) -> None:
    hard = {"id": "<b>hard", "query": "<script>alert(1)</script> tomatoes", "relevant": ["invoice"]}
    easy = {"id": "easy", "query": "how long is the warranty", "relevant": ["warranty"]}
    page = tmp_path / "report.html"
    run("--report", page, "--limit", "1", cases=cases_file(tmp_path, easy, hard))
    soup = BeautifulSoup(page.read_text(), "html.parser")
    assert soup.find("script") is None
    first, second = soup.find_all("details")
    assert "tomatoes" in first.text
    assert "Not found: Find your invoices (invoice)" in first.text
    assert "Warranty (warranty): right" in second.text


def test_of_equal_cases_the_one_where_plain_search_is_better_comes_first() -> None:
    rows = [
        {"id": name, "ndcg_at_10": ours, "baseline_ndcg_at_10": theirs}
        for name, ours, theirs in (("a", 0.5, 0.1), ("b", 0.5, 0.9), ("c", 0.2, 0.0))
    ]
    assert [row["id"] for row in worst_first({"per_query": rows})] == ["c", "b", "a"]


def test_the_page_shows_the_comparison(tmp_path: Path) -> None:
    stored = tmp_path / "before.json"
    run("--save-baseline", stored)
    result = run("--baseline", stored, "--half", "0")
    soup = BeautifulSoup(report(result, {}), "html.parser")
    assert "Not the same in both: half" in soup.text
    assert "No case changed." in soup.text


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--baseline", "nowhere.json"], "cannot be read as a stored run"),
        (["--baseline", str(SAMPLES / "cases.jsonl")], "stored run"),
        (["--save-baseline", "no/such/folder/run.json"], "cannot be written"),
        (["--report", "/"], "cannot be written"),
        (["--limit", "0"], "--limit must be at least 1"),
        (["--cases", str(SAMPLES / "unanswerable.jsonl")], "no case names a document"),
        (["--cases", "nowhere.jsonl"], "cannot be read"),
        (["--corpus", str(SAMPLES / "cases.jsonl")], "the field 'text' is missing"),
    ],
)
def test_what_is_wrong_is_told_before_the_index_is_built(
    monkeypatch: pytest.MonkeyPatch, options: list[str], reason: str
) -> None:
    def refuse(*given: object) -> None:
        raise AssertionError("the index is being built")

    monkeypatch.setattr(evaluate, "CorpusIndex", refuse)
    with pytest.raises(CommandError, match=reason) as caught:
        run(*options)
    assert caught.value.returncode == 2


def test_cases_without_documents_are_left_out_and_counted(tmp_path: Path) -> None:
    known = {"id": "k", "query": "warranty", "relevant": ["warranty", "gone"]}
    unanswerable = {"id": "u", "query": "tomatoes", "relevant": []}
    result = run(cases=cases_file(tmp_path, known, unanswerable))
    assert (result["n"], result["without_relevant"]) == (1, 1)
    assert result["not_in_corpus"] == ["gone"]
