"""Topics on which a wrong answer does harm: the reply bears a notice and offers a person."""

from __future__ import annotations

from django.db import models

from conversations.models.operator_edit import OperatorSet


class SensitiveTopic(models.Model):
    """A topic and the words it is known by."""

    name = models.CharField(max_length=80, unique=True)
    enabled = models.BooleanField(default=True)
    always = models.BooleanField(
        "also without a question for advice",
        default=False,
        help_text="On: the notice stands below every reply to these words, as in an emergency. "
        "Off: only when the customer asks for advice (should I, can I, is it safe)",
    )
    phrases = models.TextField(
        help_text="One word or phrase a line; * stands for any ending, as in allerg*"
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = OperatorSet["SensitiveTopic"].as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
