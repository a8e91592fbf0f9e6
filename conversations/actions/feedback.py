"""What customers think of answers."""

from __future__ import annotations

import uuid
from functools import partial

from django.db import transaction

from conversations.actions.cached_answers import drop_behind
from conversations.models import Answer, Conversation, Feedback
from conversations.streaming import publish_on_commit

REASONS = {code for code, _ in Feedback.REASONS}
MAX_COMMENT_CHARACTERS = 2000


@transaction.atomic
def rate(
    conversation: Conversation, final_id: uuid.UUID, rating: int, reason: str, comment: str
) -> bool:
    """Set, change or (0) remove the visitor's rating; False when there is no such answer."""
    answer = Answer.objects.filter(message=final_id, message__conversation=conversation).first()
    if answer is None:
        return False
    if rating == 0:
        answer.feedback.filter(visitor=conversation.visitor).delete()
    else:
        Feedback.objects.update_or_create(
            answer=answer,
            visitor=conversation.visitor,
            defaults={
                "rating": rating,
                "reason": reason if reason in REASONS else "",
                "comment": comment[:MAX_COMMENT_CHARACTERS],
            },
        )
    if rating < 0:
        # Others shall not get what one found wrong.
        drop_behind([answer.pk], wrong=True)
    frame = {"type": "rated", "message": str(final_id), "rating": rating}
    publish_on_commit(conversation.pk, partial(dict, frame))
    return True
