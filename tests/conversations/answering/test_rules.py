from __future__ import annotations

import time

import pytest

from conversations.answering.rules import explain_match, match, pattern_problem
from conversations.answering.values import RuleSpec
from knowledge.retrieval.values import Reader
from tests.conversations.answering.cast import PUBLIC

GREETING = RuleSpec(1, "Greeting", "text", "Hello.", ("hi", "hello", "good morning"))
GERMAN = RuleSpec(2, "Gruß", "text", "Hallo.", ("hallo",), language="de")
THANKS = RuleSpec(3, "Thanks", "text", "Welcome.", ("thank you", "thanks"))
ROBOT = RuleSpec(4, "Robot", "text", "Yes.", ("are you a robot",))
PERSON = RuleSpec(5, "Person", "person", "Coming.", ("talk to a human",), priority=10)
RULES = (GREETING, GERMAN, THANKS, ROBOT, PERSON)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hi", "Greeting"),
        ("Hi!!", "Greeting"),
        ("heyyy hello :)", "Greeting"),
        ("Good morning to you all", "Greeting"),
        ("helo", "Greeting"),
        ("Hallo", "Gruß"),
        ("thank you so much", "Thanks"),
        ("are you a rbot?", "Robot"),
        ("Are you  a ROBOT", "Robot"),
        ("can i talk to a humna please?", "Person"),
        ("My order is late. Let me talk to a human!", "Person"),
    ],
)
def test_a_message_that_says_just_the_phrase_matches(text: str, name: str) -> None:
    found = match(text, RULES, PUBLIC)
    assert found is not None
    assert found.rule.name == name


@pytest.mark.parametrize(
    "text",
    [
        "hi, how do I reset my password",
        "thanks, but that is not what I asked for",
        "are you a robot company?",
        "can the robot talk to a human operator in the warehouse",
        "hello world program does not compile",
        "rabat",
        "",
    ],
)
def test_a_message_that_says_more_does_not_match(text: str) -> None:
    assert match(text, RULES, PUBLIC) is None


def test_asking_for_a_person_inside_a_longer_text_counts_only_when_generation_failed() -> None:
    text = "I want to talk to a human about the refund I never got"
    assert match(text, RULES, PUBLIC) is None
    found = match(text, RULES, PUBLIC, inside=True)
    assert found is not None
    assert found.rule is PERSON


def test_lower_priority_numbers_are_tried_first() -> None:
    first = RuleSpec(8, "Z first", "text", "a", ("hi",), priority=1)
    found = match("hi", (GREETING, first), PUBLIC)
    assert found is not None
    assert found.rule is first


def test_a_rule_for_another_audience_or_language_is_not_tried() -> None:
    partners = RuleSpec(9, "Partners", "text", "a", ("rebate",), audiences=frozenset({"partners"}))
    assert match("rebate", (partners,), PUBLIC) is None
    assert match("rebate", (partners,), Reader(frozenset({"partners"}))) is not None
    assert match("hallo", (GERMAN,), PUBLIC, "en") is None
    assert match("hallo", (GERMAN,), PUBLIC, "de-AT") is not None


def test_a_pattern_matches_anywhere_ignoring_case() -> None:
    rule = RuleSpec(6, "Order", "link", "See", pattern=r"\border[- ]?\d{4}\b")
    found = match("Where is ORDER 1234 now?", (rule,), PUBLIC)
    assert found is not None
    assert found.how == "pattern"


def test_a_runaway_pattern_is_given_up_quickly() -> None:
    rule = RuleSpec(7, "Runaway", "text", "x", pattern=r"(a|a)+$")
    started = time.monotonic()
    assert match("a" * 40 + "!", (rule,), PUBLIC) is None
    assert time.monotonic() - started < 2


def test_an_invalid_pattern_is_named_and_matches_nothing() -> None:
    assert match("(", (RuleSpec(7, "Broken", "text", "x", pattern="("),), PUBLIC) is None
    problem = pattern_problem("(")
    assert problem is not None
    assert problem.code == "pattern_invalid"
    assert pattern_problem("a+") is None


def test_the_test_box_names_the_winner_and_why_the_others_do_not_fit() -> None:
    told = explain_match("hello, where is my parcel", RULES)
    assert told.winner is None
    why = {verdict.rule.name: verdict.why for verdict in told.verdicts}
    assert "says more than the phrase: hello" in why["Greeting"]
    assert "none of its phrases" in why["Robot"]
    assert explain_match("hello", RULES).winner is not None
