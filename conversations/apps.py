"""The chat: customers ask, the documents or a person answer."""

from django.apps import AppConfig

from conversations.prompts.released import require_sound


class ConversationsConfig(AppConfig):
    """Conversations, messages, answers, escalations."""

    name = "conversations"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Conversations"

    def ready(self) -> None:
        """Refuse to start with a prompt file that is not as it was released."""
        require_sound()
        from conversations.operator_settings import watch  # noqa: PLC0415 - needs the models

        watch()
