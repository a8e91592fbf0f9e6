"""Which language a text is in, by py3langid, from tables that are mapped instead of loaded.

The classifier is a naive Bayes over byte n-grams (Lui and Baldwin 2012). Held in memory as the
package does it takes 75 MB; written to files once and mapped, only what a text touches is read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from providers.made_once import made_once

# What the second embedding model was trained on; it has simplified and traditional Chinese.
LANGUAGES = (
    "ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh",
)  # fmt: skip
# Of 19,396 English questions two fall below it, 94 % of short titles in three others do
# (docs/decisions/0018).
FOREIGN_BELOW = 0.03
# Not from this or that language: text without words, such as tables of numbers.
NO_LANGUAGE = "zxx"
SAMPLE_CHARACTERS = 2000
# Of the documents, for their language to be one that they are in.
LEAST_SHARE = 0.1
FOLDER = "py3langid-0.4.0"
# So many of these in a question, and this share of its words, and it is English whatever names it
# holds ("is it safe to travel to Rio de Janeiro").
FEWEST_SMALL_WORDS = 3
SMALL_WORDS_SHARE = 0.3
SMALL_WORDS = frozenset(
    """
    the and or but if then of to in at by for with from as is are was were be been do does did
    have has had i you he she it we they my your his her its our their this that these those there
    what which who how when where why can could should would will not
    """.split()  # noqa: SIM905 - one word after the other is easier to read than a list
)
# Codes, addresses and numbers are of no language.
_CODE = regex.compile(r"\S*(?:[\p{N}@/\\_]|\p{L}\.\p{L})\S*|\b\p{Lu}{2,}\b")
_WORD = regex.compile(r"\p{L}+")


class LanguageClassifier:
    """Knows the classifier's tables in a cache folder; made and mapped at first use. Thread-safe.

    Few languages cost little memory: `among` are those that it tells apart, by default all of them.
    """

    def __init__(self, cache_folder: Path, among: Collection[str] = ()) -> None:
        self._cache_folder = cache_folder
        self._among = frozenset(among)

    def probabilities(self, text: str) -> dict[str, float]:
        """Return the probability of each language; all alike for a text without letters."""
        return dict(self._identifier.rank(text[:SAMPLE_CHARACTERS]))

    def warm_up(self) -> None:
        """Make and map the tables now instead of at the first question."""
        self.probabilities("warm up")

    @cached_property
    def _identifier(self) -> LanguageIdentifier:
        folder = made_once(self._cache_folder / FOLDER, _write_tables)
        return _mapped(folder, self._among)


def spoken(documents: Mapping[str, int]) -> frozenset[str]:
    """Return the languages that count, from how many documents are in each; "" is nobody knows.

    A few pages in another language, or taken for one, do not make it the documents' own.
    """
    known = {language: number for language, number in documents.items() if language}
    least = LEAST_SHARE * sum(known.values())
    return frozenset(language for language, number in known.items() if number >= least)


def is_foreign(classifier: LanguageClassifier, text: str, languages: Collection[str]) -> bool:
    """Say whether a question is in another language than those: two-letter codes of documents.

    Never when none of them is among LANGUAGES: nothing would be gained.
    """
    words = _CODE.sub(" ", text)
    known = set(languages).intersection(LANGUAGES)
    if not known or not _WORD.search(words) or ("en" in known and _plainly_english(words)):
        return False
    found = classifier.probabilities(words)
    return sum(found.get(language, 0.0) for language in known) < FOREIGN_BELOW


def likeliest(classifier: LanguageClassifier, text: str, among: Collection[str]) -> str:
    """Return which of these languages a text is in most likely; "" when there are none."""
    if len(among) < 2:
        return next(iter(among), "")
    found = classifier.probabilities(text)
    return max(sorted(among), key=lambda language: found.get(language, 0.0))


def document_language(classifier: LanguageClassifier, text: str) -> str:
    """Return the language of a document's text, "" when it has none or nobody can tell.

    English wins where it is possible at all: short texts full of names are taken for others.
    """
    if not _WORD.search(text):
        return ""
    found = classifier.probabilities(text)
    if found.get("en", 0.0) >= FOREIGN_BELOW:
        return "en"
    best = max(found, key=lambda language: found[language])
    return "" if best == NO_LANGUAGE else best


def _plainly_english(words: str) -> bool:
    found = [word.casefold() for word in _WORD.findall(words)]
    small = [word for word in found if word in SMALL_WORDS]
    return len(set(small)) >= FEWEST_SMALL_WORDS and len(small) >= SMALL_WORDS_SHARE * len(found)


def _write_tables(folder: Path) -> None:
    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    tables: dict[str, NDArray[np.generic]] = {
        "classes": np.array(whole.nb_classes),
        "weights": whole.nb_ptc,
        "priors": whole.nb_pc,
        "next_states": np.array(whole.tk_nextmove, dtype=np.uint32),
        "rows": np.array(whole.tk_row, dtype=np.uint16),
        "features": np.array(whole.tk_output, dtype=np.int32),
    }
    for name, table in tables.items():
        np.save(folder / f"{name}.npy", table)


def _mapped(folder: Path, among: Collection[str]) -> LanguageIdentifier:
    def table(name: str) -> Any:
        return np.load(folder / f"{name}.npy", mmap_mode="r")

    classes = np.load(folder / "classes.npy").tolist()
    chosen = [n for n, name in enumerate(classes) if not among or name in among]
    # A view of memory gives plain integers, which is what makes walking the states fast.
    identifier = LanguageIdentifier(
        table("weights") if not among else table("weights")[:, chosen],
        np.load(folder / "priors.npy")[chosen],
        [classes[n] for n in chosen],
        memoryview(table("next_states")),
        memoryview(table("features")),
        norm_probs=True,
        tk_row=[],
    )
    identifier._rowbase = _RowStarts(memoryview(table("rows")))
    return identifier


class _RowStarts:
    """Where each state's 256 entries begin, without a list of a hundred thousand numbers."""

    def __init__(self, rows: memoryview) -> None:
        self._rows = rows

    def __getitem__(self, state: int) -> int:
        return int(self._rows[state]) << 8
