"""A bare WebSocket echo: `python -m benchmarks._bare_echo PORT`. What the machine itself costs."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Send every text back."""
    if scope["type"] != "websocket":
        return
    while True:
        event = await receive()
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif event["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})
        else:
            return


if __name__ == "__main__":
    config = uvicorn.Config(
        echo, port=int(sys.argv[1]), log_level="error", ws_per_message_deflate=False, lifespan="off"
    )
    uvicorn.Server(config).run()
