"""What can be changed of a document: its title and readers, when it answers, who looks after it."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from knowledge.admin.moments import moment_input
from knowledge.admin.people import OwnerField, possible_owners
from knowledge.language_names import LANGUAGE_CHOICES
from knowledge.models import Document


def _day_input() -> forms.DateInput:
    classes = UnfoldAdminTextInputWidget().attrs["class"]
    return forms.DateInput(attrs={"type": "date", "class": classes}, format="%Y-%m-%d")


class DocumentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Fields carry what they were when the page was opened: what was not touched is not written."""

    published = forms.BooleanField(
        required=False,
        label="Published",
        help_text="Off: it is indexed and can be tested, but no customer gets answers from it",
        widget=UnfoldBooleanSwitchWidget(),
        show_hidden_initial=True,
    )
    valid_from = forms.DateTimeField(
        required=False,
        label="Answers from it begin",
        help_text="Empty: at once",
        widget=moment_input(),
        show_hidden_initial=True,
    )
    valid_until = forms.DateTimeField(
        required=False,
        label="Answers from it end",
        help_text="From then on no answer comes from it, by itself. Empty: never",
        widget=moment_input(),
        show_hidden_initial=True,
    )
    given_language = forms.ChoiceField(
        required=False,
        label="Language",
        choices=[("", "As detected"), *LANGUAGE_CHOICES],
        help_text="Words are searched by its endings. A change has the document indexed again",
        widget=UnfoldAdminSelectWidget(),
        show_hidden_initial=True,
    )
    owner = OwnerField(
        help_text="Gets an e-mail on the day by which it is to be read again",
        show_hidden_initial=True,
    )
    review_by = forms.DateField(
        required=False,
        label="Read again by",
        help_text="From this day on it is listed as due. When it is still right, set the next day",
        widget=_day_input(),
        show_hidden_initial=True,
    )

    class Meta:
        model = Document
        # The admin names them.
        fields = ()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        owner: Any = self.fields.get("owner")
        if owner is not None and self.instance.owner_id:
            # An owner who has left stays until somebody chooses another one.
            owner.queryset = possible_owners() | owner.queryset.model.objects.filter(
                pk=self.instance.owner_id
            )

    def clean(self) -> dict[str, Any]:
        """Check that the end comes after the beginning."""
        cleaned: dict[str, Any] = super().clean() or {}
        begin, end = cleaned.get("valid_from"), cleaned.get("valid_until")
        if begin and end and end <= begin:
            self.add_error("valid_until", "Choose an end that is later than the beginning.")
        return cleaned
