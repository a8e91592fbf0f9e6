"""Sends one notice of the outbox: by mail or webhook, again after a failure, once it is needed."""

from __future__ import annotations

import logging
import uuid
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from conversations import letters, webhook
from conversations.actions import outbox
from conversations.models import (
    Contact,
    EscalationState,
    Notice,
    NoticeKind,
    NoticeState,
)
from providers.errors import ProviderRefused, ProviderUnavailable

logger = logging.getLogger(__name__)


class NobodyToWriteTo(Exception):
    """No agent has an e-mail address any more."""


def deliver(pk: uuid.UUID, rung: int) -> None:
    """Send a notice unless another attempt has it or nobody needs it any more."""
    notice = outbox.held(pk, rung)
    if notice is None:
        return
    try:
        needed = SENDERS[NoticeKind(notice.kind)](notice)
    except (SMTPException, OSError, ValueError, NobodyToWriteTo) as error:
        outbox.fail(notice, f"{type(error).__name__}: {error}.")
    except (ProviderRefused, ProviderUnavailable) as error:
        outbox.fail(notice, str(error))
    else:
        outbox.end(notice, NoticeState.SENT if needed else NoticeState.DROPPED)


def _to_agents(notice: Notice) -> bool:
    if notice.escalation is None or notice.escalation.state != EscalationState.OPEN:
        return False
    addresses = list(outbox.agents_for(notice.conversation).values_list("email", flat=True))
    if not addresses:
        raise NobodyToWriteTo("no agent has an e-mail address; add one under People")
    return _send(letters.to_agents(notice, addresses, timezone.now()))


def _to_customer(notice: Notice) -> bool:
    contact = Contact.objects.filter(conversation=notice.conversation_id).first()
    replies = letters.unseen_replies(notice)
    if contact is None or not replies:
        return False
    if contact.seen_at is not None and contact.seen_at > replies[-1].created_at:
        return False
    return _send(letters.to_customer(notice, contact, replies))


def _chat_to_customer(notice: Notice) -> bool:
    return _send(letters.chat_to_keep(notice)) if notice.email else False


def _call(notice: Notice) -> bool:
    if notice.escalation is None or not settings.HANDOFF_WEBHOOK_URL:
        return False
    webhook.call(notice)
    return True


def _send(letter: EmailMessage) -> bool:
    # A connection of its own: one letter's trouble is no other's.
    letter.connection = get_connection()
    letter.send()
    return True


SENDERS = {
    NoticeKind.HANDOFF_MAIL: _to_agents,
    NoticeKind.LATE_MAIL: _to_agents,
    NoticeKind.HANDOFF_WEBHOOK: _call,
    NoticeKind.REPLY_MAIL: _to_customer,
    NoticeKind.TRANSCRIPT_MAIL: _chat_to_customer,
}
