"""An agent who is signed in, on the database of this process. Django is set up before."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, User

from supportbot.roles import AGENT


def desk_session(name: str) -> str:
    """Make an agent with this first name and return the cookie of a session of theirs."""
    agent = User.objects.create_user(name.lower(), first_name=name, is_staff=True)
    agent.groups.add(Group.objects.get(name=AGENT))
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(agent.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    store.create()
    key: str = store.session_key
    return key
