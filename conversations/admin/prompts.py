"""The prompt files as operators see them: versions, what changed, and which answers used which."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from conversations import wiring
from conversations.prompts import PromptTemplate, load
from conversations.prompts.released import files, growth, locked
from conversations.version_figures import Figures, by_version
from knowledge.admin.differences import compare

_IN_USE = {
    wiring.ANSWER_PROMPT: "without instructions",
    wiring.INSTRUCTED_PROMPT: "with instructions",
    wiring.REWRITING_PROMPT: "before the search",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt file in the list. `growth` over the version before, as a percentage in words."""

    file: str
    template: PromptTemplate
    tokens: int
    growth: str
    use: str
    figures: Figures | None


def prompts_page(request: HttpRequest) -> HttpResponse:
    """List the prompt files; show one, and how it differs from another version of it."""
    if not request.user.has_perm("conversations.view_instructions"):
        raise PermissionDenied
    rows = _rows()
    shown = _named(rows, request.GET.get("file", ""))
    others = [r for r in rows if shown and r.template.name == shown.template.name and r != shown]
    other = _named(others, request.GET.get("with", "")) or (others[0] if others else None)
    context = {
        **admin.site.each_context(request),
        "title": "Prompts",
        "rows": rows,
        "shown": shown,
        "others": others,
        "other": other,
        "difference": compare(_text(other), _text(shown)) if shown and other else None,
    }
    return TemplateResponse(request, "admin/conversations/prompts.html", context)


def _rows() -> list[Row]:
    """Return the files, the newest version of each first."""
    tokens = {name: line.tokens for name, line in locked().items()}
    figures = by_version("prompt_version")
    rows = []
    for name in files():
        template = load(name.removesuffix(".md"))
        by = growth(template, tokens)
        rows.append(
            Row(
                file=name,
                template=template,
                tokens=tokens[name],
                growth="" if by is None else f"{by:+.0%}",
                use=_IN_USE.get(name.removesuffix(".md"), "not used any more"),
                figures=figures.get(template.label),
            )
        )
    return sorted(rows, key=lambda row: (row.template.name, -int(row.template.version)))


def _named(rows: list[Row], file: str) -> Row | None:
    return next((row for row in rows if row.file == file), None)


def _text(row: Row) -> str:
    return "\n\n".join(f"{row.template.system}\n{row.template.user}".split("\n"))
