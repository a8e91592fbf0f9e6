"""Old turns of a long conversation: summarised after a reply, used from the next question on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conversations import summaries, tasks, wiring
from conversations.actions.messages import claim, record_reply
from conversations.answering.summarising import LONGEST_SUMMARY, acceptable
from conversations.answering.token_budget import HISTORY_TURNS
from conversations.answering.values import Reply
from conversations.intake import submit
from conversations.loading import question_of
from conversations.models import Conversation, ConversationSummary, Message, MessageKind
from conversations.summaries import TURNS_AT_ONCE, keep_short, may_be_due
from knowledge.models import Collection, Document
from observability.models import LlmCall
from providers.errors import ProviderTimeout
from tests.conversations.answering.cast import ScriptedModel, passage

# Questions with their replies that make a summary due.
ENOUGH = (HISTORY_TURNS + TURNS_AT_ONCE) // 2
SAID = "The customer wants to send back the parcel 4711 and was told to print a label."
Say = Callable[..., None]


@pytest.fixture
def say(conversation: Conversation, reply: Callable[..., Reply]) -> Say:
    """Ask and answer in one conversation, so many times."""

    def talk(times: int, asks: str = "What about parcel 4711?", **values: Any) -> None:
        for _ in range(times):
            question = claim(submit(conversation, asks, uuid.uuid4()).message.pk)
            assert question
            assert record_reply(question.pk, question.attempt, reply(**values))

    return talk


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    """A model that writes the summary."""
    made = ScriptedModel(SAID)
    connect(monkeypatch, made)
    return made


def connect(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel, *, local: bool = False, used: float = 0.0
) -> None:
    usual = wiring.toolbox

    def toolbox(**about: Any) -> Any:
        made = usual(**about)
        here = model if local else None
        return replace(made, model=model, local_model=here, budget_used=lambda: used)

    monkeypatch.setattr(wiring, "toolbox", toolbox)


def asked_next(conversation: Conversation) -> Message:
    question = claim(submit(conversation, "And how long?", uuid.uuid4()).message.pk)
    assert question
    return question


def test_what_is_too_old_for_a_prompt_is_summarised_and_used_from_the_next_question_on(
    conversation: Conversation, say: Say, model: ScriptedModel
) -> None:
    say(ENOUGH - 1)
    assert not keep_short(conversation.pk)  # Six turns are too old: not worth a call yet.
    say(1)
    assert keep_short(conversation.pk)
    row = ConversationSummary.objects.get(conversation=conversation)
    assert (row.text, row.until_seq, row.prompt_version) == (SAID, TURNS_AT_ONCE, "summary@1")
    used = question_of(asked_next(conversation), "And how long?").summary
    assert used
    assert (used.text, used.local_only) == (SAID, False)
    call = LlmCall.objects.get()
    assert (call.purpose, call.prompt_version) == ("summary", "summary@1")
    assert (call.conversation_id, call.visitor_id) == (conversation.pk, conversation.visitor_id)


def test_the_next_summary_continues_the_last_one_after_some_more_turns(
    conversation: Conversation, say: Say, model: ScriptedModel
) -> None:
    say(ENOUGH)
    assert keep_short(conversation.pk)
    say(TURNS_AT_ONCE // 2 - 1)
    assert not keep_short(conversation.pk)
    say(1)
    assert keep_short(conversation.pk)
    assert f"Written down before:\n{SAID}" in model.prompts[1][1].content
    assert ConversationSummary.objects.get().until_seq == 2 * TURNS_AT_ONCE


@pytest.mark.parametrize("text", ["", "  ", "It costs 99 dollars.", "word " * LONGEST_SUMMARY])
def test_a_text_that_is_no_summary_of_what_was_said_is_not_stored(
    text: str, conversation: Conversation, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, ScriptedModel(text))
    say(ENOUGH)
    assert not keep_short(conversation.pk)
    assert not ConversationSummary.objects.exists()


def test_a_failing_model_or_none_leaves_things_as_they_were(
    conversation: Conversation, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(ENOUGH)
    assert not keep_short(conversation.pk)
    connect(monkeypatch, ScriptedModel(error=ProviderTimeout("late")))
    assert not keep_short(conversation.pk)
    assert question_of(asked_next(conversation), "And?").summary is None


def test_with_most_of_the_budget_used_no_summary_is_paid_for(
    conversation: Conversation, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ScriptedModel(SAID)
    connect(monkeypatch, made, used=0.8)
    say(ENOUGH)
    assert not keep_short(conversation.pk)
    assert made.prompts == []


def test_personal_data_is_masked_on_the_way_out_and_put_back(
    conversation: Conversation, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ScriptedModel("They write from <EMAIL_1>.")
    connect(monkeypatch, made)
    say(ENOUGH, asks="My address is ann@example.org")
    assert keep_short(conversation.pk)
    assert "ann@example.org" not in made.prompts[0][1].content
    assert ConversationSummary.objects.get().text == "They write from ann@example.org."


@pytest.fixture
def kept_here(conversation: Conversation) -> dict[str, Any]:
    """What a reply has that rests on a page in a collection for local models only."""
    kitchen = Collection.objects.create(slug="kitchen", name="Kitchen", local_models_only=True)
    page = Document.objects.create(collection=kitchen, path="soup", title="Soup")
    used = replace(passage("soup", "Soup needs onions."), document=str(page.pk))
    return {"passages": (used,), "used": (used,)}


def test_replies_that_must_stay_here_are_not_sent_to_a_model_outside(
    conversation: Conversation, say: Say, model: ScriptedModel, kept_here: dict[str, Any]
) -> None:
    say(2, text="Zanzibar onions.", **kept_here)
    say(ENOUGH - 2)
    assert keep_short(conversation.pk)
    assert "Answer: Zanzibar" not in model.prompts[0][1].content
    assert ConversationSummary.objects.get().rests_on == []


def test_a_summary_of_them_by_a_local_model_stays_here(
    conversation: Conversation,
    say: Say,
    monkeypatch: pytest.MonkeyPatch,
    kept_here: dict[str, Any],
) -> None:
    connect(monkeypatch, ScriptedModel(SAID), local=True)
    say(ENOUGH, **kept_here)
    assert keep_short(conversation.pk)
    question = asked_next(conversation)
    summary = question_of(question, "And?").summary
    assert summary
    assert summary.local_only
    # As things stand: what is opened to all models later may be sent later.
    Collection.objects.update(local_models_only=False)
    summary = question_of(question, "And?").summary
    assert summary
    assert not summary.local_only


def test_it_goes_with_its_conversation_also_when_that_goes_meanwhile(
    conversation: Conversation, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, ScriptedModel(SAID))
    say(ENOUGH)
    assert keep_short(conversation.pk)
    conversation.delete()
    assert not ConversationSummary.objects.exists()
    assert not keep_short(uuid.uuid4())


def test_one_that_was_erased_while_the_model_wrote_gets_none(
    conversation: Conversation, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    def erasing(messages: object) -> str:
        Conversation.objects.filter(pk=conversation.pk).delete()
        return SAID

    connect(monkeypatch, ScriptedModel(erasing))
    say(ENOUGH)
    assert not keep_short(conversation.pk)
    assert not ConversationSummary.objects.exists()


def test_a_worker_is_rung_for_it_after_a_reply_of_the_model_in_a_long_conversation(
    conversation: Conversation,
    say: Say,
    rung: list[str],
    reply: Callable[..., Reply],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = reply(model="stub")
    monkeypatch.setattr(tasks, "_made", lambda *about: written)
    say(ENOUGH - 2)
    for count in (0, 1):
        question = submit(conversation, "And?", uuid.uuid4()).message
        tasks.answer_message(str(question.pk))
        assert rung.count(str(conversation.pk)) == count
    assert may_be_due(conversation.messages.count(), "And?")
    assert conversation.messages.filter(kind=MessageKind.FINAL).count() == ENOUGH
    # Who asks what stands alone has no use for it.
    assert not may_be_due(conversation.messages.count(), "How do I change my postal address?")


def test_the_task_summarises(conversation: Conversation, say: Say, model: ScriptedModel) -> None:
    say(ENOUGH)
    tasks.summarise(str(conversation.pk))
    assert ConversationSummary.objects.get().text == SAID
    assert summaries.SUMMARY_PROMPT == "summary_v1"


def test_figures_that_nobody_said_make_a_summary_unfit() -> None:
    assert acceptable("Parcel 4711 is late.", ["where is 4711"])
    assert not acceptable("Parcel 4712 is late.", ["where is 4711"])
