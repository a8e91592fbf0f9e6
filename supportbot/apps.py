"""The composition root as an app, for its management commands and admin site."""

from django.apps import AppConfig


class SupportbotConfig(AppConfig):
    """Commands that need all layers."""

    name = "supportbot"
