"""What comes along with a chat: the page, how it ended, what was reported."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from conversations.actions import answer_signals
from conversations.models import ChatRating, Conversation, PageContext, ProblemReport
from conversations.sites.languages import LANGUAGES

MOST_VALUES = 20
NAME_CHARACTERS, VALUE_CHARACTERS = 60, 300
URL_CHARACTERS, TITLE_CHARACTERS = 2000, 300
SAID_NAME_CHARACTERS, SAID_EMAIL_CHARACTERS = 120, 254
COMMENT_CHARACTERS = 2000
# More would be somebody filling the table.
MOST_REPORTS = 20


def note_context(conversation: Conversation, given: Mapping[str, Any]) -> PageContext:
    """Keep where the customer is and what the page says of them; what is not given stays."""
    row, _ = PageContext.objects.get_or_create(conversation=conversation)
    if "page_url" in given:
        row.page_url = page_address(given["page_url"])
        row.page_title = given.get("page_title", "")[:TITLE_CHARACTERS]
    if "values" in given:
        row.values = shortened(given["values"])
    if "name" in given:
        row.said_name = given["name"][:SAID_NAME_CHARACTERS]
    if "email" in given:
        row.said_email = given["email"][:SAID_EMAIL_CHARACTERS]
    row.save()
    return row


def page_address(text: str) -> str:
    """Return a page's address without its query and fragment, which may hold secrets."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))[:URL_CHARACTERS]


def shortened(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the first few values as short texts; what is neither text nor number is left out."""
    plain = [
        (name, value) for name, value in values.items() if isinstance(value, str | int | float)
    ]
    return {str(n)[:NAME_CHARACTERS]: str(v)[:VALUE_CHARACTERS] for n, v in plain[:MOST_VALUES]}


def rate_chat(
    conversation: Conversation, *, solved: bool, stars: int | None, comment: str
) -> ChatRating:
    """Set or change whether the chat solved the question."""
    row, _ = ChatRating.objects.update_or_create(
        conversation=conversation,
        defaults={"solved": solved, "stars": stars, "comment": comment[:COMMENT_CHARACTERS]},
    )
    answer_signals.note_solved(conversation, solved)
    return row


def report_problem(
    conversation: Conversation, *, kind: str, text: str, message: uuid.UUID | None
) -> bool:
    """Store a report; False when the message is of another chat, or there are too many already."""
    if conversation.reports.count() >= MOST_REPORTS:
        return False
    about = conversation.messages.filter(pk=message).first() if message else None
    if message and about is None:
        return False
    ProblemReport.objects.create(
        conversation=conversation, message=about, kind=kind, text=text[:COMMENT_CHARACTERS]
    )
    return True


def note_language(conversation: Conversation, language: str) -> None:
    """Keep in which language the customer is shown the chat's words; of no other one we have."""
    if language in LANGUAGES and conversation.words_language != language:
        conversation.words_language = language
        Conversation.objects.filter(pk=conversation.pk).update(words_language=language)
