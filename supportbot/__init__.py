"""Composition root: settings, urls, processes. Nothing below imports it."""

from supportbot.celery import app as celery_app

__all__ = ["celery_app"]
