"""Planted contradictions found and false ones; near copies found and false ones; CPU a document.

Twenty sentences that contradict a help article were written into copies of other articles before
there was anything to find them (contradiction_plants.jsonl): ten of them, `planted`, were used for
fitting, the ten others, `held`, were not. A hundred pairs of small pages were written the same way
(contradiction_pairs.jsonl) and halved by the hash of their ids: `fitted` and `held`.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import ROOT, Options, evaluation_data
from knowledge.comparison.contradictions import Contradiction, contradictions
from knowledge.comparison.languages import language_of
from knowledge.comparison.shelf import Shelf
from knowledge.comparison.shingles import NEARLY, nearly_the_same, signature, similarity
from knowledge.comparison.statements import Page, Piece, statements_of
from knowledge.ingestion.chunking import Chunker
from knowledge.ingestion.pipeline import read_file
from knowledge.ingestion.values import DocumentUnreadable
from providers.embeddings.packaged import PackagedEmbedder

HERE = Path(__file__).parent
MOST_FALSE = 5
LEAST_PLANTED = 10
PAGES = ("abcd_guidelines", "chatwoot", "jitsi", "login_gov")
CORPORA = ("tau_bank", "stackfaq", "mtrag_cloud")


class Reader:
    """Reads pages as ingestion does, and compares them."""

    def __init__(self) -> None:
        data = Path(os.environ.get("DATA_DIR") or ROOT / "data")
        self.embedder = PackagedEmbedder(data / "models")
        self._chunker = Chunker(self.embedder.count_tokens, self.embedder.max_tokens)

    def page(self, name: str, content: bytes) -> Page:
        """Return one file as it is compared. Raises DocumentUnreadable."""
        read = read_file(Path(name).name, content, "", self._chunker, lambda text: "en")
        pieces = tuple(
            Piece(f"{name}#{draft.ordinal}", draft.headings, draft.text) for draft in read.chunks
        )
        return Page(name, read.title, language_of(read.text, read.language), pieces)

    def compared(self, pages: Iterable[Page]) -> list[Contradiction]:
        """Return the contradictions among some pages."""
        shelf = Shelf()
        for page in pages:
            shelf.put(page.id, statements_of(page))
        return contradictions(shelf, list(shelf.documents), self.embedder.embed_documents)


def run(options: Options) -> dict[str, Any]:
    """Plant, compare, count."""
    reader = Reader()
    articles = _articles(reader)
    false = reader.compared(articles.values())
    plants = {name: _planted(reader, articles, name) for name in ("planted", "held")}
    found = plants["planted"]["found"]
    figures: dict[str, Any] = {
        "ok": found >= LEAST_PLANTED and len(false) <= MOST_FALSE,
        "articles": len(articles),
        "false_on_articles": len(false),
        "false_ones": [_shown(each) for each in false],
        "plants": plants,
        "pairs": _pairs(reader),
        "copies": _copies(articles),
    }
    if not options.quick:
        figures["near_copies_in_docs"] = _near_copies(reader)
        figures["corpora"] = {name: _corpus(reader, name) for name in CORPORA}
    return figures


def _articles(reader: Reader) -> dict[str, Page]:
    folder = evaluation_data() / "docs" / "login_gov" / "content" / "_help"
    return {
        name: reader.page(name, file.read_bytes())
        for file in sorted(folder.rglob("*_en.md"))
        if (name := str(file.relative_to(folder)))
    }


def _rows(name: str) -> list[dict[str, Any]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _planted(reader: Reader, articles: Mapping[str, Page], which: str) -> dict[str, Any]:
    """Write the sentences of one set into copies of articles and look for them."""
    rows = [row for row in _rows("contradiction_plants.jsonl") if row["set"] == which]
    folder = evaluation_data() / "docs" / "login_gov" / "content" / "_help"
    pages = dict(articles)
    for row in rows:
        content = (folder / row["into"]).read_bytes() + f"\n\n{row['sentence']}\n".encode()
        pages[row["into"]] = reader.page(row["into"], content)
    found = reader.compared(pages.values())
    missed = [row["sentence"] for row in rows if not any(_is_plant(row, each) for each in found)]
    planted = " ".join(row["sentence"] for row in rows)
    others = [
        _shown(each)
        for each in found
        if each.first.text not in planted and each.second.text not in planted
    ]
    return {
        "planted": len(rows),
        "found": len(rows) - len(missed),
        "missed": missed,
        "rows_listed": len(found),
        "rows_without_a_plant": others,
    }


def _is_plant(row: Mapping[str, Any], found: Contradiction) -> bool:
    sides = {found.first.document: found.first, found.second.document: found.second}
    if sides.keys() != {row["into"], row["against"]}:
        return False
    return sides[row["into"]].text in row["sentence"]


def _pairs(reader: Reader) -> dict[str, dict[str, int]]:
    halves: dict[str, dict[str, int]] = {}
    for row in _rows("contradiction_pairs.jsonl"):
        odd = int(hashlib.sha256(row["id"].encode()).hexdigest(), 16) % 2
        half = halves.setdefault(
            "held" if odd else "fitted",
            {"contradictions": 0, "found": 0, "consistent": 0, "false": 0},
        )
        pages = [
            reader.page(f"{side}.md", f"# {row[side]['title']}\n\n{row[side]['text']}".encode())
            for side in ("a", "b")
        ]
        hit = bool(reader.compared(pages))
        real = row["label"] == "contradiction"
        half["contradictions" if real else "consistent"] += 1
        half["found" if real else "false"] += hit
    return halves


def _copies(articles: Mapping[str, Page]) -> dict[str, int]:
    """Change a word and add a sentence in a copy of each article; is the copy recognised?"""
    texts = [_text(page) for page in articles.values()]
    copies = [
        text.replace(" your ", " the ", 1) + " This page was last changed in spring."
        for text in texts
    ]
    pairs = zip(map(signature, texts), map(signature, copies), strict=True)
    return {
        "copies": len(texts),
        "found": sum(similarity(one, other) >= NEARLY for one, other in pairs),
    }


def _near_copies(reader: Reader) -> dict[str, Any]:
    """Compare all pages of the evaluation data's `docs`."""
    started = time.process_time()
    signatures = {}
    for folder in PAGES:
        for file in sorted((evaluation_data() / "docs" / folder).rglob("*.md*")):
            try:
                page = reader.page(f"{folder}/{file.name}", file.read_bytes())
            except DocumentUnreadable:
                continue
            signatures[str(file.relative_to(evaluation_data()))] = signature(_text(page))
    pairs = [
        (round(share, 2), one, other)
        for one in signatures
        for other, share in nearly_the_same(signatures[one], signatures)
        if one < other
    ]
    return {
        "documents": len(signatures),
        "pairs": sorted(pairs, reverse=True),
        "cpu_seconds_with_reading": round(time.process_time() - started, 1),
    }


def _corpus(reader: Reader, name: str) -> dict[str, Any]:
    """Compare a whole corpus: what is listed, and what that costs."""
    pages = []
    lines = (evaluation_data() / "retrieval" / name / "corpus.jsonl").read_text("utf-8")
    for line in lines.splitlines():
        row = json.loads(line)
        content = f"# {row['title']}\n\n{row['text']}".encode()
        pages.append(reader.page(f"{row['id']}.md", content))
    started = time.process_time()
    found = reader.compared(pages)
    return {
        "documents": len(pages),
        "listed": len(found),
        "cpu_seconds": round(time.process_time() - started, 1),
        "first_ones": [_shown(each) for each in found[:15]],
    }


def _text(page: Page) -> str:
    return " ".join(piece.text for piece in page.pieces)


def _shown(found: Contradiction) -> str:
    first, second = found.first, found.second
    return (
        f"{found.strength:.2f} {first.value.shown} / {second.value.shown}: {first.text[:160]} | "
        f"{second.text[:160]} ({first.document}, {second.document})"
    )
