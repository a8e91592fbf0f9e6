"""Working hours, the outbox, and who is at the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from conversations.actions.escalations import name_of
from conversations.admin.chips import state_chip
from conversations.models import Notice, NoticeState, Presence, WorkingHours
from conversations.working_hours import DAYS
from knowledge.admin.form_fields import FORM_FIELDS
from observability.read_only_admin import ReadOnlyAdmin, ago

MAY_ANSWER = "conversations.change_escalation"
NOTICE_LOOKS = {
    NoticeState.WAITING: ("schedule", "warning"),
    NoticeState.SENT: ("check_circle", "good"),
    NoticeState.DROPPED: ("undo", "plain"),
    NoticeState.FAILED: ("error", "bad"),
}


@admin.register(WorkingHours)
class WorkingHoursAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The first row counts for every site that names no other."""

    empty_list = (
        "No hours are set, so customers are never told when somebody is back. Add the hours in "
        "which people answer."
    )
    list_display = ("name", "used_by", "time_zone", "now", "updated_at")
    formfield_overrides = FORM_FIELDS
    fieldsets = (
        (None, {"fields": ("name", "time_zone")}),
        ("Hours", {"fields": DAYS}),
        ("Other days", {"fields": ("closed_on",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkingHours]:
        """Fetch the sites with the rows."""
        rows: QuerySet[WorkingHours] = super().get_queryset(request)
        return rows.prefetch_related("sites")

    @admin.display(description="Used by")
    def used_by(self, hours: WorkingHours) -> str:
        """Return whose hours they are."""
        sites = [site.name for site in hours.sites.all()]
        first = WorkingHours.of_the_installation()
        own = ["everything without hours of its own"] if first and first.pk == hours.pk else []
        return ", ".join([*own, *sites]) or "no site yet"

    @admin.display(description="Now")
    def now(self, hours: WorkingHours) -> str:
        """Return whether it is open at this moment."""
        try:
            schedule = hours.schedule()
        except (KeyError, ValueError, OSError):
            # Written past the form, or a time zone that this machine no longer knows.
            return "cannot be read: open it and save it anew"
        return "open" if schedule.is_open(timezone.now()) else "closed"


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Letters and calls: what was sent, what waits, and why."""

    empty_list = (
        "Nothing was to be sent so far. Letters to agents and customers and calls of the webhook "
        "are listed here; set up e-mail with EMAIL_URL."
    )
    list_display = ("shown_state", "kind", "conversation", "failures", "last_error", "planned")
    list_filter = ("state", "kind")
    search_fields = ("=conversation__id", "last_error")

    @admin.display(description="State", ordering="state")
    def shown_state(self, notice: Notice) -> SafeString:
        """Return the state in words with its icon."""
        icon, tone = NOTICE_LOOKS[NoticeState(notice.state)]
        return state_chip(icon, tone, str(notice.get_state_display()))

    @admin.display(description="Planned", ordering="created_at")
    def planned(self, notice: Notice) -> SafeString:
        """Return how long ago it was planned."""
        return ago(notice.created_at)


@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """Note that an agent is at the desk, or switch them to away and back."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(MAY_ANSWER):
        raise PermissionDenied
    switch = request.POST.get("away", "")
    if switch not in ("1", "0"):
        Presence.beat(user.pk)
        return HttpResponse(status=204)
    Presence.set_away(user.pk, switch == "1")
    return HttpResponseRedirect(reverse("admin:conversations_escalation_changelist"))


def at_the_desk(request: HttpRequest) -> dict[str, Any]:
    """Return who is there, for the box above the list of escalations."""
    here = Presence.objects.here().select_related("user").order_by("user__username")
    mine = Presence.objects.filter(user=request.user.pk).first()
    return {
        "people_here": [name_of(row.user) for row in here],
        "i_am_away": bool(mine and mine.away),
        "may_answer": request.user.has_perm(MAY_ANSWER),
    }
