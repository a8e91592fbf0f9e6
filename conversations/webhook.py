"""The call to another system when a customer waits: what is said, and how it is signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from django.conf import settings

from conversations.letters import desk_link, transcript
from conversations.models import Escalation, Message, Notice
from conversations.protocol import shown_name
from providers.web.posting import post

SECONDS = 15.0
SIGNATURE = "X-Supportbot-Signature"


def call(notice: Notice) -> None:
    """Send a notice to HANDOFF_WEBHOOK_URL. Raises ProviderUnavailable, ProviderRefused."""
    body = json.dumps(content_of(notice), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json"}
    if settings.HANDOFF_WEBHOOK_SECRET:
        headers[SIGNATURE] = f"sha256={signature(body, settings.HANDOFF_WEBHOOK_SECRET)}"
    post(
        settings.HANDOFF_WEBHOOK_URL,
        body,
        headers,
        trusted_hosts=settings.WEB_TRUSTED_HOSTS,
        total_seconds=SECONDS,
    )


def signature(body: bytes, secret: str) -> str:
    """Return the HMAC-SHA256 of a body (RFC 2104) in hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def content_of(notice: Notice) -> dict[str, Any]:
    """Return what is sent; `text` is the line that chat tools show."""
    escalation, conversation = notice.escalation or Escalation(), notice.conversation
    link = desk_link(conversation)
    reason = escalation.get_reason_display()
    return {
        "id": str(notice.pk),
        "event": "handoff",
        "text": f"A customer waits for a person. {reason}: {escalation.summary} {link}",
        "conversation": str(conversation.pk),
        "url": link,
        "site": str(conversation.site or ""),
        "team": str(conversation.team or ""),
        "reason": escalation.reason,
        "summary": escalation.summary,
        "asked_at": escalation.created_at.isoformat(),
        "transcript": [_line(message) for message in transcript(conversation)],
    }


def _line(message: Message) -> dict[str, str]:
    return {
        "at": message.created_at.isoformat(),
        "role": message.role,
        "author": shown_name(message),
        "text": message.text,
    }
