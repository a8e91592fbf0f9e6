"""What stands before a page's text: its title, its day, and lists that its template shows."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import regex
import yaml

_FRONT_MATTER = regex.compile(
    r"\A\s*(?:---[ \t]*\r?\n(?P<yaml>.*?)\n---|\+\+\+[ \t]*\r?\n(?P<toml>.*?)\n\+\+\+)\s*(?:\n|\Z)",
    regex.S,
)
_DATES = ("updated", "last_updated", "lastmod", "last_modified", "modified", "date")
# Where a Jekyll page shows a value of its own: "{{ page.x }}", "{% include list.html items=page.x
# %}". Code in a line is shown as it is.
_SHOWN = regex.compile(
    r"`[^`\n]+`"
    r"|\{%-?[ \t]{0,20}include[ \t](?P<tag>[^%\n]{0,500})-?%\}"
    r"|\{\{-?[ \t]{0,20}page\.(?P<name>\w+)[^{}\n]{0,200}\}\}"
)
_NAMED = regex.compile(r"=\s*page\.(\w+)")
MOST_SHOWN = 20_000


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Return the front matter, YAML or TOML (empty when absent or broken), and the rest."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    try:
        if found.group("toml") is not None:
            front = tomllib.loads(found.group("toml"))
        else:
            front = yaml.safe_load(found.group("yaml"))
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError):
        front = None
    return (front if isinstance(front, dict) else {}), text[found.end() :]


def said(front: dict[str, Any], key: str) -> str:
    """Return a plain value as text: nested ones may refer to themselves many times over."""
    value = front.get(key)
    return str(value) if isinstance(value, str | int | float | date) else ""


def day_of(front: dict[str, Any]) -> str:
    """Return when the text was last changed as YYYY-MM-DD; empty when it does not say."""
    for key in _DATES:
        value = front.get(key)
        if isinstance(value, date):
            return value.isoformat()[:10]
        if isinstance(value, str):
            try:
                return date.fromisoformat(value.strip()[:10]).isoformat()
            except ValueError:
                continue
    return ""


def with_page_values(text: str, front: dict[str, Any], shown: set[str]) -> str:
    """Put the values in that the page's template shows, a list as one; `shown` holds their names.

    Each once, and no more than MOST_SHOWN characters: a small file can name a large value often.
    """

    def value(found: regex.Match[str]) -> str:
        names = [found["name"]] if found["name"] else _NAMED.findall(found["tag"] or "")
        new = [name for name in names if name in front and name not in shown]
        shown.update(new)
        return "".join(_shown(front[name]) for name in new) or str(found.group())

    return _SHOWN.sub(value, text) if front and "page." in text else text


def _shown(value: Any) -> str:
    if not isinstance(value, list):
        return said({"": value}, "")[:MOST_SHOWN]
    lines = ""
    for item in value:
        line = " ".join(said({"": item}, "").split())
        if len(lines) + len(line) > MOST_SHOWN:
            break
        lines += f"* {line}\n" if line else ""
    return f"\n\n{lines}\n" if lines else ""
