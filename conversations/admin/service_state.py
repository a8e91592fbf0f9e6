"""The page where an operator pauses the bot and puts up a banner about an incident."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from conversations.admin.one_row import OneRowAdmin
from conversations.models import ServiceState
from conversations.models.service_state import BANNER_CHARACTERS, BannerThen
from conversations.switches import show_banner
from knowledge.admin.moments import moment_input

MOST_PHRASES = 50
LONGEST_PHRASE = 100
_BANNER_FIELDS = {"banner", "banner_until", "banner_phrases", "banner_then"}


class ServiceStateForm(forms.ModelForm):  # type: ignore[type-arg]
    """The pause and the banner, each with an end that is still to come."""

    paused = forms.BooleanField(
        label="The bot is paused",
        required=False,
        help_text="It answers nothing, neither by a model nor by quotes. Questions are kept and a "
        "person is offered",
        widget=UnfoldBooleanSwitchWidget(),
    )
    paused_until = forms.DateTimeField(
        label="Pause until",
        required=False,
        help_text="Then it answers again by itself. Empty: until you end it here",
        widget=moment_input(),
    )
    banner = forms.CharField(
        label="Banner",
        required=False,
        max_length=BANNER_CHARACTERS,
        help_text="For example: Payments are down, we are working on it. It stands on the chat "
        "page at once, also in open chats, and is said before an answer. Empty: no banner",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    banner_until = forms.DateTimeField(
        label="Banner until",
        required=False,
        help_text="Then it goes by itself. Empty: until you take it away here",
        widget=moment_input(),
    )
    banner_phrases = forms.CharField(
        label="Questions it answers",
        required=False,
        help_text="Words or phrases, one a line: it is said to each question that holds one, "
        "whatever the endings. Empty: to the first question of each chat",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    banner_then = forms.ChoiceField(
        label="After the banner", choices=BannerThen.choices, widget=UnfoldAdminSelectWidget()
    )

    class Meta:
        model = ServiceState
        fields = (
            "paused",
            "paused_until",
            "banner",
            "banner_until",
            "banner_phrases",
            "banner_then",
        )

    def clean_banner_phrases(self) -> str:
        """Return the phrases, each once."""
        lines = self.cleaned_data["banner_phrases"].splitlines()
        phrases = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        if len(phrases) > MOST_PHRASES or any(len(phrase) > LONGEST_PHRASE for phrase in phrases):
            raise forms.ValidationError(
                f"At most {MOST_PHRASES} phrases of at most {LONGEST_PHRASE} characters each."
            )
        return "\n".join(phrases)

    def clean(self) -> dict[str, Any]:
        """Refuse an end that has passed for what is on."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for switch, end in (("paused", "paused_until"), ("banner", "banner_until")):
            if data.get(switch) and data.get(end) and data[end] <= timezone.now():
                self.add_error(end, "Choose a time to come, or leave it empty.")
            elif not data.get(switch):
                data[end] = None
        return data


@admin.register(ServiceState)
class ServiceStateAdmin(OneRowAdmin):
    """One form in place of a list: there is one row."""

    form = ServiceStateForm
    readonly_fields = ("paused_by_whom", "banner_by_whom")
    fieldsets = (
        ("Pause", {"fields": ("paused", "paused_until", "paused_by_whom")}),
        (
            "Banner",
            {
                "fields": (
                    "banner",
                    "banner_until",
                    "banner_phrases",
                    "banner_then",
                    "banner_by_whom",
                )
            },
        ),
    )

    def save_model(self, request: HttpRequest, obj: ServiceState, form: Any, change: bool) -> None:
        """Note who and when, and tell the open chats."""
        changed, now = set(form.changed_data), timezone.now()
        editor = cast("User", request.user)
        if changed & {"paused", "paused_until"}:
            obj.paused_at, obj.paused_by = now, editor
        if changed & _BANNER_FIELDS:
            obj.banner_at, obj.banner_by = now, editor
        super().save_model(request, obj, form, change)
        transaction.on_commit(show_banner, robust=True)

    @admin.display(description="Last changed")
    def paused_by_whom(self, obj: ServiceState) -> str:
        """Return who changed the pause, and when."""
        return _whom(obj.paused_by, obj.paused_at)

    @admin.display(description="Last changed")
    def banner_by_whom(self, obj: ServiceState) -> str:
        """Return who changed the banner, and when."""
        return _whom(obj.banner_by, obj.banner_at)


def _whom(who: Any, when: Any) -> str:
    if when is None:
        return "never"
    return f"{timezone.localtime(when):%d %B %Y, %H:%M}{f' by {who}' if who else ''}"
