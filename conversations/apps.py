"""The chat: customers ask, the documents or a person answer."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Conversations, messages, answers, escalations."""

    name = "conversations"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Conversations"
