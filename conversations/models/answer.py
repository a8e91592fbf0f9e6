"""How a final reply came about, what it rests on, and what the customer thought of it."""

from __future__ import annotations

from django.db import models

from conversations.models.conversation import Visitor
from conversations.models.message import Message
from knowledge.models import Document


class Answer(models.Model):
    """The record of one final reply; `message` is the reply, `message.reply_to` the question."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="answer")
    question = models.TextField()
    query = models.TextField(blank=True, help_text="The stand-alone query that was searched")
    disposition = models.CharField(max_length=10, db_index=True)
    source = models.CharField(max_length=10)
    confidence = models.FloatField()
    confidence_level = models.CharField(max_length=10)
    reasons = models.JSONField(default=list, help_text="Message codes")
    explanation = models.TextField(blank=True)
    human_offered = models.BooleanField(default=False)
    high_stakes = models.BooleanField(default=False)
    degraded = models.CharField(max_length=40, blank=True)
    findings = models.JSONField(default=list)
    passages = models.JSONField(default=list, help_text="What retrieval found, with scores")
    alternatives = models.JSONField(default=list)
    related = models.JSONField(default=list)
    form_fields = models.JSONField(default=list)
    rule = models.ForeignKey("Rule", null=True, blank=True, on_delete=models.SET_NULL)
    model = models.CharField(max_length=200, blank=True)
    prompt_version = models.CharField(max_length=60, blank=True, db_index=True)
    instructions_version = models.PositiveIntegerField(null=True, blank=True, db_index=True)
    input_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    budget = models.JSONField(default=dict, blank=True, help_text="The prompt's tokens by part")
    timings_ms = models.JSONField(default=dict)
    error = models.CharField(
        max_length=500, blank=True, help_text="Why generation failed, if it did"
    )
    attempt = models.PositiveIntegerField(default=1)
    trace_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.disposition}: {self.question[:60]}"


class Citation(models.Model):
    """A marker in an answer and the passage behind it, kept even when the document goes."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="citations")
    marker = models.PositiveIntegerField()
    document = models.ForeignKey(Document, null=True, on_delete=models.SET_NULL, related_name="+")
    chunk = models.UUIDField()
    title = models.CharField(max_length=500)
    heading = models.CharField(max_length=1000, blank=True)
    url = models.URLField(max_length=2000, blank=True)
    quote = models.TextField()

    class Meta:
        ordering = ["answer", "marker"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "marker"], name="one_citation_per_marker")
        ]

    def __str__(self) -> str:
        return f"[{self.marker}] {self.title}"


class Feedback(models.Model):
    """A customer's rating of one answer; sending it again changes it."""

    RATINGS = [(1, "Helpful"), (-1, "Not helpful")]
    REASONS = [
        ("wrong", "It is wrong"),
        ("incomplete", "Something is missing"),
        ("off_topic", "It does not answer my question"),
        ("unclear", "I do not understand it"),
        ("other", "Something else"),
    ]

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="feedback")
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE)
    rating = models.SmallIntegerField(choices=RATINGS)
    reason = models.CharField(max_length=20, blank=True, choices=REASONS)
    comment = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "feedback"
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "visitor"], name="one_rating_per_visitor")
        ]

    def __str__(self) -> str:
        return self.get_rating_display()
