"""Versions of the operator's instructions: made, put into use, tried on a share of the chats."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from conversations.answering.instructions import in_trial
from conversations.models import Instructions, InstructionsUse


@transaction.atomic
def make_version(by: User | None, **fields: str) -> Instructions:
    """Store the next version, unused. Raises IntegrityError when two are made at once."""
    last = Instructions.objects.aggregate(last=Max("version"))["last"] or 0
    return Instructions.objects.create(version=last + 1, created_by=by, **fields)


def put_into_use(version: Instructions | None, by: User | None) -> InstructionsUse:
    """Use a version, an older one too, for all conversations, or none; a trial ends."""
    return _from_now_on(by, current=version)


def try_on(version: Instructions, percent: int, by: User | None) -> InstructionsUse:
    """Use a version for a share of the conversations; the others keep what is in use."""
    return _from_now_on(
        by, current=InstructionsUse.now().current, trial=version, trial_percent=percent
    )


def end_trial(by: User | None) -> InstructionsUse:
    """Use what is in use for all conversations again."""
    return _from_now_on(by, current=InstructionsUse.now().current)


def version_for(conversation_id: UUID | None) -> Instructions | None:
    """Return the version a conversation gets, or None when no instructions are in use."""
    return chosen(InstructionsUse.now(), conversation_id)


def chosen(use: InstructionsUse, conversation_id: UUID | None) -> Instructions | None:
    """Return the version a conversation gets of what is in use and on trial."""
    trial = use.trial
    if trial and conversation_id and in_trial(conversation_id, trial.version, use.trial_percent):
        return trial
    return use.current


def _from_now_on(by: User | None, **fields: Any) -> InstructionsUse:
    return InstructionsUse.objects.create(by=by, **fields)
