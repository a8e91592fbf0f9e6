"""The admin site: Django's own, dressed by unfold, with the first page and the set-up pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.sites import UnfoldAdminSite

from supportbot import checklist, dashboard, setup_pages


class SupportSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """What lies below /admin/."""

    index_title = "Overview"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._added: dict[str, tuple[str, Callable[..., HttpResponse]]] = {}

    def extra_urls(self) -> list[URLPattern]:
        """Return the addresses of pages that belong to no model (called by unfold)."""
        pages = {
            "checklist": ("setup/checklist/", setup_pages.checklist_page),
            "checklist_mark": ("setup/checklist/mark/", setup_pages.mark),
            "try_question": ("setup/question/", setup_pages.try_question),
            "first_agent": ("setup/agent/", setup_pages.first_agent),
        }
        return [
            path(address, self.admin_view(view), name=name)
            for name, (address, view) in {**pages, **self._added}.items()
        ]

    def add_page(self, name: str, address: str, view: Callable[..., HttpResponse]) -> None:
        """Add a page that needs more than this module may import: the models' admins need it."""
        self._added[name] = (address, view)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the numbers, and the checklist to those who set the installation up."""
        more: dict[str, Any] = {"cards": dashboard.cards(request.user)}
        if checklist.may_use(request.user) and not checklist.hidden():
            steps = checklist.steps(request.user)
            more |= {"steps": steps, "complete": checklist.complete(steps)}
        response: HttpResponse = super().index(request, {**more, **(extra_context or {})})
        return response
