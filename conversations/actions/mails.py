"""A customer has the chat sent to an address."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from conversations import limits
from conversations.actions.handoffs import EmailRefused
from conversations.actions.outbox import mail_works
from conversations.actions.thread import locked
from conversations.models import Conversation, MessageRole, Notice, NoticeKind, NoticeState
from conversations.sites.languages import LANGUAGES

ANSWERED = (MessageRole.ASSISTANT, MessageRole.AGENT)


@transaction.atomic
def send_transcript(
    conversation: Conversation, *, email: str, language: str, address: str
) -> Notice:
    """Put the chat into the outbox for an address. Raises EmailRefused.

    One that waits for the same address is the one that is sent: it carries the chat of then.
    """
    email = email.strip()
    if not mail_works():
        raise EmailRefused("no_mail")
    try:
        validate_email(email)
    except ValidationError:
        raise EmailRefused("bad_email") from None
    held = locked(conversation.pk)
    if not held.messages.filter(role__in=ANSWERED).exists():
        # Otherwise it would be a way to send strangers one's own words.
        raise EmailRefused("nothing_to_mail")
    values = {"kind": NoticeKind.TRANSCRIPT_MAIL, "email": email}
    waiting = held.notices.filter(state=NoticeState.WAITING, **values).first()
    if waiting is not None:
        return waiting
    try:
        limits.count_mail(str(held.pk), str(held.visitor_id), address, email)
    except limits.OverLimit:
        raise EmailRefused("mail_limit") from None
    known = language if language in LANGUAGES else ""
    return Notice.objects.create(conversation=held, language=known, **values)
