"""Nobody reads or changes what is another's: every address, every method, everybody."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Model
from django.test import Client

from conversations.models import Conversation, Message, MessageState
from conversations.ownership import Owner
from supportbot.roles import ADMINISTRATOR, AGENT, OPERATOR
from tests.security import endpoints
from tests.security.endpoints import (
    ADMIN,
    OWN,
    PUBLIC,
    STAFF,
    USUAL,
    Address,
    filled,
    own_address,
    thing_of,
)
from tests.security.stage import (
    CUSTOMER_ACCOUNT,
    DEACTIVATED,
    ELSEWHERE,
    LINKED,
    NOBODY,
    OTHER,
    OUTSIDER,
    OWNER,
    ROLES,
    SECRET,
    SUBJECTS,
    Stage,
    all_rows,
    changed,
    of_the_chat,
    set_stage,
    writes,
)
from tests.supportbot.test_roles import _allowed, rows

__all__ = ["rows"]
pytestmark = pytest.mark.django_db
JSON = "application/json"
ADMIN_ROOT = "admin/"
VISITORS_OF_OTHERS = (OTHER, LINKED, ELSEWHERE)
# In the admin a token is nothing; one visitor stands for all.
AT_THE_ADMIN = (OTHER, NOBODY, CUSTOMER_ACCOUNT, OUTSIDER, DEACTIVATED, *ROLES)


@pytest.fixture
def stage(rung: list[str], settings: Any) -> Stage:
    settings.VISITOR_MESSAGES_PER_MINUTE = settings.ADDRESS_MESSAGES_PER_MINUTE = 100_000
    settings.VISITOR_RINGS_PER_HOUR = 1000
    # Six accounts for each test: nobody guesses their passwords.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    return set_stage()


def request(client: Client, method: str, address: str, body: dict[str, Any]) -> Any:
    if method == "GET":
        return client.get(address, body)
    if address.endswith("/attachments/"):
        body = {**body, "file": SimpleUploadedFile("note.txt", b"Some words")}
        return getattr(client, method.lower())(address, body)
    if address.startswith("/admin/"):
        return getattr(client, method.lower())(address, body)
    return getattr(client, method.lower())(address, body, content_type=JSON)


def shown(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return f"{content.decode(errors='replace')} {response.headers}"


def in_place(addresses: list[Address]) -> dict[str, Address]:
    return {one.route: one for one in addresses if not one.route.startswith(ADMIN_ROOT)}


def test_every_address_and_every_method_has_a_row() -> None:
    found = endpoints.addresses()
    rows: dict[str, Any] = {**OWN, **PUBLIC, **STAFF}
    assert set(in_place(found)) == set(rows), "say in tests/security/endpoints.py who may use it"
    for route, address in in_place(found).items():
        row = rows[route]
        given = set(row.may if isinstance(row, endpoints.Staff) else row.bodies)
        if hasattr(address.view, "view_class") or hasattr(address.view, "cls"):
            assert given == set(address.methods), route
    names = {one.name for one in found if one.route.startswith(ADMIN_ROOT) and one.name}
    special = {name for name in names if not USUAL.search(name) and name not in NOT_OURS}
    assert special == set(ADMIN), "say in tests/security/endpoints.py who may use it"
    for name in names - special - NOT_OURS:
        _allowed(name)


# Of Django itself: a password's change is one's own.
NOT_OURS = {"password_change", "auth_user_password_change"}


@pytest.mark.parametrize("subject", [one for one in SUBJECTS if one != OWNER])
def test_a_visitors_things_are_there_for_that_visitor_only(stage: Stage, subject: str) -> None:
    expected = 404 if subject in VISITORS_OF_OTHERS else 401
    client, before, wrong, tried = stage.client(subject), all_rows(), [], 0
    with writes() as written:
        for route, row in OWN.items():
            address, unknown = own_address(route, stage), own_address(route, stage, uuid.uuid4())
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                body, tried = row.bodies.get(method, {}), tried + 1
                response = request(client, method, address, body)
                there = request(client, method, unknown, body)
                right = response.status_code == expected
                if method not in row.bodies:
                    right = response.status_code in (expected, 405)
                # An id of somebody else's and one of nobody's look the same.
                same = response.content == there.content
                if not (right and same) or SECRET in shown(response):
                    wrong.append((method, address, response.status_code, shown(response)[:200]))
    assert wrong == []
    assert written == []
    assert changed(before, all_rows()) == []
    assert tried == 5 * len(OWN)


@pytest.mark.parametrize("route", OWN)
def test_the_owner_may_do_what_others_may_not(stage: Stage, route: str) -> None:
    """Otherwise a refusal above would say nothing."""
    row = OWN[route]
    if row.thing == "waiting_chat":
        Conversation.objects.filter(pk=stage.chat.pk).update(owner=Owner.WAITING, agent=None)
        stage.chat.escalations.update(state="open")
    if row.thing == "stopped_question":
        Message.objects.filter(pk=stage.question.pk).update(state=MessageState.STOPPED)
        Message.objects.filter(pk=stage.final.pk).delete()
        Conversation.objects.filter(pk=stage.chat.pk).update(owner=Owner.BOT, agent=None)
    client, address = stage.client(OWNER), own_address(route, stage)
    for method, body in sorted(row.bodies.items(), reverse=True):
        response = request(client, method, address, body)
        assert response.status_code in (200, 201, 202, 204), (method, shown(response))
        if route.endswith(("messages/", "transcript/")) and method == "GET":
            assert SECRET in shown(response)


@pytest.mark.parametrize("subject", VISITORS_OF_OTHERS)
def test_an_id_in_a_request_of_ones_own_reaches_nothing_of_others(
    stage: Stage, subject: str
) -> None:
    own = {OTHER: stage.of_other, LINKED: stage.earlier, ELSEWHERE: stage.of_elsewhere}[subject].pk
    client, chat = stage.client(subject), f"/api/v1/conversations/{own}/"
    theirs, file = str(stage.final.pk), str(stage.file.client_id)
    sent = {"text": "x", "client_id": str(uuid.uuid4())}
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"attachments/{stage.file.pk}/", {}),
        ("DELETE", f"attachments/{stage.file.pk}/", {}),
        ("POST", "messages/", {**sent, "attachments": [file]}),
        ("POST", "messages/", {**sent, "conversation": str(stage.chat.pk)}),
        ("POST", "reports/", {"kind": "other", "message": theirs}),
        ("POST", "signals/", {"signals": [{"kind": "copied", "message": theirs}]}),
        ("GET", "messages/?after=0", {"conversation": str(stage.chat.pk)}),
        ("GET", "transcript/", {"conversation": str(stage.chat.pk)}),
    ]
    before = of_the_chat(stage)
    for method, path, body in asked:
        response = request(client, method, chat + path, body)
        assert SECRET not in shown(response), path
        if "attachments" in path:
            assert response.status_code == 404
    assert of_the_chat(stage) == before


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_for_everybody_tells_nothing_of_anybody(stage: Stage, subject: str) -> None:
    client, before = stage.client(subject), all_rows()
    for route, row in PUBLIC.items():
        for method, body in row.bodies.items():
            address = filled(route, "", stage.site.key)
            if route.startswith("widget"):
                body = {**body, "key": stage.site.key}
            with writes() as written:
                response = request(client, method, address, body)
            assert {table for _, table in written} <= row.writes, (method, route)
            own = subject == OWNER and (method, route) == ("GET", "api/v1/conversations/")
            assert (SECRET in shown(response)) == own, (method, route, response.status_code)
    made = {
        "conversations.Conversation",
        "conversations.Visitor",
        "conversations.Visitor_audiences",
        "conversations.VisitorToken",
    }
    after = all_rows()
    assert set(changed(before, after)) <= made
    for label in made:
        assert [row for row in before[label] if row not in after[label]] == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_staffs_api_is_for_the_roles_that_may(stage: Stage, subject: str) -> None:
    client, wrong = stage.client(subject), list[tuple[Any, ...]]()
    for route, row in STAFF.items():
        address = filled(route, thing_of(stage, row.thing) if row.thing else "")
        for method, may in row.may.items():
            with transaction.atomic(), writes() as written:
                response = request(client, method, address, row.body)
                transaction.set_rollback(True)
            refused = response.status_code in (401, 403)
            if refused == (subject in may):
                wrong.append((method, address, response.status_code))
            if subject not in may and (written or SECRET in shown(response)):
                wrong.append((method, address, written, shown(response)[:200]))
    assert wrong == []


def things(stage: Stage, rows: dict[str, Model]) -> dict[str, Model]:
    """One row of each kind in the admin; the owner's where there is one."""
    answer = stage.final.answer
    ours = {
        "conversations_conversation": stage.chat,
        "conversations_answer": answer,
        "conversations_escalation": stage.chat.escalations.first(),
        "conversations_feedback": answer.feedback.first(),
        "conversations_answerflag": answer.flag,
        "conversations_chatrating": stage.chat.chat_rating,
        "conversations_problemreport": stage.chat.reports.first(),
        "conversations_deskact": stage.chat.acts.first(),
        "knowledge_document": stage.document,
    }
    return {**rows, **{name: row for name, row in ours.items() if row is not None}}


def admin_places(stage: Stage, rows: dict[str, Model]) -> list[tuple[Address, str, frozenset[str]]]:
    """Every address of the admin with an id in it, and who may open it."""
    known, places = things(stage, rows), []
    for one in endpoints.addresses():
        if not one.route.startswith(ADMIN_ROOT) or one.name in NOT_OURS:
            continue
        kind = "_".join(one.route.removeprefix(ADMIN_ROOT).split("/")[:2])
        row = ADMIN.get(one.name)
        thing = row.thing if row else ""
        if thing and hasattr(stage, thing):
            pk: object = thing_of(stage, thing)
        else:
            pk = getattr(known.get(thing or kind), "pk", 1)
        # Without a name: the catch-all, and the redirect from a row to its page.
        may = row.may if row else frozenset(_allowed(one.name) if one.name else ROLES)
        places.append((one, filled(one.route.replace("(?P<url>.*)$", "no/such/"), pk), may))
    return places


@pytest.mark.parametrize("subject", AT_THE_ADMIN)
def test_the_admin_is_for_the_roles_that_may(
    stage: Stage, rows: dict[str, Model], subject: str
) -> None:
    client, before, wrong, tried = stage.client(subject), all_rows(), [], 0
    for one, address, may in admin_places(stage, rows):
        is_theirs = subject in may
        body = ADMIN[one.name].body if one.name in ADMIN else {"post": "yes"}
        for method in ("GET", "POST"):
            if is_theirs and not (one.name in ADMIN and may == endpoints.ANY_STAFF):
                continue
            if one.name == "logout":
                continue
            tried += 1
            with writes() as written:
                response = request(client, method, address, body)
            to_sign_in = response.status_code == 302 and "/login/" in response["Location"]
            refused = to_sign_in or response.status_code in (403, 404, 405)
            known_to_all = is_theirs or one.name in ("login", "") or may == endpoints.ANY_STAFF
            if not (refused or known_to_all) or written or SECRET in own_words(response, subject):
                wrong.append((method, address, response.status_code, written))
    assert wrong == []
    assert changed(before, all_rows()) == []
    assert tried > 20


def own_words(response: Any, subject: str) -> str:
    """What the answer says; the pages for all staff show roles what they may read elsewhere."""
    return "" if subject in ROLES and response.status_code == 200 else shown(response)


# Whoever may change a kept answer may drop it (supportbot/roles.py).
DROPPED_BY_CHANGING = {"cachedanswer", "cachehit"}
VERBS = {"INSERT": "add", "UPDATE": "change", "DELETE": "delete"}


@pytest.mark.parametrize("role", [AGENT, OPERATOR, ADMINISTRATOR])
def test_a_role_writes_only_what_it_may_write(
    stage: Stage, rows: dict[str, Model], role: str
) -> None:
    """Deleting, saving and every act on ticked rows, for every model of the admin."""
    client, user, known = stage.client(role), stage.people[role], things(stage, rows)
    wrong, wrote = [], 0
    for model, model_admin in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        row, base = known.get(name), f"/admin/{name.replace('_', '/', 1)}/"
        if row is None:
            continue
        acts: list[Any] = [act for act in model_admin.actions or () if act]
        named = [act if isinstance(act, str) else act.__name__ for act in acts]
        tries: list[tuple[str, dict[str, Any]]] = [
            (f"{base}{row.pk}/delete/", {"post": "yes"}),
            (f"{base}{row.pk}/change/", {"name": "Changed", "_save": "1"}),
            *(
                (base, {"action": act, "_selected_action": [str(row.pk)], "post": "yes", **more})
                for act in ["delete_selected", *named]
                for more in ({}, {"apply": "1"})
            ),
        ]
        for address, body in tries:
            with transaction.atomic(), writes() as written:
                client.post(address, body)
                transaction.set_rollback(True)
            own = [verb for verb, table in written if table == model._meta.db_table]
            wrote += bool(own)
            label = model._meta.app_label, model._meta.model_name
            needed = {f"{label[0]}.{VERBS[verb]}_{label[1]}" for verb in own}
            if label[1] in DROPPED_BY_CHANGING:
                needed.add(f"{label[0]}.change_{label[1]}")
            may_any = any(user.has_perm(one) for one in needed)
            if (own and not may_any) or (written and not own and not _may_change(user, label)):
                wrong.append((address, body.get("action"), written))
    assert wrong == []
    # The test can see a write: each role may do some of this.
    assert wrote >= {AGENT: 0, OPERATOR: 10, ADMINISTRATOR: 10}[role]


def _may_change(user: Any, label: tuple[str, str | None]) -> bool:
    return any(user.has_perm(f"{label[0]}.{verb}_{label[1]}") for verb in ("add", "change"))
