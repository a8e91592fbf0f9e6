"""An agent reads a chat, takes it, answers, hands it back and resolves it."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.actions import escalations
from conversations.actions.messages import claim, record_reply
from conversations.answering.values import Cited, Reply
from conversations.models import (
    Conversation,
    DeskDraft,
    Escalation,
    EscalationState,
    Feedback,
    Message,
    MessageKind,
    MessageState,
)
from conversations.ownership import Owner
from knowledge.retrieval.values import Passage
from observability.models import LlmCall
from supportbot.roles import AGENT
from tests import admin_cast as cast

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)> <b x-data x-init="alert(3)">b</b>'


@pytest.fixture
def amira(db: None) -> User:
    return cast.agent()


@pytest.fixture
def client(amira: User) -> Client:
    return cast.signed_in(amira)


@pytest.fixture
def escalation(conversation: Conversation, ask: Callable[[str], Message]) -> Escalation:
    ask("Where is my parcel?")
    return escalations.request_person(conversation.pk, "")


def act(client: Client, conversation: Conversation, action: str, **fields: object) -> Any:
    address = reverse("admin:conversations_conversation_act", args=[conversation.pk])
    return client.post(address, {"action": action, **fields}, follow=True)


def page_of(client: Client, conversation: Conversation) -> str:
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    return client.get(address).content.decode()


def replies(conversation: Conversation) -> list[str]:
    rows = conversation.messages.filter(kind=MessageKind.REPLY)
    return list(rows.values_list("text", flat=True))


def test_a_reply_reaches_the_chat_and_takes_it_over(
    client: Client, conversation: Conversation, escalation: Escalation, amira: User
) -> None:
    act(client, conversation, "reply", text="It is on its way.", client_msg_id=uuid.uuid4())
    conversation.refresh_from_db()
    escalation.refresh_from_db()
    assert replies(conversation) == ["It is on its way."]
    assert (conversation.owner, conversation.agent) == (Owner.AGENT, amira)
    assert (escalation.state, escalation.agent) == (EscalationState.TAKEN, amira)


def test_sending_the_same_form_twice_is_one_reply(
    client: Client, conversation: Conversation, escalation: Escalation
) -> None:
    sent = {"text": "Hello", "client_msg_id": uuid.uuid4()}
    act(client, conversation, "reply", **sent)
    act(client, conversation, "reply", **sent)
    assert replies(conversation) == ["Hello"]


def test_another_text_under_a_used_id_is_kept_in_the_box_and_said_so(
    client: Client, conversation: Conversation, escalation: Escalation
) -> None:
    one = uuid.uuid4()
    act(client, conversation, "reply", text="First words", client_msg_id=one)
    page = act(client, conversation, "reply", text="Better words", client_msg_id=one)
    assert replies(conversation) == ["First words"]
    assert "was sent already" in page.content.decode()
    assert page.context["draft"] == "Better words"
    assert page.context["client_msg_id"] != one


def test_a_colleagues_chat_is_taken_over_before_anything_is_done_in_it(
    client: Client, conversation: Conversation, escalation: Escalation, amira: User
) -> None:
    bea = cast.person("bea", AGENT)
    escalations.take(conversation.pk, bea)
    said = act(client, conversation, "reply", text="Me too", client_msg_id=uuid.uuid4())
    assert "Bea has this conversation. Take it over first." in said.content.decode()
    assert said.context["draft"] == "Me too"
    for action in ("hand_back", "close", "take"):
        assert "Bea has this conversation" in act(client, conversation, action).content.decode()
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.agent) == (Owner.AGENT, bea)
    assert replies(conversation) == []
    shown = page_of(client, conversation)
    assert f'name="from_agent" value="{bea.pk}"' in shown
    act(client, conversation, "take", from_agent=bea.pk)
    conversation.refresh_from_db()
    assert conversation.agent == amira


def test_words_of_an_internal_source_are_asked_for_here_too(
    client: Client, conversation: Conversation, escalation: Escalation, amira: User
) -> None:
    words = "For a late parcel we may grant the customer a voucher of fifteen euros."
    source = {"title": "Goodwill", "text": words, "internal": True}
    DeskDraft.objects.create(conversation=conversation, agent=amira, text="", sources=[source])
    page = act(client, conversation, "reply", text=words, client_msg_id=uuid.uuid4())
    assert "a source that the customer may not read" in page.content.decode()
    assert 'name="confirmed"' in page.content.decode()
    assert replies(conversation) == []
    assert 'name="confirmed"' not in page_of(client, conversation)
    sent = {"text": words, "client_msg_id": uuid.uuid4(), "confirmed": "1"}
    act(client, conversation, "reply", **sent)
    assert replies(conversation) == [words]
    assert conversation.acts.filter(verb="internal").count() == 1


def test_each_opening_of_the_page_has_its_own_id(
    client: Client, conversation: Conversation
) -> None:
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    ids = {client.get(address).context["client_msg_id"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "nothing to send"), ("   ", "nothing to send"), ("x" * 4001, "Shorten it")],
)
def test_an_empty_or_overlong_reply_is_refused_and_nothing_is_lost(
    client: Client, conversation: Conversation, text: str, sentence: str
) -> None:
    page = act(client, conversation, "reply", text=text, client_msg_id=uuid.uuid4())
    assert sentence in page.content.decode()
    assert page.context["draft"] == text.strip()
    assert replies(conversation) == []


def test_a_form_without_an_id_keeps_the_text(client: Client, conversation: Conversation) -> None:
    page = act(client, conversation, "reply", text="My long reply", client_msg_id="nonsense")
    assert page.context["draft"] == "My long reply"
    assert replies(conversation) == []


def test_taking_over_silences_the_bot_in_mid_answer(
    client: Client,
    conversation: Conversation,
    ask: Callable[[str], Message],
    reply: Callable[..., Reply],
) -> None:
    question = ask("How do I pay?")
    claimed = claim(question.pk)
    assert claimed is not None
    act(client, conversation, "take")
    assert record_reply(question.pk, claimed.attempt, reply("Pay by card.")) is None
    question.refresh_from_db()
    assert question.state == MessageState.FOR_AGENT


def test_handing_back_and_resolving_end_the_request_with_the_note(
    client: Client, conversation: Conversation, escalation: Escalation
) -> None:
    act(client, conversation, "take")
    act(client, conversation, "hand_back", note="Told her the date")
    conversation.refresh_from_db()
    escalation.refresh_from_db()
    assert conversation.owner == Owner.BOT
    assert (escalation.state, escalation.resolution) == ("resolved", "Told her the date")
    act(client, conversation, "close")
    conversation.refresh_from_db()
    assert conversation.owner == Owner.CLOSED


def test_a_button_that_no_longer_applies_says_so(
    client: Client, conversation: Conversation
) -> None:
    page = act(client, conversation, "hand_back")
    assert "has changed hands" in page.content.decode()
    conversation.refresh_from_db()
    assert conversation.owner == Owner.BOT


def test_after_a_button_the_agent_is_back_on_the_page_it_was_on(
    client: Client, conversation: Conversation, escalation: Escalation
) -> None:
    on_escalation = act(client, conversation, "take", escalation=escalation.pk)
    assert on_escalation.redirect_chain[-1][0].endswith(f"/escalation/{escalation.pk}/change/")
    foreign = act(client, conversation, "take", escalation=escalation.pk + 1)
    assert f"/conversation/{conversation.pk}/" in foreign.redirect_chain[-1][0]


def test_what_customers_and_models_write_is_harmless_in_the_transcript(
    client: Client,
    conversation: Conversation,
    ask: Callable[[str], Message],
    reply: Callable[..., Reply],
) -> None:
    question = ask(HOSTILE)
    claimed = claim(question.pk)
    assert claimed is not None
    record_reply(question.pk, claimed.attempt, reply(HOSTILE + " [x](javascript:alert(4))"))
    page = page_of(client, conversation)
    transcript = page.split("data-transcript")[1].split("</ol>")[0]
    assert "<script" not in transcript
    assert "<img" not in transcript
    assert "<b" not in transcript.replace("<blockquote", "").replace("<button", "")
    assert 'href="javascript' not in transcript
    assert "&lt;script&gt;" in transcript
    # Nothing in here is for Alpine or htmx, whose code may be evaluated in the admin.
    assert 'class="sb-thread" x-ignore hx-disable' in page


def test_an_answer_tells_how_it_came_about(
    conversation: Conversation, ask: Callable[[str], Message], reply: Callable[..., Reply]
) -> None:
    passage = Passage(
        str(uuid.uuid4()),
        str(uuid.uuid4()),
        str(uuid.uuid4()),
        "Delivery times",
        ("Delivery times",),
        "A parcel takes two days.",
        "",
        None,
        0.914,
        0.71,
        1.0,
    )
    question = ask("How long does a parcel take?")
    claimed = claim(question.pk)
    assert claimed is not None
    made = reply(
        "Two days [1].",
        query="parcel duration",
        passages=(passage,),
        citations=(Cited(1, passage, "A parcel takes two days."),),
        model="some-model",
        prompt_version="answer_v1@abc",
        timings_ms={"retrieval": 12.0},
    )
    final = record_reply(question.pk, claimed.attempt, made)
    assert final is not None
    LlmCall.objects.create(
        purpose="answer",
        model="ledger-model",
        outcome="ok",
        total_ms=1,
        conversation_id=conversation.pk,
        message_id=question.pk,
    )
    Feedback.objects.create(
        answer=final.answer, visitor=conversation.visitor, rating=-1, comment="Too short"
    )
    ada = cast.signed_in(cast.administrator())
    pages = [
        page_of(ada, conversation),
        ada.get(
            reverse("admin:conversations_answer_change", args=[final.answer.pk])
        ).content.decode(),
    ]
    for page in pages:
        for words in (
            "parcel duration",
            "0.914",
            "some-model",
            "answer_v1@abc",
            "retrieval 12 ms",
            "High confidence (0.90)",
            "Answered by the language model",
            "Too short",
            "ledger-model",
        ):
            assert words in page, words
    # The ledger is the operators'.
    assert "ledger-model" not in page_of(cast.signed_in(cast.agent()), conversation)


def test_the_live_transcript_is_sent_only_when_something_changed(
    client: Client, conversation: Conversation, ask: Callable[[str], Message]
) -> None:
    ask("First")
    address = reverse("admin:conversations_conversation_transcript", args=[conversation.pk])
    first = client.get(address).json()
    assert client.get(address, {"version": first["version"]}).status_code == 204
    ask("Second message")
    second = client.get(address, {"version": first["version"]})
    assert "Second message" in second.json()["transcript"]
    assert "no-store" in second["Cache-Control"]
    act(client, conversation, "take")
    third = client.get(address, {"version": second.json()["version"]}).json()
    assert third["may"] == {"may_take": False, "may_hand_back": True, "may_close": True}
    assert "This chat is yours" in third["status"]


def test_those_who_wait_come_first_the_longest_wait_on_top(
    client: Client, escalation: Escalation, rung: list[str]
) -> None:
    from_states = {}
    for state in ("resolved", "taken", "open"):
        other = Conversation.objects.create(visitor=escalation.conversation.visitor)
        from_states[state] = Escalation.objects.create(
            conversation=other, reason="requested", state=state, summary=f"{state} one"
        )
    page = client.get(reverse("admin:conversations_escalation_changelist"))
    shown = [row.state for row in page.context["cl"].result_list]
    assert shown == ["open", "open", "taken", "resolved"]
    assert page.context["cl"].result_list[0] == escalation
    assert b"less than a minute" in page.content


def test_search_finds_a_chat_by_its_words_once(
    client: Client, conversation: Conversation, ask: Callable[[str], Message]
) -> None:
    ask("the zebra is late")
    ask("the zebra is still late")
    found = client.get(reverse("admin:conversations_conversation_changelist"), {"q": "zebra"})
    assert [row.pk for row in found.context["cl"].result_list] == [conversation.pk]


def test_feedback_leads_to_its_answer(
    client: Client,
    conversation: Conversation,
    ask: Callable[[str], Message],
    reply: Callable[..., Reply],
) -> None:
    question = ask("Hello?")
    claimed = claim(question.pk)
    assert claimed is not None
    final = record_reply(question.pk, claimed.attempt, reply())
    assert final is not None
    feedback = Feedback.objects.create(
        answer=final.answer, visitor=conversation.visitor, rating=-1, reason="wrong"
    )
    response = client.get(reverse("admin:conversations_feedback_change", args=[feedback.pk]))
    assert response["Location"] == reverse(
        "admin:conversations_answer_change", args=[final.answer.pk]
    )
    listed = client.get(reverse("admin:conversations_feedback_changelist")).content.decode()
    assert "Not helpful" in listed


def test_an_agent_lets_the_assistant_write_again(
    client: Client, conversation: Conversation, escalation: Escalation
) -> None:
    visitor = conversation.visitor
    page = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    assert "Let the assistant write again" not in client.get(page).content.decode()
    visitor.quotes_only_until = timezone.now() + timedelta(hours=3)
    visitor.save()
    assert "Let the assistant write again" in client.get(page).content.decode()
    act(client, conversation, "forgive")
    visitor.refresh_from_db()
    assert visitor.quotes_only_until is None
    assert visitor.forgiven_at is not None
