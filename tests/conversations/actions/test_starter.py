from __future__ import annotations

import pytest

from conversations import operator_settings
from conversations.actions.starter import ensure_starter_rules, starter_rules
from conversations.answering.rules import match
from conversations.models import Rule
from tests.conversations.answering.cast import PUBLIC

pytestmark = pytest.mark.django_db


def test_the_set_is_added_once() -> None:
    assert ensure_starter_rules() == len(starter_rules())
    assert ensure_starter_rules() == 0
    assert Rule.objects.count() == len(starter_rules())


def test_what_an_operator_changed_or_deleted_stays_so() -> None:
    ensure_starter_rules()
    Rule.objects.filter(name="Opening hours").update(text="Nine to five.", enabled=False)
    Rule.objects.filter(name="Agreed").delete()
    ensure_starter_rules()
    assert Rule.objects.get(name="Opening hours").text == "Nine to five."
    assert not Rule.objects.get(name="Opening hours").enabled
    assert not Rule.objects.filter(name="Agreed").exists()


def test_a_rule_of_the_operators_own_with_the_same_name_is_kept() -> None:
    Rule.objects.create(name="Greeting", phrases="ahoy", text="Ahoy.")
    ensure_starter_rules()
    assert Rule.objects.get(name="Greeting").text == "Ahoy."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi", "Greeting"),
        ("Hallo!", "Greeting (German)"),
        ("bonjour", "Greeting (French)"),
        ("hola", "Greeting (Spanish)"),
        ("thank you so much for your help", "Thanks"),
        ("Vielen Dank", "Thanks (German)"),
        ("ok", "Agreed"),
        ("bye", "Goodbye"),
        ("Are you a robot?", "Are you a robot?"),
        ("is this a bot or what", None),
        ("what can you do?", "What can you do?"),
        ("What are your opening hours", "Opening hours"),
        ("Can I please talk to a human?", "Talk to a person"),
        ("this is useless, let me speak to a person", "Talk to a person"),
        ("Kann ich mit einem Menschen sprechen?", "Talk to a person (German)"),
        ("je voudrais parler à un conseiller", "Talk to a person (French)"),
        ("quiero hablar con una persona", "Talk to a person (Spanish)"),
        ("hi, how do I reset my password?", None),
        ("how do I make the bot talk to a human agent's queue", None),
        ("what are the opening hours of the branch in Bonn", None),
    ],
)
def test_what_the_starter_set_answers(text: str, name: str | None) -> None:
    ensure_starter_rules()
    found = match(text, operator_settings.now().rules, PUBLIC)
    assert (found.rule.name if found else None) == name
