"""What customers did with answers, counted for later use. No words and no addresses in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q

from conversations.models.conversation import Conversation
from conversations.models.message import Message


class SignalKind(models.TextChoices):
    """What happened."""

    SOURCE_OPENED = "source_opened", "Source opened"
    COPIED = "copied", "Answer copied"
    REPHRASED = "rephrased", "Asked again in other words"
    LEFT = "left", "Left without a word"
    SOLVED = "solved", "Solved"


class SignalQuerySet(models.QuerySet["Signal"]):
    """Reading the counts."""

    def counts(self, messages: Iterable[Any]) -> dict[Any, Counter[str]]:
        """Return how often each thing happened, by the id of the reply."""
        found: dict[Any, Counter[str]] = {}
        rows = self.filter(message__in=list(messages)).values_list("message", "kind")
        for message, kind in rows:
            found.setdefault(message, Counter())[kind] += 1
        return found


class Signal(models.Model):
    """One thing that happened with one reply; `marker` is the source's number, 0 for none."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="signals")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=20, choices=SignalKind)
    marker = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = SignalQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "kind", "marker"], name="one_signal_of_a_kind"
            ),
            models.UniqueConstraint(
                fields=["conversation", "kind"],
                condition=Q(kind__in=["left", "solved"]),
                name="one_end_of_a_chat",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
