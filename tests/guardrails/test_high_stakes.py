from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from guardrails.high_stakes import Topic, topics_in

FILE = Path(__file__).resolve().parents[2] / "conversations" / "sensitive_topics.yaml"
TOPICS = tuple(
    Topic(entry["name"], tuple(entry["phrases"]), entry.get("always", False))
    for entry in yaml.safe_load(FILE.read_text(encoding="utf-8"))
)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Should I take ibuprofen with this?", "Medicine"),
        ("What dose should my child take?", "Medicine"),
        ("Darf ich dieses Medikament schwanger nehmen?", "Medicine"),
        ("Can I sue the seller?", "Law"),
        ("Am I liable if somebody uses my card?", "Law"),
        ("Should I invest my savings with you?", "Money"),
        ("My charger caught fire", "Safety"),
        ("There is a smell of gas", "Safety"),
    ],
)
def test_who_seeks_advice_where_a_wrong_answer_does_harm_is_noticed(text: str, topic: str) -> None:
    assert topics_in(text, TOPICS) == (topic,)


@pytest.mark.parametrize(
    "text",
    [
        "How do I reset my password?",
        "Where do I upload my prescription?",
        "Can I see my investment statements in the app?",
        "The ATM swallowed my card",
        "Do you sell fire extinguishers?",
        "Which court is the basketball on?",
        "How do I change the address of my pension letter?",
    ],
)
def test_ordinary_questions_are_not(text: str) -> None:
    assert topics_in(text, TOPICS) == ()


def test_phrases_match_whole_words_unless_a_star_says_otherwise() -> None:
    topics = (Topic("T", ("ab*", "c d"), always=True),)
    assert topics_in("abc", topics) == ("T",)
    assert topics_in("x c   d y", topics) == ("T",)
    assert topics_in("xab, cd, ac", topics) == ()
    assert topics_in("anything", (Topic("T", (), always=True),)) == ()
