"""The topics whose replies bear a notice and offer a person."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from unfold.admin import ModelAdmin

from conversations.models import SensitiveTopic
from knowledge.admin.form_fields import FORM_FIELDS


class SensitiveTopicForm(forms.ModelForm):  # type: ignore[type-arg]
    """A topic that fits some words, and not every word."""

    def clean_phrases(self) -> str:
        """Return the phrases, one a line, without empty ones."""
        lines = [line.strip() for line in self.cleaned_data["phrases"].splitlines()]
        phrases = [line for line in lines if line]
        short = [phrase for phrase in phrases if len(phrase.replace("*", "")) < 2]
        if short:
            raise forms.ValidationError(f"{short[0]!r} fits nearly everything. Write more of it.")
        return "\n".join(dict.fromkeys(phrases))


@admin.register(SensitiveTopic)
class SensitiveTopicAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The list, edited by operators."""

    form = SensitiveTopicForm
    empty_list = (
        "There are no sensitive topics, so no reply bears a notice. Add one for questions whose "
        "wrong answer does harm, such as medicine or law."
    )
    list_display = ("name", "enabled", "always", "updated_at")
    list_filter = ("enabled",)
    search_fields = ("name", "phrases")
    formfield_overrides = FORM_FIELDS
    fields = ("name", "enabled", "always", "phrases")
