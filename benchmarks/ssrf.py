"""Addresses that must not be fetched: how many are connected to, and how many good ones pass.

Each line of the evaluation data is fetched with a resolver that gives the line's answers in turn
and a transport that only records where it was to connect, and serves the line's redirects.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import httpcore2

from benchmarks import DataMissing, Options, evaluation_data
from providers.errors import ProviderError, ProviderRefused
from providers.web.addresses import AllowedHosts, ip_refusal
from providers.web.base import PageUnavailable, WebRequest
from providers.web.fetching import GuardedFetcher

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok"
ANY_HOST = AllowedHosts.of(["*"])


@dataclass
class Answers:
    """A resolver with a line's answers: each look-up takes the next, the last one repeats."""

    by_name: dict[str, list[list[str]]]
    asked: dict[str, int] = field(default_factory=dict)

    def resolve(self, name: str, port: int, timeout_seconds: float) -> list[str]:
        """Return the addresses of a name. Raises PageUnavailable for one that is not known."""
        answers = self.by_name.get(name)
        if not answers:
            raise PageUnavailable(f"The name {name} is not known.")
        turn = self.asked.get(name, 0)
        self.asked[name] = turn + 1
        return answers[min(turn, len(answers) - 1)]


class RecordingBackend(httpcore2.NetworkBackend):
    """Connects to nothing: notes each address and replies with redirects, then a page."""

    def __init__(self, redirects: Iterable[str]) -> None:
        self.connected: list[str] = []
        self._redirects = list(redirects)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.NetworkStream:
        """Note the address."""
        self.connected.append(host)
        reply = PAGE
        if self._redirects:
            location = self._redirects.pop(0)
            reply = (
                f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n"
                "Connection: close\r\n\r\n"
            ).encode()
        return _Served([reply])


class _Served(httpcore2.MockStream):
    """A connection without a network under it, TLS included."""

    def start_tls(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


def judged(line: dict[str, Any]) -> dict[str, Any]:
    """Fetch one line; return where it connected to and what came of it."""
    backend = RecordingBackend(line.get("redirects_to") or ())
    answers = Answers(line["resolves_to"] or {})
    fetcher = GuardedFetcher(
        user_agent="supportbot benchmark", resolve=answers.resolve, backend=backend
    )
    outcome = "fetched"
    try:
        fetcher.fetch(WebRequest(line["url"], ANY_HOST))
    except ProviderRefused:
        outcome = "refused"
    except ProviderError:
        outcome = "unavailable"
    finally:
        fetcher.close()
    wrong = [one for one in backend.connected if ip_refusal(ip_address(one))]
    return {"outcome": outcome, "connected": backend.connected, "wrong": wrong}


def measured(lines: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Fetch all lines and count.

    `refused_connected` counts connections to an address that is not public, and refused literal
    addresses that were connected to at all. `refused_fetched` counts lines that gave a page: only
    a name whose first answer is public may, since what was checked is what is connected to.
    """
    counts: dict[str, Any] = {
        "forms": 0, "refuse": 0, "refused_connected": 0, "refused_fetched": 0, "allowed": 0,
        "allowed_passed": 0, "wrong": [],
    }  # fmt: skip
    for line in lines:
        result = judged(line)
        counts["forms"] += 1
        if line["expected"] == "allow":
            counts["allowed"] += 1
            passed = result["outcome"] == "fetched"
            counts["allowed_passed"] += passed
            if not passed:
                counts["wrong"].append(line["url"])
            continue
        counts["refuse"] += 1
        counts["refused_fetched"] += result["outcome"] == "fetched"
        literal = not line["resolves_to"] and result["connected"]
        if result["wrong"] or literal:
            counts["refused_connected"] += 1
            counts["wrong"].append(line["url"])
    return counts


def run(options: Options) -> dict[str, Any]:
    """Fetch every line of the evaluation data's ssrf folder."""
    files = sorted((evaluation_data() / "security" / "ssrf").glob("*.jsonl"))
    if not files:
        raise DataMissing("The evaluation data has no folder security/ssrf.")
    lines = [json.loads(text) for file in files for text in file.read_text("utf-8").splitlines()]
    counts = measured(lines)
    passed = counts["allowed_passed"] == counts["allowed"]
    return {"ok": passed and not counts["refused_connected"], **counts}
