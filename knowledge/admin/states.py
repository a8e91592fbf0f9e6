"""How a document's state is shown: words and an icon, never colour alone."""

from __future__ import annotations

from typing import TypedDict

from knowledge.models import Document, DocumentStatus
from knowledge.models.document import WORKING_STATUSES

BUSY = (DocumentStatus.QUEUED, *WORKING_STATUSES)
# Icon (a name in the Material Symbols font) and tone (a class of static/admin/supportbot.css).
_LOOKS: dict[str, tuple[str, str]] = {
    DocumentStatus.QUEUED: ("schedule", "plain"),
    DocumentStatus.PARSING: ("menu_book", "busy"),
    DocumentStatus.EMBEDDING: ("memory", "busy"),
    DocumentStatus.INDEXING: ("data_array", "busy"),
    DocumentStatus.VERIFYING: ("fact_check", "busy"),
    DocumentStatus.INDEXED: ("check_circle", "good"),
    DocumentStatus.HELD: ("pan_tool", "warning"),
    DocumentStatus.FAILED: ("error", "bad"),
    DocumentStatus.WITHDRAWN: ("visibility_off", "plain"),
}
_NEXT_STEPS: dict[str, str] = {
    DocumentStatus.QUEUED: "Its turn has not come.",
    DocumentStatus.HELD: "Kept out of answers. Read it, then retry or withdraw it.",
    DocumentStatus.WITHDRAWN: "Not used for answers. Retry brings it back.",
}


class State(TypedDict):
    """What the list and its live updates show of one document."""

    status: str
    label: str
    icon: str
    tone: str
    detail: str
    busy: bool


def state_of(document: Document) -> State:
    """Return how the document's state is shown."""
    icon, tone = _LOOKS[document.status]
    return State(
        status=document.status,
        label=str(document.get_status_display()),
        icon=icon,
        tone=tone,
        detail=_detail(document),
        busy=document.status in BUSY,
    )


def _detail(document: Document) -> str:
    if document.error:
        return document.error
    if document.status in WORKING_STATUSES and document.progress_total:
        return f"{document.progress_done} of {document.progress_total} pieces"
    return _NEXT_STEPS.get(document.status, "")
