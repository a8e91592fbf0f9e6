from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from providers.errors import RerankerUnavailable
from providers.rerankers.select import reranker_for

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "refund", "parcel", "money", "weather"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of a few kilobytes with random weights: it proves the wire, not a ranking."""
    made = tmp_path_factory.mktemp("cross-encoder")
    (made / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(vocab_file=str(made / "vocab.txt")).save_pretrained(made)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, num_labels=1,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(made)
    return made


def test_a_local_model_gives_one_score_a_text_and_the_same_each_time(folder: Path) -> None:
    reranker = reranker_for(str(folder))
    assert reranker is not None
    texts = ["refund money", "weather", "parcel"]
    scores = reranker.scores("refund", texts)
    assert len(scores) == 3
    assert scores[0] != scores[1]
    assert reranker.scores("refund", texts) == pytest.approx(scores)
    assert reranker.scores("refund", []) == []


def test_no_name_is_no_reranker_and_a_wrong_one_says_what_to_do() -> None:
    assert reranker_for("") is None
    with pytest.raises(RerankerUnavailable, match=r"RERANK_MODEL '/no/such/folder' cannot"):
        reranker_for("/no/such/folder")
