"""The composition root as an app, for its management commands and admin site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class SupportbotConfig(AppConfig):
    """Commands that need all layers."""

    name = "supportbot"
    default = True


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site in place of the stock one."""

    default_site = "supportbot.admin_site.SupportSite"
    default = False
