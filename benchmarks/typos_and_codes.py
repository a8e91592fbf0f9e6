"""Misspelt questions and made-up codes hidden in documents, by `manage.py evaluate retrieval`.

Typos: every content word of every question gets one random edit (a letter replaced, left out, put
in, or two exchanged); what it costs in nDCG is measured case by case. Codes: 50 made-up codes of
ten shapes are each hidden in one document, in a sentence that says nothing else, and for each a
code that differs in one digit is hidden in another document. Asked for in three ways, each must be
found first.
"""

from __future__ import annotations

import json
import os
import random
import string
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import regex

from benchmarks import ROOT, Options, evaluation_data
from knowledge.retrieval.analysis import STOP_WORDS, folded
from tests.fresh_data_folder import new_data_folder

SEED = 20250101
CODES = 50
QUICK_CODES = 3
# The bar: what the edits may cost.
MOST_COST = 0.05
LEAST_LETTERS = 3
RUN_SECONDS = 1800.0
SAMPLES = ROOT / "tests" / "samples" / "evaluation"
# "#" stands for a digit, "@" for a letter.
SHAPES = (
    "E-####",
    "ERR_@@@_##",
    "0x8007####",
    "@@-####-@",
    "v#.##.##",
    "/var/lib/@@@@/##.sock",
    "@@####",
    "@@@#/20##/###",
    "####-##-####",
    "@@@_TIMEOUT_#",
)
ASKED = ("What does {} mean?", "{}", "I get {} since yesterday, what can I do?")
_WORD = regex.compile(r"\p{L}+")
Row = dict[str, Any]


def run(options: Options) -> dict[str, Any]:
    """Measure both; the quick form on the committed samples."""
    folder = SAMPLES if options.quick else evaluation_data() / "retrieval"
    questions = _rows(SAMPLES / "cases.jsonl" if options.quick else folder / "stackfaq/dev.jsonl")
    corpus = _rows(SAMPLES / "corpus.jsonl" if options.quick else folder / "stackfaq/corpus.jsonl")
    places = corpus if options.quick else _rows(folder / "tau_bank/corpus.jsonl")
    with tempfile.TemporaryDirectory(prefix="supportbot-typos-") as name:
        harness = _Harness(Path(name))
        typos = _typos(harness, corpus, questions)
        codes = _codes(harness, places, QUICK_CODES if options.quick else CODES)
    ok = codes["first"] == codes["codes"] and (options.quick or typos["cost"] <= MOST_COST)
    return {"typos": typos, "codes": codes, "ok": ok}


def misspelt(text: str, chance: random.Random) -> str:
    """Return a text with one random edit in every content word."""

    def edited(match: regex.Match[str]) -> str:
        word: str = match.group()
        if len(word) < LEAST_LETTERS or folded(word) in STOP_WORDS:
            return word
        return edited_word(word, chance)

    return _WORD.sub(edited, text)


def edited_word(word: str, chance: random.Random) -> str:
    """Return the word with a letter replaced, left out or put in, or two exchanged."""
    while True:
        place, letter = chance.randrange(len(word)), chance.choice(string.ascii_lowercase)
        before, after = word[:place], word[place + 1 :]
        made = chance.choice(
            [
                f"{before}{letter}{after}",
                f"{before}{after}",
                f"{before}{letter}{word[place]}{after}",
                f"{before}{after[:1]}{word[place]}{after[1:]}",
            ]
        )
        if made.casefold() != word.casefold():
            return made


def made_up_codes(count: int, chance: random.Random) -> list[tuple[str, str]]:
    """Return (code, another that differs in one digit), all different."""
    found: dict[str, str] = {}
    used: set[str] = set()
    while len(found) < count:
        code = _of_shape(SHAPES[len(found) % len(SHAPES)], chance)
        places = [place for place, character in enumerate(code) if character.isdigit()]
        place = places[-1]
        digit = chance.choice([d for d in string.digits if d != code[place]])
        near = f"{code[:place]}{digit}{code[place + 1 :]}"
        if not used & {code, near}:
            found[code] = near
            used |= {code, near}
    return list(found.items())


def with_hidden(text: str, code: str, chance: random.Random) -> str:
    """Return the text with a sentence about the code between two of its lines."""
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines) + 1), f"\nReference {code}.\n")
    return "\n".join(lines)


def _of_shape(shape: str, chance: random.Random) -> str:
    kinds = {"#": string.digits, "@": string.ascii_uppercase}
    return "".join(chance.choice(kinds[c]) if c in kinds else c for c in shape)


def _typos(harness: _Harness, corpus: Sequence[Row], questions: Sequence[Row]) -> dict[str, Any]:
    chance = random.Random(SEED)  # noqa: S311 - not for secrets
    wrong = [{**row, "query": misspelt(row["query"], chance)} for row in questions]
    harness.evaluate(corpus, questions, "--save-baseline")
    compared = harness.evaluate(corpus, wrong, "--baseline")["compared"]
    figures = compared["differences"]["ndcg_at_10"]
    return {
        "questions": compared["n"],
        "ndcg_at_10": figures["before"],
        "ndcg_at_10_misspelt": figures["after"],
        "cost": -figures["difference"],
        "interval": [-bound for bound in reversed(figures["interval"])],
        "example": wrong[0]["query"],
    }


def _codes(harness: _Harness, places: Sequence[Row], count: int) -> dict[str, Any]:
    chance = random.Random(SEED)  # noqa: S311 - not for secrets
    corpus = [dict(row) for row in places]
    pairs = made_up_codes(count, chance)
    chosen = chance.sample(range(len(corpus)), 2 * count)
    cases = []
    for number, (code, near) in enumerate(pairs):
        for place, hidden in zip(chosen[2 * number : 2 * number + 2], (code, near), strict=True):
            corpus[place]["text"] = with_hidden(corpus[place]["text"], hidden, chance)
        for form, question in enumerate(ASKED):
            cases.append(
                {
                    "id": f"{code} {form}",
                    "query": question.format(code),
                    "relevant": [corpus[chosen[2 * number]]["id"]],
                }
            )
    result = harness.evaluate(corpus, cases)
    missed = [row for row in result["per_query"] if not row["recall_at_1"]]
    # Each form of the question is one trial of the code.
    lost = {row["id"].rsplit(" ", 1)[0] for row in missed}
    return {
        "codes": count,
        "questions": len(cases),
        "first": count - len(lost),
        "not_first": [row["query"] for row in missed],
    }


class _Harness:
    """Runs the command on rows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = new_data_folder(folder / "data")

    def evaluate(self, corpus: Sequence[Row], cases: Sequence[Row], *stored: str) -> dict[str, Any]:
        """Return the result; `stored` is --save-baseline or --baseline."""
        files = {"corpus": corpus, "cases": cases}
        command = [sys.executable, "manage.py", "evaluate", "retrieval", "--json"]
        for name, rows in files.items():
            file = self._folder / f"{name}.jsonl"
            file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            command += [f"--{name}", str(file)]
        for option in stored:
            command += [option, str(self._folder / "stored.json")]
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(self._data), "HF_HUB_OFFLINE": "1"},
            stdout=subprocess.PIPE,
            text=True,
            timeout=RUN_SECONDS,
            check=True,
        )
        result: dict[str, Any] = json.loads(done.stdout)
        return result


def _rows(file: Path) -> list[Row]:
    lines = file.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]
