"""Cuts the connections of chatting browsers: `python -m benchmarks._disconnects_played CUTS SEED`.

With a new DATA_DIR, which the server that it starts and its own reading of the rows share.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

from asgiref.sync import sync_to_async  # noqa: E402 - settings come first
from django.conf import settings  # noqa: E402
from playwright.async_api import Browser, Page, async_playwright  # noqa: E402
from websockets.asyncio.client import ClientConnection, connect  # noqa: E402

from benchmarks._cutting_proxy import WAYS, CuttingProxy  # noqa: E402
from benchmarks._desk_session import desk_session  # noqa: E402
from benchmarks.kill_nine import QUESTIONS, settings_for, write_pages  # noqa: E402
from conversations.consumers import rows_after  # noqa: E402
from conversations.models import Conversation, Message  # noqa: E402
from conversations.protocol import message_frame  # noqa: E402
from tests.browser.conftest import ARGUMENTS, CHROMIUM  # noqa: E402
from tests.server_process import ServerProcess, stub_llm_process  # noqa: E402

CUSTOMERS = 16
CHAT_CUTS = 8
LOOK_SECONDS = 0.03
SETTLE_SECONDS = 90.0
LATE_SECONDS = 5.0
AGENT = "Ada"
READY = (
    "() => document.getElementById('menu-button') && !document.getElementById('menu-button').hidden"
)
SEND = """text => {
    const box = document.getElementById("box");
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    document.getElementById("composer").requestSubmit();
}"""
CONVERSATION = "() => localStorage.getItem('supportbot.conversation')"
# The page's own code draws what the rows say; what is shown must be the same, in the same order.
COMPARE = """async ({ rows, agent }) => {
    const { parts } = await import(document.querySelector("script[type=module]").src);
    const { renderMessage } = parts["message-view"];
    const acts = new Proxy({}, { get: () => () => {} });
    const shape = (one) => `${one.className}|${one.textContent}`;
    const wanted = rows.map((row) => shape(renderMessage(row, acts)));
    const shown = [...document.querySelectorAll("#messages > .message:not(.draft)")].map(shape);
    const texts = shown.filter((one) => one.startsWith("message own"));
    return {
        equal: JSON.stringify(wanted) === JSON.stringify(shown) &&
            document.getElementById("who").textContent.includes(agent),
        drafts: document.querySelectorAll("#messages > .draft").length,
        doubled: texts.length - new Set(texts).size,
        banner: !document.getElementById("connection-banner").hidden,
        unsent: document.querySelectorAll("#messages .status-text").length,
        wanted, shown,
    };
}"""


@dataclass
class Found:
    """What happened, over all customers."""

    lags: list[float] = field(default_factory=list)
    by_way: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    doubled_in_view: int = 0

    def note(self, way: str, lag: float) -> None:
        """Note how long the view differed from the rows."""
        self.lags.append(lag)
        self.by_way[way] += 1
        self.slowest[way] = round(max(self.slowest.get(way, 0.0), lag), 3)


class Desk:
    """An agent's socket, straight to the server; opened again after a restart."""

    def __init__(self, url: str, cookie: str) -> None:
        self._url, self._cookie = url, cookie
        self._origin: Any = url
        self._lock = asyncio.Lock()
        self._socket: ClientConnection | None = None

    async def act(self, **values: Any) -> dict[str, Any]:
        """Do an act, again after a cut as the page would; its result."""
        async with self._lock:
            while True:
                try:
                    return await self._act(values)
                except Exception:
                    self._socket = None
                    await asyncio.sleep(0.1)

    async def _act(self, values: dict[str, Any]) -> dict[str, Any]:
        if self._socket is None:
            address = f"{self._url.replace('http', 'ws', 1)}/ws/desk/"
            headers = {"Cookie": f"sessionid={self._cookie}"}
            self._socket = await connect(
                address,
                additional_headers=headers,
                origin=self._origin,
                proxy=None,
            )
        await self._socket.send(json.dumps({**values, "type": "act", "id": 1}))
        while True:
            frame: dict[str, Any] = json.loads(await asyncio.wait_for(self._socket.recv(), 10))
            if frame["type"] == "result":
                return frame


def read_chat(conversation: str) -> tuple[list[Any], str, int, float]:
    """Return a chat's frames, its agent's name, its open questions, and when it last changed."""
    chat = Conversation.objects.select_related("agent").get(pk=conversation)
    rows = rows_after(chat.pk, 0)
    waiting = sum(row.kind == "question" and row.state in ("pending", "claimed") for row in rows)
    times = [at for row in rows for at in (row.created_at, row.edited_at, row.withdrawn_at) if at]
    changed = max((at.timestamp() for at in times), default=0.0)
    name = chat.agent.first_name if chat.agent else ""
    return [message_frame(row) for row in rows], name, waiting, changed


class Customer:
    """A browser's page that chats through a proxy of its own."""

    def __init__(self, number: int, port: int, desk: Desk, found: Found, seed: float) -> None:
        self.number = number
        self.proxy = CuttingProxy(port)
        self.desk = desk
        self.found = found
        self.dice = random.Random(seed)  # noqa: S311 - no secret
        self.cuts = 0
        self.with_agent = False
        self.page: Page

    async def open(self, browser: Browser) -> None:
        """Open the chat."""
        await self.proxy.start()
        context = await browser.new_context(reduced_motion="reduce")
        self.page = await context.new_page()
        await self.page.goto(self.proxy.url)
        await self.page.wait_for_function(READY)

    async def cycle(self, restarts: Restarts) -> None:
        """Write or be written to, have the line cut meanwhile, and wait until all is shown."""
        self.cuts += 1
        if self.cuts % CHAT_CUTS == 0 and not self.with_agent:
            await self.page.evaluate("() => document.getElementById('new-chat').click()")
        self.proxy.sockets = self.cuts % 10 < 7
        conversation = await self.page.evaluate(CONVERSATION)
        work = self._by_agent if conversation and self.dice.random() < 0.35 else self._ask
        doing = asyncio.ensure_future(work(conversation))
        await asyncio.sleep(self.dice.uniform(0, 0.7))
        way = self.dice.choice(WAYS)
        if restarts.running:
            way = "restart"
        elif not await self.proxy.cut(way):
            way = "between two connections"
        cut_at = time.time()
        if not self.proxy.sockets:
            way = f"{way}, polling"
        await self._settle(way, cut_at, restarts, doing)
        await doing

    async def _ask(self, conversation: str) -> None:
        text = f"{self.dice.choice(QUESTIONS)} ({self.number}.{self.cuts})"
        self.found.sent.append(text)
        await self.page.evaluate(SEND, text)

    async def _by_agent(self, conversation: str) -> None:
        await asyncio.sleep(self.dice.uniform(0, 0.7))
        mine = Message.objects.filter(conversation_id=conversation, role="agent", withdrawn_at=None)
        last = await sync_to_async(mine.last, thread_sensitive=False)()
        kind = self.dice.choice(("reply", "edit", "withdraw", "hand_back"))
        words = f"Let me look ({self.number}.{self.cuts})."
        if not self.with_agent or last is None or kind == "reply":
            values = {"act": "reply", "conversation": conversation, "text": words}
            await self.desk.act(**values, client_id=str(uuid.uuid4()))
            self.with_agent = True
        elif kind == "hand_back":
            await self.desk.act(act="hand_back", conversation=conversation)
            self.with_agent = False
        else:
            await self.desk.act(act=kind, message=str(last.pk), text=f"{words} Edited.")

    async def _settle(
        self, way: str, cut_at: float, restarts: Restarts, doing: asyncio.Future[None]
    ) -> None:
        """Look until all is done, stored and shown; note how late the latest change was shown."""
        read = sync_to_async(read_chat, thread_sensitive=False)
        look = Look(cut_at)
        while time.time() < cut_at + SETTLE_SECONDS:
            was_done = doing.done()
            conversation = await self.page.evaluate(CONVERSATION)
            if conversation:
                frames, agent, waiting, changed = await read(conversation)
                view = await self.page.evaluate(COMPARE, {"rows": frames, "agent": agent})
                equal = view["equal"] and not (view["drafts"] and not waiting)
                look.at(equal, max(cut_at, changed, restarts.ready_at), view, waiting)
                if equal and not waiting and was_done:
                    self.found.note(way, look.worst)
                    self.found.doubled_in_view += view["doubled"]
                    if look.worst > LATE_SECONDS:
                        self.found.late.append(f"{way}: {'; '.join(look.trace)}")
                    return
            await asyncio.sleep(LOOK_SECONDS)
        self.found.note(way, SETTLE_SECONDS)
        self.found.late.append(f"{way}, never: {'; '.join(look.trace)}")


class Look:
    """What was seen of one page since one cut: how long each change was not shown."""

    def __init__(self, cut_at: float) -> None:
        self._cut_at = cut_at
        self._shown: set[float] = set()
        self.worst = 0.0
        self.trace: list[str] = []

    def at(self, equal: bool, since: float, view: dict[str, Any], waiting: int) -> None:
        """Note one look; `since`: the last change, cut or start before it."""
        now = time.time()
        if equal and since not in self._shown:
            self._shown.add(since)
            self.worst = max(self.worst, now - since)
        names = ("equal", "drafts", "banner", "unsent")
        state = ", ".join([f"{waiting} open", *(f"{name} {view[name]}" for name in names)])
        if not self.trace or not self.trace[-1].endswith(state):
            self.trace.append(f"{now - self._cut_at:.1f} s: {state}")


class Restarts:
    """Kills the server now and then, and starts it again."""

    def __init__(self, server: ServerProcess, number: int) -> None:
        self._server = server
        self._number = number
        self.done = 0
        self.running = False
        self.ready_at = 0.0

    async def run(self, found: Found, cuts: int) -> None:
        """Restart at even distances of the work."""
        for number in range(1, self._number + 1):
            while len(found.lags) < cuts * number / (self._number + 1):
                await asyncio.sleep(0.1)
            self.running = True
            await asyncio.to_thread(self._server.kill)
            await asyncio.to_thread(self._server.start)
            self.ready_at = time.time()
            self.running = False
            self.done += 1


async def play(server: ServerProcess, cuts: int, seed: int) -> dict[str, Any]:
    """Let all customers chat until there were enough cuts."""
    dice, found = random.Random(seed), Found()  # noqa: S311 - no secret
    cookie = await sync_to_async(desk_session)(AGENT)
    desk = Desk(server.url, cookie)
    restarts = Restarts(server, 1 if cuts < 500 else 5)
    customers = [
        Customer(number, server.port, desk, found, dice.random()) for number in range(CUSTOMERS)
    ]
    async with async_playwright() as playwright:
        arguments = [*ARGUMENTS, "--renderer-process-limit=4"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for customer in customers:
            await customer.open(browser)
        began, left = time.monotonic(), iter(range(cuts))

        async def chat(customer: Customer) -> None:
            for _ in left:
                await customer.cycle(restarts)

        restarting = asyncio.ensure_future(restarts.run(found, cuts))
        await asyncio.gather(*map(chat, customers))
        restarting.cancel()
        seconds = time.monotonic() - began
        await browser.close()
    rows = await sync_to_async(counted, thread_sensitive=False)(found.sent)
    return figures(found, rows, restarts.done, seconds)


def counted(sent: list[str]) -> dict[str, int]:
    """Return how many of the texts have no row, and how many have two or more."""
    stored = Counter(Message.objects.filter(role="customer").values_list("text", flat=True))
    finals = Counter(Message.objects.filter(kind="final").values_list("reply_to", flat=True))
    return {
        "sent": len(sent),
        "lost": sum(stored[text] == 0 for text in sent),
        "doubled": sum(stored[text] > 1 for text in sent),
        "doubled_replies": sum(count > 1 for count in finals.values()),
    }


def figures(found: Found, rows: dict[str, int], restarts: int, seconds: float) -> dict[str, Any]:
    """Return what was measured."""
    lags = sorted(found.lags)
    return {
        "disconnects": len(lags),
        "customers": CUSTOMERS,
        "server_restarts": restarts,
        **rows,
        "doubled_in_view": found.doubled_in_view,
        "seconds_until_equal": {
            "p50": round(lags[len(lags) // 2], 3),
            "p95": round(lags[int(len(lags) * 0.95)], 3),
            "worst": round(lags[-1], 3),
        },
        "by_way": dict(sorted(found.by_way.items())),
        "worst_by_way": dict(sorted(found.slowest.items())),
        "later_than_5_s": sum(lag > 5 for lag in lags),
        "played_seconds": round(seconds, 1),
        "problems": found.late[:12],
    }


def main() -> None:
    """Print the figures as JSON."""
    cuts, seed = int(sys.argv[1]), int(sys.argv[2])
    # Not from the environment: the tests that are imported above have set a folder of their own.
    data = Path(settings.DATA_DIR)
    pages = write_pages(data.parent / f"{data.name}-pages")
    with stub_llm_process() as stub:
        given = {**settings_for(stub), "CACHE_ANSWERS": "false"}
        server = ServerProcess(data, (pages,), given)
        server.start()
        server.wait_for_output("Documents:")
        try:
            print(json.dumps(asyncio.run(play(server, cuts, seed))))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
