"""The page of one conversation: transcript, and for agents the reply box and its buttons."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from conversations.actions import escalations
from conversations.actions.suspicion import quotes_only
from conversations.admin.transcript import entries_of, version_of
from conversations.answer_words import OWNERS
from conversations.desk.acts import perform
from conversations.models import Conversation, Escalation, EscalationState
from conversations.ownership import Owner
from conversations.waiting import in_words

logger = logging.getLogger(__name__)
MAY_READ = "conversations.view_conversation"
MAY_ANSWER = "conversations.change_escalation"
MAX_NOTE_CHARACTERS = 1000
RUNNING = (EscalationState.OPEN, EscalationState.TAKEN)
# Button -> the desk's act, and what is said when it was done.
ACTS = {
    "take": ("take", "The chat is yours; the assistant is silent in it."),
    "reply": ("reply", ""),
    "hand_back": ("hand_back", "Handed back: the assistant answers again."),
    "close": ("resolve", "Resolved. If the customer writes again, it reopens."),
    "forgive": ("forgive", "The assistant writes to this customer again."),
}


def desk_page(
    request: HttpRequest, conversation: Conversation, site_context: dict[str, Any]
) -> HttpResponse:
    """Show a conversation."""
    _must(request, MAY_READ)
    logger.info(
        "transcript.viewed",
        extra={"conversation": str(conversation.pk), "user": str(request.user.pk)},
    )
    context = {**site_context, **_shown(request, conversation), "title": str(conversation)}
    context |= {
        "draft": request.session.pop(_key("draft", conversation), ""),
        "internal": request.session.pop(_key("internal", conversation), False),
        "client_msg_id": uuid.uuid4(),
        "max_characters": settings.MESSAGE_MAX_CHARACTERS,
    }
    return TemplateResponse(request, "admin/conversations/desk.html", context)


@require_safe
def transcript(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Return the transcript again when something changed since `version`; 204 when not."""
    _must(request, MAY_READ)
    conversation = get_object_or_404(Conversation, pk=conversation_id)
    if request.GET.get("version") == version_of(conversation):
        return HttpResponse(status=204)
    context = _shown(request, conversation)
    return JsonResponse(
        {
            "version": context["version"],
            "may": {name: context[name] for name in ("may_take", "may_hand_back", "may_close")},
            "transcript": render_to_string(
                "admin/conversations/transcript.html", context, request=request
            ),
            "status": render_to_string(
                "admin/conversations/desk_status.html", context, request=request
            ),
        }
    )


@require_POST
def act(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Do what a button of the page says, as the desk does it: take, reply, hand back, close."""
    _must(request, MAY_ANSWER)
    conversation = get_object_or_404(Conversation, pk=conversation_id)
    action, agent = request.POST.get("action", ""), request.user
    if not isinstance(agent, User) or action not in ACTS:
        raise PermissionDenied
    name, done = ACTS[action]
    if action == "reply":
        _reply(request, conversation, agent)
    else:
        result = perform(agent, name, _values(request, conversation))
        if result["ok"]:
            messages.success(request, done)
        else:
            messages.warning(request, result["text"])
    return HttpResponseRedirect(_back(request, conversation))


def _values(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    seen = request.POST.get("from_agent", "")
    return {
        "conversation": str(conversation.pk),
        "note": request.POST.get("note", "").strip()[:MAX_NOTE_CHARACTERS],
        "text": request.POST.get("text", "").strip(),
        "client_id": request.POST.get("client_msg_id", ""),
        "confirmed": "confirmed" in request.POST,
        "from_agent": int(seen) if seen.isdecimal() and len(seen) < 10 else None,
    }


def _reply(request: HttpRequest, conversation: Conversation, agent: User) -> None:
    values = _values(request, conversation)
    problem = _problem(values["text"])
    if not problem:
        result = perform(agent, "reply", values)
        if result["ok"]:
            return
        problem = result["text"]
        request.session[_key("internal", conversation)] = result["code"] == "internal"
    request.session[_key("draft", conversation)] = values["text"]
    messages.error(request, problem)


def _problem(text: str) -> str:
    limit = settings.MESSAGE_MAX_CHARACTERS
    if not text:
        return "There is nothing to send. Write a reply first."
    if len(text) > limit:
        return f"The reply has {len(text)} characters; at most {limit} can be sent. Shorten it."
    return ""


def _shown(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    escalation = conversation.escalations.order_by("-created_at").first()
    running = escalation is not None and escalation.state in RUNNING
    may_answer = request.user.has_perm(MAY_ANSWER)
    owner = Owner(conversation.owner)
    mine = owner is Owner.AGENT and conversation.agent_id == request.user.pk
    return {
        "conversation": conversation,
        "entries": entries_of(
            conversation, with_calls=request.user.has_perm("observability.view_llmcall")
        ),
        "may_open_documents": request.user.has_perm("knowledge.view_document"),
        "version": version_of(conversation),
        "owner_look": OWNERS[owner.value],
        "escalation": escalation if running else None,
        "earlier": conversation.escalations.exclude(state__in=RUNNING),
        "waited": _waited(escalation) if running and escalation else "",
        "may_answer": may_answer,
        "may_take": may_answer and not mine,
        "may_hand_back": may_answer and owner in (Owner.AGENT, Owner.WAITING),
        "may_close": may_answer and owner is not Owner.CLOSED,
        "quotes_only": quotes_only(conversation.visitor),
        "mine": mine,
        "agent_name": escalations.name_of(conversation.agent) if conversation.agent else "",
    }


def _waited(escalation: Escalation) -> str:
    until = escalation.taken_at or timezone.now()
    return in_words(until - escalation.created_at)


def _back(request: HttpRequest, conversation: Conversation) -> str:
    """Return the page the button was on: that of the conversation or of its escalation."""
    escalation = request.POST.get("escalation", "")
    if escalation.isdecimal() and conversation.escalations.filter(pk=int(escalation)).exists():
        return reverse("admin:conversations_escalation_change", args=[escalation])
    return reverse("admin:conversations_conversation_change", args=[conversation.pk])


def _key(what: str, conversation: Conversation) -> str:
    return f"{what}:{conversation.pk}"


def _must(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
