"""What customers do with replies is counted, each thing once. Nothing of what they wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conversations.models import (
    ChatRating,
    Conversation,
    Feedback,
    Message,
    MessageKind,
    MessageRole,
    Signal,
    SignalKind,
)
from conversations.ownership import Owner
from conversations.rephrasing import WITHIN, is_rephrased

# More would be somebody filling the table.
MOST_OF_A_CHAT = 300
ABOUT_A_REPLY = (SignalKind.SOURCE_OPENED, SignalKind.COPIED)


def note(conversation: Conversation, given: Iterable[Mapping[str, Any]]) -> None:
    """Count what a browser tells; what is of another chat, or not so, is left out."""
    rows = list(given)
    _note_about_replies(conversation, [row for row in rows if row["kind"] in ABOUT_A_REPLY])
    # The last word counts: a page that was left may have been come back to.
    ends = [row["kind"] for row in rows if row["kind"] in ("left", "back")]
    if ends and ends[-1] == "left":
        _note_left(conversation)
    elif ends:
        come_back(conversation)


def come_back(conversation: Conversation) -> None:
    """Note that the customer goes on after all."""
    Signal.objects.filter(conversation=conversation, kind=SignalKind.LEFT).delete()


def note_solved(conversation: Conversation, solved: bool) -> None:
    """Count a chat as solved by its last answer, or no longer."""
    final = _last_final(conversation)
    if not solved or final is None:
        Signal.objects.filter(conversation=conversation, kind=SignalKind.SOLVED).delete()
        return
    come_back(conversation)
    Signal.objects.get_or_create(
        conversation=conversation, kind=SignalKind.SOLVED, defaults={"message": final}
    )


def note_question(conversation: Conversation, question: Message) -> None:
    """Count the answer before as asked for again, if this question says the same in other words.

    Called within the transaction that stores a reply, so nobody waits for it.
    """
    if question.seq == 1:
        return
    come_back(conversation)
    earlier = conversation.messages.filter(
        kind=MessageKind.FINAL, seq__lt=question.seq, reply_to__isnull=False
    )
    final = earlier.select_related("reply_to").order_by("-seq").first()
    if final is None or final.reply_to is None:
        return
    before = final.reply_to
    if question.created_at - before.created_at <= WITHIN and is_rephrased(
        before.text, question.text
    ):
        _add(conversation, final, SignalKind.REPHRASED)


def _note_about_replies(conversation: Conversation, rows: list[Mapping[str, Any]]) -> None:
    asked = {row["message"] for row in rows}
    finals = conversation.messages.filter(pk__in=asked, kind=MessageKind.FINAL)
    known = finals.in_bulk()
    room = MOST_OF_A_CHAT - conversation.signals.count() if known else 0
    new = [
        Signal(
            conversation=conversation,
            message=known[row["message"]],
            kind=row["kind"],
            marker=row["marker"] if row["kind"] == SignalKind.SOURCE_OPENED else 0,
        )
        for row in rows
        if row["message"] in known
    ]
    Signal.objects.bulk_create(new[: max(0, room)], ignore_conflicts=True)


def _note_left(conversation: Conversation) -> None:
    """Count a chat as left: the assistant had the last word, and nothing was said of it."""
    last = conversation.messages.exclude(role=MessageRole.SYSTEM).order_by("-seq").first()
    if conversation.owner != Owner.BOT or last is None or last.kind != MessageKind.FINAL:
        return
    rated = Feedback.objects.filter(answer__message=last).exists()
    if rated or ChatRating.objects.filter(conversation=conversation).exists():
        return
    _add(conversation, last, SignalKind.LEFT)


def _add(conversation: Conversation, message: Message, kind: SignalKind) -> None:
    new = Signal(conversation=conversation, message=message, kind=kind)
    Signal.objects.bulk_create([new], ignore_conflicts=True)


def _last_final(conversation: Conversation) -> Message | None:
    finals = conversation.messages.filter(kind=MessageKind.FINAL)
    return finals.order_by("-seq").first()
