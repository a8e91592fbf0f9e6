"""A site whose server signs its customers, and browsers that come to it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import jwt
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from conversations.models import Conversation, Message, Site, SiteIdentity, VisitorToken
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Audience

BASE = "/api/v1"
JSON = "application/json"


def fresh_house() -> None:
    """Begin without counted limits, with the audiences that tokens name."""
    cache.clear()
    ensure_defaults()
    Audience.objects.get_or_create(slug="partner")


def age(tokens: Iterable[VisitorToken], by: timedelta) -> None:
    """Let so much of the tokens' time pass."""
    for row in tokens:
        VisitorToken.objects.filter(pk=row.pk).update(expires_at=row.expires_at - by)


class Host:
    """A site and its server."""

    def __init__(self, name: str = "Shop", *audiences: str) -> None:
        self.site = Site.objects.create(name=name)
        for slug in ("public", *audiences):
            self.site.audiences.add(Audience.objects.get_or_create(slug=slug)[0])
        self.settings = SiteIdentity(site=self.site, algorithm="HS256")
        self.secret = self.settings.new_secret(timezone.now())
        self.settings.save()

    def token(self, subject: str = "c-1", **changes: Any) -> str:
        """A customer's token; a change to None takes a claim out."""
        now = int(time.time())
        right = {"sub": subject, "aud": self.site.key, "iat": now, "exp": now + 600}
        kept = {name: value for name, value in {**right, **changes}.items() if value is not None}
        return jwt.encode(kept, self.secret, algorithm="HS256")


class Browser:
    """One browser; `token` is what it sends as its bearer."""

    def __init__(self, host: Host | None = None) -> None:
        self.key = host.site.key if host else ""
        self.client = Client()
        self.token = self.renewal = self.id = ""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        send = getattr(self.client, method)
        given = {} if method == "get" else {"data": body or {}, "content_type": JSON}
        return send(BASE + path, headers=headers, **given)

    def begin(self) -> Browser:
        started = self.call("post", "/conversations/", {"site": self.key}).json()
        self.id = started["id"]
        self.take(started)
        return self

    def take(self, given: dict[str, Any]) -> None:
        self.token = given["token"] or self.token
        self.renewal = given["renewal"] or self.renewal

    def identify(self, token: str) -> Any:
        body = {"site": self.key, "token": token, "conversation": self.id or None}
        answer = self.call("post", "/visitors/identify/", body)
        if answer.status_code == 200:
            self.take(answer.json())
        return answer

    def say(self, text: str) -> Message:
        body = {"client_id": str(uuid.uuid4()), "text": text}
        sent = self.call("post", f"/conversations/{self.id}/messages/", body)
        assert sent.status_code == 201, sent.content
        return Message.objects.get(pk=sent.json()["id"])

    def status(self, token: str = "", chat: str = "") -> int:
        """What asking for a chat comes to, with this or another token."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        found = self.client.get(f"{BASE}/conversations/{chat or self.id}/", headers=headers)
        return int(found.status_code)

    def chats(self) -> list[str]:
        listed = self.call("get", "/conversations/").json()["conversations"]
        return [row["id"] for row in listed]

    def row(self) -> Conversation:
        return Conversation.objects.select_related("visitor__verified").get(pk=self.id)
