"""The inbox, the answers' records, the rules and the model in the admin."""

from conversations.admin import (
    answers,
    availability,
    cached_answers,
    chat_page,
    desk_lists,
    document_uses,
    inbox,
    instructions,
    model_connection,
    rules,
    sensitive_topics,
    service_state,
    sites,
    teams,
    try_panel,
)

__all__ = [
    "answers",
    "availability",
    "cached_answers",
    "chat_page",
    "desk_lists",
    "document_uses",
    "inbox",
    "instructions",
    "model_connection",
    "rules",
    "sensitive_topics",
    "service_state",
    "sites",
    "teams",
    "try_panel",
]
