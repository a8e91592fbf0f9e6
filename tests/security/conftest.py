"""A bell that only counts."""

from tests.conversations.conftest import rung

__all__ = ["rung"]
