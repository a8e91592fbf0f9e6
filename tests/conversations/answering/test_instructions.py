"""The operator's instructions in the prompt, in the checks and on the way to a person."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from conversations.answering import prompting
from conversations.answering.codes import Code, Reason
from conversations.answering.instructions import in_trial, in_words
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import (
    Disposition,
    InstructionsSpec,
    Reply,
    RuleSpec,
    Source,
    Turn,
)
from conversations.prompts import load
from tests.conversations.answering.cast import (
    ALL,
    DELETING,
    Listener,
    ScriptedModel,
    ask,
    toolbox,
)

DELETE = "How do I delete my account?"
GOOD = "Open Settings and choose Delete account [1]."
SPEC = InstructionsSpec(
    version=3,
    name="Nora",
    tone="formal",
    must_say=("Our lines are open from 9 to 17 on +49 30 1234, see https://lines.example/open",),
    never_say=("cheap", "blue moon"),
    person_topics=("legal advice", "refund"),
)
HELLO = RuleSpec(1, "Hello", "text", "Hello!", ("refund",))
FORM = RuleSpec(2, "Form", "form", "Which order?", ("i want a refund",), form_fields=("Order",))


def tools(model: ScriptedModel | None, *rules: RuleSpec, spec: InstructionsSpec = SPEC) -> Toolbox:
    made = toolbox(*ALL, model=model, rules=rules)
    return replace(made, prompt=load("answer_v2"), instructions=spec)


def run(text: str, toolbox: Toolbox, listener: Listener | None = None, *history: Turn) -> Reply:
    return answer(ask(text, *history), toolbox, listener or Listener())


def test_a_model_reads_them_in_the_system_role_and_customers_words_never_stand_there() -> None:
    model = ScriptedModel(GOOD)
    reply = run(DELETE, tools(model), None, Turn("customer", "Earlier words"))
    system = [m.content for m in model.prompts[0] if m.role == "system"]
    others = " ".join(m.content for m in model.prompts[0] if m.role != "system")
    assert len(system) == 1
    for said in ("Your name is Nora.", "Tone: formal", "from 9 to 17", "Never write: cheap"):
        assert said in system[0]
        assert said not in others
    assert DELETE not in system[0]
    assert "Earlier words" not in system[0]
    assert DELETING.text[:30] not in system[0]
    assert "legal advice" not in system[0], "topics are no matter of the model's"
    assert (reply.instructions_version, reply.prompt_version) == (3, "answer@2")


def test_every_answer_names_the_version_also_one_without_a_model() -> None:
    assert run(DELETE, tools(None)).instructions_version == 3
    assert run("refund", tools(None, HELLO)).instructions_version == 3
    assert run(DELETE, toolbox(*ALL)).instructions_version is None


@pytest.mark.parametrize("text", ["I need LEGAL advice!", "Do you give refunds?"])
def test_a_topic_goes_to_a_person_and_no_model_is_asked(text: str) -> None:
    model = ScriptedModel(GOOD)
    reply = run(text, tools(model, HELLO))
    assert (reply.disposition, reply.escalation_reason) == (Disposition.ESCALATE, "topic")
    assert (reply.code, reply.source) == (Code.HANDED_OVER, Source.OPERATOR)
    assert reply.confidence.reasons == (Reason.TOPIC,)
    assert [finding.code for finding in reply.findings] == ["person_topic"]
    assert model.prompts == []


def test_a_rule_that_asks_for_details_comes_before_a_topic_and_a_text_after_it() -> None:
    assert run("I want a refund", tools(None, HELLO, FORM)).rule_id == 2
    assert run("refund", tools(None, HELLO)).rule_id is None
    paused = replace(tools(None), paused=True)
    assert run("refund", paused).escalation_reason == "topic"


@pytest.mark.parametrize("word", ["cheap", "Cheap", "BLUE, moon"])
def test_what_is_never_said_is_not_delivered(word: str) -> None:
    listener = Listener()
    written = f"Open Settings and choose Delete account [1]. It is {word} for all of you."
    reply = run(DELETE, tools(ScriptedModel(written)), listener)
    assert (reply.source, reply.disposition) == (Source.EXTRACT, Disposition.EXTRACT)
    assert "never_said" in [finding.code for finding in reply.findings]
    assert listener.shown == ""
    assert listener.everything.count("for all of you") == 0, "the rest was not streamed"


@pytest.mark.parametrize("never", ["invoice", "year", "keep years", "10 invoices"])
def test_words_that_are_only_like_it_are_said(never: str) -> None:
    written = "Open Settings and choose Delete account [1]. We keep invoices for 10 years [1]."
    listener = Listener()
    reply = run(
        DELETE,
        tools(ScriptedModel(written), spec=InstructionsSpec(1, never_say=(never,))),
        listener,
    )
    assert reply.text == listener.shown == written


def test_no_quote_says_it_either() -> None:
    spec = InstructionsSpec(1, never_say=("password",))
    with_it = run(DELETE, tools(None))
    assert "password" in with_it.text
    reply = run(DELETE, tools(None, spec=spec))
    assert (reply.disposition, reply.human_offered) == (Disposition.REFUSE, True)
    assert [finding.code for finding in reply.findings] == ["never_said"]


def test_what_is_to_be_said_is_no_leak_no_doubtful_number_and_no_foreign_link() -> None:
    steps = "Choose Delete account in the settings [1]."
    said = f"{steps} {SPEC.must_say[0]} because that is when we are all here."
    reply = run(DELETE, tools(ScriptedModel(said)))
    assert reply.text == said
    assert [finding.code for finding in reply.findings] == []


def test_the_rest_of_the_system_text_still_is_a_leak() -> None:
    prompt = prompting.make(load("answer_v2"), DELETE, (), ALL, prompting.Room(), SPEC)
    assert in_words(SPEC) in prompt.system
    assert in_words(SPEC) not in prompt.private
    leak = "Use only what the passages say. Do not add knowledge of your own. After each sentence"
    reply = run(DELETE, tools(ScriptedModel(f"{leak} that states something [1].")))
    assert "prompt_repeated" in [finding.code for finding in reply.findings]


def test_a_share_of_the_chats_is_steady_grows_and_is_near_what_was_asked_for() -> None:
    chats = [uuid.UUID(int=number) for number in range(4000)]
    tenth = {chat for chat in chats if in_trial(chat, 7, 10)}
    third = {chat for chat in chats if in_trial(chat, 7, 33)}
    assert tenth == {chat for chat in chats if in_trial(chat, 7, 10)}
    assert tenth < third
    assert 340 < len(tenth) < 460
    assert tenth != {chat for chat in chats if in_trial(chat, 8, 10)}, "another version, others"
    assert not any(in_trial(chat, 7, 0) for chat in chats)
