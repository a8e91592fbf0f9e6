"""The part of a document's form about its upkeep: publication, validity, owner, review."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from unfold.widgets import UnfoldAdminSelectWidget

from knowledge.actions.readers import change_validity, publish
from knowledge.actions.reviews import set_review
from knowledge.models import Document

UPKEEP_FIELDS = ("published", "valid_from", "valid_until", "owner", "review_by")


class UpkeepForm(forms.ModelForm):  # type: ignore[type-arg]
    """A document's form: an owner who can look after it, an end after the beginning."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            people = User.objects.filter(is_staff=True, is_active=True).order_by("username")
            self.fields["owner"] = forms.ModelChoiceField(
                people | User.objects.filter(pk=self.instance.owner_id),
                required=False,
                label="Owner",
                help_text="Who is written to when it is to be read again.",
                widget=UnfoldAdminSelectWidget(),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse an end that comes before the beginning."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begin: datetime | None = data.get("valid_from")
        end: datetime | None = data.get("valid_until")
        if begin and end and end <= begin:
            self.add_error("valid_until", "It ends before it begins.")
        return data


def save_upkeep(document: Document, form: forms.ModelForm[Document]) -> None:
    """Write what the form changed through the actions, which tell the index and the reminder."""
    changed, data = set(form.changed_data), form.cleaned_data
    if "published" in changed:
        publish(document, data["published"])
    if changed & {"valid_from", "valid_until"}:
        change_validity(document, data["valid_from"], data["valid_until"])
    if changed & {"owner", "review_by"}:
        set_review(document, data["owner"], data["review_by"])
