"""What is looked up for a question and the turns before it."""

from collections.abc import Sequence

import numpy as np
import pytest

from knowledge.retrieval.analysis import sparse_codes, sparse_query
from knowledge.retrieval.spelling import Correction, WordList, corrected
from knowledge.retrieval.understanding import by_words, lookups, mixed, understand
from knowledge.retrieval.values import Query
from knowledge.retrieval.vocabulary import Entry, Vocabulary
from providers.embeddings.base import Vectors

WORDS = WordList({"password": 3, "refill": 2})


def correct(text: str) -> Correction:
    return corrected(text, (WORDS,), lambda word: word in ("reset", "top", "north", "and"))


class Compass:
    """Embeds a text by its first word: north, east, or in between. Notes what it was asked."""

    name, dimensions, max_tokens = "compass", 2, 256

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_query(self, text: str) -> Vectors:
        self.asked.append(text)
        places = {"north": (0.0, 1.0), "east": (1.0, 0.0)}
        return np.array(places.get(text.split()[0].casefold(), (0.6, 0.8)), dtype=np.float32)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.array([self.embed_query(text) for text in texts])

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def warm_up(self) -> None: ...


def test_a_plain_question_is_one_lookup() -> None:
    wanted = understand(Query("north gate opening hours"), None, None)
    (found,) = lookups(wanted, Compass(), 6)
    assert found.vector == [0.0, 1.0]
    assert found.sparse == sparse_query("north gate opening hours")
    assert found.codes.indices == ()


def test_each_sentence_is_a_lookup_as_far_as_is_allowed() -> None:
    wanted = understand(Query("North gate is closed. East gate is closed too."), None, None)
    embedder = Compass()
    assert [found.vector for found in lookups(wanted, embedder, 6)][1:] == [[0, 1], [1, 0]]
    assert len(lookups(wanted, embedder, 1)) == 2
    assert len(lookups(wanted, embedder, 0)) == 1


def test_codes_are_looked_up_besides() -> None:
    wanted = understand(Query("what is ERR-4711"), None, None)
    (found,) = lookups(wanted, Compass(), 6)
    assert found.codes == sparse_codes(["err-4711"])
    assert set(found.codes.indices) <= set(found.sparse.indices)


def test_a_turn_about_the_same_counts_less_than_the_question() -> None:
    wanted = understand(Query("north gate", ("in between gate",)), None, None)
    (found,) = lookups(wanted, Compass(), 6)
    assert found.vector == pytest.approx(list(mixed(np.array([0, 1]), [np.array([0.6, 0.8])])))
    assert found.vector is not None
    assert found.vector[1] > found.vector[0] > 0
    weights = sorted(set(found.sparse.values))
    assert weights == [0.3, 1.0]


def test_a_change_of_topic_drops_the_turn_unless_the_question_leans_on_it() -> None:
    alone = understand(Query("north gate", ("east wing",)), None, None)
    (found,) = lookups(alone, Compass(), 6)
    assert found.vector == [0.0, 1.0]
    assert found.sparse == sparse_query("north gate")
    leaning = understand(Query("north gate", ("east wing",), leans=True), None, None)
    (found,) = lookups(leaning, Compass(), 6)
    assert found.vector is not None
    assert found.vector[0] > 0
    assert found.sparse == sparse_query("north gate", earlier=("east wing",))


def test_only_the_nearest_two_turns_count_and_a_dropped_one_leaves_its_place() -> None:
    turns = ("east wing", "north tower", "north cellar")
    (found,) = lookups(understand(Query("north gate", turns), None, None), Compass(), 6)
    assert found.sparse == sparse_query("north gate", earlier=("", "north tower"))


def test_without_an_embedding_turns_count_where_the_question_leans() -> None:
    leaning = by_words(understand(Query("and there", ("east wing",), leans=True), None, None))
    assert leaning.vector is None
    assert leaning.sparse == sparse_query("and there", earlier=("east wing",))
    alone = by_words(understand(Query("north gate", ("east wing",)), None, None))
    assert alone.sparse == sparse_query("north gate")


def test_letters_are_mended_before_the_operators_words_are_added() -> None:
    vocabulary = Vocabulary([Entry("Refill", ("top up",))])
    wanted = understand(Query("reset my pasword, then top up"), vocabulary.expand, correct)
    assert wanted.whole.dense == "reset my password, then top up Refill"
    assert "pasword" in wanted.whole.sparse.split()
    assert wanted.corrected == (("pasword", ("password",)),)
    assert wanted.kept == ("Refill",)


def test_an_earlier_turn_is_embedded_as_it_was_when_it_was_asked() -> None:
    embedder = Compass()
    lookups(understand(Query("north pasword"), None, correct), embedder, 6)
    lookups(understand(Query("and this?", ("north pasword",)), None, correct), embedder, 6)
    assert embedder.asked[0] == embedder.asked[2] == "north password"
