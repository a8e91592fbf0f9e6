"""A visitor and their conversations."""

from __future__ import annotations

import ipaddress
from functools import partial

from django.db import transaction

from conversations.actions.attachments import remove_files_on_commit
from conversations.models import CacheHit, Conversation, Site, Visitor
from conversations.running import running_answers
from conversations.streaming import publish, tell_desk_on_commit
from conversations.tokens import Given, issue
from knowledge.models import PUBLIC_AUDIENCE, Audience


class OtherSite(Exception):
    """The visitor's token counts on another site."""


class VisitorGone(Exception):
    """The visitor turned out to be somebody else at this moment, or was erased."""


def start(
    visitor: Visitor | None, address: str, site: Site | None = None, *, testing: bool = False
) -> tuple[Conversation, str]:
    """Make a conversation; without a visitor a new one with a token (empty for a known one).

    `testing`: begun with the site's test key. Raises OtherSite, VisitorGone.
    """
    made, given = begin(visitor, address, site, testing=testing)
    return made, given.token if given else ""


@transaction.atomic
def begin(
    visitor: Visitor | None, address: str, site: Site | None = None, *, testing: bool = False
) -> tuple[Conversation, Given | None]:
    """Make a conversation as `start` does, and return all that a new browser is given."""
    given = None
    if visitor is None:
        visitor = Visitor.objects.create(address=_valid(address), site=site)
        visitor.audiences.set(Audience.objects.filter(slug=PUBLIC_AUDIENCE))
        given = issue(visitor)
    elif visitor.site_id != (site.pk if site else None):
        raise OtherSite
    elif not _still_somebody(visitor):
        raise VisitorGone
    return Conversation.objects.create(visitor=visitor, site=site, is_test=testing), given


def _still_somebody(visitor: Visitor) -> bool:
    """Say whether a visitor is still its own, and hold it so until the transaction's end."""
    rows = Visitor.objects.select_for_update(no_key=True).filter(pk=visitor.pk)
    return rows.filter(merged_into=None).first() is not None


@transaction.atomic
def erase(conversation: Conversation) -> int:
    """Remove a chat with all that was written, answered, rated and kept; return how many are left.

    What stays: counts of calls to models (no words), and the visitor while other chats are left.
    """
    pk, visitor = conversation.pk, conversation.visitor
    Conversation.objects.select_for_update().filter(pk=pk).first()
    kept = conversation.messages.filter(answer__cached__isnull=False)
    entries = list(kept.values_list("answer__cached", flat=True))
    # An answer given again to others says for which question it was written; this one's go.
    CacheHit.objects.filter(entry__in=entries).update(asked_first="")
    running_answers.cancel_conversation(pk)
    conversation.delete()
    remove_files_on_commit(pk)
    left = visitor.conversations.count()
    if not left:
        visitor.delete()
    frame = {"type": "erased", "chats_left": left}
    transaction.on_commit(partial(publish, pk, frame), robust=True)
    tell_desk_on_commit(pk)
    return left


def _valid(address: str) -> str | None:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
