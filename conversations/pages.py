"""The customer's chat page."""

from __future__ import annotations

import re

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_from_request
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations.actions.outbox import mail_works
from conversations.chat_files import STATIC, chat_files
from conversations.interface import for_scripts, words
from conversations.models import ChatPage, InstructionsUse, ServiceState, Site
from conversations.packing import packed_page
from conversations.protocol import banner_frame
from conversations.sites.languages import LANGUAGES, chosen_language
from knowledge.models import PUBLIC_AUDIENCE, Document, DocumentStatus

NAME = "Support"
ICONS = STATIC / "icons.svg"
# What the browser's file dialog offers; the server looks at the content.
FILE_TYPES = "image/png,image/jpeg,image/gif,image/webp,application/pdf,text/plain,.txt,.log,.csv"
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
@packed_page
def chat_page(request: HttpRequest) -> HttpResponse:
    """Show the chat. Sets no cookie; everything about the visitor stays in the browser."""
    return render_chat(request, None, "", framed=False)


def render_chat(request: HttpRequest, site: Site | None, key: str, *, framed: bool) -> HttpResponse:
    """Return the chat page of a site, or our own; `framed`: compact, in another page."""
    language = language_of(request, site)
    known = words(language)
    offered = site.offered_languages() if site else list(LANGUAGES)
    context = {
        "name": (site.title if site else "") or _name(),
        "banner": banner_frame(ServiceState.current()),
        "max_characters": settings.MESSAGE_MAX_CHARACTERS,
        "files": chat_files(),
        "file_bytes": settings.ATTACHMENT_MAX_BYTES,
        "files_most": settings.ATTACHMENTS_PER_MESSAGE,
        "file_types": FILE_TYPES,
        "mail": mail_works(),
        "questions": (site or ChatPage.current()).questions(),
        "subjects": subjects(get_language_from_request(request), site),
        # In the page itself, so that icons are there at once and without a connection.
        "icons": icons(),
        "language": language,
        "languages": [(code, LANGUAGES[code]) for code in offered],
        "words": known,
        "t": known["page"],
        "interface": for_scripts(language),
        "key": key,
        "framed": framed,
        "testing": bool(site and site.is_test(key)),
        "welcome": site.welcome if site else "",
        "theme": reverse("site_theme", args=[key]) if site else "",
        "logo": reverse("site_logo", args=[key]) if site and site.logo else "",
    }
    answer = render(request, "chat/page.html", context)
    # Pictures are fetched with the token and shown from memory.
    answer._csp_update = {**TRUSTED_TYPES, "img-src": ["blob:"]}  # type: ignore[attr-defined]
    return answer


def language_of(request: HttpRequest, site: Site | None) -> str:
    """Return the language of the page's own words."""
    accepted = [
        code for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    ]
    offered = site.offered_languages() if site else list(LANGUAGES)
    return chosen_language(request.GET.get("lang", ""), accepted, offered)


def icons() -> SafeString:
    """Return the sprite of icons, for a page to hold."""
    return mark_safe(ICONS.read_text(encoding="utf-8"))  # noqa: S308 - our own file


def _name() -> str:
    """Return the assistant's name, as the instructions in use give it."""
    current = InstructionsUse.now().current
    return (current.name if current else "") or NAME


def subjects(language: str, site: Site | None = None) -> list[str]:
    """Return a few titles of documents that anybody may read here, to show what can be asked."""
    readable = Q(language="") | Q(language=language[:2])
    if site is not None:
        within = site.within()
        if PUBLIC_AUDIENCE not in site.readers():
            return []
        readable &= Q() if within is None else Q(collection__slug__in=within)
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
