"""Which words of a question a passage holds, as the search sees them."""

import pytest

from knowledge.retrieval.matching import split_at_matches, words_of


def marked(text: str, question: str) -> list[str]:
    wanted = frozenset().union(*words_of(question).values())
    pieces = split_at_matches(text, wanted)
    assert "".join(piece for piece, _ in pieces) == text
    return [piece for piece, hit in pieces if hit]


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("resetting a password", "Reset the Passwords.", ["Reset", "Passwords"]),
        ("where is it", "Where it is, nobody knows.", []),
        ("error E-4711", "The code E-4711 or E-4712.", ["E-4711", "E-4712"]),
        ("the customer's bill", "A customer pays bills.", ["customer", "bills"]),
        ("密码重置", "请重置您的密码。", ["重置", "密码"]),
        ("", "Nothing is asked.", []),
        ("naïve café", "A NAÏVE CAFÉ <b>here</b>", ["NAÏVE", "CAFÉ"]),
    ],
)
def test_words_are_marked_by_their_stems(question: str, text: str, expected: list[str]) -> None:
    assert marked(text, question) == expected


def test_only_words_that_are_searched_count() -> None:
    assert set(words_of("How do I reset my e-mail?")) == {"reset", "e-mail"}
