"""How far the fast backend's rankings are those of the same model in fp32, on the retrieval sets.

The model that ships runs in OpenVINO, in bf16 where the processor has it. Here the same chunks and
questions are encoded by sentence-transformers in fp32 as well; for each question the first ten
chunks by cosine are compared.
"""

from __future__ import annotations

import json
import statistics
import time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from benchmarks import ROOT, Options, evaluation_data
from knowledge.ingestion.chunking import Chunker, embedding_text
from knowledge.ingestion.parsing.markdown import parse_markdown
from knowledge.ingestion.sanitising import clean
from providers.embeddings.base import Vectors
from providers.embeddings.packaged import PACKAGE, PackagedEmbedder
from tests.fresh_data_folder import MODELS

FIRST = 10
LEAST_OVERLAP = 0.99
SAMPLES = ROOT / "tests" / "samples" / "evaluation"
SETS = ("mtrag_cloud", "stackfaq", "tau_bank", "login_gov_xling")


def run(options: Options) -> dict[str, Any]:
    """Compare on the four sets; the quick form on the committed samples."""
    ours = PackagedEmbedder(MODELS)
    ours.warm_up()
    folder = evaluation_data() / "retrieval" if not options.quick else SAMPLES
    found = {
        name: _compared(*_texts(folder if options.quick else folder / name, options, ours), ours)
        for name in (("samples",) if options.quick else SETS)
    }
    mean = statistics.mean(one["mean_overlap"] for one in found.values())
    return {
        "bf16": "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="ascii"),
        "sets": found,
        "mean_overlap": round(mean, 4),
        "ok": mean >= LEAST_OVERLAP,
    }


def _texts(folder: Path, options: Options, ours: PackagedEmbedder) -> tuple[list[str], list[str]]:
    """Return chunks as they are embedded, and questions."""
    chunker = Chunker(ours.count_tokens, ours.max_tokens)
    chunks = []
    for row in _rows(folder / "corpus.jsonl"):
        markdown = clean(parse_markdown(row["text"].encode(), row["title"]).markdown)
        drafts = chunker.chunks(row["title"], markdown)
        chunks += [embedding_text(row["title"], d.headings, d.text) for d in drafts]
    cases = folder / ("cases.jsonl" if options.quick else "dev.jsonl")
    return chunks, [row["query"] for row in _rows(cases)]


def _compared(chunks: list[str], questions: list[str], ours: PackagedEmbedder) -> dict[str, Any]:
    began = time.process_time()
    fast = (ours.embed_documents(chunks), ours.embed_documents(questions))
    half = time.process_time()
    exact = (_fp32(chunks), _fp32(questions))
    ended = time.process_time()
    overlaps = [
        len(set(a) & set(b)) / max(1, min(FIRST, len(chunks)))
        for a, b in zip(_first(*fast), _first(*exact), strict=True)
    ]
    return {
        "chunks": len(chunks),
        "questions": len(questions),
        "mean_overlap": round(statistics.mean(overlaps), 4),
        "lowest_overlap": min(overlaps),
        "smallest_cosine": round(float((fast[0] * exact[0]).sum(axis=1).min()), 6),
        "cpu_seconds": round(half - began, 1),
        "fp32_cpu_seconds": round(ended - half, 1),
    }


def _first(chunks: Vectors, questions: Vectors) -> list[list[int]]:
    return [list(np.argsort(-row, kind="stable")[:FIRST]) for row in questions @ chunks.T]


def _fp32(texts: list[str]) -> Vectors:
    made: Vectors = _reference().encode(texts, batch_size=8, normalize_embeddings=True)
    return made


@cache
def _reference() -> SentenceTransformer:
    return SentenceTransformer(str(files(PACKAGE) / "model"), device="cpu", local_files_only=True)


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]
