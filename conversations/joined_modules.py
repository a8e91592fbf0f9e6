"""ES modules put together in one script: a browser on a slow line asks once and not 36 times.

The modules stay what they are: files that import each other by name. What is reached by `import()`
only goes into a second script, fetched when it is needed. Only the forms of import and export that
our modules use are understood; any other is refused, and a test joins them all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_LATER = re.compile(r'\bimport\("\./([\w-]+)\.js"\)')
_OTHER = re.compile(r"^(?:import|export)\b.*|\bimport\s*\(.*", re.MULTILINE)
# One name of an import: `a` or `a as b`.
_NAME = re.compile(r"^(\w+)(?: as (\w+))?$")

# `parts` is exported for tests, which look at the modules that the page runs.
_START = """export const parts = {};
let asked = 0, coming = null;
const later = async (name) => {
coming ??= import(LATER + (asked++ ? `?again=${asked}` : "")).catch((problem) => {
coming = null;
throw problem;
});
await (await coming).add(parts, later);
return parts[name];
};
"""


class CannotJoin(ValueError):
    """A module has a form that is not understood; the message names both."""


@dataclass(frozen=True)
class Joined:
    """The script that a page begins with, with LATER for the other's address, and that other."""

    first: str
    later: str


def joined(modules: Mapping[str, str], start: str) -> Joined:
    """Join modules (name -> text), beginning with `start`. Raises CannotJoin."""
    first = _in_order(modules, [start], frozenset())
    asked = [name for one in first for name in _LATER.findall(modules[one])]
    rest = _in_order(modules, asked, frozenset(first))
    inner = "".join(_part(name, modules[name]) for name in rest)
    return Joined(
        _START + "".join(_part(name, modules[name]) for name in first),
        # Fetched once; asked again it adds nothing.
        "let added = null;\nexport const add = (parts, later) => (added ??= (async () => {\n"
        f"{inner}}})());\n",
    )


def _in_order(modules: Mapping[str, str], wanted: list[str], known: frozenset[str]) -> list[str]:
    """Return what is wanted and what that imports, each after what it imports."""
    order: list[str] = []
    open_ones: list[str] = []

    def visit(name: str) -> None:
        if name in order or name in known:
            return
        if name in open_ones or name not in modules:
            raise CannotJoin(f"{name}: not there, or imported in a circle ({open_ones})")
        open_ones.append(name)
        for _, other in _IMPORT.findall(modules[name]):
            visit(other)
        order.append(open_ones.pop())

    for name in wanted:
        visit(name)
    return order


def _part(name: str, text: str) -> str:
    exported = [found for _, found in _EXPORT.findall(text)]
    body = _IMPORT.sub(lambda found: _taken(name, found.group(1), found.group(2)), text)
    body = _EXPORT.sub(r"\1 \2", body)
    body = _LATER.sub(r'later("\1")', body)
    if other := _OTHER.search(without_comments(body)):
        raise CannotJoin(f"{name}: {other.group()[:80]}")
    given = f"return {{ {', '.join(exported)} }};\n" if exported else ""
    return f'parts["{name}"] = await (async () => {{\n{without_comments(body)}{given}}})();\n'


def _taken(name: str, names: str, other: str) -> str:
    taken = []
    for one in filter(None, (part.strip() for part in names.split(","))):
        found = _NAME.match(one)
        if found is None:
            raise CannotJoin(f"{name}: import {one}")
        taken.append(f"{found[1]}: {found[2]}" if found[2] else found[1])
    return f'const {{ {", ".join(taken)} }} = parts["{other}"];\n'


def without_comments(text: str) -> str:
    """Return a script or style sheet without whole lines of comment, indentation and empty lines.

    Lines within a template literal would lose their indentation; our modules have none that matter.
    """
    kept, inside = [], False
    for line in map(str.strip, text.splitlines()):
        if inside or line.startswith("/*"):
            inside = "*/" not in line
            continue
        if line and not line.startswith("//"):
            kept.append(line)
    return "".join(f"{line}\n" for line in kept)
