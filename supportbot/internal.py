"""The vector index for the other processes of this installation: `POST /internal/vector-store`.

The engine in process has one owner. Commands beside the running server send their calls here, with
the token from `DATA_DIR/server.json`.
"""

from __future__ import annotations

import json
import secrets
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from knowledge import wiring
from providers.errors import ProviderError
from providers.vector_store import wire
from supportbot.embedded import runtime

# A call carries the vectors of one document at most.
MAX_BYTES = 256 * 1024 * 1024


@csrf_exempt
@require_POST
def vector_store(request: HttpRequest) -> HttpResponse:
    """Carry out one call of the vector store; whoever may not call sees nothing here."""
    if not _from_this_machine(request) or not _knows_token(request):
        return HttpResponseNotFound()
    try:
        call: dict[str, Any] = json.loads(request.read(MAX_BYTES))
        method, arguments = str(call["method"]), dict(call["arguments"])
        generation, sentences = int(call["generation"]), bool(call.get("sentences", False))
    except (ValueError, KeyError, TypeError):
        return _error("ValueError", "The call is not {generation, method, arguments}.", 400)
    try:
        result = wire.serve(wiring.indexes(), generation, method, arguments, sentences=sentences)
        return JsonResponse({"result": result})
    except ProviderError as error:
        return _error(type(error).__name__, str(error), 200)
    except (KeyError, TypeError, ValueError) as error:
        return _error("ValueError", f"The call {method} is wrong: {type(error).__name__}.", 400)


def _error(name: str, detail: str, status: int) -> JsonResponse:
    return JsonResponse({"error": name, "detail": detail}, status=status)


def _knows_token(request: HttpRequest) -> bool:
    server = runtime.current()
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if server is None or scheme != "Bearer":
        return False
    return secrets.compare_digest(given.encode(), server.file.token.encode())


def _from_this_machine(request: HttpRequest) -> bool:
    """Say whether the caller is local and no proxy stands between."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback or str(address) == settings.ENV.HOST
