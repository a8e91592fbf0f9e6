"""Makes an installation ready to serve: tables, default rows, roles, the first administrator."""

from __future__ import annotations

from conversations.actions.starter import ensure_starter_rules, ensure_starter_topics
from knowledge.management.preparing import prepare_data_dir
from supportbot.roles import FIRST_NAME, ensure_first_administrator


def prepare_installation() -> str | None:
    """Prepare; repeatable. Returns the first administrator's password when one was made now."""
    prepare_data_dir()
    ensure_starter_rules()
    ensure_starter_topics()
    return ensure_first_administrator()


def sign_in_note(password: str | None) -> str:
    """Return what to tell about the first administrator, empty when there is nothing."""
    if password is None:
        return ""
    return f"user {FIRST_NAME}, password {password} (shown only this once)"
