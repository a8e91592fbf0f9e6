"""Who may do what at the desk, what it changes, and what it leaves in the audit trail."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from conversations.actions import conversations as starting
from conversations.actions import escalations
from conversations.actions.messages import claim, record_reply
from conversations.desk.acts import ACTS, perform
from conversations.intake import MessageRefused, submit
from conversations.loading import question_of
from conversations.models import (
    AnswerFlag,
    Conversation,
    DeskAct,
    Message,
    MessageRole,
    Note,
    Presence,
)
from conversations.ownership import Owner
from conversations.protocol import message_frame
from supportbot.roles import AGENT
from tests import admin_cast

Ask = Callable[[str], Message]
SECRET = "This customer is rude, watch out"


@pytest.fixture
def amira(db: None) -> User:
    return admin_cast.agent()


@pytest.fixture
def bea(db: None) -> User:
    return admin_cast.person("bea", AGENT)


def do(agent: User, name: str, conversation: Conversation, **values: Any) -> dict[str, Any]:
    return perform(agent, name, {"conversation": str(conversation.pk), **values})


def say(agent: User, conversation: Conversation, text: str, **values: Any) -> dict[str, Any]:
    return do(agent, "reply", conversation, text=text, client_id=str(uuid.uuid4()), **values)


def verbs(conversation: Conversation) -> list[str]:
    return list(conversation.acts.order_by("pk").values_list("verb", flat=True))


@pytest.mark.parametrize("name", ACTS)
def test_nobody_without_the_role_does_anything(
    name: str, conversation: Conversation, db: None
) -> None:
    for stranger in (admin_cast.outsider(), User.objects.create_user("customer")):
        result = do(stranger, name, conversation, text="x")
        assert (result["ok"], result["code"]) == (False, "forbidden")
    assert DeskAct.objects.count() == 0


def test_an_operator_reads_and_does_not_answer(conversation: Conversation) -> None:
    assert do(admin_cast.operator(), "take", conversation)["code"] == "forbidden"


def test_of_two_who_take_at_once_the_second_is_told_who_has_it(
    conversation: Conversation, amira: User, bea: User
) -> None:
    escalations.request_person(conversation.pk)
    assert do(amira, "take", conversation)["ok"]
    second = do(bea, "take", conversation)
    assert (second["code"], second["name"], second["by"]) == ("held", "Amira", amira.pk)
    conversation.refresh_from_db()
    assert conversation.agent == amira
    assert say(bea, conversation, "Hello")["code"] == "held"
    # Who saw that Amira has it may take it from her.
    assert do(bea, "take", conversation, from_agent=amira.pk)["ok"]
    conversation.refresh_from_db()
    assert conversation.agent == bea
    assert verbs(conversation) == ["take", "take"]


def test_a_reply_takes_the_chat_and_the_same_id_again_is_one_reply(
    conversation: Conversation, amira: User
) -> None:
    escalations.request_person(conversation.pk)
    client_id = str(uuid.uuid4())
    first = do(amira, "reply", conversation, text="Hello", client_id=client_id)
    assert do(amira, "reply", conversation, text="Hello", client_id=client_id) == first
    other = do(amira, "reply", conversation, text="Other", client_id=client_id)
    # By this code the desk sends the changed words as a reply of their own.
    assert other["code"] == "sent_before"
    assert conversation.messages.filter(role=MessageRole.AGENT).count() == 1
    assert verbs(conversation) == ["reply"]


def test_returned_assigned_transferred_and_resolved(
    conversation: Conversation, amira: User, bea: User
) -> None:
    do(amira, "take", conversation)
    for one in (amira, bea):
        Presence.beat(one.pk)
    assert do(amira, "assign", conversation, to=bea.pk)["done"] == 1
    assert do(amira, "resolve", conversation)["code"] == "held"
    assert do(bea, "transfer", conversation, to=amira.pk)["code"] == "empty"
    assert do(bea, "transfer", conversation, to=amira.pk, note="Knows invoices")["done"] == 1
    conversation.refresh_from_db()
    assert conversation.agent == amira
    assert Note.objects.get().text == "Knows invoices"
    assert do(amira, "hand_back", conversation)["ok"]
    conversation.refresh_from_db()
    assert conversation.owner == Owner.BOT
    assert do(amira, "hand_back", conversation)["code"] == "changed_hands"
    assert do(amira, "resolve", conversation, note="Done")["ok"]
    conversation.refresh_from_db()
    assert conversation.owner == Owner.CLOSED


def test_only_those_who_answer_are_given_conversations(
    conversation: Conversation, amira: User
) -> None:
    otto = admin_cast.operator()
    assert do(amira, "assign", conversation, to=otto.pk)["code"] == "no_colleague"


def test_a_private_note_reaches_no_customer_and_no_prompt(
    conversation: Conversation, amira: User, ask: Ask
) -> None:
    ask("Where is my parcel?")
    assert do(amira, "note", conversation, text=SECRET)["ok"]
    last = ask("Hello?")
    frames = [message_frame(message) for message in conversation.messages.all()]
    assert SECRET not in repr(frames)
    assert SECRET not in repr(question_of(last, last.text))
    assert Message.objects.filter(text__contains=SECRET).count() == 0


def test_an_edited_reply_says_so_and_the_audit_trail_has_the_former_words(
    conversation: Conversation, amira: User, bea: User
) -> None:
    sent = say(amira, conversation, "It costs 20")["message"]
    assert do(bea, "edit", conversation, message=sent, text="Nothing")["code"] == "not_possible"
    assert do(amira, "edit", conversation, message=sent, text="It costs 30")["ok"]
    frame = message_frame(Message.objects.get(pk=sent))
    assert (frame["text"], frame["edited"], frame["withdrawn"]) == ("It costs 30", True, False)
    assert DeskAct.objects.get(verb="edit").before == "It costs 20"


def test_a_withdrawn_reply_is_gone_for_the_customer_and_the_prompt(
    conversation: Conversation, amira: User, ask: Ask
) -> None:
    sent = say(amira, conversation, "The password is swordfish")["message"]
    assert do(amira, "withdraw", conversation, message=sent)["ok"]
    assert do(amira, "withdraw", conversation, message=sent)["code"] == "not_possible"
    message = Message.objects.get(pk=sent)
    assert message_frame(message)["withdrawn"] is True
    assert message.text == ""
    last = ask("What was it?")
    assert question_of(last, last.text).history == ()
    assert DeskAct.objects.get(verb="withdraw").before == "The password is swordfish"


def test_a_customers_message_and_an_answer_cannot_be_edited(
    conversation: Conversation, amira: User, ask: Ask
) -> None:
    asked = ask("Hello")
    refused = do(amira, "edit", conversation, message=str(asked.pk), text="Bye")
    assert refused["code"] == "not_possible"
    asked.refresh_from_db()
    assert asked.text == "Hello"


def test_a_snooze_ends_when_the_customer_writes(
    conversation: Conversation, amira: User, ask: Ask
) -> None:
    do(amira, "take", conversation)
    until = timezone.now() + timedelta(hours=2)
    assert do(amira, "snooze", conversation, until=until.isoformat())["ok"]
    conversation.desk.refresh_from_db()
    assert conversation.desk.snoozed_until == until
    ask("Are you there?")
    conversation.desk.refresh_from_db()
    assert conversation.desk.snoozed_until is None


@pytest.mark.parametrize("until", ["yesterday", "2020-01-01T00:00", "9999-01-01T00:00", ""])
def test_a_snooze_needs_a_time_to_come(conversation: Conversation, amira: User, until: str) -> None:
    assert do(amira, "snooze", conversation, until=until)["ok"] is False


def test_a_blocked_visitor_is_refused_until_unblocked(
    conversation: Conversation, amira: User
) -> None:
    assert do(amira, "block", conversation, reason="spam")["ok"]
    conversation.refresh_from_db()
    assert conversation.owner == Owner.CLOSED
    with pytest.raises(MessageRefused) as refused:
        submit(conversation, "Buy now", uuid.uuid4())
    assert refused.value.code == "blocked"
    assert do(amira, "unblock", conversation)["ok"]
    assert submit(conversation, "Hello", uuid.uuid4()).created


def test_bulk_acts_say_which_were_refused(
    conversation: Conversation, amira: User, bea: User
) -> None:
    other = Conversation.objects.create(visitor=conversation.visitor)
    do(bea, "take", other)
    both = [str(conversation.pk), str(other.pk)]
    result = perform(amira, "resolve", {"conversations": both})
    assert (result["done"], result["refused"]) == (
        1, [{"id": str(other.pk), "text": "Bea has it."}],
    )  # fmt: skip
    tagged = perform(amira, "tag", {"conversations": both, "add": ["  VIP  Customer "]})
    assert tagged["done"] == 2
    for one in (conversation, other):
        assert list(one.desk.tags.values_list("name", flat=True)) == ["vip customer"]
    perform(amira, "tag", {"conversations": both, "remove": ["vip customer"]})
    assert conversation.desk.tags.count() == 0


@pytest.mark.parametrize("name", ["assign", "transfer", "block"])
def test_a_colleagues_conversation_is_taken_only_knowingly(
    name: str, conversation: Conversation, amira: User, bea: User
) -> None:
    free, _ = starting.start(None, "192.0.2.9")
    do(bea, "take", conversation)
    Presence.beat(amira.pk)
    values = {"to": amira.pk, "note": "Mine now", "reason": "spam"}
    both = {"conversations": [str(conversation.pk), str(free.pk)], **values}
    done = perform(amira, name, both)
    assert (done["done"], done["refused"][0]["text"]) == (1, "Bea has it.")
    assert do(amira, name, conversation, **values)["code"] == "held"
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.agent) == (Owner.AGENT, bea)
    assert conversation.notes.count() == 0
    assert do(amira, name, conversation, from_agent=bea.pk, **values)["ok"]


@pytest.mark.parametrize(
    "values",
    [
        {"conversation": None},
        {"conversation": "x"},
        {"conversation": 5},
        {"conversations": []},
        {"conversations": ["x"]},
        {"conversations": "x"},
        {"conversations": [str(uuid.uuid4())] * 101},
    ],
)
def test_requests_that_make_no_sense_are_refused(values: dict[str, Any], amira: User) -> None:
    assert perform(amira, "resolve", values)["code"] == "bad_request"


def test_an_unknown_conversation_is_not_found(amira: User) -> None:
    for name in ("take", "resolve", "note"):
        result = perform(amira, name, {"conversation": str(uuid.uuid4()), "text": "x"})
        assert result["code"] == "not_found"


def test_priorities(conversation: Conversation, amira: User) -> None:
    assert do(amira, "priority", conversation, priority=2)["ok"]
    conversation.desk.refresh_from_db()
    assert conversation.desk.priority == 2
    assert do(amira, "priority", conversation, priority=9)["code"] == "bad_request"


def test_an_answer_is_flagged_and_becomes_a_faq_entry(
    conversation: Conversation, amira: User, ask: Ask, reply: Callable[..., Any]
) -> None:
    asked = ask("How long is the guarantee?")
    claimed = claim(asked.pk)
    assert claimed is not None
    final = record_reply(asked.pk, claimed.attempt, reply("Two years."))
    assert final is not None
    values = {"message": str(final.pk)}
    assert perform(amira, "flag", {**values, "comment": "It is three"})["ok"]
    assert AnswerFlag.objects.get().comment == "It is three"
    entry = {**values, "question": "How long is the guarantee?", "answer": "Three years."}
    assert perform(amira, "faq", entry)["code"] == "forbidden"
    ada = admin_cast.administrator()
    assert perform(ada, "faq", entry)["ok"]
    flag = AnswerFlag.objects.get()
    assert flag.entry is not None
    assert flag.entry.answer == "Three years."
    assert flag.entry.document is not None
    assert perform(ada, "flag", {"message": str(asked.pk)})["code"] == "not_possible"


def test_many_are_snoozed_woken_given_a_priority_and_blocked_at_once(
    conversation: Conversation, amira: User
) -> None:
    other, _ = starting.start(None, "192.0.2.9")
    both = [str(conversation.pk), str(other.pk)]
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    for name, values in (
        ("snooze", {"until": later}),
        ("wake", {}),
        ("priority", {"priority": 2}),
        ("block", {"reason": "spam"}),
    ):
        done = perform(amira, name, {"conversations": both, **values})
        assert (done["ok"], done["done"]) == (True, 2), name
    for chat in (conversation, other):
        chat.refresh_from_db()
        assert chat.owner == Owner.CLOSED
        assert verbs(chat)[:3] == ["snooze", "wake", "priority"]


def test_an_agent_switches_to_away_and_back(conversation: Conversation, amira: User) -> None:
    assert do(amira, "away", conversation, away=True)["away"] is True
    assert not Presence.objects.here().exists()
    assert do(amira, "away", conversation, away=False)["away"] is False
    assert Presence.objects.here().exists()
