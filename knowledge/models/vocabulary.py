"""The operator's words: what customers say and what the documents say."""

from __future__ import annotations

from django.db import models


class VocabularyEntry(models.Model):
    """Words that mean the same in search. `term` is the product's word, the others customers'."""

    term = models.CharField(max_length=100, unique=True)
    synonyms = models.TextField(
        blank=True,
        help_text="Other words for it, one a line. Empty: a product term kept as it is written",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "vocabulary entry"
        verbose_name_plural = "vocabulary"
        ordering = ["term"]

    def __str__(self) -> str:
        return self.term

    @property
    def others(self) -> list[str]:
        """Return the synonyms, blank lines left out."""
        return [line.strip() for line in self.synonyms.splitlines() if line.strip()]
