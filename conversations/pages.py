"""The customer's chat page."""

from __future__ import annotations

import re
from pathlib import Path

from csp.decorators import csp_update
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations.models import InstructionsUse, ServiceState
from conversations.protocol import banner_frame
from knowledge.models import PUBLIC_AUDIENCE, Document, DocumentStatus

NAME = "Support"
ICONS = Path(__file__).resolve().parent.parent / "static" / "icons.svg"
STATIC_FOLDER = ICONS.parent / "chat"
# Runs before the first paint, so it is no module.
SCHEME = STATIC_FOLDER / "scheme.js"
STYLESHEETS = tuple(
    f"chat/{name}.css" for name in ("layout", "dock", "controls", "messages", "prose", "sources")
)
SUBJECTS = 4
# Titles that read as a subject: a few words, not a file name or a chapter number.
_SUBJECT = re.compile(r"^(?=.{12,48}$)[^\W\d][^\d_/\\{}<>|=]*\s[^\d_/\\{}<>|=]*$")
# How many of the newest documents are looked at.
_SUBJECT_CANDIDATES = 200

# HTML enters the page in one place only (static/chat/dom.js); the browser refuses any other.
TRUSTED_TYPES = {
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["stored-message"],
}


@require_safe
@never_cache
@csp_update(TRUSTED_TYPES)
def chat_page(request: HttpRequest) -> HttpResponse:
    """Show the chat. Sets no cookie; everything about the visitor stays in the browser."""
    context = {
        "name": _name(),
        "banner": banner_frame(ServiceState.current()),
        "max_characters": settings.MESSAGE_MAX_CHARACTERS,
        "stylesheets": STYLESHEETS,
        "modules": _modules(),
        "subjects": subjects(get_language_from_request(request)),
        # In the page itself, so that icons are there at once and without a connection.
        "icons": icons(),
    }
    return render(request, "chat/page.html", context)


def icons() -> SafeString:
    """Return the sprite of icons, for a page to hold."""
    return mark_safe(ICONS.read_text(encoding="utf-8"))  # noqa: S308 - our own file


def _name() -> str:
    """Return the assistant's name, as the instructions in use give it."""
    current = InstructionsUse.now().current
    return (current.name if current else "") or NAME


def subjects(language: str) -> list[str]:
    """Return a few titles of documents that anybody may read, to show what can be asked."""
    readable = Q(language="") | Q(language=language[:2])
    titles = (
        Document.objects.filter(readable, status=DocumentStatus.INDEXED, audiences=PUBLIC_AUDIENCE)
        .order_by("-updated_at")
        .values_list("title", flat=True)[:_SUBJECT_CANDIDATES]
    )
    fitting = sorted({title for title in titles if _SUBJECT.match(title)}, key=_spread)
    return fitting[:SUBJECTS]


def _spread(title: str) -> tuple[int, str]:
    """Order so that the choice is steady and does not start with one letter only."""
    return sum(map(ord, title)) % 97, title


def _modules() -> list[str]:
    """Return the page's modules, so that the browser fetches them all at once."""
    return sorted(f"chat/{path.name}" for path in STATIC_FOLDER.glob("*.js") if path != SCHEME)
