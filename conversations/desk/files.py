"""Files at the desk: an agent hands one in, and everybody who may read the chat opens it."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from conversations import texts
from conversations.actions import attachments
from conversations.attachment_files import FileRefused
from conversations.desk.acts import MAY_ANSWER, MAY_READ
from conversations.file_answers import file_answer
from conversations.models import Attachment, Conversation
from conversations.protocol import attachment_row


@require_safe
def opened(request: HttpRequest, attachment_id: uuid.UUID) -> HttpResponse:
    """Return a file that was sent; a colleague's that was not sent yet is nobody else's."""
    agent = _may(request, MAY_READ)
    row = get_object_or_404(Attachment, pk=attachment_id)
    if row.message_id is None and row.author_id != agent.pk:
        row = get_object_or_404(Attachment, pk=attachment_id, message__isnull=False)
    return file_answer(row)


@require_POST
def hand_in(request: HttpRequest, conversation_id: uuid.UUID) -> JsonResponse:
    """Keep a file until a reply sends it."""
    agent = _may(request, MAY_READ)
    _may(request, MAY_ANSWER)
    conversation = get_object_or_404(Conversation, pk=conversation_id)
    given = request.FILES.get("file")
    try:
        client_id = uuid.UUID(request.POST.get("client_id", ""))
    except ValueError:
        return _refused("bad_frame")
    if given is None:
        return _refused("file_empty")
    try:
        attachments.check_size(given.size or 0)
        row, _ = attachments.take(
            conversation, given.name or "", given.read(), client_id, agent=agent
        )
    except FileRefused as refused:
        return _refused(refused.code, texts.error(refused.code, **refused.values))
    except OSError:
        return _refused("unavailable", status=503)
    return JsonResponse(attachment_row(row), status=201)


def _refused(code: str, text: str = "", *, status: int = 400) -> JsonResponse:
    return JsonResponse({"code": code, "text": text or texts.error(code)}, status=status)


def _may(request: HttpRequest, permission: str) -> User:
    if not isinstance(request.user, User) or not request.user.has_perm(permission):
        raise PermissionDenied
    return request.user
