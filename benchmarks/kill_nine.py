"""Messages sent while the server is killed with -9 at random: how many are lost or doubled.

Customers write over HTTP and over sockets, and repeat with the same id until they are acknowledged,
as the chat page does. Afterwards the rows are counted: each acknowledged question has exactly one
final reply, or was merged into one that has.
"""

from __future__ import annotations

import json
import random
import sqlite3
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from benchmarks import Options
from tests.server_process import ServerProcess, fetch, stub_llm_process

CUSTOMERS = 40
RECOVERY_SECONDS = 60.0
RETRY_SECONDS = 0.1
ACKNOWLEDGE_SECONDS = 5.0
# The server lives this long between two kills, counted from when it is ready.
LIFE_SECONDS = (0.3, 2.0)
PAUSE_SECONDS = (0.0, 0.8)
MODEL = "stub-ttft200-rate100"
PAGES = {
    "returns.md": "# Returns\n\nSend goods back within 30 days. The label is in your account.",
    "passwords.md": "# Passwords\n\nTo change it, open Settings and press Change password.",
    "invoices.md": "# Invoices\n\nInvoices are sent by e-mail on the first day of each month.",
}
QUESTIONS = (
    "How do I send goods back?",
    "How can I change my password?",
    "When are invoices sent?",
    "Hello",
    "Where is the label for a return?",
)


@dataclass
class Outcome:
    """What the rows say in the end."""

    sent: int = 0
    acknowledged: int = 0
    kills: int = 0
    open: int = 0
    lost: int = 0
    doubled: int = 0
    merged: int = 0
    recovery_seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Say whether nothing was lost or doubled."""
        return self.acknowledged == self.sent and not (self.open or self.lost or self.doubled)


class Customer(threading.Thread):
    """Sends its messages one after the other, each until it is acknowledged."""

    def __init__(
        self, url: str, messages: int, dice: random.Random, *, over_socket: bool, patient: bool
    ) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self._url = url
        self._messages = messages
        self._patient = patient
        self._dice = dice
        self._send = self._over_socket if over_socket else self._over_http
        self._conversation = self._token = ""

    def run(self) -> None:
        """Open a conversation and write."""
        while not self._open():
            time.sleep(RETRY_SECONDS)
        for _ in range(self._messages):
            client_id, text = str(uuid.UUID(int=self._dice.getrandbits(128))), self._question()
            while not self._send(client_id, text):
                time.sleep(RETRY_SECONDS)
            self.acknowledged.append(client_id)
            while self._patient and self._waiting():
                time.sleep(RETRY_SECONDS)
            time.sleep(self._dice.uniform(*PAUSE_SECONDS))

    def _question(self) -> str:
        return self._dice.choice(QUESTIONS)

    def _open(self) -> bool:
        try:
            status, body = fetch(f"{self._url}/api/v1/conversations/", method="POST", body={})
        except OSError:
            return False
        if status == 201:
            self._conversation, self._token = body["id"], body["token"]
        return bool(self._token)

    def _waiting(self) -> bool:
        """Say whether the last message has no reply yet; a server that is down has none."""
        path = f"/api/v1/conversations/{self._conversation}/messages/?after=0"
        try:
            status, body = fetch(self._url + path, token=self._token)
        except OSError:
            return True
        return status != 200 or body["messages"][-1]["kind"] != "final"

    def _over_http(self, client_id: str, text: str) -> bool:
        try:
            status, _ = fetch(
                f"{self._url}/api/v1/conversations/{self._conversation}/messages/",
                method="POST",
                body={"client_id": client_id, "text": text},
                token=self._token,
                timeout_seconds=ACKNOWLEDGE_SECONDS,
            )
        except OSError:
            return False
        return status in (200, 201)

    def _over_socket(self, client_id: str, text: str) -> bool:
        address = f"{self._url.replace('http', 'ws', 1)}/ws/chat/"
        hello = {"token": self._token, "conversation": self._conversation, "last_seq": 0}
        try:
            with connect(address, open_timeout=ACKNOWLEDGE_SECONDS, proxy=None) as socket:
                socket.send(json.dumps({"type": "hello", **hello}))
                socket.send(json.dumps({"type": "send", "client_id": client_id, "text": text}))
                return self._acknowledged(socket, client_id)
        except (OSError, WebSocketException):
            return False

    def _acknowledged(self, socket: Any, client_id: str) -> bool:
        ends = time.monotonic() + ACKNOWLEDGE_SECONDS
        while (left := ends - time.monotonic()) > 0:
            frame = json.loads(socket.recv(timeout=left))
            if frame["type"] == "ack" and frame["client_id"] == client_id:
                return True
        return False


def rehearse(server: ServerProcess, *, messages: int, kills: int, seed: int) -> Outcome:
    """Send and kill; return what the rows say after the last restart. The server is started."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    each = messages // CUSTOMERS
    customers = [
        Customer(
            server.url,
            each,
            random.Random(dice.random()),  # noqa: S311 - no secret
            over_socket=number % 2 == 0,
            patient=number % 4 > 1,
        )
        for number in range(CUSTOMERS)
    ]
    for customer in customers:
        customer.start()
    outcome = Outcome(sent=each * CUSTOMERS)
    while outcome.kills < kills:
        time.sleep(dice.uniform(*LIFE_SECONDS))
        server.kill()
        outcome.kills += 1
        server.start()
    restarted = time.monotonic()
    for customer in customers:
        customer.join(RECOVERY_SECONDS)
    _wait_until_answered(server, restarted + RECOVERY_SECONDS)
    outcome.recovery_seconds = round(time.monotonic() - restarted, 1)
    acknowledged = [one for customer in customers for one in customer.acknowledged]
    outcome.acknowledged = len(acknowledged)
    _count(server.data_dir / "db.sqlite3", acknowledged, outcome)
    return outcome


def _wait_until_answered(server: ServerProcess, ends: float) -> None:
    while time.monotonic() < ends and _open_questions(server.data_dir / "db.sqlite3"):
        time.sleep(0.2)


def _open_questions(database: Path) -> int:
    query = "SELECT count(*) FROM conversations_message WHERE state IN ('pending', 'claimed')"
    rows = _read(database, query)
    return int(rows[0][0])


def _count(database: Path, acknowledged: list[str], outcome: Outcome) -> None:
    rows = _read(
        database,
        "SELECT q.id, q.client_msg_id, q.state, q.merged_into_id, count(f.id) "
        "FROM conversations_message q LEFT JOIN conversations_message f "
        "ON f.reply_to_id = q.id AND f.kind = 'final' WHERE q.kind = 'question' GROUP BY q.id",
    )
    by_id = {row[0]: row for row in rows}
    by_client_id: dict[str, list[Any]] = {}
    for row in rows:
        by_client_id.setdefault(str(uuid.UUID(row[1])), []).append(row)
    outcome.doubled = sum(row[4] > 1 for row in rows)
    outcome.open = sum(row[2] in ("pending", "claimed") for row in rows)
    for client_id in acknowledged:
        found = by_client_id.get(client_id, [])
        if len(found) != 1:
            outcome.lost += not found
            outcome.doubled += len(found) > 1
            outcome.problems.append(f"{client_id}: {len(found)} rows")
            continue
        last = found[0]
        outcome.merged += last[2] == "merged"
        while last[2] == "merged" and last[3] in by_id:
            last = by_id[last[3]]
        if last[4] != 1:
            outcome.lost += last[4] == 0
            outcome.problems.append(f"{client_id}: {last[2]} with {last[4]} final replies")


def _read(database: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def settings_for(stub: str) -> dict[str, str]:
    """Return settings under which nothing but the kills gets in the way."""
    return {
        "OPENAI_BASE_URL": stub,
        "OPENAI_API_KEY": "unused",
        "LLM_MODELS": MODEL,
        "LLM_DAILY_BUDGET_USD": "100000",
        "VISITOR_MESSAGES_PER_MINUTE": "10000",
        "ADDRESS_MESSAGES_PER_MINUTE": "100000",
        # A writer keeps its token for a run that takes hours.
        "VISITOR_TOKEN_MINUTES": "1440",
    }


def write_pages(folder: Path) -> Path:
    """Write the few help pages that are asked about."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in PAGES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(options: Options) -> dict[str, Any]:
    """Send 200 messages through five kills; 40 through two in the quick form."""
    messages, kills = (80, 2) if options.quick else (200, 5)
    seed = random.randrange(1_000_000)  # noqa: S311 - no secret
    with (
        tempfile.TemporaryDirectory(prefix="supportbot-kill-") as folder,
        stub_llm_process() as stub,
    ):
        pages = write_pages(Path(folder) / "pages")
        server = ServerProcess(Path(folder) / "data", (pages,), settings_for(stub))
        server.start()
        server.wait_for_output("Documents:")
        outcome = rehearse(server, messages=messages, kills=kills, seed=seed)
        server.kill()
    return {"ok": outcome.ok, "seed": seed, **vars(outcome)}
