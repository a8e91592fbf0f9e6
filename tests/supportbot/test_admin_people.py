"""Accounts: nobody locks themselves, or everybody, out."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from supportbot.roles import ADMINISTRATOR, AGENT, administrators, ensure_first_administrator
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db


def _save(client: Client, user: User, **changes: object) -> Any:
    fields: dict[str, object] = {
        "username": user.username,
        "first_name": user.first_name,
        "is_active": "on",
        "is_staff": "on",
        "groups": [str(group.pk) for group in user.groups.all()],
        **changes,
    }
    sent = {name: value for name, value in fields.items() if value != ""}
    return client.post(reverse("admin:auth_user_change", args=[user.pk]), sent)


def test_an_administrator_cannot_switch_the_own_account_off() -> None:
    ada = cast.administrator()
    cast.person("second", ADMINISTRATOR)
    changes: list[dict[str, Any]] = [{"is_active": ""}, {"is_staff": ""}, {"groups": []}]
    for change in changes:
        response = _save(cast.signed_in(ada), ada, **change)
        assert "take your own administrator" in response.content.decode()
    assert administrators().filter(pk=ada.pk).exists()


def test_the_last_administrator_stays_whoever_edits() -> None:
    ada = cast.administrator()
    curator = cast.person("curator")
    curator.user_permissions.set(Group.objects.get(name=ADMINISTRATOR).permissions.all())
    response = _save(cast.signed_in(curator), ada, groups=[])
    assert "last administrator" in response.content.decode()
    assert administrators().get() == ada


def test_another_administrator_may_be_made_an_agent() -> None:
    client = cast.signed_in(cast.administrator())
    second = cast.person("second", ADMINISTRATOR)
    agent_group = Group.objects.get(name=AGENT)
    assert _save(client, second, groups=[str(agent_group.pk)]).status_code == 302
    assert [group.name for group in second.groups.all()] == [AGENT]


def test_the_own_account_and_the_superuser_cannot_be_deleted_by_an_administrator() -> None:
    ensure_first_administrator()
    ada = cast.administrator()
    client = cast.signed_in(ada)
    for user in (ada, User.objects.get(username="admin")):
        address = reverse("admin:auth_user_delete", args=[user.pk])
        assert client.post(address, {"post": "yes"}).status_code == 403
    assert User.objects.count() == 2


def test_an_administrator_makes_no_superuser_and_takes_over_none() -> None:
    ensure_first_administrator()
    client = cast.signed_in(cast.administrator())
    agent = cast.agent()
    _save(client, agent, is_superuser="on")
    agent.refresh_from_db()
    assert not agent.is_superuser
    root = User.objects.get(username="admin")
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.get(password).status_code == 403
    assert _save(client, root, is_active="").status_code == 403


def test_the_three_roles_cannot_be_changed_or_deleted() -> None:
    client = cast.signed_in(cast.administrator())
    agent_group = Group.objects.get(name=AGENT)
    address = reverse("admin:auth_group_delete", args=[agent_group.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    address = reverse("admin:auth_group_change", args=[agent_group.pk])
    assert client.post(address, {"name": "Nobody"}).status_code == 403
    assert Group.objects.filter(name=AGENT).exists()
