"""The words of the documents, by which a wrong letter in a question is forgiven."""

from __future__ import annotations

from django.db import models

from knowledge.retrieval.analysis import MOST_LETTERS


class IndexedWord(models.Model):
    """A word, as it is compared, and how many documents hold it in the version that answers."""

    word = models.CharField(max_length=MOST_LETTERS, unique=True)
    documents = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word
