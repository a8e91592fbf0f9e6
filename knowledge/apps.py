"""The documents: ingestion and retrieval."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Documents, chunks and the index made of them."""

    name = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Knowledge"
