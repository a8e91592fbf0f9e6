"""What the chat page loads: one style sheet, one script, and one more when it is needed.

Put together from static/ when a page is asked for, and again when one of the files has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from conversations.joined_modules import joined, without_comments
from conversations.packing import encoding_of, packed

STATIC = Path(__file__).resolve().parent.parent / "static"
SHEETS = ("layout", "dock", "controls", "messages", "files", "prose", "sources", "menu")
# Runs before the first paint, so it is no module.
SCHEME = STATIC / "chat" / "scheme.js"
WATCH = STATIC / "widget" / "watch.js"
START = "main"
YEAR_SECONDS = 31_536_000
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True)
class ChatFile:
    """One file as it is served: its name carries a hash of what is in it."""

    name: str
    # By encoding; "" for browsers that understand none.
    packed: Mapping[str, bytes]

    @property
    def path(self) -> str:
        """Return its address on this server."""
        return f"/chat-files/{self.name}"


@dataclass(frozen=True)
class ChatFiles:
    """What a page of the chat loads."""

    sheet: ChatFile
    script: ChatFile
    later: ChatFile
    # Of the page that counts unread replies behind a closed launcher.
    watch: ChatFile


def chat_files() -> ChatFiles:
    """Return the files as they are now."""
    sources = (*STATIC.glob("chat/*.js"), WATCH, *_sheets())
    return _made(max(path.stat().st_mtime_ns for path in sources), len(sources))


@lru_cache(maxsize=1)
def _made(changed_ns: int, number: int) -> ChatFiles:
    modules = {
        path.stem: path.read_text(encoding="utf-8")
        for path in STATIC.glob("chat/*.js")
        if path != SCHEME
    }
    script = joined(modules, START)
    later = _file("later", "js", script.later)
    first = script.first.replace("import(LATER", f"import({json.dumps(later.path)}", 1)
    # Its imports name the folder beside it.
    modules["watch"] = WATCH.read_text(encoding="utf-8").replace('"../chat/', '"./')
    return ChatFiles(
        sheet=_file("chat", "css", _together(_sheets())),
        script=_file("chat", "js", first),
        later=later,
        watch=_file("watch", "js", joined(modules, "watch").first),
    )


def _sheets() -> tuple[Path, ...]:
    return (STATIC / "tokens.css", *(STATIC / "chat" / f"{name}.css" for name in SHEETS))


def _together(paths: Iterable[Path]) -> str:
    return "".join(without_comments(path.read_text(encoding="utf-8")) for path in paths)


def _file(stem: str, ending: str, text: str) -> ChatFile:
    content = text.encode()
    named = hashlib.sha256(content).hexdigest()[:12]
    forms = {encoding: packed(content, encoding) for encoding in ("br", "gzip", "")}
    return ChatFile(f"{stem}-{named}.{ending}", forms)


@require_safe
def chat_file(request: HttpRequest, name: str) -> HttpResponse:
    """Return one of the files; an older one's name gets what is there now, kept by nobody."""
    files = chat_files()
    stem, _, rest = name.partition("-")
    wanted = (stem, rest.rpartition(".")[2])
    kinds = {
        ("chat", "css"): files.sheet,
        ("chat", "js"): files.script,
        ("later", "js"): files.later,
        ("watch", "js"): files.watch,
    }
    found = kinds.get(wanted)
    if found is None:
        raise Http404
    encoding = encoding_of(request)
    answer = HttpResponse(found.packed[encoding], content_type=_TYPES[wanted[1]])
    if encoding:
        answer["Content-Encoding"] = encoding
    patch_vary_headers(answer, ["Accept-Encoding"])
    kept = f"public, max-age={YEAR_SECONDS}, immutable" if found.name == name else "no-cache"
    answer["Cache-Control"] = kept
    return answer
