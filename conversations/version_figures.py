"""What came of the answers by each version of the instructions or of a prompt, in counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Count, Max, Q, Sum

from conversations.models import Answer, Escalation, Feedback

VersionField = Literal["instructions_version", "prompt_version"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one version's answers. `cost_usd`: of those whose price is known.

    What a paused bot did not answer is not counted as not found.
    """

    answers: int = 0
    conversations: int = 0
    not_found: int = 0
    to_person: int = 0
    helpful: int = 0
    not_helpful: int = 0
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0
    last_at: Any = None

    @property
    def mean_cost_usd(self) -> Decimal | None:
        """Return what an answer with a known price cost; None without any."""
        priced = self.answers - self.unpriced
        return self.cost_usd / priced if priced > 0 and not self.unpriced else None

    def share(self, count: int) -> str:
        """Return a count with its share of the answers."""
        return f"{count} ({100 * count / self.answers:.0f} %)" if self.answers else str(count)

    @property
    def shown_to_person(self) -> str:
        """Return how many led to a person, with the share."""
        return self.share(self.to_person)

    @property
    def shown_not_found(self) -> str:
        """Return how many found nothing, with the share."""
        return self.share(self.not_found)


def by_version(field: VersionField) -> Mapping[Any, Figures]:
    """Return the figures of every version that answered; key None: of those without."""
    unpriced = Q(cost_usd=None) & ~Q(model="")
    rows = (
        Answer.objects.order_by()
        .values(field)
        .annotate(
            answers=Count("pk"),
            chats=Count("message__conversation", distinct=True),
            not_found=Count("pk", filter=Q(disposition="refuse") & ~Q(source="operator")),
            cost=Sum("cost_usd"),
            unpriced=Count("pk", filter=unpriced),
            last_at=Max("created_at"),
        )
    )
    ratings = _ratings(field)
    persons = _persons(field)
    return {
        row[field]: Figures(
            answers=row["answers"],
            conversations=row["chats"],
            not_found=row["not_found"],
            to_person=persons.get(row[field], 0),
            helpful=ratings.get(row[field], (0, 0))[0],
            not_helpful=ratings.get(row[field], (0, 0))[1],
            cost_usd=row["cost"] or Decimal(0),
            unpriced=row["unpriced"],
            last_at=row["last_at"],
        )
        for row in rows
    }


def _ratings(field: VersionField) -> dict[Any, tuple[int, int]]:
    rows = (
        Feedback.objects.order_by()
        .values_list(f"answer__{field}")
        .annotate(good=Count("pk", filter=Q(rating=1)), bad=Count("pk", filter=Q(rating=-1)))
    )
    return {version: (good, bad) for version, good, bad in rows}


def _persons(field: VersionField) -> dict[Any, int]:
    """Count the requests for a person by the version that answered the question before."""
    place = f"message__replies__answer__{field}"
    asked = Escalation.objects.filter(message__replies__answer__isnull=False)
    return dict(asked.order_by().values_list(place).annotate(Count("pk", distinct=True)))
