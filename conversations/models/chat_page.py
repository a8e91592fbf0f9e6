"""What operators set for the chat page that belongs to no site."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

ONLY_ROW = 1


def questions_in(text: str) -> list[str]:
    """Return the questions of a text, one a line, each once."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return list(dict.fromkeys(line for line in lines if line))


class ChatPage(models.Model):
    """The one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW, editable=False)
    quick_replies = models.TextField(
        blank=True,
        help_text="Questions that a new customer can ask by pressing them, one a line, at most "
        "six. Empty: titles of documents that anybody may read. Sites have their own.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "chat page"
        constraints = [models.CheckConstraint(condition=Q(id=ONLY_ROW), name="one_chat_page")]

    def __str__(self) -> str:
        return "Chat page"

    @classmethod
    def current(cls) -> ChatPage:
        """Return the row as it stands, or an unsaved one with nothing set."""
        return cls.objects.first() or cls()

    def questions(self) -> list[str]:
        """Return the questions that can be pressed."""
        return questions_in(self.quick_replies)
