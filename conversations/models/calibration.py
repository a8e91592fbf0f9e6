"""How confidence was corrected by what customers thought of answers."""

from __future__ import annotations

from django.db import models


class CalibrationQuerySet(models.QuerySet["Calibration"]):
    """Reads the correction in force."""

    def in_force(self) -> Calibration | None:
        """Return the newest one."""
        return self.order_by("-created_at").first()


class Calibration(models.Model):
    """log-odds shown = slope x log-odds fitted at the factory + intercept. The newest counts."""

    slope = models.FloatField()
    intercept = models.FloatField()
    rated_answers = models.PositiveIntegerField()
    error_before = models.FloatField(help_text="Expected calibration error on answers held out")
    error_after = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = CalibrationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.slope:.2f} x + {self.intercept:.2f}"
