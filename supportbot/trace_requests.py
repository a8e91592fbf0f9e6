"""Begins a trace for each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from observability.tracing import start_trace

Handler = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]
HEADER = "X-Trace-Id"


@sync_and_async_middleware
def TraceMiddleware(get_response: Handler) -> Handler:  # noqa: N802 - named like its neighbours
    """Give each request an id, which its log lines carry and its response names."""
    if iscoroutinefunction(get_response):

        async def traced_async(request: HttpRequest) -> HttpResponseBase:
            trace_id = start_trace()
            response = await cast("Awaitable[HttpResponseBase]", get_response(request))
            response.headers[HEADER] = trace_id
            return response

        return traced_async

    def traced(request: HttpRequest) -> HttpResponseBase:
        trace_id = start_trace()
        response = cast("HttpResponseBase", get_response(request))
        response.headers[HEADER] = trace_id
        return response

    return traced
