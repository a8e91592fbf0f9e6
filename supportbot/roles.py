"""The three roles as groups, and the first administrator of an installation.

`sync_roles` runs after migrate at each start: inside a migration of a fresh database the
permissions do not exist yet.
"""

from __future__ import annotations

import secrets

from django.contrib.auth.models import AbstractUser, Group, Permission, User
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

AGENT = "Agent"
OPERATOR = "Operator"
ADMINISTRATOR = "Administrator"
ROLES = (AGENT, OPERATOR, ADMINISTRATOR)

_ALL = ("view", "add", "change", "delete")
_ONLY_VIEW = ("view",)
# Model -> what the role may do with it. To answer customers is `change escalation`.
AGENT_MAY: dict[str, tuple[str, ...]] = {
    "conversations.escalation": ("view", "change"),
    "conversations.conversation": _ONLY_VIEW,
    "conversations.message": _ONLY_VIEW,
    "conversations.answer": _ONLY_VIEW,
    "conversations.citation": _ONLY_VIEW,
    "conversations.feedback": _ONLY_VIEW,
    "conversations.note": ("view", "add"),
    "conversations.tag": ("view", "add"),
    "conversations.cannedreply": _ONLY_VIEW,
    "conversations.deskact": _ONLY_VIEW,
    "conversations.deskdraft": ("view", "add"),
    "conversations.answerflag": ("view", "add"),
    "conversations.block": ("view", "add", "delete"),
    "knowledge.document": _ONLY_VIEW,
}
OPERATOR_MAY: dict[str, tuple[str, ...]] = {
    "knowledge.document": _ALL,
    "knowledge.collection": _ALL,
    "knowledge.audience": _ALL,
    "knowledge.contradiction": ("view", "change"),
    "knowledge.duplicatepair": ("view", "change"),
    "knowledge.indexgeneration": _ALL,
    "knowledge.goldenquestion": _ALL,
    "knowledge.source": _ALL,
    "knowledge.faqentry": _ALL,
    "knowledge.vocabularyentry": _ALL,
    "conversations.rule": _ALL,
    "conversations.instructions": ("view", "add", "change"),
    "conversations.servicestate": ("view", "change"),
    "conversations.chatpage": ("view", "change"),
    "conversations.sensitivetopic": _ALL,
    "conversations.workinghours": _ALL,
    "conversations.team": _ALL,
    "conversations.notice": _ONLY_VIEW,
    "conversations.conversation": _ONLY_VIEW,
    "conversations.message": _ONLY_VIEW,
    "conversations.answer": _ONLY_VIEW,
    "conversations.citation": _ONLY_VIEW,
    "conversations.feedback": _ONLY_VIEW,
    "conversations.chatrating": _ONLY_VIEW,
    "conversations.problemreport": _ONLY_VIEW,
    "conversations.cannedreply": _ALL,
    "conversations.tag": _ALL,
    "conversations.answerflag": ("view", "add", "change", "delete"),
    # Whoever may change these may drop a kept answer.
    "conversations.cachedanswer": ("view", "change"),
    "conversations.cachehit": ("view", "change"),
    "observability.llmcall": _ONLY_VIEW,
    "observability.incident": _ONLY_VIEW,
}
OWN_APPS = ("auth", "knowledge", "conversations", "observability", "evaluation")
FIRST_NAME = "admin"
PASSWORD_BYTES = 12


def sync_roles() -> None:
    """Make the three groups and set their permissions; repeatable."""
    _set(AGENT, _permissions(AGENT_MAY))
    _set(OPERATOR, _permissions(OPERATOR_MAY))
    _set(ADMINISTRATOR, Permission.objects.filter(content_type__app_label__in=OWN_APPS))


def _permissions(may: dict[str, tuple[str, ...]]) -> QuerySet[Permission]:
    wanted = Q()
    for label, verbs in may.items():
        app, _, model = label.partition(".")
        names = [f"{verb}_{model}" for verb in verbs]
        wanted |= Q(content_type__app_label=app, codename__in=names)
    return Permission.objects.filter(wanted)


def _set(name: str, permissions: QuerySet[Permission]) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(permissions)


def administrators() -> QuerySet[User]:
    """Return everybody who can sign in and change everything."""
    everything = Q(is_superuser=True) | Q(groups__name=ADMINISTRATOR)
    return User.objects.filter(everything, is_active=True, is_staff=True).distinct()


def is_administrator(user: AbstractUser) -> bool:
    """Say whether this person may change everything."""
    return administrators().filter(pk=user.pk).exists()


def ensure_first_administrator() -> str | None:
    """Make the user `admin` when nobody is administrator; return the password, else None.

    The password is known to the caller only: the database holds its hash.
    """
    sync_roles()
    if administrators().exists():
        return None
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        with transaction.atomic():
            user = User.objects.create_superuser(_free_name(), password=password)
            user.groups.add(Group.objects.get(name=ADMINISTRATOR))
    except IntegrityError:  # Another process of the server profile was first.
        return None
    return password


def _free_name() -> str:
    if not User.objects.filter(username=FIRST_NAME).exists():
        return FIRST_NAME
    return f"{FIRST_NAME}-{secrets.token_hex(2)}"
