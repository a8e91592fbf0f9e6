"""Groups of sentences, and the order that the second model gives."""

from knowledge.retrieval.other_languages import TITLE_PLACE, group_id, groups_of, rank_across
from knowledge.retrieval.ranking import Scored
from knowledge.retrieval.sentence_groups import sentence_groups
from providers.vector_store.base import Hit

A, B, C = (f"00000000-0000-0000-0000-00000000000{n}" for n in range(3))


def scored(chunk: str, document: str, score: float) -> Scored:
    return Scored(chunk, document, score, dense=score, sparse=0.0)


def hit(chunk: str, document: str, score: float, place: int = 0) -> Hit:
    return Hit(group_id(chunk, place), document, score, chunk=chunk)


def test_short_sentences_are_joined_to_eight_words() -> None:
    text = "## Returns\n\nSend it back. We pay. You have thirty days to send goods back to us. Bye."
    assert sentence_groups(text) == [
        "## Returns Send it back. We pay. You have thirty days to send goods back to us. Bye."
    ]
    assert len(sentence_groups("One two three four five six seven eight. " * 3)) == 3


def test_text_without_blanks_or_sentence_ends_is_cut_too() -> None:
    assert len(sentence_groups("您的订单将于星期一到达我们的商店。" * 2)) == 2
    assert max(len(group) for group in sentence_groups("word " * 1000)) <= 600
    assert sentence_groups("| --- | --- |\n\n***") == []


def test_the_title_goes_with_the_first_chunk() -> None:
    groups = groups_of("Returns", [(A, "Send it back."), (B, "We pay for it.")])
    assert [(g.chunk, g.place) for g in groups] == [(A, TITLE_PLACE), (A, 0), (B, 0)]
    assert len({g.id for g in groups}) == 3
    assert groups_of(" ", [(A, "...")]) == []


def test_the_best_group_or_title_decides_between_documents() -> None:
    usual = [scored(A, "a", 0.5), scored(B, "b", 0.4), scored(C, "c", 0.3)]
    hits = [hit(B, "b", 0.8), hit(C, "c", 0.9, TITLE_PLACE), hit(A, "a", 0.2)]
    assert [s.document for s in rank_across(usual, hits)] == ["c", "b", "a"]


def test_a_fifth_of_the_usual_score_mends_a_wrong_guess() -> None:
    usual = [scored(A, "a", 0.9), scored(B, "b", 0.2)]
    hits = [hit(B, "b", 0.6), hit(A, "a", 0.5)]
    assert [s.document for s in rank_across(usual, hits)] == ["a", "b"]


def test_in_a_document_the_chunk_with_the_best_group_comes_first() -> None:
    usual = [scored(A, "a", 0.5), scored(B, "a", 0.4), scored(C, "a", 0.45)]
    ordered = rank_across(usual, [hit(B, "a", 0.8), hit(A, "a", 0.3)])
    assert [s.chunk for s in ordered] == [B, A, C]
    assert ordered[0].dense == 0.8


def test_without_hits_the_usual_order_stays() -> None:
    usual = [scored(A, "a", 0.5), scored(B, "b", 0.4)]
    assert rank_across(usual, []) == usual
