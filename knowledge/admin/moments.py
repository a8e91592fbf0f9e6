"""How a day and time is entered in our forms."""

from __future__ import annotations

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget


def moment_input() -> forms.DateTimeInput:
    """Return the browser's own control for day and time, which keyboards and readers know."""
    classes = UnfoldAdminTextInputWidget().attrs["class"]
    return forms.DateTimeInput(
        attrs={"type": "datetime-local", "class": classes}, format="%Y-%m-%dT%H:%M"
    )
