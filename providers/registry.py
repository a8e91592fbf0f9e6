"""Builds a provider from a `settings.PROVIDERS` entry, the way Django builds `CACHES`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


class UnknownProvider(Exception):
    """The dotted path does not lead to a class."""


def build(spec: Mapping[str, Any], **extra: Any) -> Any:
    """Call what a spec's `BACKEND` names with its `OPTIONS` and `extra` as keyword arguments."""
    path = spec["BACKEND"]
    module_name, _, class_name = path.rpartition(".")
    try:
        factory = getattr(import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownProvider(
            f"PROVIDERS names {path!r}, which cannot be imported: {error}"
        ) from error
    return factory(**{**spec.get("OPTIONS", {}), **extra})
