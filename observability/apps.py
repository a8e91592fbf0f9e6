"""The lowest layer: what is recorded about everything above it."""

from django.apps import AppConfig


class ObservabilityConfig(AppConfig):
    """Ledger, incidents, logs."""

    name = "observability"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Records"
