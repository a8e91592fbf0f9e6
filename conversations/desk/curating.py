"""From an answer that was not good to a FAQ entry that is."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import transaction

from conversations.actions.desk import NotPossible, note_act
from conversations.models import Answer, AnswerFlag, DeskVerb
from knowledge.actions import faq
from knowledge.models import Collection, FaqEntry
from knowledge.models.collection import DEFAULT_COLLECTION

COMMENT_CHARACTERS = 1000
QUESTION_CHARACTERS = faq.QUESTION_CHARACTERS
ANSWER_CHARACTERS = 20_000


@transaction.atomic
def flag(message_id: uuid.UUID, agent: User, comment: str) -> AnswerFlag:
    """Put an answer on the operators' list; again changes the comment. Raises NotPossible."""
    answer = _answer(message_id)
    values = {"agent": agent, "comment": comment}
    made, _ = AnswerFlag.objects.update_or_create(answer=answer, defaults=values)
    note_act(answer.message.conversation, agent, DeskVerb.FLAG, message=message_id)
    return made


def make_entry(message_id: uuid.UUID, agent: User, question: str, text: str) -> FaqEntry:
    """Write a FAQ entry from an answer and have it indexed. Raises NotPossible."""
    with transaction.atomic():
        answer = _answer(message_id)
        conversation = answer.message.conversation
        collection = conversation.collection or Collection.objects.get(slug=DEFAULT_COLLECTION)
        entry = FaqEntry.objects.create(question=question, answer=text, collection=collection)
        made, _ = AnswerFlag.objects.get_or_create(answer=answer, defaults={"agent": agent})
        made.entry = entry
        made.save(update_fields=["entry"])
        note_act(conversation, agent, DeskVerb.FAQ, question, message=message_id)
    faq.publish(entry)
    return entry


def _answer(message_id: uuid.UUID) -> Answer:
    rows = Answer.objects.select_related("message__conversation__collection")
    answer = rows.filter(message=message_id).first()
    if answer is None:
        raise NotPossible("There is no such answer.")
    return answer
