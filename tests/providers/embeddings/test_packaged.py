"""The packaged model: its vectors, its token counts, and how its file is made."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import openvino
import pytest
from django.conf import settings

from providers.embeddings import packaged
from providers.embeddings.packaged import PackagedEmbedder, exported_model
from providers.errors import EmbedderUnavailable

CACHE = Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"])


@pytest.fixture(scope="module")
def embedder() -> PackagedEmbedder:
    return PackagedEmbedder(CACHE)


def test_vectors_have_length_one_and_related_texts_are_near(embedder: PackagedEmbedder) -> None:
    question, related, other = embedder.embed_documents(
        ["How do I reset my password?", "Choose a new password.", "Our parcels weigh two kilos."]
    )
    assert np.linalg.norm(question) == pytest.approx(1, abs=1e-3)
    assert question @ related > question @ other + 0.2


def test_a_text_has_the_same_vector_alone_and_in_a_batch(embedder: PackagedEmbedder) -> None:
    texts = ["Refunds take five days. " * n for n in range(1, 20)]
    batch = embedder.embed_documents(texts)
    for text, vector in zip(texts, batch, strict=True):
        assert embedder.embed_query(text) @ vector > 0.999


def test_a_text_beyond_the_limit_is_cut_and_counted_in_full(embedder: PackagedEmbedder) -> None:
    text = "word " * 1000
    assert embedder.count_tokens(text) == 1000


@pytest.mark.parametrize(
    "text",
    [
        "Don't click https://example.org/a_b?c=d, it's 9.90 EUR (incl. VAT)!",
        "Überraschung  für\tKäufer\n\nin München",
        "退货政策：您可以 在三十天内退货 한국어 日本語のテキスト",
        "x" * 300 + " " + "слово" * 20,
    ],
)
def test_pieces_of_words_add_up_to_those_of_the_text(embedder: PackagedEmbedder, text: str) -> None:
    whole = embedder._counter.encode(text, add_special_tokens=False).ids
    assert embedder.count_tokens(text) == len(whole)
    assert embedder.embed_query(text).shape == (384,)


def test_threads_get_their_own_results(embedder: PackagedEmbedder) -> None:
    texts = [f"Question number {number}" for number in range(40)]
    wanted = embedder.embed_documents(texts)
    worst: list[float] = []

    def work(part: int) -> None:
        rows = range(part, len(texts), 4)
        own = PackagedEmbedder.embed_documents(embedder, [texts[row] for row in rows])
        worst.append(min(float(own[n] @ wanted[row]) for n, row in enumerate(rows)))

    threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(worst) == 4
    assert min(worst) > 0.999


@pytest.mark.slow
def test_processes_that_make_the_file_together_both_get_a_whole_one(tmp_path: Path) -> None:
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(exported_model(tmp_path / "models")))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]
    assert [path.name for path in (tmp_path / "models").iterdir()] == [found[0].parent.name]
    assert PackagedEmbedder(tmp_path / "models").embed_query("works").shape == (384,)


def test_other_weights_than_ours_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaged, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EmbedderUnavailable, match="not the ones we know"):
        exported_model(tmp_path)


def test_a_broken_file_says_what_to_delete(tmp_path: Path) -> None:
    folder = exported_model(CACHE).parent
    broken = tmp_path / folder.name
    broken.mkdir()
    (broken / packaged.MODEL_FILE).write_text("<net", encoding="utf-8")
    with pytest.raises(EmbedderUnavailable, match="delete its folder and start again"):
        PackagedEmbedder(tmp_path).embed_query("x")


def test_the_engine_is_set_up_by_one_thread_before_others_use_it(
    embedder: PackagedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two first inferences at once waited for one another for ever (a question after a restart).
    made: list[str] = []
    fresh = PackagedEmbedder(embedder._cache_folder)

    class Noting:
        """Notes that the engine was used while the model was being loaded."""

        def create_infer_request(self) -> Noting:
            return self

        def infer(self, inputs: list[object]) -> None:
            made.append("locked" if fresh._load_lock.locked() else "free")

    monkeypatch.setattr(openvino.Core, "compile_model", lambda *arguments: Noting())
    fresh._take_request()
    assert made == ["locked"]
