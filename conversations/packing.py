"""Packs what browsers fetch, with Brotli where they understand it and with gzip elsewhere.

Only for pages and scripts that hold no secret beside what somebody else chose: from the size of a
packed page that has both, the secret can be guessed.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

import brotli
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

# 40 ms for a page. Pages are the same for everybody who gets them, so that it is kept.
QUALITY = 11
KEPT_PAGES = 100
LEAST_BYTES = 200
View = Callable[..., HttpResponse]


def encoding_of(request: HttpRequest) -> str:
    """Return the best encoding that the browser understands; "" for none."""
    given = request.headers.get("Accept-Encoding", "").lower().split(",")
    names = {one.partition(";")[0].strip() for one in given if "q=0" not in one.replace(" ", "")}
    return next((name for name in ("br", "gzip") if name in names), "")


@lru_cache(maxsize=KEPT_PAGES)
def packed(content: bytes, encoding: str) -> bytes:
    """Return content as this encoding has it."""
    if encoding == "br":
        return bytes(brotli.compress(content, quality=QUALITY))
    return gzip.compress(content, 9, mtime=0) if encoding == "gzip" else content


def packed_page(view: View) -> View:
    """Pack a view's answers."""

    @wraps(view)
    def inner(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        answer = view(request, *arguments, **named)
        patch_vary_headers(answer, ["Accept-Encoding"])
        encoding = encoding_of(request)
        if encoding and len(answer.content) >= LEAST_BYTES:
            answer.content = packed(answer.content, encoding)
            answer["Content-Encoding"] = encoding
            answer["Content-Length"] = str(len(answer.content))
        return answer

    return inner
