"""How a document's state is shown: words and an icon, never colour alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.formats import date_format

from knowledge.models import Document, DocumentStatus
from knowledge.models.document import WORKING_STATUSES
from knowledge.overview import BUSY

# A worker shows that it is alive every ten seconds.
SILENT_SECONDS = 15
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
_DETAILS: dict[str, str] = {
    DocumentStatus.PARSING: "Text and headings are being read out.",
    DocumentStatus.VERIFYING: "A search for its own headings has to find it.",
    DocumentStatus.HELD: "Kept out of answers. Read what is marked, then release or withdraw it.",
    DocumentStatus.FAILED: "It could not be made ready. Press Retry.",
    DocumentStatus.WITHDRAWN: "Not used for answers. Bring it back when customers need it again.",
}
_COUNTED = {DocumentStatus.EMBEDDING: "passages", DocumentStatus.INDEXING: "passages written"}


class State(TypedDict):
    """What the list and its live updates show of one document. `done` of `total`: pieces."""

    status: str
    label: str
    icon: str
    tone: str
    detail: str
    busy: bool
    done: int
    total: int


def state_of(document: Document, place: int = 0) -> State:
    """Return how the document's state is shown. `place`: in the queue, 0 when not known."""
    icon, tone = _LOOKS[document.status]
    detail = _detail(document, place)
    if document.status == DocumentStatus.INDEXED and detail:
        # Ready, and yet no answer comes from it.
        icon, tone = "pause_circle", "plain"
    counted = document.status in _COUNTED and document.progress_total
    return State(
        status=document.status,
        label=str(document.get_status_display()),
        icon=icon,
        tone=tone,
        detail=detail,
        busy=document.status in BUSY,
        done=document.progress_done if counted else 0,
        total=document.progress_total if counted else 0,
    )


def places_in_queue(documents: Iterable[Document]) -> dict[uuid.UUID, int]:
    """Return the place in the queue, from 1, of those that wait."""
    wanted = [row.pk for row in documents if row.status == DocumentStatus.QUEUED]
    if not wanted:
        return {}
    place = Window(RowNumber(), order_by=[F("updated_at"), F("pk")])
    waiting = Document.objects.filter(status=DocumentStatus.QUEUED).order_by()
    rows = waiting.annotate(place=place).values_list("pk", "place")
    # In one condition with the place, which is known only once all that wait are numbered.
    return dict(rows.filter(Q(place=0) | Q(pk__in=wanted)))


def why_it_answers_nobody(document: Document, now: datetime) -> str:
    """Return why no customer gets answers from a ready document, or "" when some do."""
    if not document.published:
        return "Not published: it can be tested, but no customer gets answers from it."
    if document.valid_from and document.valid_from > now:
        return f"Answers from it begin on {_moment(document.valid_from)}."
    if document.valid_until and document.valid_until <= now:
        return f"Expired on {_moment(document.valid_until)}: no answers come from it."
    if not document.audiences.all():
        return "Nobody may read it. Choose its readers."
    return ""


def silence(document: Document, now: datetime) -> str:
    """Return a sentence about a worker that shows no sign of life, or ""."""
    if document.status not in WORKING_STATUSES or document.heartbeat_at is None:
        return ""
    seconds = int((now - document.heartbeat_at).total_seconds())
    if seconds < SILENT_SECONDS:
        return ""
    return (
        f"Its worker has shown no sign of life for {seconds} seconds; "
        "if that goes on, another one takes over."
    )


def _detail(document: Document, place: int) -> str:
    now = timezone.now()
    status = document.status
    if status == DocumentStatus.INDEXED:
        return document.error or why_it_answers_nobody(document, now)
    if status == DocumentStatus.QUEUED:
        said = document.error or _in_queue(place)
    elif status in _COUNTED and document.progress_total:
        counted = _COUNTED[DocumentStatus(status)]
        said = f"{document.progress_done} of {document.progress_total} {counted}."
    else:
        said = document.error or _DETAILS.get(status, "")
    return " ".join(part for part in (said, silence(document, now)) if part)


def _in_queue(place: int) -> str:
    if not place:
        return "Its turn has not come."
    return "Next in the queue." if place == 1 else f"Number {place} in the queue."


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H:i")
