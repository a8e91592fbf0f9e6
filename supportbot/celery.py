"""The Celery application. Which broker it rings through is a setting."""

from __future__ import annotations

import os

from celery import Celery

from supportbot.embedded import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
broker.register()


def make_app(name: str, *, current: bool = False) -> Celery:
    """Return an application with our settings and tasks."""
    made = Celery(name, set_as_current=current)
    made.config_from_object("django.conf:settings", namespace="CELERY")
    made.autodiscover_tasks()
    return made


app = make_app("supportbot", current=True)
