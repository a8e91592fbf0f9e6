"""What a site shows elsewhere: the loader, the chat in a frame, the hosted chat, its colours."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from csp.constants import NONE
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from conversations.chat_files import chat_files
from conversations.interface import words
from conversations.joined_modules import without_comments
from conversations.models import Site
from conversations.models.site import key_start
from conversations.packing import packed_page
from conversations.pages import language_of, render_chat
from conversations.sites.colours import hover_of
from conversations.sites.origins import is_among, origin_of

logger = logging.getLogger(__name__)
FOLDER = Path(__file__).resolve().parent.parent / "static" / "widget"
# Long enough to spare visitors, short enough that a change of the site is soon everywhere.
LOADER_SECONDS = 300
LOGO_SECONDS = 86_400


@require_safe
@packed_page
def widget_script(request: HttpRequest) -> HttpResponse:
    """Return the loader with the site's values; without a key the part that finds the key."""
    key = request.GET.get("key", "")
    if not key:
        return _script(without_comments((FOLDER / "stub.js").read_text("utf-8")), LOADER_SECONDS)
    site = Site.objects.by_key(key)
    if site is None or not site.enabled:
        return _not_loaded(request, key, "there is no such site, or it is switched off")
    if not _may_show(request, site, key):
        return _not_loaded(request, key, "this page is not among the site's allowed origins")
    loader = without_comments((FOLDER / "loader.js").read_text(encoding="utf-8"))
    body = loader.replace("})(CONFIG);", f"}})({_as_script(loader_values(request, site, key))});")
    return _script(body, LOADER_SECONDS)


def loader_values(request: HttpRequest, site: Site, key: str) -> dict[str, Any]:
    """Return what the loader needs before the chat is opened."""
    languages = site.offered_languages()
    return {
        "key": key,
        "base": f"{request.scheme}://{request.get_host()}",
        "position": site.position,
        "accent": site.accent,
        "text": site.text_colour(),
        "launcher": site.launcher,
        "language": languages[0],
        "words": {code: dict(words(code)["widget"]) for code in languages},
        "css": without_comments((FOLDER / "launcher.css").read_text(encoding="utf-8")),
    }


def _as_script(values: dict[str, Any]) -> str:
    """Return values as an expression that ends neither a script element nor a line."""
    text = json.dumps(values, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _script(body: str, seconds: int) -> HttpResponse:
    answer = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    # Other pages load it, also those that isolate themselves (COEP).
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    # Tools that tidy pages up add `crossorigin` or make modules of scripts.
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-store"
    return answer


def _not_loaded(request: HttpRequest, key: str, why: str) -> HttpResponse:
    _refused(request, key, why)
    return _script(f"console.warn({_as_script_text(f'supportbot: {why}.')});", 0)


def _as_script_text(text: str) -> str:
    return _as_script({"said": text}).removeprefix('{"said": ').removesuffix("}")


def _refused(request: HttpRequest, key: str, why: str) -> None:
    # Not the whole address of the page: its query may hold what is nobody else's business.
    shown_on = origin_of(request.headers.get("Referer", ""))[:200]
    logger.warning(
        "site.refused", extra={"key_start": key_start(key), "why": why, "page": shown_on}
    )


def _may_show(request: HttpRequest, site: Site, key: str) -> bool:
    """Say whether the page that asks may show the chat, as far as the browser names it.

    A page that names itself not at all is let through: the browser itself holds to
    `frame-ancestors`, whatever is sent.
    """
    referrer = request.headers.get("Referer", "")
    if not referrer:
        return True
    origin = origin_of(referrer)
    if origin == origin_of(f"{request.scheme}://{request.get_host()}"):
        return True  # A reload inside the frame: the language was changed.
    return is_among(origin, site.allowed_origins(testing=site.is_test(key)))


@require_safe
@never_cache
@xframe_options_exempt
@packed_page
def framed_chat(request: HttpRequest, key: str) -> HttpResponse:
    """Show the chat in a frame of the pages that the site allows, and of no others."""
    site = Site.objects.by_key(key)
    refusal = _framing_refused(request, site, key)
    if site is None or refusal is not None:
        return refusal or _refusal(request, key, "off")
    return _framed(render_chat(request, site, key, framed=True), site, key)


@require_safe
@never_cache
@xframe_options_exempt
def unread_watch(request: HttpRequest, key: str) -> HttpResponse:
    """Show nothing: the page that counts replies while the chat is closed."""
    site = Site.objects.by_key(key)
    refusal = _framing_refused(request, site, key)
    if site is None or refusal is not None:
        return refusal or _refusal(request, key, "off")
    return _framed(
        render(request, "chat/watch.html", {"key": key, "files": chat_files()}), site, key
    )


def _framing_refused(request: HttpRequest, site: Site | None, key: str) -> HttpResponse | None:
    if site is None or not site.enabled:
        return _refusal(request, key, "off")
    if not _may_show(request, site, key):
        return _refusal(request, key, "refused", link=_hosted(request, site.key))
    return None


def _framed(answer: HttpResponse, site: Site, key: str) -> HttpResponse:
    """Let the site's pages, and no others, frame an answer."""
    ancestors = site.allowed_origins(testing=site.is_test(key)) or [NONE]
    answer._csp_replace = {"frame-ancestors": ancestors}  # type: ignore[attr-defined]
    # Pages that isolate themselves (COEP) take only frames that do so too, and say so.
    answer["Cross-Origin-Embedder-Policy"] = "require-corp"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@require_safe
@never_cache
@packed_page
def hosted_chat(request: HttpRequest, key: str) -> HttpResponse:
    """Show the chat as a page of its own, for links and QR codes."""
    site = Site.objects.by_key(key)
    if site is None or not site.enabled:
        return _refusal(request, key, "off")
    return render_chat(request, site, key, framed=False)


def _hosted(request: HttpRequest, key: str) -> str:
    return request.build_absolute_uri(reverse("site_chat", args=[key]))


def _refusal(request: HttpRequest, key: str, why: str, link: str = "") -> HttpResponse:
    _refused(request, key, why)
    language = language_of(request, None)
    said = words(language)["page"]
    context = {
        "language": language,
        "title": said[f"{why}_title"],
        "text": said[f"{why}_text"],
        "link": link,
    }
    return render(request, "chat/refused.html", context, status=404 if why == "off" else 403)


@require_safe
@cache_control(public=True, max_age=LOADER_SECONDS)
def theme(request: HttpRequest, key: str) -> HttpResponse:
    """Return the site's colours for the chat page."""
    site = Site.objects.by_key(key)
    if site is None:
        raise Http404
    values = f"--accent:{site.accent};--on-accent:{site.text_colour()};"
    values += f"--accent-hover:{hover_of(site.accent)}"
    return HttpResponse(f":root{{{values}}}\n", content_type="text/css; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=LOGO_SECONDS)
def logo(request: HttpRequest, key: str) -> HttpResponse:
    """Return the site's logo."""
    site = Site.objects.by_key(key)
    if site is None or not site.logo:
        raise Http404
    return HttpResponse(bytes(site.logo), content_type=site.logo_type)


def hosted_address(site: Site, key: str = "") -> str:
    """Return the address of the hosted chat under the installation's own name."""
    return f"{settings.SITE_URL.rstrip('/')}{reverse('site_chat', args=[key or site.key])}"
