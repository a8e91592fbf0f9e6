"""One shape for every error: `{code, text}`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from rest_framework.exceptions import APIException, NotAuthenticated, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from conversations import texts
from conversations.actions.handoffs import EmailRefused, TooManyRings
from conversations.attachment_files import FileRefused
from conversations.intake import MessageRefused
from conversations.limits import OverLimit
from conversations.models import Conversation
from conversations.protocol import ring_error

REFUSED_STATUS = {"conflict": 409, "too_long": 413, "file_too_large": 413, "mail_limit": 429}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn our facts and the framework's errors into answers."""
    if isinstance(error, MessageRefused | FileRefused):
        text = texts.error(error.code, "", **error.values)
        return _answer(REFUSED_STATUS.get(error.code, 400), error.code, text)
    if isinstance(error, OverLimit):
        seconds = error.retry_after_seconds
        text = texts.error("rate_limited", seconds=seconds)
        answer = _answer(429, "rate_limited", text, retry_after_seconds=seconds)
        answer["Retry-After"] = str(seconds)
        return answer
    if isinstance(error, TooManyRings):
        seconds = error.retry_after_seconds
        text = str(ring_error(seconds, _language(context))["text"])
        answer = _answer(429, "ring_limit", text, retry_after_seconds=seconds)
        answer["Retry-After"] = str(seconds)
        return answer
    if isinstance(error, EmailRefused):
        status = REFUSED_STATUS.get(error.code, 400)
        return _answer(status, error.code, texts.error(error.code))
    if isinstance(error, RequestDataTooBig):
        return _answer(413, "too_large", texts.error("too_large"))
    if isinstance(error, Http404):
        return _answer(404, "not_found", texts.error("not_found"))
    answered = exception_handler(error, context)
    if answered is not None and isinstance(error, APIException):
        answered.data = {"code": _code(error), "text": _text(error)}
    return answered


def _language(context: dict[str, Any]) -> str:
    """Return the language of the chat that a request is about; empty when there is none."""
    rows = Conversation.objects.filter(pk=context.get("kwargs", {}).get("pk"))
    return rows.values_list("words_language", flat=True).first() or ""


def _answer(status_code: int, code: str, text: str, **more: Any) -> Response:
    return Response({"code": code, "text": text, **more}, status=status_code)


def _code(error: APIException) -> str:
    if isinstance(error, NotAuthenticated):
        return "unauthorized"
    if isinstance(error, ValidationError):
        return "invalid"
    codes = error.get_codes()
    return codes if isinstance(codes, str) else "invalid"


def _text(error: APIException) -> str:
    if isinstance(error, ValidationError) and isinstance(error.detail, dict):
        return " ".join(f"{field}: {_first(detail)}" for field, detail in error.detail.items())
    return str(_first(error.detail))


def _first(detail: Any) -> Any:
    return detail[0] if isinstance(detail, list) and detail else detail
