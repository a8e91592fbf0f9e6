"""reStructuredText: by docutils to HTML, then as any web page. Sphinx's own marks are accepted."""

from __future__ import annotations

from typing import Any

import regex
from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree
from docutils.parsers.rst import Directive, directives, roles

from knowledge.ingestion.parsing.encodings import decode
from knowledge.ingestion.parsing.html import html_to_markdown
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import DocumentUnreadable, ParsedDocument

_DIRECTIVE = regex.compile(r"^[ \t]*\.\.[ \t]+(?:\|[^|\n]+\|[ \t]+)?([\w:+.-]+)::", regex.M)
_ROLE = regex.compile(r":([\w:+.-]+):`")
# What a reader would not see, lists of other pages, or files from the disk.
_EMPTY = {
    "toctree", "index", "only", "ifconfig", "include", "literalinclude", "raw", "highlight",
    "currentmodule", "module", "meta", "contents", "sectnum", "csv-table-file", "automodule",
    "autoclass", "autofunction", "image", "default-role", "role",
}  # fmt: skip
_CODE = {"code-block", "sourcecode", "prompt", "parsed-literal", "console", "doctest", "testcode"}
_TARGET = regex.compile(r"\s*<[^<>]*>$")
SETTINGS: dict[str, Any] = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "_disable_config": True,
    "doctitle_xform": False,
    "initial_header_level": 1,
    "embed_stylesheet": False,
    "stylesheet_path": "",
    "math_output": "LaTeX",
    "line_length_limit": 1_000_000,
    "syntax_highlight": "none",
    "input_encoding": "unicode",
    "output_encoding": "unicode",
}


class _Unknown(Directive):  # type: ignore[misc]
    """A directive that docutils does not know: its title and content are kept as text."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = None

    def run(self) -> list[nodes.Node]:
        """Return the nodes of what stands in it."""
        container = nodes.container()
        if self.arguments:
            container += nodes.paragraph(text=self.arguments[0])
        self.state.nested_parse(self.content, self.content_offset, container)
        return [container]


class _Code(_Unknown):
    """A block of code."""

    def run(self) -> list[nodes.Node]:
        """Return the code as it is."""
        text = "\n".join(line for line in self.content if not regex.match(r":\w+:", line))
        return [nodes.literal_block(text, text)]


class _Empty(_Unknown):
    """Nothing that belongs to the text."""

    def run(self) -> list[nodes.Node]:
        """Return nothing."""
        return []


def parse_rst(content: bytes, name: str) -> ParsedDocument:
    """Read reStructuredText. The title is the first heading, else the name."""
    text = decode(content)
    _accept_marks_of(text)
    try:
        tree = publish_doctree(text, settings_overrides=SETTINGS)
        title = next((node.astext() for node in tree.findall(nodes.title)), "")
        removed = Removed()
        for comment in list(tree.findall(nodes.comment)):
            removed.add("comment", comment.astext())
            comment.parent.remove(comment)
        for message in list(tree.findall(nodes.system_message)):
            message.parent.remove(message)
        html = publish_from_doctree(tree, writer="html5", settings_overrides=SETTINGS)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        raise DocumentUnreadable(
            "The reStructuredText cannot be read. Correct its marks, or save it as plain text and "
            "upload that."
        ) from error
    return ParsedDocument(
        title=title or name,
        markdown=html_to_markdown(html, removed),
        findings=removed.findings(),
    )


def _accept_marks_of(text: str) -> None:
    """Register the directives and roles of a text that docutils does not know."""
    for name in {found.lower() for found in _DIRECTIVE.findall(text)}:
        if name in _EMPTY:
            directives.register_directive(name, _Empty)
        elif name in _CODE:
            directives.register_directive(name, _Code)
        elif not _known_directive(name):
            directives.register_directive(name, _Unknown)
    for name in {found.lower() for found in _ROLE.findall(text)}:
        if not _known_role(name):
            roles.register_local_role(name, _role)


def _known_directive(name: str) -> bool:
    return name in directives._directive_registry


def _known_role(name: str) -> bool:
    return name in roles._role_registry and name not in ("raw",)


def _role(
    name: str, rawtext: str, text: str, lineno: int, inliner: object, **_: object
) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """Return a reference's words without its target."""
    words = _TARGET.sub("", text).lstrip("~!")
    return [nodes.Text(words)], []
