"""Tells every process when what operators set for answers has changed.

Reading all of it for each answer costs more than most stages. One row holds a random value that
each edit replaces, in the edit's own transaction; who has read the rows under a value may use them
for as long as it stands.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_save

from knowledge.compiled_query import CompiledQuery

ONLY_ROW = 1
Row = TypeVar("Row", bound=models.Model)


class OperatorEdit(models.Model):
    """The one row; made by the first who looks."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW, editable=False)
    token = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=ONLY_ROW), name="one_operator_edit")
        ]

    def __str__(self) -> str:
        return str(self.token)

    @classmethod
    def last(cls) -> uuid.UUID:
        """Return the value that stands now."""
        return _token.first() or cls.note()

    @classmethod
    def note(cls, *_: Any, **__: Any) -> uuid.UUID:
        """Say that something was edited; takes what signals give."""
        token = uuid.uuid4()
        cls.objects.update_or_create(pk=ONLY_ROW, defaults={"token": token})
        return token


_token: CompiledQuery[uuid.UUID] = CompiledQuery(
    lambda: OperatorEdit.objects.values_list("token", flat=True)
)


class OperatorSet(models.QuerySet[Row]):
    """Rows that operators edit: writes of many at once, for which there are no signals, count."""

    def update(self, **kwargs: Any) -> int:
        """Change all rows of the query."""
        changed = super().update(**kwargs)
        OperatorEdit.note()
        return changed

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        """Store many rows."""
        made = super().bulk_create(objs, *args, **kwargs)
        OperatorEdit.note()
        return made


def count_edits_of(rows: Iterable[type[models.Model]], links: Collection[Any] = ()) -> None:
    """Have each stored or deleted row of these models, and each of these links, noted."""
    for model in rows:
        post_save.connect(OperatorEdit.note, model, dispatch_uid=f"edit-{model._meta.label}")
        post_delete.connect(OperatorEdit.note, model, dispatch_uid=f"edit-{model._meta.label}")
    for through in links:
        m2m_changed.connect(OperatorEdit.note, through, dispatch_uid=f"edit-{through.__name__}")
