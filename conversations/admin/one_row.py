"""Admin pages of what there is once: one form in place of a list."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin


class OneRowAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The form of the only row, which is made when it is first opened."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: there is one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the one form."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row, _ = self.model.objects.get_or_create()
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[row.pk]))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Stay on the page."""
        super().response_change(request, obj)
        return HttpResponseRedirect(request.path)
