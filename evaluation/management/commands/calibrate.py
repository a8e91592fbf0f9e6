"""`manage.py calibrate`: correct the confidence by customers' ratings."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.models import Calibration, Feedback
from evaluation.rated_answers import Rated, fit_correction, too_few
from knowledge.management.preparing import PreparedCommand

ANSWERED = ("answer", "extract")


class Command(PreparedCommand):
    """Fits a correction on rated answers and puts it into force when it helps."""

    help = "Correct the confidence by customers' ratings of answers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        super().add_arguments(parser)
        parser.add_argument("--days", type=int, default=180, help="ratings of so many days")
        parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
        parser.add_argument(
            "--reset", action="store_true", help="forget all corrections: as shipped"
        )

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Fit, and store when it helps."""
        if options["days"] < 1:
            raise self.wrong_usage("--days must be at least 1.")
        if options["reset"]:
            forgotten, _ = Calibration.objects.all().delete()
            return {"applied": False, "reason": f"{forgotten} corrections forgotten"}, 0
        rated = rated_answers(options["days"])
        counted = {"rated": len(rated), "helped": sum(one.helped for one in rated)}
        reason = too_few(rated)
        if reason:
            return {**counted, "applied": False, "reason": reason}, 0
        found = fit_correction(rated)
        figures = {
            **counted,
            "slope": found.slope,
            "intercept": found.intercept,
            "error_before": found.error_before,
            "error_after": found.error_after,
        }
        if not found.helps:
            return {**figures, "applied": False, "reason": "it would not bring it nearer"}, 0
        if options["dry_run"]:
            return {**figures, "applied": False, "reason": "--dry-run"}, 0
        self._store(found.slope, found.intercept, figures)
        return {**figures, "applied": True, "reason": ""}, 0

    @transaction.atomic
    def _store(self, slope: float, intercept: float, figures: dict[str, Any]) -> None:
        """Put the correction on top of the one that the ratings were given under."""
        before = Calibration.objects.in_force()
        old_slope, old_intercept = (before.slope, before.intercept) if before else (1.0, 0.0)
        Calibration.objects.create(
            slope=slope * old_slope,
            intercept=slope * old_intercept + intercept,
            rated_answers=figures["rated"],
            error_before=figures["error_before"],
            error_after=figures["error_after"],
        )


def rated_answers(days: int) -> list[Rated]:
    """Return the answers rated under the correction in force."""
    since = timezone.now() - timedelta(days=days)
    before = Calibration.objects.in_force()
    if before is not None:
        since = max(since, before.created_at)
    rows = Feedback.objects.filter(
        answer__created_at__gt=since, answer__disposition__in=ANSWERED
    ).exclude(answer__source="rule")
    values = rows.values_list("answer_id", "answer__confidence", "rating")
    return [Rated(str(pk), confidence, rating > 0) for pk, confidence, rating in values]
