"""The order of passages: chunks, documents, titles, sentences. Figures by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.retrieval.ranking import (
    CHUNK_WEIGHTS,
    CODE_WEIGHT,
    LEADING_DOCUMENTS,
    PASSAGES_PER_DOCUMENT,
    SPARSE_WEIGHT,
    TITLE_WEIGHT,
    Candidate,
    Scored,
    fuse,
    leading,
    rank,
    without_cut_ties,
)
from providers.vector_store.base import Hit


def chunk(name: str, dense: float, sparse: float = 0.0, chunks: int = 1) -> Candidate:
    return Candidate(name, name[0], dense, sparse, 0.0, chunks)


def documents(ranked: list[Scored]) -> list[str]:
    return list(dict.fromkeys(scored.document for scored in ranked))


def test_lists_are_joined_by_point_and_words_count_by_the_best() -> None:
    dense = [Hit("a1", "a", 0.5, 2), Hit("b1", "b", 0.4)]
    found = fuse(dense, [Hit("a1", "a", 3.0, 2), Hit("c1", "c", 6.0)], [Hit("b1", "b", 9.0)])
    assert {c.chunk: (c.dense, c.sparse, c.codes, c.chunks) for c in found} == {
        "a1": (0.5, 0.5, 0.0, 2),
        "b1": (0.4, 0.0, 1.0, 0),
        "c1": (0.0, 1.0, 0.0, 0),
    }
    assert found[0].score == pytest.approx(0.5 + SPARSE_WEIGHT * 0.5)
    assert found[1].score == pytest.approx(0.4)


def test_nothing_found_is_ranked_as_nothing() -> None:
    assert fuse([], []) == []
    assert rank([]) == []
    assert rank([], [[]]) == []


def test_a_document_with_three_good_chunks_beats_one_with_a_single_good_one() -> None:
    whole = [chunk("a1", 0.60, chunks=9), chunk("b1", 0.59, chunks=9)]
    whole += [chunk(f"b{n}", 0.58, chunks=9) for n in (2, 3)] + [chunk("z1", 0.1, chunks=9)]
    assert documents(rank(whole))[:2] == ["b", "a"]


def test_a_short_document_repeats_its_last_chunk() -> None:
    (only,) = rank([chunk("a1", 0.6, chunks=1)], titles={"a": 0.0})
    assert only.score == pytest.approx(0.6)


def test_a_long_document_without_more_candidates_gets_the_weakest() -> None:
    ranked = rank([chunk("a1", 0.6, chunks=5), chunk("b1", 0.1, chunks=1)], titles={"a": 0, "b": 0})
    first, second, third = CHUNK_WEIGHTS
    assert ranked[0].score == pytest.approx(first * 0.6 + (second + third) * 0.1)


def test_an_index_that_does_not_know_the_number_of_chunks_punishes_nobody() -> None:
    ranked = rank([chunk("a1", 0.6, chunks=0), chunk("b1", 0.1, chunks=0)], titles={"a": 0, "b": 0})
    assert ranked[0].score == pytest.approx(0.6)


def test_the_title_counts_and_a_missing_one_is_as_near_as_the_best_chunk() -> None:
    whole = [chunk("a1", 0.5), chunk("b1", 0.5), chunk("c1", 0.5)]
    ranked = rank(whole, titles={"a": 0.1, "c": 0.9})
    assert documents(ranked) == ["c", "b", "a"]
    assert [s.title for s in ranked] == [0.9, 0.5, 0.1]
    assert ranked[1].score == pytest.approx(0.5 + TITLE_WEIGHT * 0.5)


def test_inside_a_document_chunks_keep_their_distances() -> None:
    ranked = rank([chunk("a1", 0.6, chunks=2), chunk("a2", 0.4, chunks=2)])
    assert ranked[0].score - ranked[1].score == pytest.approx(0.2)


def test_a_chunk_with_the_code_gains_all_of_its_share_and_is_never_left_out() -> None:
    exact = Candidate("b9", "b", 0.2, 0.0, 1.0, 9)
    others = [chunk("a1", 0.6), *(chunk(f"b{n}", 0.4, chunks=9) for n in range(5))]
    ranked = rank([*others, exact], titles={"a": 0, "b": 0})
    without = rank([*others, exact._replace(codes=0.0)], titles={"a": 0, "b": 0})
    assert ranked[0].chunk == "b9"
    assert "b9" not in [scored.chunk for scored in without]
    assert ranked[0].score == pytest.approx(0.2 + CODE_WEIGHT)


def test_at_most_three_passages_of_a_document() -> None:
    ranked = rank([chunk(f"a{n}", 0.5 + n / 100, chunks=9) for n in range(9)])
    assert [scored.chunk for scored in ranked] == ["a8", "a7", "a6"]
    assert len(ranked) == PASSAGES_PER_DOCUMENT


def test_a_page_that_answers_one_sentence_well_counts_for_the_whole_situation() -> None:
    whole = [chunk("a1", 0.50), chunk("b1", 0.48)]
    parts = [[chunk("a1", 0.30), chunk("b1", 0.70)], [chunk("a1", 0.32), chunk("b1", 0.20)]]
    assert documents(rank(whole)) == ["a", "b"]
    assert documents(rank(whole, parts)) == ["b", "a"]


def test_what_only_a_sentence_finds_is_among_the_passages() -> None:
    ranked = rank([chunk("a1", 0.5)], [[chunk("b1", 0.9)], [chunk("a1", 0.5)]])
    assert documents(ranked) == ["b", "a"]


def test_with_several_sentences_other_chunks_of_a_document_do_not_count() -> None:
    whole = [chunk("a1", 0.60, chunks=9), chunk("z1", 0.1, chunks=9)]
    whole += [chunk(f"b{n}", 0.59, chunks=9) for n in range(3)]
    assert documents(rank(whole))[0] == "b"
    assert documents(rank(whole, [whole, whole]))[0] == "a"


def test_other_documents_have_no_place_and_change_no_score() -> None:
    whole = [chunk("a1", 0.6, chunks=5), chunk("b1", 0.5), chunk("c1", 0.1)]
    parts = [whole, whole]
    assert rank(whole, among={"a"}) == [s for s in rank(whole) if s.document == "a"]
    assert rank(whole, parts, among={"b"}) == [s for s in rank(whole, parts) if s.document == "b"]


def test_titles_are_looked_at_for_the_documents_that_lead() -> None:
    many = [Candidate(f"c{n}", f"d{n}", n / 100, 0.0) for n in range(90)]
    coded = Candidate("x", "coded", 0.5, 0.0, 1.0)
    assert leading([many, [coded]])[:2] == ["coded", "d89"]
    assert len(leading([many])) == LEADING_DOCUMENTS
    assert len(leading([many], 70)) == 70
    assert leading([]) == []


scores = st.floats(-1, 1, allow_nan=False)
candidates = st.lists(
    st.builds(
        Candidate,
        chunk=st.text("xyz0123", min_size=1, max_size=3),
        document=st.sampled_from("abcd"),
        dense=scores,
        sparse=st.floats(0, 1),
        codes=st.floats(0, 1),
        chunks=st.integers(0, 9),
    ),
    max_size=12,
    unique_by=lambda candidate: candidate.chunk,
)


@given(
    candidates, st.lists(candidates, max_size=3), st.dictionaries(st.sampled_from("abcd"), scores)
)
def test_any_lists_give_an_order_of_known_chunks_without_repeats(
    whole: list[Candidate], parts: list[list[Candidate]], titles: dict[str, float]
) -> None:
    ranked = rank(whole, parts, titles)
    names = [scored.chunk for scored in ranked]
    assert len(names) == len(set(names))
    assert set(names) <= {c.chunk for found in (whole, *parts) for c in found}
    assert [s.score for s in ranked] == sorted((s.score for s in ranked), reverse=True)
    assert rank(whole, parts, titles) == ranked


def test_of_equals_at_the_end_of_a_cut_list_none_is_taken_by_chance() -> None:
    hits = [Hit(name, "d", score) for name, score in (("a", 3.0), ("b", 2.0), ("c", 1.0))]
    one, other = Hit("x", "d", 1.0), Hit("y", "d", 1.0)
    for cut in ([*hits, one], [*hits, other]):
        assert [hit.id for hit in without_cut_ties(cut, 4)] == ["a", "b"]


def test_a_list_that_was_not_cut_stays_as_it_is_and_so_do_equals_alone() -> None:
    hits = [Hit("a", "d", 2.0), Hit("b", "d", 1.0), Hit("c", "d", 1.0)]
    assert without_cut_ties(hits, 4) == hits
    assert without_cut_ties(hits[1:], 2) == hits[1:]
    assert without_cut_ties([], 4) == []
