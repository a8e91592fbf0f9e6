"""Measures the same pipeline that customers get."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Runner, metrics, reports."""

    name = "evaluation"
