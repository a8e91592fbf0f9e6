"""The outbox: nothing is lost while the mail server is away, nothing goes out that nobody needs."""

import json
import uuid
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.mail import EmailMessage
from django.utils import timezone

from conversations import webhook
from conversations.actions import escalations, handoffs, outbox
from conversations.delivering import deliver
from conversations.intake import submit
from conversations.letters import reopening_link
from conversations.models import Contact, Conversation, Message, Notice, Site, Team
from conversations.ringing import DELIVER
from conversations.sweeping import sweep_handoffs
from observability.models import Incident
from providers.web.base import PageUnavailable

pytestmark = pytest.mark.django_db
Letters = list[EmailMessage]


@pytest.fixture
def mailed_agent(agent: User) -> User:
    agent.email = "ada@example.com"
    agent.save()
    agent.user_permissions.add(Permission.objects.get(codename="change_escalation"))
    return agent


@pytest.fixture
def mail_server_down(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Mail fails while `down` is true."""
    state = {"down": True}
    send = EmailMessage.send

    def failing(letter: EmailMessage, fail_silently: bool = False) -> int:
        if state["down"]:
            raise SMTPServerDisconnected("Connection unexpectedly closed")
        return send(letter, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", failing)
    return state


def deliver_due(now: datetime | None = None) -> int:
    if now is not None:
        Notice.objects.filter(state="waiting").update(next_at=timezone.now())
    claimed = outbox.claim_due()
    for pk, rung in claimed:
        deliver(pk, rung)
    return len(claimed)


def reply(conversation: Conversation, agent: User, text: str = "It is on its way.") -> Message:
    return escalations.agent_reply(conversation.pk, agent, text, uuid.uuid4())


def all_due() -> None:
    Notice.objects.filter(state="waiting").update(next_at=timezone.now())


def test_agents_get_a_letter_that_leads_to_the_chat(
    conversation: Conversation, mailed_agent: User, mailoutbox: Letters
) -> None:
    escalations.request_person(conversation.pk, "Where is my\nparcel?")
    assert deliver_due() == 1
    (letter,) = mailoutbox
    assert (letter.to, letter.bcc) == ([], ["ada@example.com"])
    assert "Where is my parcel?" in letter.body
    assert f"/admin/desk/?c={conversation.pk}" in letter.body
    assert Notice.objects.get().state == "sent"
    assert deliver_due() == 0


def test_the_letter_says_what_was_written_after_asking_and_whose_it_is(
    conversation: Conversation, mailed_agent: User, mailoutbox: Letters
) -> None:
    conversation.site = Site.objects.create(name="Shop", team=Team.objects.create(name="Billing"))
    conversation.save()
    escalations.request_person(conversation.pk)
    submit(conversation, "Where is my parcel?", uuid.uuid4())
    deliver_due()
    (letter,) = mailoutbox
    assert "What it is about: Where is my parcel?" in letter.body
    assert "Site: Shop\nTeam: Billing\n" in letter.body


@pytest.mark.parametrize(
    ("language", "subject", "says"),
    [
        ("de", "Eine Antwort auf Ihre Frage", "Der Link gilt 14 Tage"),
        ("ja", "ご質問への回答", "このリンクは14日間有効"),
        ("", "A reply to your question", "The link works for 14 days"),
    ],
)
def test_the_letter_is_in_the_language_of_the_chat(
    conversation: Conversation,
    agent: User,
    mailoutbox: Letters,
    language: str,
    subject: str,
    says: str,
) -> None:
    conversation.words_language = language
    conversation.save()
    letter = reply_by_mail(conversation, agent, mailoutbox)
    assert letter.subject == subject
    assert says in letter.body
    assert ("?lang=" in letter.body) == bool(language)


def test_the_letter_of_a_chat_without_words_of_its_own_is_in_the_language_that_was_written(
    conversation: Conversation, agent: User, mailoutbox: Letters
) -> None:
    submit(conversation, "Wo ist mein Paket und wie kann ich es ändern?", uuid.uuid4())
    submit(conversation, "4711", uuid.uuid4())
    letter = reply_by_mail(conversation, agent, mailoutbox)
    assert letter.subject == "Eine Antwort auf Ihre Frage"
    assert "/?lang=de#chat=" in letter.body


def reply_by_mail(conversation: Conversation, agent: User, mailoutbox: Letters) -> Any:
    handoffs.take_email(conversation.pk, "carla@example.com")
    reply(conversation, agent)
    Contact.objects.update(seen_at=None)
    all_due()
    deliver_due()
    (letter,) = mailoutbox
    return letter


def test_a_notice_that_was_rung_twice_goes_out_once(
    conversation: Conversation, mailed_agent: User, mailoutbox: Letters
) -> None:
    escalations.request_person(conversation.pk)
    ((pk, rung),) = outbox.claim_due()
    assert outbox.claim_due() == []
    all_due()
    ((_, later),) = outbox.claim_due()
    deliver(pk, rung)
    deliver(pk, later)
    deliver(pk, later)
    assert len(mailoutbox) == 1


def test_nothing_is_lost_while_the_mail_server_is_down_for_a_day(
    conversation: Conversation,
    mailed_agent: User,
    mailoutbox: Letters,
    mail_server_down: dict[str, bool],
) -> None:
    escalations.request_person(conversation.pk)
    began = timezone.now() - timedelta(days=1)
    Notice.objects.update(created_at=began)
    for _ in range(100):
        all_due()
        assert deliver_due() == 1
    held = Notice.objects.get()
    assert (held.state, held.failures) == ("waiting", 100)
    assert held.next_at - timezone.now() <= outbox.LONGEST_RETRY
    # Operators see it once, not a hundred times.
    assert list(Incident.objects.values_list("kind", flat=True)) == ["notice_not_sent"]
    assert "SMTPServerDisconnected" in Incident.objects.get().detail
    mail_server_down["down"] = False
    all_due()
    deliver_due()
    assert len(mailoutbox) == 1
    assert Notice.objects.get().state == "sent"


def test_after_days_a_notice_is_given_up_and_an_operator_sees_it(
    conversation: Conversation, mailed_agent: User, mail_server_down: dict[str, bool]
) -> None:
    escalations.request_person(conversation.pk)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=5))
    deliver_due()
    assert Notice.objects.get().state == "failed"
    assert Incident.objects.get().kind == "notice_given_up"


def test_pauses_grow_up_to_a_quarter_of_an_hour() -> None:
    pauses = [outbox.retry_after(failures).total_seconds() for failures in range(1, 9)]
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]
    assert outbox.retry_after(10_000) == timedelta(minutes=15)


def test_the_sweeper_rings_for_what_is_due(
    conversation: Conversation, mailed_agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[str, tuple[Any, ...]]] = []
    send = "celery.current_app.send_task"
    monkeypatch.setattr(send, lambda name, args, **options: rung.append((name, args)))
    escalations.request_person(conversation.pk)
    assert sweep_handoffs() == 1
    assert rung == [(DELIVER, (str(Notice.objects.get().pk), 1))]
    assert sweep_handoffs() == 0


def test_the_reply_goes_out_with_a_link_when_the_customer_is_away(
    conversation: Conversation, agent: User, mailoutbox: Letters
) -> None:
    escalations.request_person(conversation.pk)
    handoffs.take_email(conversation.pk, "kim@example.com")
    Contact.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    reply(conversation, agent)
    reply(conversation, agent, "It comes *tomorrow*.")
    # Not at once: the customer may be looking.
    assert deliver_due() == 0
    all_due()
    assert deliver_due() == 1
    (letter,) = mailoutbox
    assert letter.to == ["kim@example.com"]
    assert "It is on its way.\n\nIt comes *tomorrow*.\n\nAda" in letter.body
    link = reopening_link(conversation.pk).partition(".")[0]
    assert f"#chat={conversation.pk}." in letter.body
    assert link.partition("#")[0] in letter.body
    reply(conversation, agent, "It has arrived.")
    all_due()
    deliver_due()
    assert len(mailoutbox) == 2
    assert "It is on its way." not in mailoutbox[1].body


def test_a_reply_that_was_withdrawn_is_in_no_letter(
    conversation: Conversation, agent: User, mailoutbox: Letters
) -> None:
    escalations.request_person(conversation.pk)
    handoffs.take_email(conversation.pk, "kim@example.com")
    Contact.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    reply(conversation, agent)
    said = conversation.messages.get(kind="reply")
    said.text, said.withdrawn_at = "", timezone.now()
    said.save()
    all_due()
    deliver_due()
    assert mailoutbox == []


def test_a_customer_who_saw_the_reply_gets_no_letter(
    conversation: Conversation, agent: User, mailoutbox: Letters
) -> None:
    escalations.request_person(conversation.pk)
    handoffs.take_email(conversation.pk, "kim@example.com")
    reply(conversation, agent)
    handoffs.seen(conversation.pk)
    all_due()
    assert deliver_due() == 1
    assert mailoutbox == []
    assert Notice.objects.get(kind="reply_mail").state == "dropped"


def test_without_an_address_nothing_is_planned(conversation: Conversation, agent: User) -> None:
    escalations.request_person(conversation.pk)
    reply(conversation, agent)
    assert not Notice.objects.exists()


def test_headers_cannot_be_added_by_what_a_customer_writes(
    conversation: Conversation, mailed_agent: User, mailoutbox: Letters
) -> None:
    escalations.request_person(conversation.pk, "Hello\r\nBcc: all@example.com\r\n\r\nBuy")
    deliver_due()
    sent = mailoutbox[0].message()
    assert set(sent.keys()) >= {"Subject", "From", "Message-ID"}
    assert sent["Bcc"] is None
    assert "all@example.com" not in mailoutbox[0].recipients()


def test_the_webhook_gets_the_transcript_signed(
    conversation: Conversation, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HANDOFF_WEBHOOK_URL = "https://chat.example.com/hooks/1"
    settings.HANDOFF_WEBHOOK_SECRET = "key"
    sent: list[tuple[str, bytes, dict[str, str]]] = []
    monkeypatch.setattr(
        webhook, "post", lambda url, body, headers, **options: sent.append((url, body, headers))
    )
    escalations.request_person(conversation.pk, "Where is my parcel?")
    assert deliver_due() == 1
    ((url, body, headers),) = sent
    content = json.loads(body)
    assert url == "https://chat.example.com/hooks/1"
    assert content["transcript"][0]["text"] == "Where is my parcel?"
    assert content["reason"] == "requested"
    assert (content["site"], content["team"]) == ("", "")
    assert headers["X-Supportbot-Signature"] == f"sha256={webhook.signature(body, 'key')}"


def test_a_webhook_that_is_away_is_called_again(
    conversation: Conversation, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HANDOFF_WEBHOOK_URL = "https://chat.example.com/hooks/1"

    def away(*args: object, **options: object) -> None:
        raise PageUnavailable("chat.example.com could not be reached: ConnectError.")

    monkeypatch.setattr(webhook, "post", away)
    escalations.request_person(conversation.pk)
    deliver_due()
    held = Notice.objects.get()
    assert (held.state, held.failures) == ("waiting", 1)
    assert held.last_error.startswith("chat.example.com")
