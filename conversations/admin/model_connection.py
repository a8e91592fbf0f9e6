"""The page where an administrator connects a language model and tests it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from conversations import wiring
from conversations.models import ModelConnection

MOST_MODELS = 10
LONGEST_NAME = 200


class ConnectionForm(forms.Form):
    """Address, models and key. A stored key is kept when the field stays empty."""

    base_url = forms.CharField(
        label="Address",
        required=False,
        max_length=500,
        help_text="The API's root, often ending in /v1. Empty: OpenAI's own.",
        widget=UnfoldAdminTextInputWidget(
            attrs={"placeholder": "https://api.example.com/v1", "inputmode": "url"}
        ),
    )
    model_names = forms.CharField(
        label="Models",
        help_text="One a line, the preferred one first; the next is asked when it fails.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    api_key = forms.CharField(
        label="Key",
        required=False,
        max_length=1000,
        help_text="Stored encrypted and never shown again. Empty: the stored one is kept.",
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    forget_key = forms.BooleanField(
        label="Remove the stored key", required=False, widget=UnfoldBooleanWidget()
    )

    def __init__(self, *args: Any, stored: ModelConnection | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored
        if stored is None or not stored.has_key:
            del self.fields["forget_key"]

    def clean_base_url(self) -> str:
        """Accept http and https addresses of a host, without secrets or queries in them."""
        value: str = self.cleaned_data["base_url"].strip()
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if not usable or any(character.isspace() for character in value):
            raise forms.ValidationError(
                "This is not an address. Write it like https://api.example.com/v1."
            )
        if parts.username or parts.password:
            raise forms.ValidationError("Leave the name and password out; the key has its field.")
        if parts.query or parts.fragment:
            raise forms.ValidationError("Leave out what follows ? or #.")
        return value.rstrip("/")

    def clean_model_names(self) -> list[str]:
        """Return the names in their order, each once."""
        lines = self.cleaned_data["model_names"].replace(",", "\n").splitlines()
        names = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        if not names:
            raise forms.ValidationError("Name at least one model.")
        if len(names) > MOST_MODELS or max(map(len, names)) > LONGEST_NAME:
            raise forms.ValidationError(
                f"At most {MOST_MODELS} names of at most {LONGEST_NAME} characters."
            )
        return names

    def clean_api_key(self) -> str:
        """Return the key without surrounding blanks."""
        key: str = self.cleaned_data["api_key"].strip()
        if any(character.isspace() or not character.isprintable() for character in key):
            raise forms.ValidationError("A key has no blanks in it. Paste it again.")
        return key

    def clean(self) -> dict[str, Any]:
        """Ask for a key where the address needs one."""
        data = self.cleaned_data
        keeps = self.stored is not None and self.stored.has_key and not data.get("forget_key")
        if not data.get("base_url") and not data.get("api_key") and not keeps:
            self.add_error("api_key", "OpenAI's own address needs a key.")
        # A stored key must not be sent to another host without being entered again.
        moved = self.stored is not None and _host(self.stored.base_url) != _host(
            data.get("base_url", "")
        )
        if keeps and moved and not data.get("api_key"):
            self.add_error(
                "api_key", "The address is another host: enter the key for it, or remove the old."
            )
        return data

    def save(self, editor: Any) -> ModelConnection:
        """Store the connection in its one row."""
        row = self.stored or ModelConnection()
        row.base_url = self.cleaned_data["base_url"]
        row.model_names = self.cleaned_data["model_names"]
        if self.cleaned_data["api_key"] or self.cleaned_data.get("forget_key"):
            row.store_key(self.cleaned_data["api_key"])
        row.updated_by = editor
        row.save()
        return row


def _host(base_url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(base_url or "https://api.openai.com")
    return parts.scheme, parts.hostname, parts.port


@admin.register(ModelConnection)
class ModelConnectionAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """One page in place of a list: there is one connection."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the one page only."""
        return [
            url
            for url in super().get_urls()
            if url.name == "conversations_modelconnection_changelist"
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form, or what the environment says; store and test."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        stored = ModelConnection.objects.first()
        from_environment = wiring.environment_connection()
        if request.method != "POST":
            form = ConnectionForm(stored=stored, initial=_initial(stored))
        elif from_environment.usable:
            return self._test(request)
        else:
            form = ConnectionForm(request.POST, stored=stored)
            if form.is_valid():
                form.save(request.user)
                messages.success(request, "The connection is stored.")
                return self._test(request) if "_test" in request.POST else self._back()
        in_use = wiring.connection()
        context = {
            **self.admin_site.each_context(request),
            "title": "Language model",
            "form": form,
            "stored": stored,
            "environment": from_environment if from_environment.usable else None,
            "stays_here": in_use and wiring.stays_here(in_use),
            "in_use": in_use,
            "partly": _partly(from_environment.base_url, from_environment.api_key),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/conversations/model_connection.html", context)

    def _test(self, request: HttpRequest) -> HttpResponse:
        """Make a real call within the model's deadlines, and say how it went."""
        connection = wiring.connection()
        if connection is None:
            messages.error(request, "Nothing to test: no model is connected.")
            return self._back()
        result = wiring.test_connection(connection)
        level = messages.SUCCESS if result.ok else messages.ERROR
        messages.add_message(request, level, result.sentence)
        return self._back()

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:conversations_modelconnection_changelist"))


def _initial(stored: ModelConnection | None) -> dict[str, str]:
    if stored is None:
        return {}
    return {"base_url": stored.base_url, "model_names": "\n".join(stored.model_names)}


def _partly(base_url: str, api_key: str) -> str:
    """Return which variable is set without being used, for lack of a model's name."""
    given = [("OPENAI_BASE_URL", base_url), ("OPENAI_API_KEY", api_key)]
    return " and ".join(name for name, value in given if value)
