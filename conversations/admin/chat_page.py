"""The page where an operator sets what the chat page without a site offers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from conversations.admin.quick_replies import QuickRepliesForm
from conversations.models import ChatPage


@admin.register(ChatPage)
class ChatPageAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """One form in place of a list: there is one row."""

    form = QuickRepliesForm
    fields = ("quick_replies",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: the row is made when it is first opened."""
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
        row, _ = ChatPage.objects.get_or_create()
        return HttpResponseRedirect(reverse("admin:conversations_chatpage_change", args=[row.pk]))

    def response_change(self, request: HttpRequest, obj: ChatPage) -> HttpResponse:
        """Stay on the page."""
        super().response_change(request, obj)
        return HttpResponseRedirect(request.path)
