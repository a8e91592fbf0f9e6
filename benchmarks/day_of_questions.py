"""A day of 1,000 questions: calls and tokens in the ledger, calls avoided, and what it costs.

The recipe, and what the questions are, stands in _day_recipe.py; the documents are those of the
same sets and of tau_bank, in one index. Each question goes through intake and the worker's task,
with the answer cache on, to the local stub under two names: `stub`, the first model, with the
prices of gpt-5 in the list of genai-prices, and `stub-small`, with those of gpt-5-mini, for the
purposes of ROUTED. What is compared is each question sent to the first model with the whole
conversation before it and the same passages. A reuse is wrong when the two questions are not of
one topic, also where the answer would have done. `calls_avoided` counts every call that was made,
those for queries and summaries too, against one for each question.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import ROOT, Options, evaluation_data
from benchmarks._day_recipe import Asked, Sources, day
from benchmarks._own_process import measured_apart
from observability.pricing import cost_usd
from providers.llm.base import Usage
from tests.server_process import fetch, stub_llm_process

# The bars.
LEAST_AVOIDED = 0.30
LEAST_SAVED = 0.50
MODEL, SMALL_MODEL = "stub", "stub-small"
PRICED_AS = {MODEL: "gpt-5", SMALL_MODEL: "gpt-5-mini"}
ROUTED = ("simple_answer", "rewrite", "summary")
CORPORA = ("stackfaq", "mtrag_cloud", "login_gov_xling", "tau_bank")
QUICK_SIZE = 10
SAMPLES = ROOT / "tests" / "samples" / "evaluation"


def run(options: Options) -> dict[str, Any]:
    """Ask the day's questions in a process of their own and compare with the stub's count."""
    asked = _quick() if options.quick else day(_sources(evaluation_data()))
    corpora = [SAMPLES / "corpus.jsonl"] if options.quick else _corpora(evaluation_data())
    with tempfile.TemporaryDirectory() as name, stub_llm_process() as stub:
        file = Path(name) / "day.json"
        file.write_text(json.dumps([_row(one) for one in asked]))
        figures = measured_apart("_day_asked", file, *corpora, environment=settings(stub))
        _, counted = fetch(f"{stub.removesuffix('/v1')}/stub/stats")
    return _judged(figures, counted)


def settings(stub: str) -> dict[str, str]:
    """Return the installation's settings."""
    return {
        "OPENAI_BASE_URL": stub,
        "LLM_MODELS": f"{MODEL},{SMALL_MODEL}",
        "LLM_PURPOSE_MODELS": ",".join(f"{purpose}={SMALL_MODEL}" for purpose in ROUTED),
        "LLM_PRICES": ",".join(f"{name}={_prices(real)}" for name, real in PRICED_AS.items()),
        "CACHE_ANSWERS": "true",
        # Its second model would read all documents for the few questions that need it.
        "OTHER_LANGUAGES": "false",
        "LOG_LEVEL": "ERROR",
    }


def _prices(model: str) -> str:
    """Return what a million tokens cost, in and out."""
    million = (Usage(1_000_000, 0), Usage(0, 1_000_000))
    return "/".join(str(cost_usd(model, usage)) for usage in million)


def _corpora(data: Path) -> list[Path]:
    return [data / "retrieval" / name / "corpus.jsonl" for name in CORPORA]


def _sources(data: Path) -> Sources:
    retrieval, intent = data / "retrieval", data / "intent"
    cloud = retrieval / "mtrag_cloud"
    return Sources(
        conversations=[*_rows(cloud / "dev.jsonl"), *_rows(cloud / "unanswerable_dev.jsonl")],
        threads=_rows(retrieval / "stackfaq" / "dev.jsonl"),
        articles=_rows(retrieval / "login_gov_xling" / "dev.jsonl"),
        bank=_rows(intent / "banking77" / "dev.jsonl"),
        others=_rows(intent / "clinc150" / "dev.jsonl"),
    )


def _quick() -> list[Asked]:
    """Return ten questions of the samples: the whole way, not the recipe."""
    cases = _rows(SAMPLES / "cases.jsonl")
    again = [{**row, "query": f"{row['query']} please"} for row in cases]
    others = _rows(SAMPLES / "unanswerable.jsonl")
    return day(Sources(conversations=others, threads=[*cases, *again]), QUICK_SIZE)


def _rows(file: Path) -> list[dict[str, Any]]:
    lines = file.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def _row(one: Asked) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Asked.__slots__}


def _judged(figures: dict[str, Any], counted: Mapping[str, Any]) -> dict[str, Any]:
    ledger = figures["ledger"]
    stub = {name: counted[name] for name in ("calls", "input_tokens", "output_tokens")}
    equal = all(ledger[name] == number for name, number in stub.items())
    avoided = 1 - ledger["calls"] / figures["questions"]
    saved = 1 - ledger["cost_usd"] / figures["each_to_first_model"]["cost_usd"]
    return {
        **figures,
        "stub": stub,
        "prices": PRICED_AS,
        "ledger_equals_stub": equal,
        "calls_avoided": round(avoided, 4),
        "answered_without_a_call": round(figures["without_call"] / figures["questions"], 4),
        "cost_saved": round(saved, 4),
        "ok": equal and avoided >= LEAST_AVOIDED and saved >= LEAST_SAVED,
    }
