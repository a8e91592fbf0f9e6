"""Sentences for message codes, rendered at the edge from conversations/interface_words.

Notices and replies are in the customer's language; errors in English where that has no words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format
from django.utils.timesince import TIME_STRINGS

from conversations.answering.language import language_of
from conversations.interface import words
from conversations.models import Conversation, Message, MessageRole
from conversations.sites.languages import DEFAULT, LANGUAGES

ERRORS: dict[str, str] = {
    "empty": "There is nothing to send. Write a question first.",
    "too_long": "The message has {length} characters; at most {limit} can be sent. Shorten it.",
    "binary": "The message holds characters that are not text. Send text only.",
    "conflict": "This message was sent before with another text. Send it as a new message.",
    "bad_client_id": "client_id must be a UUID made by the sender.",
    "rate_limited": "That was a lot in a short time. Try again in {seconds} seconds.",
    "not_found": "There is no such conversation or message.",
    "unauthorized": "The token is missing or not valid. Start a new chat.",
    "token_expired": "The token's time is over. Get a new one with the renewal token.",
    "identity_refused": "This customer's token is not valid here: {reason}",
    "bad_frame": "This request could not be understood.",
    "too_large": "This request is too large. Shorten it and send it again.",
    "no_site": "There is no such site, or its chat is switched off.",
    "bad_origin": "Pages of other hosts cannot use this. Show the chat with its script instead.",
    "other_site": "This token counts on another site. Start a new chat without it.",
    "no_hello": "The first frame must be a hello.",
    "nothing_to_stop": "There is no answer to stop.",
    "nothing_to_retry": "This message has its answer already.",
    "not_waiting": "No request for a person is open.",
    "bad_email": "This is no e-mail address. Check its spelling.",
    "no_mail": "Replies cannot be sent by e-mail here. They appear in this chat.",
    "bad_rating": "A rating is 1, -1 or 0.",
    "blocked": "Messages from this browser are no longer taken.",
    "file_empty": "The file is empty. Choose another one.",
    "file_program": "This is a program, whatever it is called, and is not taken.",
    "file_type": "Only pictures (PNG, JPEG, GIF, WebP), PDF and plain text can be attached.",
    "file_broken_picture": "This picture is broken and cannot be opened. Save it again.",
    "file_large_picture": "This picture has too many pixels. Make it smaller and attach it again.",
    "file_too_large": "The file is larger than {limit} MB. Make it smaller.",
    "files_too_many": "A message can have up to {limit} files. Send the others in another message.",
    "files_full": "This chat has as many files as it can hold.",
    "files_off": "Files are not taken here.",
    "file_missing": "A file of this message has not arrived. Attach it again.",
    "mail_limit": "The chat was sent often enough for today. You can download it at any time.",
    "nothing_to_mail": "There is no reply in this chat yet that could be sent.",
    "unavailable": "This cannot be stored right now. Keep the text and try again in a moment.",
}
_UNITS = ((60 * 24, "day"), (60, "hour"), (1, "minute"))
DAYS_A_WEEK = 7
# The language of a chat is read from so many of its customer's last messages.
RECENT_MESSAGES = 5


def notice(code: str, values: Mapping[str, Any], language: str = DEFAULT) -> str:
    """Return a notice's sentence. `values` are those of the message, without any language."""
    known = words(language)
    sentence = known["told"].get(code) or known["notices"][code]
    return _filled(sentence, values, language)


def shown_notice(message: Message, language: str) -> str:
    """Return a stored notice in a language; what has no sentence of its own stays as it is."""
    known = words(language)
    if message.code not in known["told"] and message.code not in known["notices"]:
        return message.text
    try:
        return notice(message.code, message.values, language)
    except KeyError:
        # Kept before the values were.
        return message.text


def error(code: str, language: str = DEFAULT, /, **values: Any) -> str:
    """Return an error's sentence."""
    sentence = words(language)["told_errors"].get(code) or ERRORS[code]
    return _filled(sentence, values, language)


def standard_reply(code: str, language: str = DEFAULT) -> str:
    """Return the sentence of a reply that the pipeline named by a code."""
    return str(words(language)["replies"][code])


def letter(name: str, language: str, **values: Any) -> str:
    """Return a sentence of the letters to customers."""
    return _filled(words(language)["reply_letter"][name], values, language)


def reply_language(question: str, shown: str) -> str:
    """Return the language in which a question's standard reply is given.

    `shown`: that of the chat's words. Another one than English was chosen; English is also what
    a browser shows whose language we do not have.
    """
    if shown in LANGUAGES and shown != DEFAULT:
        return shown
    return language_of(question, DEFAULT)


def chat_language(conversation: Conversation) -> str:
    """Return the language of what leaves a chat: that of its words, else of what was written.

    Empty when neither tells.
    """
    shown = conversation.words_language
    written = conversation.messages.filter(role=MessageRole.CUSTOMER).order_by("-seq")
    words_of = "\n".join(written.values_list("text", flat=True)[:RECENT_MESSAGES])
    found = reply_language(words_of, shown)
    return found if shown or found != DEFAULT else ""


def duration(minutes: int, language: str = DEFAULT) -> str:
    """Return a duration in its largest unit, such as "4 minutes"."""
    size, unit = next(one for one in _UNITS if minutes >= one[0] or one[0] == 1)
    with translation.override(language):
        said = TIME_STRINGS[unit] % {"num": minutes // size}
    return said.replace("\xa0", " ")


def moment(when: Mapping[str, str], language: str = DEFAULT) -> str:
    """Return a moment to come as people say it, such as "tomorrow at 09:00 (Europe/Berlin)".

    `when`: the moment `at` and the one it was `told` (ISO 8601), and the `zone`.
    """
    zone = ZoneInfo(when["zone"])
    local = datetime.fromisoformat(when["at"]).astimezone(zone)
    days = (local.date() - datetime.fromisoformat(when["told"]).astimezone(zone).date()).days
    form = {0: "today", 1: "tomorrow"}.get(days, "weekday" if days < DAYS_A_WEEK else "date")
    with translation.override(language):
        # English that both sides of the ocean read: 30 November, not November 30.
        date = "j F" if language == DEFAULT else "MONTH_DAY_FORMAT"
        day = date_format(local, "l" if form == "weekday" else date)
    sentence: str = words(language)["when"][form]
    return sentence.format(day=day, time=f"{local:%H:%M}", zone=zone.key)


def _filled(sentence: str, values: Mapping[str, Any], language: str) -> str:
    said = {name: _IN_WORDS.get(name, _as_is)(value, language) for name, value in values.items()}
    return sentence.format(**said)


def _as_is(value: Any, language: str) -> str:
    return str(value)


_IN_WORDS: dict[str, Callable[[Any, str], str]] = {"wait": duration, "when": moment}
