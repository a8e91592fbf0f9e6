"""Tells the same text and nearly the same text: a hash, and a MinHash signature of shingles.

MinHash: Broder, "On the resemblance and containment of documents" (1997). The share of equal
places in two signatures estimates the share of equal shingles; with 128 places its standard error
is at most 0.044.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import mmh3
import numpy as np
import regex
from numpy.typing import NDArray

SHINGLE_WORDS = 4
PLACES = 128
# From here on two texts are nearly the same: 70 % of their runs of four words.
NEARLY = 0.7
# Shorter texts are equal or not; a shared heading alone would make them alike.
LEAST_WORDS = 25
_WORD = regex.compile(r"[\p{L}\p{N}]+")
# Multiply-shift hashing (Dietzfelbinger 1996): odd factors, modulo 2**64, the upper 31 bits.
_SHIFT = np.uint64(33)
_generator = np.random.default_rng(20240613)
_FACTORS = _generator.integers(0, 1 << 63, PLACES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_OFFSETS = _generator.integers(0, 1 << 63, PLACES, dtype=np.uint64)
_AT_ONCE = 4096
Signature = Sequence[int] | NDArray[np.int64]


def words_of(text: str) -> list[str]:
    """Return a text's words and numbers as they are compared: case, signs and spaces aside."""
    return [str(word) for word in _WORD.findall(text.casefold())]


def text_hash(text: str) -> str:
    """Return the sha256 of the text's words, hexadecimal; empty for a text without words."""
    words = words_of(text)
    return hashlib.sha256(" ".join(words).encode()).hexdigest() if words else ""


def signature(text: str) -> list[int]:
    """Return PLACES numbers below 2**31; none for a text too short to be nearly like another."""
    words = words_of(text)
    if len(words) < LEAST_WORDS:
        return []
    runs = {
        " ".join(words[start : start + SHINGLE_WORDS])
        for start in range(len(words) - SHINGLE_WORDS + 1)
    }
    hashes = np.fromiter((mmh3.hash(run, signed=False) for run in runs), dtype=np.uint64)
    least = np.full(PLACES, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(hashes), _AT_ONCE):
        some = hashes[start : start + _AT_ONCE, None]
        permuted = (some * _FACTORS + _OFFSETS) >> _SHIFT
        least = np.minimum(least, permuted.min(axis=0))
    return [int(number) for number in least]


def similarity(first: Signature, second: Signature) -> float:
    """Return the estimated share of runs of words that two texts have in common, 0 to 1."""
    if len(first) == 0 or len(first) != len(second):
        return 0.0
    equal = sum(int(a) == int(b) for a, b in zip(first, second, strict=True))
    return equal / len(first)


def nearly_the_same(
    wanted: Signature, others: Mapping[str, Signature]
) -> Iterable[tuple[str, float]]:
    """Return which of the others are nearly the same text, with the similarity, best first."""
    names = [name for name, other in others.items() if len(other) == len(wanted) > 0]
    if not names:
        return []
    table: NDArray[np.int64] = np.array([others[name] for name in names], dtype=np.int64)
    shares = (table == np.array(wanted, dtype=np.int64)).mean(axis=1)
    alike = [(names[i], float(shares[i])) for i in np.flatnonzero(shares >= NEARLY)]
    return sorted(alike, key=lambda pair: -pair[1])
