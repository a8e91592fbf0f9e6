"""When people answer: hours by weekday. The first row is the installation's; sites may name one."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from conversations.working_hours import (
    DAYS,
    HoursNotReadable,
    Schedule,
    check_days,
    read_days,
    read_spans,
)

HOURS_CHARACTERS = 200
HOW_TO_WRITE = "Like 09:00-12:30, 13:30-17:00. Empty: closed"


def _zone_by_default() -> str:
    return str(settings.TIME_ZONE)


def _readable_hours(text: str) -> None:
    try:
        read_spans(text)
    except HoursNotReadable as wrong:
        raise ValidationError(str(wrong)) from None


def _readable_days(text: str) -> None:
    try:
        check_days(text)
    except HoursNotReadable as wrong:
        raise ValidationError(str(wrong)) from None


def _known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"{name!r} is no time zone. Write a name like Europe/Berlin.")


def _day(name: str, hours: str) -> models.CharField[str, str]:
    return models.CharField(
        name.title(),
        max_length=HOURS_CHARACTERS,
        blank=True,
        default=hours,
        help_text=HOW_TO_WRITE,
        validators=[_readable_hours],
    )


class WorkingHours(models.Model):
    """One set of hours."""

    name = models.CharField(max_length=100, default="Working hours")
    time_zone = models.CharField(
        max_length=60,
        default=_zone_by_default,
        validators=[_known_zone],
        help_text="The hours are meant in this zone, like Europe/Berlin",
    )
    monday = _day("monday", "09:00-17:00")
    tuesday = _day("tuesday", "09:00-17:00")
    wednesday = _day("wednesday", "09:00-17:00")
    thursday = _day("thursday", "09:00-17:00")
    friday = _day("friday", "09:00-17:00")
    saturday = _day("saturday", "")
    sunday = _day("sunday", "")
    closed_on = models.TextField(
        "other days",
        blank=True,
        validators=[_readable_days],
        help_text="Days that are not as usual, one a line: 2026-12-25 Christmas is closed, "
        "2026-12-24 09:00-12:00 Christmas Eve has these hours",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = "working hours"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of_the_installation(cls) -> WorkingHours | None:
        """Return the hours of everything that names none of its own; None: they are not known."""
        return cls.objects.first()

    def schedule(self) -> Schedule:
        """Return the hours as a value."""
        spans = {number: read_spans(getattr(self, day)) for number, day in enumerate(DAYS)}
        return Schedule(ZoneInfo(self.time_zone), spans, read_days(self.closed_on))
