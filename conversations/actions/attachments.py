"""Files of a chat: handed in, sent with a message, taken away with what they hang on."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from conversations.actions.thread import locked
from conversations.attachment_files import FileRefused, Kept, checked
from conversations.models import Attachment, Block, Conversation, Message, MessageRole
from conversations.models.attachment import FOLDER

logger = logging.getLogger(__name__)
MEGABYTE = 1024 * 1024
# Below this the database needs the room more.
LEAST_FREE_BYTES = 200 * MEGABYTE
# What was handed in and never sent; a browser that comes back later hands it in again.
UNSENT_KEPT = timedelta(hours=24)
# A file whose row may not be committed yet is left alone.
ORPHANS_KEPT = timedelta(hours=1)


def take(
    conversation: Conversation,
    name: str,
    content: bytes,
    client_id: uuid.UUID,
    *,
    agent: User | None = None,
) -> tuple[Attachment, bool]:
    """Keep a file until a message sends it; the same id again is the same file (False).

    Raises FileRefused, and OSError when there is no room.
    """
    check_size(len(content))
    given_hash = hashlib.sha256(content).hexdigest()
    known = conversation.attachments.filter(client_id=client_id).first()
    if known is not None:
        return _same(known, given_hash, agent), False
    kept = checked(name, content)
    if shutil.disk_usage(settings.MEDIA_ROOT.parent).free < LEAST_FREE_BYTES:
        raise OSError("too little room on the disk")
    with transaction.atomic():
        held = locked(conversation.pk)
        known = held.attachments.filter(client_id=client_id).first()
        if known is not None:
            return _same(known, given_hash, agent), False
        _check_room(held, agent)
        row = Attachment(
            conversation=held,
            client_id=client_id,
            role=MessageRole.AGENT if agent else MessageRole.CUSTOMER,
            author=agent,
            name=kept.name,
            media_type=kept.media_type,
            size_bytes=len(kept.content),
            width_pixels=kept.width_pixels,
            height_pixels=kept.height_pixels,
            given_hash=given_hash,
        )
        _store(row, kept)
    logger.info("attachment.taken", extra={"type": row.media_type, "bytes": row.size_bytes})
    return row, True


def check_size(size_bytes: int) -> None:
    """Refuse what is too large before it is read. Raises FileRefused."""
    limit = settings.ATTACHMENT_MAX_BYTES
    if not limit:
        raise FileRefused("files_off")
    if size_bytes > limit:
        raise FileRefused("file_too_large", limit=limit // MEGABYTE)


def check_count(client_ids: Sequence[uuid.UUID]) -> None:
    """Refuse too many files in one message. Raises FileRefused."""
    if len(client_ids) > settings.ATTACHMENTS_PER_MESSAGE:
        raise FileRefused("files_too_many", limit=settings.ATTACHMENTS_PER_MESSAGE)


def handed_in(
    conversation: Conversation, client_ids: Sequence[uuid.UUID], agent: User | None = None
) -> list[Attachment]:
    """Return the sender's own files that no message has sent. Raises FileRefused if one lacks."""
    check_count(client_ids)
    if not client_ids:
        return []
    role = MessageRole.AGENT if agent else MessageRole.CUSTOMER
    mine = conversation.attachments.filter(
        client_id__in=client_ids, message=None, role=role, author=agent
    )
    found = list(mine)
    if len(found) != len(set(client_ids)):
        raise FileRefused("file_missing")
    return found


def send_with(message: Message, files: Iterable[Attachment]) -> None:
    """Make files those of a message, within the transaction that stores it."""
    message.attachments.model.objects.filter(pk__in=[file.pk for file in files]).update(
        message=message
    )


def are_those_of(message: Message, client_ids: Sequence[uuid.UUID]) -> bool:
    """Say whether a message was sent with exactly these files."""
    sent = set(message.attachments.values_list("client_id", flat=True))
    return sent == set(client_ids)


def drop(rows: QuerySet[Attachment]) -> int:
    """Delete rows, and their files once that is committed; return how many."""
    names = list(rows.values_list("file", flat=True))
    rows.delete()
    transaction.on_commit(partial(_remove, names), robust=True)
    return len(names)


def remove_files_on_commit(conversation_id: uuid.UUID) -> None:
    """Take a chat's files off the disk once its rows are gone."""
    transaction.on_commit(partial(_remove_folder, str(conversation_id)), robust=True)


def sweep() -> int:
    """Drop what was never sent, and files of chats that are gone; return how many."""
    old = timezone.now() - UNSENT_KEPT
    with transaction.atomic():
        dropped = drop(Attachment.objects.filter(message=None, created_at__lt=old))
    return dropped + _remove_orphans()


def _same(known: Attachment, given_hash: str, agent: User | None) -> Attachment:
    if known.given_hash != given_hash or known.author_id != (agent.pk if agent else None):
        raise FileRefused("conflict")
    return known


def _check_room(held: Conversation, agent: User | None) -> None:
    if agent is None and Block.objects.filter(visitor=held.visitor_id).exists():
        raise FileRefused("blocked")
    if held.attachments.count() >= settings.ATTACHMENTS_PER_CHAT:
        raise FileRefused("files_full")


def _store(row: Attachment, kept: Kept) -> None:
    """Write the file so that it outlasts a power cut, then the row; both or neither."""
    try:
        row.file.save(kept.name, ContentFile(kept.content), save=False)
        with Path(row.file.path).open("rb") as written:
            os.fsync(written.fileno())
        row.save(force_insert=True)
    except BaseException:
        _remove([row.file.name or ""])
        raise


def _remove(names: Iterable[str]) -> None:
    for name in names:
        if name:
            default_storage.delete(name)


def _remove_folder(name: str) -> None:
    shutil.rmtree(Path(settings.MEDIA_ROOT) / FOLDER / name, ignore_errors=True)


def _remove_orphans() -> int:
    """Remove the folders of chats that are gone, whichever way their rows went."""
    root = Path(settings.MEDIA_ROOT) / FOLDER
    if not root.is_dir():
        return 0
    before = (timezone.now() - ORPHANS_KEPT).timestamp()
    names = [entry.name for entry in os.scandir(root) if entry.stat().st_mtime < before]
    removed = 0
    for start in range(0, len(names), 500):
        part = names[start : start + 500]
        known = Conversation.objects.filter(pk__in=[name for name in part if _is_id(name)])
        gone = set(part) - {str(pk) for pk in known.values_list("pk", flat=True)}
        for name in gone:
            _remove_folder(name)
        removed += len(gone)
    return removed


def _is_id(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False
