"""Try the bot: what customers would get, without a conversation, and with all that led to it."""

import json
import re
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations import wiring
from conversations.actions.starter import ensure_starter_rules
from conversations.admin import try_panel
from conversations.models import Answer, Conversation, Message
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Collection
from knowledge.retrieval.values import Passage, Query, Reader, Retrieved
from observability.models import LlmCall
from tests import admin_cast as cast
from tests.conversations.answering.cast import ScriptedModel, passage

pytestmark = pytest.mark.django_db
QUESTION = "How do I return the goods that I have bought?"
RETURNS = passage(
    str(uuid.uuid4()),
    "You can return goods that you have bought within 30 days of delivery.",
    title="Returns",
    chunk=str(uuid.uuid4()),
    heading="Returns",
)
WRITTEN = "You can return goods that you have bought within 30 days [1]."


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


@pytest.fixture
def read_as(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Reader]]:
    """What the search was asked; it always finds the page about returns."""
    asked: list[tuple[str, Reader]] = []

    def retrieve(query: Query, reader: Reader, limit: int) -> Retrieved:
        asked.append((" ".join([*query.earlier, query.text]), reader))
        return Retrieved((RETURNS,), timings_ms={"total": 1.0})

    monkeypatch.setattr(wiring, "retrieve", retrieve)
    monkeypatch.setattr(wiring, "similarity", None)
    return asked


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    """A connected model that writes one cited sentence."""
    made = ScriptedModel(WRITTEN)
    monkeypatch.setattr(wiring, "chat_model", lambda wanted: made)
    return made


def ask(client: Client, text: str = QUESTION, **more: Any) -> Any:
    given = {"text": text, "audiences": "public", **more}
    response = client.post(reverse("admin:try_bot"), given)
    assert response.status_code == 200
    return response


def words(response: Any) -> str:
    page = response.content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", page[page.index('id="main"') :]).split())


def test_a_reply_comes_with_citations_confidence_reasons_and_times(
    client: Client, read_as: list[Any]
) -> None:
    said = words(ask(client))
    assert "Quoted from documents" in said
    assert "within 30 days of delivery" in said
    assert "[1] Returns" in said
    assert "No language model is connected; the documents are quoted." in said
    assert re.search(r"(High|Medium|Low) confidence \(0\.\d\d\)", said)
    assert "retrieval" in said
    assert read_as[0][1] == Reader(frozenset({"public"}))


def test_no_conversation_message_or_answer_is_written(client: Client, read_as: list[Any]) -> None:
    ask(client)
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()
    assert not Answer.objects.exists()


def test_readers_collection_language_and_previews_reach_the_search(
    client: Client, read_as: list[tuple[str, Reader]]
) -> None:
    ask(client, audiences=["internal"], collection="default", previews="on", language="de")
    assert read_as[0][1] == Reader(frozenset({"internal"}), "default", previews=True)


def test_rules_answer_here_too(client: Client) -> None:
    ensure_starter_rules()
    assert "Answered by a rule" in words(ask(client, "hello"))


def test_several_turns_are_one_conversation(
    client: Client, read_as: list[tuple[str, Reader]]
) -> None:
    first = ask(client)
    turns = first.context["turns"]
    assert [turn["role"] for turn in json.loads(turns)] == ["customer", "assistant"]
    second = ask(client, "and for a gift?", turns=turns)
    assert "return" in read_as[-1][0]
    assert "Earlier in this trial" in words(second)
    assert len(json.loads(second.context["turns"])) == 4
    for _ in range(8):
        second = ask(client, "and for a gift?", turns=second.context["turns"])
    assert len(json.loads(second.context["turns"])) == try_panel.MOST_TURNS


def test_earlier_replies_stay_here_as_soon_as_a_collection_is_for_local_models_only(
    client: Client, read_as: list[Any], model: ScriptedModel
) -> None:
    turns = json.dumps([{"role": "assistant", "text": "The key is under the mat."}])
    ask(client, turns=turns)
    Collection.objects.update(local_models_only=True)
    ask(client, turns=turns)
    told = ["under the mat" in str(prompt) for prompt in model.prompts]
    # Each time the model is asked twice: for the question as it is searched, and for the answer.
    assert told == [True, True, False, False]


@pytest.mark.parametrize(
    "turns", ["nonsense", "{}", '[{"role":"system","text":"x"}]', "[" * 5000, "[1]"]
)
def test_turns_that_this_page_did_not_write_are_refused(
    client: Client, read_as: list[Any], turns: str
) -> None:
    assert "Start a new trial." in words(ask(client, turns=turns))
    assert not read_as


def test_a_trial_with_a_model_is_in_the_ledger_as_a_trial(
    client: Client, read_as: list[Any], model: ScriptedModel
) -> None:
    said = words(ask(client))
    assert len(model.prompts) == 1
    assert WRITTEN in said
    assert "100 in, 20 out" in said
    assert "0.001000 USD" in said
    call = LlmCall.objects.get()
    assert (call.purpose, call.conversation_id, call.message_id) == ("trial", None, None)


def test_earlier_replies_stay_here_while_some_collection_is_for_local_models_only(
    client: Client, read_as: list[Any], model: ScriptedModel
) -> None:
    turns = json.dumps([{"role": "customer", "text": "And the secret?"},
                        {"role": "assistant", "text": "It is swordfish."}])  # fmt: skip
    ask(client, turns=turns)
    assert "swordfish" in str(model.prompts[-1])
    Collection.objects.update(local_models_only=True)
    ask(client, turns=turns)
    assert "swordfish" not in str(model.prompts[-1])


def test_a_model_that_takes_too_long_is_given_up_and_said(
    client: Client,
    read_as: list[Any],
    model: ScriptedModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(try_panel, "MOST_SECONDS", 0.0)
    said = words(ask(client))
    assert "The model took longer than a minute and was given up." in said
    assert "within 30 days of delivery" in said


def test_a_reply_that_rests_on_an_unpublished_page_says_that_no_customer_gets_it(
    client: Client, read_as: list[Any]
) -> None:
    said = words(ask(client, previews="on"))
    assert "No customer gets this reply now: Returns is not published" in said


def test_nothing_that_is_asked_or_answered_becomes_markup(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = replace(
        RETURNS,
        title="<img src=x onerror=hit(1)>",
        text="You can return goods you have bought <script>hit(2)</script> in 30 days.",
        headings=("<b x-data>",),
    )
    found = Retrieved((hostile,))
    monkeypatch.setattr(wiring, "retrieve", lambda *_: found)
    monkeypatch.setattr(wiring, "similarity", None)
    turns = json.dumps(
        [
            {"role": "customer", "text": "<script>hit(3)</script>"},
            {"role": "assistant", "text": "[x](javascript:hit(4)) <img src=y>"},
        ]
    )
    page = ask(client, f'{QUESTION} "><script>hit(5)</script>', turns=turns).content.decode()
    for piece in ("<script>hit", "<img src=", "<b x-data", 'href="javascript'):
        assert piece not in page, piece


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"text": "x" * 4001}, {"audiences": "nobody"}, {"collection": "no"}]
)
def test_wrong_fields_are_said_beside_them_and_ask_nothing(
    client: Client, read_as: list[Any], wrong: dict[str, str]
) -> None:
    response = client.post(
        reverse("admin:try_bot"), {"text": QUESTION, "audiences": "public", **wrong}
    )
    assert "errorlist" in response.content.decode()
    assert not read_as


def test_a_prompt_holds_the_first_passages_that_say_something_and_repeat_nothing() -> None:
    def named(name: str, text: str) -> Passage:
        return replace(RETURNS, chunk=name, text=text)

    whole = named("whole", "Goods go back within 30 days. Write to us first.")
    part = named("part", "Write to us first.")
    links = replace(named("links", "- [Goods](https://example.com/a)"), document="links")
    other = replace(named("other", "Parcels take two days."), document="other")
    chosen = try_panel.passages_for_prompt([whole, part, links, other])
    assert chosen == {"whole", "other"}
