"""Sentences for message codes, rendered at the edge. English; one table a language."""

from __future__ import annotations

from conversations.answering import codes

NOTICES: dict[str, str] = {
    "person_requested": (
        "A person has been asked. They see the whole chat, so you need not repeat anything. You "
        "can leave; the reply will be here when you come back."
    ),
    "request_withdrawn": "The request was taken back. The assistant answers again.",
    "agent_joined": "{name} has joined and answers from now on.",
    "agent_left": "The person who had this chat is no longer here. The assistant answers again.",
    "handed_back": "{name} has handed the chat back. The assistant answers again.",
    "closed": "This chat was closed. If you write again, it opens again.",
    "reopened": "The chat is open again. The assistant answers.",
    "wait_expected": "Lately it took about {wait} until somebody answered.",
    "nobody_here": "Nobody is at the desk right now.",
    "outside_hours": "Nobody is at the desk right now. Somebody is back {when}.",
    "nobody_told": (
        "We could not reach anybody yet; your request is kept and we go on trying. The assistant "
        "can help you meanwhile."
    ),
    "email_taken": "The reply is also sent to {email}.",
    "stopped": "You stopped this answer.",
}

ERRORS: dict[str, str] = {
    "empty": "There is nothing to send. Write a question first.",
    "too_long": "The message has {length} characters; at most {limit} can be sent. Shorten it.",
    "binary": "The message holds characters that are not text. Send text only.",
    "conflict": "This message was sent before with another text. Send it as a new message.",
    "bad_client_id": "client_id must be a UUID made by the sender.",
    "rate_limited": "That was a lot in a short time. Try again in {seconds} seconds.",
    "not_found": "There is no such conversation or message.",
    "unauthorized": "The token is missing or not valid. Start a new chat.",
    "bad_frame": "This request could not be understood.",
    "too_large": "This request is too large.",
    "no_site": "There is no such site, or its chat is switched off.",
    "bad_origin": "Pages of other hosts cannot use this. Show the chat with its script instead.",
    "other_site": "This token counts on another site. Start a new chat without it.",
    "no_hello": "The first frame must be a hello.",
    "nothing_to_stop": "There is no answer to stop.",
    "nothing_to_retry": "This message has its answer already.",
    "not_waiting": "No request for a person is open.",
    "ring_limit": (
        "You have asked for a person several times within an hour. Your chats are kept and people "
        "see them. You can ask again in {minutes} minutes."
    ),
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


def notice(code: str, **values: object) -> str:
    """Return a notice's sentence."""
    return NOTICES[code].format(**values)


def error(code: str, **values: object) -> str:
    """Return an error's sentence."""
    return ERRORS[code].format(**values)


def standard_reply(code: str) -> str:
    """Return the sentence of a reply that the pipeline named by a code."""
    return codes.SENTENCES[codes.Code(code)]
