"""What an operator wants said to certain words, without a model."""

from __future__ import annotations

from django.db import models

from conversations.models.operator_edit import OperatorSet
from knowledge.models import Audience


class RuleAction(models.TextChoices):
    """What a matching rule does."""

    TEXT = "text", "Say a text"
    LINK = "link", "Say a text with a link"
    FORM = "form", "Ask for a few details and hand over"
    PERSON = "person", "Hand over to a person"


class Rule(models.Model):
    """Phrases or a pattern, and the reply. The lowest `priority` number is tried first."""

    name = models.CharField(max_length=120, unique=True)
    enabled = models.BooleanField(default=True)
    priority = models.PositiveIntegerField(default=100, help_text="Lower numbers are tried first")
    phrases = models.TextField(
        blank=True,
        help_text="One a line. A message matches when it says just this, give or take a few words",
    )
    pattern = models.CharField(
        max_length=500,
        blank=True,
        help_text="A regular expression, matched anywhere, ignoring case",
    )
    action = models.CharField(max_length=10, choices=RuleAction, default=RuleAction.TEXT)
    text = models.TextField(help_text="Markdown")
    link_url = models.URLField(blank=True, max_length=2000)
    link_label = models.CharField(blank=True, max_length=200)
    form_fields = models.JSONField(
        default=list, blank=True, help_text='For example ["Order number", "E-mail"]'
    )
    audiences = models.ManyToManyField(Audience, blank=True, help_text="None: everyone")
    language = models.CharField(
        max_length=10, blank=True, help_text="Two letters; empty: any language"
    )
    starter_key = models.CharField(max_length=60, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OperatorSet["Rule"].as_manager()

    class Meta:
        ordering = ["priority", "name"]

    def __str__(self) -> str:
        return self.name
