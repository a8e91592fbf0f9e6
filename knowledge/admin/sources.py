"""Sources in the admin: where documents come from, when they were read, what that changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from knowledge.actions import sources as actions
from knowledge.admin.form_fields import FORM_FIELDS
from knowledge.admin.source_form import SourceForm
from knowledge.admin.source_states import (
    SourceState,
    changes_of,
    duration_of,
    since,
    state_of_source,
)
from knowledge.intake import ring_for_source
from knowledge.models import DocumentStatus, Source, SourceKind, SourceRun

MOST_STATES = 200
SHOWN_RUNS = 20


@admin.register(Source)
class SourceAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The list, the form, and what the runs brought."""

    form = SourceForm
    list_display = ("shown_name", "shown_kind", "shown_state", "last", "changes", "failed", "next")
    list_filter = ("kind", "collection", "enabled")
    search_fields = ("name", "location")
    list_fullwidth = True
    list_per_page = 50
    change_list_template = "admin/knowledge/source_list.html"
    change_form_outer_before_template = "admin/knowledge/source_state.html"
    change_form_outer_after_template = "admin/knowledge/source_runs.html"
    filter_horizontal = ()
    formfield_overrides = FORM_FIELDS
    actions = ("run_chosen",)
    fieldsets = (
        (None, {"fields": ("name", "kind", "location", "collection", "audiences")}),
        ("When", {"fields": ("every_minutes", "enabled")}),
        ("What of a web site", {"fields": ("max_pages", "only_below", "allowed_hosts")}),
    )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Let the form know who writes it: not everybody may name every folder."""
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep what its documents hang on."""
        return ("kind", "collection") if obj else ()

    def get_urls(self) -> list[URLPattern]:
        """Add live states, the buttons and the page of a run."""
        view = self.admin_site.admin_view
        own = [
            path("states/", view(self.states), name="knowledge_source_states"),
            path("<int:pk>/act/", view(require_POST(self.act)), name="knowledge_source_act"),
            path("<int:pk>/runs/<int:run_pk>/", view(self.run), name="knowledge_source_run"),
        ]
        return [*own, *super().get_urls()]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Give the few lines of hosts a small box."""
        if db_field.name == "allowed_hosts":
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 3})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    # --- the list ---------------------------------------------------------------------------
    @admin.display(description="Source", ordering="name")
    def shown_name(self, source: Source) -> SafeString:
        """Return the name with the place below it."""
        return render_to_string("admin/knowledge/source_name.html", {"source": source})

    @admin.display(description="Kind", ordering="kind")
    def shown_kind(self, source: Source) -> str:
        """Return the kind in words."""
        return str(SourceKind(source.kind).label)

    @admin.display(description="State")
    def shown_state(self, source: Source) -> SafeString:
        """Return the state in words with its icon, and the reason or the progress."""
        return _part(source, "state")

    @admin.display(description="Last read", ordering="last_run_at")
    def last(self, source: Source) -> SafeString:
        """Return how long ago it was read."""
        return _part(source, "last")

    @admin.display(description="What changed")
    def changes(self, source: Source) -> SafeString:
        """Return what the last run changed."""
        return _part(source, "changes")

    @admin.display(description="Failed")
    def failed(self, source: Source) -> SafeString:
        """Return how many pages or files failed in the last run."""
        return _part(source, "failed")

    @admin.display(description="Next", ordering="next_run_at")
    def next(self, source: Source) -> SafeString:
        """Return when it is read again."""
        return _part(source, "next")

    @admin.action(description="Run now", permissions=["change"])
    def run_chosen(self, request: HttpRequest, chosen: QuerySet[Source]) -> None:
        """Have the chosen sources read."""
        number = sum(_run_now(source) for source in chosen)
        noun = "source is" if number == 1 else "sources are"
        messages.success(request, f"{number} {noun} read as soon as a worker is free.")

    # --- writing ----------------------------------------------------------------------------
    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        """Write only what the form holds: a worker may be writing the state."""
        if not change:
            obj.save()
            return
        changed = [name for name in form.changed_data if name != "audiences"]
        if changed:
            obj.save(update_fields=changed)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Bring readers and the schedule in line with the form."""
        super().save_related(request, form, formsets, change)
        source = Source.objects.get(pk=form.instance.pk)
        if change and "audiences" in form.changed_data:
            actions.let_read(source)
        if not change or {"every_minutes", "enabled", "location"} & set(form.changed_data):
            actions.schedule(source)
        transaction.on_commit(lambda: ring_for_source(source.pk), robust=True)

    def delete_model(self, request: HttpRequest, obj: Source) -> None:
        """Withdraw its documents with it."""
        number = actions.remove(obj)
        if number:
            messages.info(request, f"{number} of its documents were withdrawn from the answers.")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        """Remove each of them."""
        for source in queryset:
            self.delete_model(request, source)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List the sources and say what becomes of their documents."""
        names = []
        for source in objs:
            served = source.documents.exclude(status=DocumentStatus.WITHDRAWN).count()
            names.append(f"{source} (its {served} documents are withdrawn from the answers)")
        return names, {"sources": len(names)}, set(), []

    # --- pages of our own -------------------------------------------------------------------
    def states(self, request: HttpRequest) -> HttpResponse:
        """Return the states of the sources named by `ids`, for live updates."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = [
            int(text) for text in request.GET.get("ids", "").split(",")[:MOST_STATES]
            if text.isascii() and text.isdigit()
        ]  # fmt: skip
        rows = Source.objects.filter(pk__in=wanted)
        return JsonResponse({str(row.pk): state_of_source(row) for row in rows})

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button of the source's page says."""
        source = get_object_or_404(Source, pk=pk)
        action = request.POST.get("action", "")
        if action not in ("run", "stop") or not self.has_change_permission(request, source):
            raise PermissionDenied
        if action == "run":
            done = _run_now(source)
            told = (
                "It is read as soon as a worker is free." if done else "It is being read already."
            )
        else:
            done = actions.stop(source)
            told = "Stopped; what was read stays." if done else "It is not being read."
        (messages.success if done else messages.info)(request, told)
        return HttpResponseRedirect(reverse("admin:knowledge_source_change", args=[pk]))

    def run(self, request: HttpRequest, pk: int, run_pk: int) -> HttpResponse:
        """Show what one run found, row by row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(SourceRun.objects.select_related("source"), pk=run_pk, source=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{run.source}: a run",
            **run_row(run),
            "rows": run.notes,
        }
        return TemplateResponse(request, "admin/knowledge/source_run.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show state and runs beside the form."""
        more = {"show_save_and_add_another": False, **(extra_context or {})}
        source = self.get_object(request, object_id) if object_id else None
        if source is not None:
            runs = list(source.runs.all()[:SHOWN_RUNS])
            more |= {
                "source": source,
                "state": state_of_source(source),
                "runs": [run_row(run) for run in runs],
                "documents_url": (
                    f"{reverse('admin:knowledge_document_changelist')}?from_source={source.pk}"
                ),
                "document_number": source.documents.count(),
                "may_change": self.has_change_permission(request, source),
            }
        response: HttpResponse = super().changeform_view(request, object_id, form_url, more)
        return response


def run_row(run: SourceRun) -> dict[str, Any]:
    """Return what a table shows of a run."""
    return {
        "run": run,
        "began": since(run.started_at, timezone.now()),
        "took": duration_of(run),
        "changes": changes_of(run),
    }


def _run_now(source: Source) -> bool:
    done = actions.run_now(source)
    if done:
        transaction.on_commit(lambda: ring_for_source(source.pk), robust=True)
    return done


def _part(source: Source, part: str) -> SafeString:
    # One row asks five times.
    state: SourceState = source.__dict__.get("shown") or state_of_source(source)
    source.__dict__["shown"] = state
    context = {"source": source, "state": state, "part": part, "words": state.get(part, "")}
    return render_to_string("admin/knowledge/source_part.html", context)
