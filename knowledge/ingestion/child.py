"""The child process that reads and embeds documents, one at a time.

    python -m knowledge.ingestion.child CACHE_FOLDER

Requests come as pickled on standard input, progress and results go out the same way; both
ends are this program. It runs at the lowest priority, reading a file is limited in memory, CPU and
time, and an alarm ends the process when the time is over, even if nobody is left to end it. So a
hostile file can only hurt itself, and chat comes first.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy as np

from knowledge.ingestion.chunking import Chunker
from knowledge.ingestion.limits import (
    CHILD_MEMORY_BYTES,
    READING_CPU_SECONDS,
    READING_SECONDS,
    SILENCE_SECONDS,
    SPARE_MEMORY_BYTES,
    START_SECONDS,
)
from knowledge.ingestion.pipeline import read_file, with_vectors
from knowledge.ingestion.values import (
    DocumentUnreadable,
    PreparedDocument,
    Request,
    SentencesRequest,
    Step,
)
from providers.embeddings.base import Embedder, Vectors
from providers.embeddings.select import embedder_for
from providers.embeddings.sentences import SentenceEmbedder
from providers.errors import ProviderError
from providers.languages import LanguageClassifier, document_language

NICENESS = 19
# The parent's patience ends first, so that it can tell the reason.
ALARM_GRACE_SECONDS = 15
# A breath after each step, so that chat finds a free core at once even where niceness is ignored.
PAUSE_SECONDS = 0.002
SENTENCE_BATCH = 64


class Child:
    """Serves requests until standard input closes."""

    def __init__(self, cache_folder: Path, replies: IO[bytes]) -> None:
        self._cache_folder = cache_folder
        self._replies = replies
        self._embedders: dict[str, Embedder] = {}
        self._warm: set[str] = set()
        self._sentences = SentenceEmbedder(cache_folder)
        self._classifier = LanguageClassifier(cache_folder)

    def _embedder(self, model: str) -> Embedder:
        if model not in self._embedders:
            self._embedders[model] = embedder_for(model, self._cache_folder)
        return self._embedders[model]

    def serve(self, requests: IO[bytes]) -> None:
        """Answer one request after the other."""
        while True:
            signal.alarm(0)
            try:
                request: Request | SentencesRequest
                request = pickle.load(requests)  # noqa: S301 - from our own parent
            except EOFError:
                return
            self._serve_one(request)

    def _serve_one(self, request: Request | SentencesRequest) -> None:
        try:
            if isinstance(request, SentencesRequest):
                self.send("done", self._embed_sentences(request))
            else:
                self.send("done", self._answer(request))
        except DocumentUnreadable as error:
            self.send("unreadable", str(error))
        except MemoryError:
            self.send("too_large", None)
        except ProviderError as error:
            self.send("failed", error.detail)
        except Exception as error:
            self.send("unreadable", _unexpected(error))

    def _answer(self, request: Request) -> PreparedDocument:
        embedder = self._embedder(request.model)
        most_tokens = min(request.chunk_tokens or embedder.max_tokens, embedder.max_tokens)
        chunker = Chunker(embedder.count_tokens, most_tokens)
        self._report(Step("parsing"), READING_SECONDS)
        with _limited():
            content = Path(request.path).read_bytes()
            read = read_file(request.name, content, request.title, chunker, self._language)
            if request.language:
                read = replace(read, language=request.language)
        if not request.embed or (request.holding and read.holds):
            return read
        self._warm_up(request.model, embedder)
        return with_vectors(read, embedder, self._report)

    def _language(self, text: str) -> str:
        return document_language(self._classifier, text)

    def _embed_sentences(self, request: SentencesRequest) -> Vectors:
        self._warm_up(self._sentences.name, self._sentences)
        total = len(request.texts)
        parts = [self._sentences.embed_documents(())]
        for start in range(0, total, SENTENCE_BATCH):
            self._report(Step("embedding", start, total))
            parts.append(
                self._sentences.embed_documents(request.texts[start : start + SENTENCE_BATCH])
            )
        return np.concatenate(parts)

    def _warm_up(self, model: str, embedder: Embedder) -> None:
        if model in self._warm:
            return
        # The first time the model may have to be exported, which takes long.
        self.send("loading", None)
        signal.alarm(int(START_SECONDS) + ALARM_GRACE_SECONDS)
        embedder.warm_up()
        self._warm.add(model)

    def _report(self, step: Step, seconds: float = SILENCE_SECONDS) -> None:
        signal.alarm(int(seconds) + ALARM_GRACE_SECONDS)
        self.send("step", step)
        time.sleep(PAUSE_SECONDS)

    def send(self, kind: str, value: object) -> None:
        """Send a message to the parent."""
        pickle.dump((kind, value), self._replies, protocol=pickle.HIGHEST_PROTOCOL)
        self._replies.flush()


def main(cache_folder: str) -> None:
    """Be modest, and serve on the standard streams."""
    os.nice(NICENESS)
    if hasattr(os, "sched_setscheduler"):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    replies = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not end up between our messages.
    os.dup2(2, 1)
    Child(Path(cache_folder), replies).serve(sys.stdin.buffer)


@contextmanager
def _limited() -> Iterator[None]:
    """Let reading take only so much memory and CPU.

    Beyond the memory Python raises and native code ends us; beyond the CPU a signal does. Embedding
    has no such limits: its memory is bounded by the size of a batch, and the engine gives wrong
    results instead of an error when it gets no memory.
    """
    usual = resource.getrlimit(resource.RLIMIT_DATA)
    # Data segments, not address space: the inference engine maps far more than it uses.
    size, resident, data = _memory_bytes()
    wanted = data + max(CHILD_MEMORY_BYTES - SPARE_MEMORY_BYTES - resident, 0) if size else 0
    if wanted and (usual[0] == resource.RLIM_INFINITY or wanted < usual[0]):
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, usual[1]))
    signal.setitimer(signal.ITIMER_PROF, READING_CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_DATA, usual)


def _memory_bytes() -> tuple[int, int, int]:
    """Return this process's whole, resident and data size; zeros where that cannot be told."""
    try:
        fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0, 0, 0
    page = resource.getpagesize()
    return int(fields[0]) * page, int(fields[1]) * page, int(fields[5]) * page


def _unexpected(error: Exception) -> str:
    return (
        f"The file cannot be read ({type(error).__name__}). It may be broken: export it again, or "
        "upload it in another format."
    )


if __name__ == "__main__":
    main(sys.argv[1])
