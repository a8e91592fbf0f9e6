"""The people of the admin's tests: an agent, an operator, an administrator, an outsider."""

from django.contrib.auth.models import Group, User
from django.test import Client

from supportbot.roles import ADMINISTRATOR, AGENT, OPERATOR, sync_roles

PASSWORD = "correct horse battery"


def person(name: str, role: str = "", *, is_staff: bool = True) -> User:
    """Make somebody with a role."""
    if not Group.objects.filter(name=ADMINISTRATOR).exists():
        sync_roles()
    made = User.objects.create_user(
        name, password=PASSWORD, first_name=name.title(), is_staff=is_staff
    )
    if role:
        made.groups.add(Group.objects.get(name=role))
    return made


def signed_in(user: User) -> Client:
    """Return a browser in which they are signed in."""
    client = Client()
    client.force_login(user)
    return client


def agent() -> User:
    return person("amira", AGENT)


def operator() -> User:
    return person("otto", OPERATOR)


def administrator() -> User:
    return person("ada", ADMINISTRATOR)


def outsider() -> User:
    """Somebody with an account that may enter the admin, and no role."""
    return person("oskar")
