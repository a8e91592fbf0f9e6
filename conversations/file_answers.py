"""An attachment as an HTTP answer: something to save or to show as a picture, never a page."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from conversations.models import Attachment

# Where a browser shows it after all, nothing in it runs and nothing is fetched.
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def file_answer(attachment: Attachment) -> HttpResponse:
    """Return the file with the type that it was found to be, to be saved under its name."""
    media_type = attachment.media_type
    if media_type == "text/plain":
        media_type = "text/plain; charset=utf-8"
    with attachment.file.open("rb") as kept:
        # Whole: under ASGI a file would be read whole as well, and with a warning.
        answer = HttpResponse(kept.read(), content_type=media_type)
    answer["Content-Disposition"] = content_disposition_header(True, attachment.name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = POLICY
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer
