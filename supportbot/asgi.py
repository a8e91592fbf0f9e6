"""The application as a server sees it: pages and API, sockets, and what runs beside them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - models need the set-up
from django.conf import settings  # noqa: E402

from conversations.routing import websocket_urlpatterns  # noqa: E402
from supportbot.body_limit import BodyLimit  # noqa: E402
from supportbot.embedded import runtime  # noqa: E402
from supportbot.origins import OriginCheck  # noqa: E402

# Database work of sockets and sync views; waits mostly for SQLite's one writer.
THREADS = 24
logger = logging.getLogger(__name__)


async def lifespan(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Refuse to serve without workers in the embedded profile; end the threads at the end."""
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            embedded = runtime.current()
            if settings.EMBEDDED and embedded is None:
                reason = "Without REDIS_URL start the server with scripts/run or manage.py serve."
                await send({"type": "lifespan.startup.failed", "message": reason})
                return
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "io"))
            await send({"type": "lifespan.startup.complete"})
        else:
            embedded = runtime.current()
            if embedded is not None:
                await asyncio.get_running_loop().run_in_executor(None, embedded.stop)
            await send({"type": "lifespan.shutdown.complete"})
            return


application = ProtocolTypeRouter(
    {
        "http": BodyLimit(django_application),
        "websocket": OriginCheck(URLRouter(websocket_urlpatterns)),
        "lifespan": lifespan,
    }
)
