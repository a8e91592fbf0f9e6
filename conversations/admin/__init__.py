"""The inbox, the answers' records, the rules and the model in the admin."""

from conversations.admin import (
    answers,
    document_uses,
    inbox,
    instructions,
    model_connection,
    rules,
    service_state,
    try_panel,
)

__all__ = [
    "answers",
    "document_uses",
    "inbox",
    "instructions",
    "model_connection",
    "rules",
    "service_state",
    "try_panel",
]
