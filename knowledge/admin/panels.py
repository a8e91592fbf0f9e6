"""What layers above knowledge show on a document's page: they register a panel at import.

Imports point only downwards, so the page cannot ask the chat itself where a document was cited.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from knowledge.models import Document

# Returns a section as safe HTML, "" for a reader who may not see it.
Panel = Callable[[HttpRequest, Document], SafeString]
_panels: list[Panel] = []


def add_panel(panel: Panel) -> Panel:
    """Show a panel on every document's page, after those added before. Usable as a decorator."""
    if panel not in _panels:
        _panels.append(panel)
    return panel


def panels_of(request: HttpRequest, document: Document) -> list[SafeString]:
    """Return the panels that this reader may see."""
    return [html for panel in _panels if (html := panel(request, document))]
