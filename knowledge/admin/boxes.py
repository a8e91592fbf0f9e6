"""Audiences are few: boxes to tick in place of a list that wants a key held down."""

from __future__ import annotations

from typing import Any

from django.db import models
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

READERS_AS_BOXES: dict[Any, dict[str, Any]] = {
    models.ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}
}
