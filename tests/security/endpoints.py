"""Every address of the application and who may use it. One without a row here fails the tests.

To add an address: a visitor's own thing goes into OWN, something for everybody into PUBLIC, a
member of staff's into STAFF, and a page of the admin that is none of a model's usual five into
ADMIN. Bodies are those with which somebody who may would succeed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from supportbot.roles import ADMINISTRATOR, AGENT, OPERATOR
from tests.security.stage import SECRET, Stage

READERS = frozenset({AGENT, OPERATOR, ADMINISTRATOR})
CURATORS = frozenset({OPERATOR, ADMINISTRATOR})
DESK = frozenset({AGENT, ADMINISTRATOR})
ONLY_ADMINISTRATORS = frozenset({ADMINISTRATOR})
ANY_STAFF = frozenset({AGENT, OPERATOR, ADMINISTRATOR, "outsider"})
NOBODY_AT_ALL: frozenset[str] = frozenset()
Body = dict[str, Any]
API = "api/v1/"
# What a model's administration has by itself; who may is said in tests/supportbot/test_roles.py.
USUAL = re.compile(r"_(changelist|add|history|delete|change)$")


@dataclass(frozen=True)
class Own:
    """A visitor's own thing; for everybody else it does not exist."""

    thing: str
    bodies: dict[str, Body]
    # A second id in the address: its name there, and what it is the id of.
    second: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Public:
    """For everybody. `writes`: the tables in which anybody may so make a row of their own."""

    bodies: dict[str, Body]
    writes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Staff:
    """For roles, by method."""

    may: dict[str, frozenset[str]]
    thing: str = ""
    body: Body = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A page of the admin."""

    may: frozenset[str]
    body: Body = field(default_factory=dict)
    thing: str = ""


def _message() -> Body:
    return {"client_id": str(uuid.UUID(int=7)), "text": "Let me in"}


CONVERSATION = f"{API}conversations/<uuid:pk>/"
MESSAGE = f"{API}messages/<uuid:pk>/"
DOCUMENT = f"{API}documents/<uuid:pk>/"

OWN: dict[str, Own] = {
    CONVERSATION: Own("chat", {"GET": {}, "DELETE": {}}),
    f"{CONVERSATION}messages/": Own("chat", {"GET": {}, "POST": _message()}),
    f"{CONVERSATION}escalate/": Own("chat", {"POST": {"note": "x"}}),
    f"{CONVERSATION}email/": Own("chat", {"POST": {"email": "eve@example.com"}}),
    f"{CONVERSATION}withdraw/": Own("waiting_chat", {"POST": {}}),
    f"{CONVERSATION}typing/": Own("chat", {"POST": {}}),
    f"{CONVERSATION}transcript/": Own("chat", {"GET": {}}),
    f"{CONVERSATION}transcript/mail/": Own("chat", {"POST": {"email": "eve@example.com"}}),
    f"{CONVERSATION}signals/": Own("chat", {"POST": {"signals": [{"kind": "left"}]}}),
    # Handing in is a form with a file, which the test puts in.
    f"{CONVERSATION}attachments/": Own("chat", {"POST": {"client_id": str(uuid.UUID(int=6))}}),
    f"{CONVERSATION}attachments/<uuid:attachment>/": Own(
        "chat", {"GET": {}, "DELETE": {}}, ("uuid:attachment", "file")
    ),
    f"{CONVERSATION}context/": Own("chat", {"POST": {"page_url": "https://evil.example/"}}),
    f"{CONVERSATION}rating/": Own("chat", {"POST": {"solved": True}}),
    f"{CONVERSATION}reports/": Own("chat", {"POST": {"kind": "other", "text": "x"}}),
    f"{MESSAGE}feedback/": Own("final", {"POST": {"rating": -1, "reason": "", "comment": "x"}}),
    f"{MESSAGE}stop/": Own("open_question", {"POST": {}}),
    f"{MESSAGE}retry/": Own("stopped_question", {"POST": {}}),
}
_BEGINS = frozenset(
    {
        "conversations_conversation",
        "conversations_visitor",
        "conversations_visitor_audiences",
        "conversations_visitortoken",
    }
)
PUBLIC: dict[str, Public] = {
    "": Public({"GET": {}}),
    "chat-files/<str:name>": Public({"GET": {}}),
    "chat/<str:key>": Public({"GET": {}}),
    "widget.js": Public({"GET": {}}),
    "widget/loader.js": Public({"GET": {}}),
    "widget/<str:key>": Public({"GET": {}}),
    "widget/<str:key>/watch": Public({"GET": {}}),
    "widget/<str:key>/theme.css": Public({"GET": {}}),
    "widget/<str:key>/logo": Public({"GET": {}}),
    "healthz": Public({"GET": {}}),
    "readyz": Public({"GET": {}}),
    f"{API}banner/": Public({"GET": {}}),
    f"{API}conversations/": Public({"GET": {}, "POST": {}}, _BEGINS),
    f"{API}visitors/identify/": Public({"POST": {"site": "x", "token": "x"}}),
    f"{API}visitors/renew/": Public({"POST": {"renewal": "x"}}),
    f"{API}visitors/forget/": Public({"POST": {"renewal": "x"}}),
    f"{API}schema/": Public({"GET": {}}),
    f"{API}docs/": Public({"GET": {}}),
    # With the token from the data folder only, and from this machine.
    "internal/vector-store": Public({"POST": {"method": "search", "arguments": {}}}),
}
STAFF: dict[str, Staff] = {
    f"{API}search/": Staff({"POST": READERS}),
    f"{API}ask/": Staff({"POST": READERS}),
    f"{API}documents/": Staff({"GET": READERS, "POST": CURATORS}),
    DOCUMENT: Staff({"GET": READERS}, "document"),
    f"{DOCUMENT}versions/": Staff({"GET": READERS}, "document"),
    f"{DOCUMENT}retry/": Staff({"POST": CURATORS}, "document"),
    f"{DOCUMENT}withdraw/": Staff({"POST": CURATORS}, "document"),
    f"{DOCUMENT}release/": Staff({"POST": CURATORS}, "document"),
    f"{DOCUMENT}restore/": Staff({"POST": CURATORS}, "document", {"version": 1}),
    f"{DOCUMENT}publish/": Staff({"POST": CURATORS}, "document"),
    f"{DOCUMENT}language/": Staff({"POST": CURATORS}, "document", {"language": "de"}),
    f"{DOCUMENT}unpublish/": Staff({"POST": CURATORS}, "document"),
}
ADMIN: dict[str, Page] = {
    "index": Page(ANY_STAFF),
    "search": Page(ANY_STAFF, {"s": SECRET[:9]}),
    "login": Page(ANY_STAFF),
    "logout": Page(ANY_STAFF),
    "password_change_done": Page(ANY_STAFF),
    "autocomplete": Page(ANY_STAFF, {"term": SECRET[:9]}),
    "jsi18n": Page(ANY_STAFF),
    "view_on_site": Page(NOBODY_AT_ALL),
    "app_list": Page(ANY_STAFF),
    "checklist": Page(CURATORS),
    "checklist_mark": Page(CURATORS, {"key": "hours"}),
    "try_question": Page(CURATORS, {"question": "x"}),
    "first_agent": Page(ONLY_ADMINISTRATORS, {"username": "eve", "first_name": "Eve"}),
    "knowledge_search": Page(CURATORS, {"q": SECRET[:9]}),
    "prompts": Page(CURATORS),
    "try_bot": Page(CURATORS),
    "desk": Page(READERS),
    "desk_lists": Page(READERS),
    "desk_queue": Page(READERS, {"q": SECRET[:9]}),
    # Each act has a row of its own in tests/security/sockets.py.
    "desk_act": Page(READERS),
    "desk_why": Page(READERS, thing="final"),
    "desk_thread": Page(READERS, thing="chat"),
    "desk_file": Page(READERS, thing="sent_file"),
    "desk_hand_in": Page(DESK, {"client_id": str(uuid.UUID(int=5))}, "chat"),
    "conversations_feedback_export": Page(READERS),
    "observability_llmcall_export": Page(CURATORS),
    "knowledge_document_upload": Page(CURATORS),
    "knowledge_document_states": Page(READERS, {"id": ""}),
    "knowledge_document_all_act": Page(CURATORS, {"action": "retry_failed"}),
    "knowledge_document_act": Page(CURATORS, {"action": "withdraw"}, "document"),
    "knowledge_document_versions": Page(READERS, thing="document"),
    "knowledge_faqentry_table": Page(CURATORS),
    "knowledge_indexgeneration_states": Page(CURATORS),
    "knowledge_indexgeneration_check": Page(CURATORS),
    "knowledge_indexgeneration_act": Page(CURATORS, {"action": "remove"}),
    "knowledge_goldenquestion_import": Page(CURATORS),
    "knowledge_goldenquestion_measure": Page(CURATORS),
    "knowledge_goldenquestion_documents": Page(CURATORS),
    "knowledge_contradiction_act": Page(CURATORS, {"action": "dismiss"}),
    "knowledge_duplicatepair_act": Page(CURATORS, {"action": "dismiss"}),
    "knowledge_source_states": Page(CURATORS),
    "knowledge_source_act": Page(CURATORS, {"action": "pause"}, "knowledge_source"),
    "knowledge_source_run": Page(CURATORS, thing="knowledge_source"),
    "knowledge_vocabularyentry_try": Page(CURATORS),
    "knowledge_vocabularyentry_import": Page(CURATORS),
    "conversations_escalation_presence": Page(DESK, {"away": "1"}),
    "conversations_conversation_act": Page(DESK, {"action": "take"}, "chat"),
    "conversations_conversation_transcript": Page(READERS, thing="chat"),
    "conversations_instructions_act": Page(CURATORS, {"action": "use", "version": "1"}),
    "conversations_rule_test": Page(CURATORS),
    "conversations_rule_preview": Page(CURATORS, {"text": "x"}),
    "conversations_site_identity": Page(
        ONLY_ADMINISTRATORS, {"_secret": "1"}, "conversations_site"
    ),
    "conversations_site_qr": Page(ONLY_ADMINISTRATORS, thing="conversations_site"),
}


@dataclass(frozen=True)
class Address:
    """One address of the application: its pattern, its name and its view."""

    route: str
    name: str
    view: Callable[..., Any]

    @property
    def methods(self) -> tuple[str, ...]:
        """Return the methods of its view, GET and POST where a function does not say."""
        view_class: Any = getattr(self.view, "view_class", None) or getattr(self.view, "cls", None)
        if view_class is None:
            return ("GET", "POST")
        known = ("get", "post", "put", "patch", "delete")
        return tuple(name.upper() for name in known if hasattr(view_class, name))


def addresses() -> list[Address]:
    """Return every address the resolver knows."""
    return list(_under(get_resolver().url_patterns, ""))


def _under(entries: list[Any], before: str) -> Iterator[Address]:
    for entry in entries:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _under(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield Address(route, entry.name or "", entry.callback)


def own_address(route: str, stage: Stage, pk: object = None) -> str:
    """Return the address of a visitor's own thing, or the one under which `pk` would be."""
    row = OWN[route]
    name, thing = row.second
    if name:
        route = route.replace(f"<{name}>", str(thing_of(stage, thing)))
    return filled(route, pk or thing_of(stage, row.thing))


def filled(route: str, pk: object, key: str = "") -> str:
    """Return an address of a pattern, with an id in every place for one."""
    route = re.sub(r"\^\(\?P<app_label>\w+.*", "conversations/", route)
    route = re.sub(r"<str:key>", key, route)
    route = re.sub(r"<int:run_pk>", "1", route)
    return "/" + re.sub(r"<[\w:]+>", str(pk), route)


def thing_of(stage: Stage, name: str) -> object:
    """Return the id of what a row names; of the owner's, in the state in which it could be had."""
    if name == "waiting_chat":
        return stage.chat.pk
    if name == "stopped_question":
        return stage.question.pk
    found: Any = getattr(stage, name)
    return found.pk
