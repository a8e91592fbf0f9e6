"""How fields are entered in our forms."""

from __future__ import annotations

from typing import Any

from django.db import models
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

FORM_FIELDS: dict[Any, dict[str, Any]] = {
    # Few things to choose from: boxes to tick in place of a list that wants a key held down.
    models.ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget},
    models.URLField: {"assume_scheme": "https"},
}
