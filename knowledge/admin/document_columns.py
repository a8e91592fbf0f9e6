"""What the list of documents shows of each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from knowledge.admin.people import name_of
from knowledge.admin.states import state_of
from knowledge.models import Document, DocumentStatus
from observability.read_only_admin import ago

COLUMNS = ("shown_title", "shown_state", "collection", "readers", "shown_owner", "when")


class DocumentColumns:
    """The columns of the list. Mixed into the documents' admin."""

    @admin.display(description="Document", ordering="title")
    def shown_title(self, document: Document) -> SafeString:
        """Return the title with the path below it."""
        withdrawn = document.status == DocumentStatus.WITHDRAWN
        day = None if withdrawn else document.review_by
        due = day is not None and day <= timezone.localdate()
        return render_to_string("admin/knowledge/title.html", {"document": document, "due": due})

    @admin.display(description="State", ordering="status")
    def shown_state(self, document: Any) -> SafeString:
        """Return the state in words with its icon, and the reason or the progress."""
        state = state_of(document, getattr(document, "place", 0))
        return render_to_string("admin/knowledge/state.html", {"pk": document.pk, "state": state})

    @admin.display(description="Readers")
    def readers(self, document: Document) -> str:
        """Return the audiences in one line."""
        return ", ".join(a.name for a in document.audiences.all()) or "nobody"

    @admin.display(description="Owner", ordering="owner")
    def shown_owner(self, document: Document) -> str | None:
        """Return who looks after it."""
        return name_of(document.owner) if document.owner else None

    @admin.display(description="Source")
    def came_from(self, document: Document) -> str:
        """Return the source that brought it."""
        return str(document.from_source or "none: uploaded, written or given to a command")

    @admin.display(description="Last change", ordering="updated_at")
    def when(self, document: Document) -> SafeString:
        """Return how long ago something happened."""
        return ago(document.updated_at)
