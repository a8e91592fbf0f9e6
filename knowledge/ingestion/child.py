"""The child process that reads and embeds documents, one at a time.

    python -m knowledge.ingestion.child MODEL CACHE_FOLDER

Requests come as pickled tuples on standard input, progress and results go out the same way; both
ends are this program. It runs at the lowest priority with a memory limit, so that a hostile file
can only hurt itself and chat comes first.
"""

from __future__ import annotations

import os
import pickle
import resource
import sys
import time
from pathlib import Path
from typing import IO

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from knowledge.ingestion.chunking import Chunker
from knowledge.ingestion.pipeline import prepare
from knowledge.ingestion.values import DocumentUnreadable, Step
from providers.embeddings.select import embedder_for
from providers.errors import ProviderError

# Data segments, not address space: the inference engine maps far more than it uses.
MEMORY_LIMIT_BYTES = 1536 * 1024 * 1024
NICENESS = 19
# A breath after each step, so that chat finds a free core at once even where niceness is ignored.
PAUSE_SECONDS = 0.002


def main(model: str, cache_folder: str) -> None:
    """Serve requests until standard input closes."""
    _be_modest()
    replies = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not end up between our messages.
    os.dup2(2, 1)
    embedder = embedder_for(model, Path(cache_folder))
    chunker = Chunker(embedder.count_tokens, embedder.max_tokens)

    def report(step: Step) -> None:
        _send(replies, ("step", step))
        time.sleep(PAUSE_SECONDS)

    while True:
        try:
            name, path, title = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
        except EOFError:
            return
        try:
            content = Path(path).read_bytes()
            _send(replies, ("done", prepare(name, content, title, embedder, chunker, report)))
        except DocumentUnreadable as error:
            _send(replies, ("unreadable", str(error)))
        except MemoryError:
            _send(replies, ("unreadable", "Reading this file needs too much memory. Split it."))
        except ProviderError as error:
            _send(replies, ("failed", error.detail))
        except Exception as error:
            _send(replies, ("unreadable", _unexpected(error)))


def _be_modest() -> None:
    os.nice(NICENESS)
    if hasattr(os, "sched_setscheduler"):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))


def _unexpected(error: Exception) -> str:
    return (
        f"The file cannot be read ({type(error).__name__}). It may be broken: export it again, or "
        "upload it in another format."
    )


def _send(stream: IO[bytes], message: tuple[str, object]) -> None:
    pickle.dump(message, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
