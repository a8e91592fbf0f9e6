"""How many tokens a text costs, without a download: a vocabulary that a package carries.

No endpoint says which vocabulary its model has. cl100k_base counts at least as many tokens as
o200k_base in every language measured (docs/decisions/0024-what-the-operator-controls.md), and needs
half the memory, so what fits by its count fits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Any

try:
    from rs_bpe.bpe import openai
except ImportError:  # There is no build for every platform.
    openai = None

VOCABULARY = "cl100k_base"
# Of cl100k_base to the packaged embedding model's tokens, the largest ratio measured (Japanese).
BORROWED_FACTOR = 1.25
# A chat message beside its text (OpenAI's cookbook, "How to count tokens with tiktoken").
MESSAGE_TOKENS = 4


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """Counts tokens; `name` says how, for the record. Thread-safe."""

    name: str
    count: Callable[[str], int]


@cache
def _encoding() -> Any:
    # 31 MB: loaded when a prompt is made, not where no model is connected.
    return openai.cl100k_base()


def _count(text: str) -> int:
    # Half a surrogate pair, as broken documents have, is no UTF-8.
    number: int = _encoding().count(text.encode("utf-8", "replace").decode("utf-8"))
    return number


def vocabulary_counter() -> TokenCounter | None:
    """Return the counter by a carried vocabulary; None where its package has no build."""
    return TokenCounter(VOCABULARY, _count) if openai else None


def borrowed_counter(count: Callable[[str], int], name: str) -> TokenCounter:
    """Return a counter by another model's tokenizer, which errs on the large side."""

    def enlarged(text: str) -> int:
        return ceil(count(text) * BORROWED_FACTOR)

    return TokenCounter(f"{name} x {BORROWED_FACTOR}", enlarged)


def usual_counter() -> TokenCounter:
    """Return the counter by vocabulary, else one that takes three characters for a token."""
    return vocabulary_counter() or TokenCounter("3 characters", lambda text: ceil(len(text) / 3))
