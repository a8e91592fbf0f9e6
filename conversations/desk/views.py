"""The desk's page in the admin, and the JSON that its modules read and send."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from conversations.actions import assigning
from conversations.actions.escalations import name_of
from conversations.admin.transcript import record_of
from conversations.desk import queues
from conversations.desk.acts import ACTS, MAY_READ, perform
from conversations.desk.thread import thread_of
from conversations.models import Answer, Block, CannedReply, Presence, Priority, Tag, Team
from conversations.models.escalation import waiting_target
from conversations.pages import TRUSTED_TYPES, icons
from conversations.waiting import WARN_FROM
from observability.models import LlmCall

logger = logging.getLogger(__name__)
MOST_SEARCH_CHARACTERS = 200
MOST_BODY_BYTES = 256 * 1024


@require_safe
@never_cache
def desk_page(request: HttpRequest) -> HttpResponse:
    """Show the desk: a shell that its modules fill."""
    agent = _reader(request)
    context = {
        "groups": admin.site.get_sidebar_list(request),  # type: ignore[attr-defined]
        "icons": icons(),
        "me": json.dumps(
            {
                "id": agent.pk,
                "name": name_of(agent),
                "may": _may(agent),
                "away": Presence.objects.filter(user=agent, away=True).exists(),
                "max_characters": settings.MESSAGE_MAX_CHARACTERS,
                # A wait is marked from the first on, before the second, its target, is missed.
                "late_seconds": waiting_target().total_seconds() * WARN_FROM,
                "long_seconds": waiting_target().total_seconds(),
                "priorities": [[value, str(label)] for value, label in Priority.choices],
                "block_reasons": [[value, str(label)] for value, label in Block.Reason.choices],
            }
        ),
    }
    response = render(request, "admin/desk/page.html", context)
    # The admin's policy is unfold's; this page needs none of what that allows.
    response._csp_strict = True  # type: ignore[attr-defined]
    response._csp_update = TRUSTED_TYPES  # type: ignore[attr-defined]
    return response


@require_safe
@never_cache
def lists(request: HttpRequest) -> JsonResponse:
    """Return what the desk's choices are made of: colleagues, teams, canned replies, tags."""
    agent = _reader(request)
    canned = CannedReply.objects.all() if agent.has_perm("conversations.view_cannedreply") else []
    return JsonResponse(
        {
            "colleagues": _colleagues(),
            "teams": _teams(agent),
            "canned": [
                {"shortcut": one.shortcut, "title": one.title, "text": one.text} for one in canned
            ],
            "tags": list(Tag.objects.values_list("name", flat=True)),
        }
    )


def _colleagues() -> list[dict[str, Any]]:
    """Return who may have a conversation: those at the desk first, then the least busy."""
    here = set(Presence.objects.here().values_list("user", flat=True))
    busy = assigning.busy_with()
    rows = [
        {"id": one.pk, "name": _full_name(one), "here": one.pk in here, "has": busy.get(one.pk, 0)}
        for one in assigning.colleagues()
    ]
    return sorted(rows, key=lambda row: (not row["here"], row["has"]))


def _teams(agent: User) -> list[dict[str, Any]]:
    teams = Team.objects.prefetch_related("members")
    here = set(Presence.objects.here().values_list("user", flat=True))
    return [
        {
            "id": team.pk,
            "name": team.name,
            "here": sum(one.pk in here for one in team.members.all()),
            "mine": any(one.pk == agent.pk for one in team.members.all()),
        }
        for team in teams
    ]


@require_safe
@never_cache
def queue(request: HttpRequest) -> JsonResponse:
    """Return the rows of a queue, or what a search finds, the counts, and who calls."""
    agent, now = _reader(request), timezone.now()
    words = request.GET.get("q", "")[:MOST_SEARCH_CHARACTERS].replace("\x00", "").strip()
    name, team = request.GET.get("queue", "mine"), request.GET.get("team", "")[:9]
    if not words and name not in queues.QUEUES:
        raise Http404
    most = _most(request)
    if words:
        # Everywhere: what is sought is seldom in the own team's rows.
        rows = queues.rows_of(queues.search(words), most + 1)
    elif team or most != queues.PAGE_ROWS:
        found = queues.of_teams(queues.queue(name, agent, now), team, agent, now)
        rows = queues.rows_of(found, most + 1)
    else:
        rows = queues.first_rows(name, agent, now)
    return JsonResponse(
        {
            "queue": name,
            "rows": rows[:most],
            "more": len(rows) > most,
            "counts": queues.counts(agent, now, team),
            "calling": queues.calling(agent, team, now),
            "next_waking": queues.next_waking(now),
            "now": now.isoformat(),
        }
    )


def _most(request: HttpRequest) -> int:
    asked = request.GET.get("most", "")[:4]
    return min(queues.MOST_ROWS, int(asked) if asked.isdecimal() else 0) or queues.PAGE_ROWS


@require_safe
@never_cache
def thread(request: HttpRequest, conversation_id: uuid.UUID) -> JsonResponse:
    """Return one conversation."""
    agent = _reader(request)
    found = thread_of(conversation_id, agent)
    if found is None:
        raise Http404
    logger.info(
        "transcript.viewed", extra={"conversation": str(conversation_id), "user": str(agent.pk)}
    )
    return JsonResponse(found)


@require_safe
@never_cache
def why(request: HttpRequest, message_id: uuid.UUID) -> JsonResponse:
    """Return how an answer came about, as HTML that our own template made."""
    agent = _reader(request)
    if not agent.has_perm("conversations.view_answer"):
        raise PermissionDenied
    rows = Answer.objects.select_related("rule", "message__conversation").prefetch_related(
        "citations__document", "feedback"
    )
    answer = get_object_or_404(rows, message=message_id)
    with_calls = agent.has_perm("observability.view_llmcall")
    chat = answer.message.conversation_id
    calls = LlmCall.objects.filter(conversation_id=chat) if with_calls else ()
    ids = {answer.message_id, answer.message.reply_to_id}
    record = record_of(answer, [call for call in calls if call.message_id in ids])
    context = {
        "record": record,
        "may_open_documents": agent.has_perm("knowledge.view_document"),
    }
    html = render_to_string("admin/conversations/record.html", context, request=request)
    return JsonResponse({"html": html, "question": answer.question, "text": answer.message.text})


@require_POST
def act(request: HttpRequest) -> JsonResponse:
    """Do an act of the desk."""
    agent = _reader(request)
    try:
        body = request.body if len(request.body) <= MOST_BODY_BYTES else b""
        values = json.loads(body)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or not isinstance(values.get("act"), str):
        return JsonResponse(
            {"ok": False, "code": "bad_request", "text": "This request could not be understood."},
            status=400,
        )
    result = perform(agent, values["act"], values)
    return JsonResponse(result, status=200 if result["ok"] else _status(result["code"]))


def _status(code: str) -> int:
    return {"forbidden": 403, "not_found": 404, "unknown_act": 400, "bad_request": 400}.get(
        code, 409
    )


def _reader(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not request.user.has_perm(MAY_READ):
        raise PermissionDenied
    return request.user


def _may(agent: User) -> list[str]:
    return sorted(name for name, act in ACTS.items() if agent.has_perm(act.permission))


def _full_name(agent: User) -> str:
    return agent.get_full_name() or agent.get_username()
