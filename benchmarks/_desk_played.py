"""Customers and agents at work: `python -m benchmarks._desk_played SECONDS SEED`.

With a new DATA_DIR, which the server that it starts shares.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

import httpx2  # noqa: E402 - settings come first
from asgiref.sync import sync_to_async  # noqa: E402
from django.conf import settings  # noqa: E402
from websockets.asyncio.client import ClientConnection, connect  # noqa: E402

from benchmarks import ROOT  # noqa: E402
from benchmarks._desk_pages import Pages  # noqa: E402
from benchmarks._desk_session import desk_session  # noqa: E402
from benchmarks.kill_nine import QUESTIONS, settings_for, write_pages  # noqa: E402
from tests.server_process import ServerProcess, free_port, stub_llm_process  # noqa: E402

CHATS = 50
AGENTS = 5
# Each customer of the bot asks so often, on average; the stub streams its answer.
QUESTION_SECONDS = 15.0
# Each customer with an agent writes so often, and is answered at once.
TALK_SECONDS = 2.0
ECHO_SECONDS = 0.2
# As the desk's page reads again after a change, and after the next (static/desk/loading.js).
GATHER_SECONDS, AGAIN_SECONDS = 0.1, 1.5
MODEL = "stub-ttft300-rate50"


class Frames:
    """A socket whose frames are taken one after the other, and waited for."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.waited: dict[str, asyncio.Future[float]] = {}
        self.others: Callable[[dict[str, Any]], None] = lambda frame: None
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for data in self.socket:
            at, frame = time.perf_counter(), json.loads(data)
            key = frame.get("text", "") if frame["type"] == "message" else frame["type"]
            if (future := self.waited.pop(key, None)) and not future.done():
                future.set_result(at)
            self.others(frame)

    def when(self, key: str) -> asyncio.Future[float]:
        """Return when a message with this text, or a frame of this type, comes."""
        self.waited[key] = asyncio.get_running_loop().create_future()
        return self.waited[key]

    async def say(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send(json.dumps(frame))

    async def close(self) -> None:
        """End it."""
        self._reading.cancel()
        await self.socket.close()


class Play:
    """The whole scene, and what was measured in it."""

    def __init__(self, server: ServerProcess, seed: int) -> None:
        self.server = server
        self.dice = random.Random(seed)  # noqa: S311 - no secret
        self.http = httpx2.AsyncClient(base_url=server.url, timeout=30, trust_env=False)
        self.there: list[float] = []
        self.back: list[float] = []
        self.echoes: list[float] = []
        self.asked = 0
        self.reads: list[float] = []
        self.ends = 0.0

    def on(self) -> bool:
        """Say whether it goes on."""
        return time.monotonic() < self.ends

    async def customer(self) -> tuple[Frames, str]:
        """Begin a chat and open its socket; returns it and the chat's id."""
        begun = (await self.http.post("/api/v1/conversations/", json={})).json()
        socket = await connect(f"{self._ws}/ws/chat/", proxy=None)
        hello = {"type": "hello", "token": begun["token"], "conversation": begun["id"]}
        await socket.send(json.dumps({**hello, "last_seq": 0}))
        return Frames(socket), str(begun["id"])

    async def chat_with_the_bot(self) -> None:
        """Ask again and again."""
        frames, _ = await self.customer()
        await asyncio.sleep(self.dice.uniform(0, QUESTION_SECONDS))
        while self.on():
            text, client_id = self.dice.choice(QUESTIONS), str(uuid.uuid4())
            await frames.say(type="send", client_id=client_id, text=text)
            self.asked += 1
            await asyncio.sleep(self.dice.uniform(0.5, 1.5) * QUESTION_SECONDS)
        await frames.close()

    async def talk_with_an_agent(self, cookie: str) -> None:
        """Measure a customer's words on the way to the agent's socket, and the reply back."""
        customer, chat = await self.customer()
        desk = await self.desk(cookie, chat)
        reply = {"type": "act", "act": "reply", "conversation": chat}
        await desk.say(**reply, id=0, text="Hello.", client_id=str(uuid.uuid4()))
        await asyncio.sleep(1)
        number = 0
        while self.on():
            number += 1
            question, answer = f"Question {number}?", f"Answer {number}."
            comes, sent = desk.when(question), time.perf_counter()
            await customer.say(type="send", client_id=str(uuid.uuid4()), text=question)
            self.there.append(await asyncio.wait_for(comes, 30) - sent)
            await asyncio.sleep(self.dice.uniform(0, 0.3))
            comes, sent = customer.when(answer), time.perf_counter()
            await desk.say(**reply, id=number, text=answer, client_id=str(uuid.uuid4()))
            self.back.append(await asyncio.wait_for(comes, 30) - sent)
            await asyncio.sleep(self.dice.uniform(0.5, 1.5) * TALK_SECONDS)
        await customer.close()
        await desk.close()

    async def desk(self, cookie: str, chat: str) -> Frames:
        """Open a desk that reads what its page would read."""
        headers = {"Cookie": f"sessionid={cookie}"}
        origin: Any = self.server.url
        socket = await connect(
            f"{self._ws}/ws/desk/", additional_headers=headers, origin=origin, proxy=None
        )
        frames, due, read_at = Frames(socket), set[str](), dict[str, float]()
        paths = {"queue": "/admin/desk/queue/?queue=mine&q=", "thread": f"/admin/desk/{chat}/"}

        async def read(name: str) -> None:
            wait = read_at.get(name, 0.0) + AGAIN_SECONDS - time.perf_counter()
            await asyncio.sleep(max(GATHER_SECONDS, wait))
            due.discard(name)
            began = read_at[name] = time.perf_counter()
            await self.http.get(paths[name], headers=headers)
            self.reads.append(time.perf_counter() - began)

        def changed(frame: dict[str, Any]) -> None:
            if frame["type"] != "changed":
                return
            for name in ("queue", "thread") if frame["conversation"] == chat else ("queue",):
                if name not in due:
                    due.add(name)
                    reading.append(asyncio.ensure_future(read(name)))

        reading: list[asyncio.Future[None]] = []
        frames.others = changed
        await frames.say(type="watch", conversation=chat)
        return frames

    async def echo(self, port: int) -> None:
        """Measure the bare echo meanwhile."""
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as socket:
            while self.on():
                sent = time.perf_counter()
                await socket.send("x" * 200)
                await socket.recv()
                self.echoes.append(time.perf_counter() - sent)
                await asyncio.sleep(ECHO_SECONDS)

    @property
    def _ws(self) -> str:
        return self.server.url.replace("http", "ws", 1)


async def play(server: ServerProcess, seconds: float, seed: int) -> dict[str, Any]:
    """Play the scene and return the figures."""
    scene, port = Play(server, seed), free_port()
    cookies = [
        await sync_to_async(desk_session)(name) for name in ("Ada", "Bea", "Cem", "Dan", "Eva")
    ]
    echo = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "benchmarks._bare_echo", str(port)], cwd=ROOT
    )
    try:
        async with Pages(server.url, cookies[0]) as pages:
            await asyncio.sleep(1)
            scene.ends = time.monotonic() + seconds
            await asyncio.gather(
                *(scene.chat_with_the_bot() for _ in range(CHATS - AGENTS)),
                *(scene.talk_with_an_agent(cookie) for cookie in cookies[1:]),
                pages.talk(scene.on),
                scene.echo(port),
            )
            return figures(scene, pages, seconds)
    finally:
        echo.terminate()
        echo.wait()


def figures(scene: Play, pages: Pages, seconds: float) -> dict[str, Any]:
    """Return what was measured, in milliseconds."""
    both = [there + back for there, back in zip(scene.there, scene.back, strict=False)]
    seen = [there + back for there, back in zip(pages.there, pages.back, strict=False)]
    return {
        "chats": CHATS,
        "agents": AGENTS,
        "questions_a_second": round(scene.asked / seconds, 2),
        "ms": {
            "bare_echo": spread(scene.echoes),
            "keypress_to_desk_socket": spread(scene.there),
            "reply_to_customers_socket": spread(scene.back),
            "there_and_back": spread(both),
            "keypress_to_desk_screen": spread(pages.there),
            "reply_to_customers_screen": spread(pages.back),
            "there_and_back_on_screens": spread(seen),
            "desk_reading_again": spread(scene.reads),
        },
        "desk_reads_a_second": round(len(scene.reads) / seconds, 1),
    }


def spread(values: list[float]) -> dict[str, float]:
    """Return median, p95, worst and number of values given in seconds, in milliseconds."""
    found = sorted(values)
    if not found:
        return {"n": 0}
    at = {"p50": 0.5, "p95": 0.95}
    shown = {name: round(found[int(len(found) * part)] * 1000, 1) for name, part in at.items()}
    return {**shown, "worst": round(found[-1] * 1000, 1), "n": len(found)}


def main() -> None:
    """Print the figures as JSON."""
    seconds, seed = float(sys.argv[1]), int(sys.argv[2])
    # Not from the environment: the tests that are imported above have set a folder of their own.
    data = Path(settings.DATA_DIR)
    pages = write_pages(data.parent / f"{data.name}-pages")
    with stub_llm_process() as stub:
        given = {**settings_for(stub), "LLM_MODELS": MODEL, "CACHE_ANSWERS": "false"}
        server = ServerProcess(data, (pages,), given)
        server.start()
        server.wait_for_output("Documents:")
        try:
            print(json.dumps(asyncio.run(play(server, seconds, seed))))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
