"""Which style each element of a web page has: its own attribute and the page's simple rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import regex
from cssselect import HTMLTranslator, SelectorError
from lxml.etree import XPath, XPathError, _Element

Style = dict[str, str]
MAX_RULES = 2000
# Selectors of several parts are matched one at a time over the whole page.
MAX_SEARCHES = 200
MAX_MATCHES = 100_000
# Only what may hide text, or show it again, is of interest.
_OF_INTEREST = regex.compile(
    r"display|visibility|opacity|font|color|background|left|right|top|bottom|indent|clip"
    r"|transform|width|height"
)
_CSS_COMMENT = regex.compile(r"/\*.*?\*/", regex.S)
_BRACE = regex.compile(r"[{}]")
_LAST_COMPOUND = regex.compile(r"[^\s>+~]+$")
_PSEUDO = regex.compile(r"::?[\w-]+(?:\([^()]*\))?")
_NAME = regex.compile(r"[.#][\w-]+|^[\w-]+")


def declarations(text: str) -> Style:
    """Return the properties of a style attribute or a rule's body, lower-case."""
    style: Style = {}
    for declaration in text.lower().split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            style[name.strip()] = value.replace("!important", "").strip()
    return style


class Styles:
    """The styles of a page's elements. Rules in order, an element's own attribute last.

    How specific a selector is, rules for some media only, and style sheets in other files are not
    looked at.
    """

    def __init__(self, root: _Element) -> None:
        self._of: dict[_Element, Style] = {}
        sheets = [_CSS_COMMENT.sub("", tag.text or "") for tag in root.iter("style")]
        if sheets:
            self._apply(root, list(_rules("\n".join(sheets)))[:MAX_RULES])
        for tag in root.xpath(".//*[@style]"):
            self._add(tag, declarations(tag.get("style")))

    def __bool__(self) -> bool:
        return bool(self._of)

    def of(self, tag: _Element) -> Style:
        """Return an element's style; empty for most."""
        return self._of.get(tag, {})

    def _add(self, tag: _Element, style: Style) -> None:
        self._of[tag] = {**self._of.get(tag, {}), **style}

    def _apply(self, root: _Element, rules: list[tuple[str, Style, bool]]) -> None:
        shown = [_names(selector) for selector, style, _ in rules if _shows(style)]
        index = _by_name(root)
        matches = searches = 0
        for selector, style, always in rules:
            if not always or (_hides(style) and _shown_again(selector, shown)):
                continue
            names = _names(selector)
            simple = len(names) == 1 and selector in names
            searches += not simple
            if searches > MAX_SEARCHES or matches > MAX_MATCHES:
                return
            for tag in index[selector] if simple else _search(selector, names, root, index):
                matches += 1
                self._add(tag, style)


def _rules(sheet: str) -> Iterator[tuple[str, Style, bool]]:
    """Yield (one selector, style, whether it holds for all media), innermost blocks only."""
    heads: list[str] = []
    start = 0
    innermost = False
    for brace in _BRACE.finditer(sheet):
        between = sheet[start : brace.start()]
        start = brace.end()
        if brace.group() == "{":
            # What comes before a semicolon is a statement of its own, or a declaration.
            heads.append(between.rpartition(";")[2].strip())
            innermost = True
            continue
        head = heads.pop() if heads else ""
        if innermost and not head.startswith("@") and _OF_INTEREST.search(between.lower()):
            always = not any(outer.startswith("@") for outer in heads)
            style = declarations(between)
            for selector in head.split(","):
                yield selector.strip(), style, always
        innermost = False


def _shows(style: Style) -> bool:
    return style.get("display", "none") != "none" or style.get("visibility") == "visible"


def _hides(style: Style) -> bool:
    return style.get("display") == "none" or style.get("visibility") == "hidden"


def _shown_again(selector: str, shown: Iterable[frozenset[str]]) -> bool:
    """Whether another rule shows what this one hides: an answer that opens on a click."""
    names = _names(selector)
    return bool(names) and any(names <= others for others in shown)


def _names(selector: str) -> frozenset[str]:
    """Return the classes, ids and element that a selector's last part asks for."""
    last = _LAST_COMPOUND.search(selector)
    return frozenset(_NAME.findall(_PSEUDO.sub("", last.group()))) if last else frozenset()


def _by_name(root: _Element) -> dict[str, list[_Element]]:
    index: dict[str, list[_Element]] = defaultdict(list)
    for tag in root.iter("*"):
        index[tag.tag].append(tag)
        if name := tag.get("id"):
            index[f"#{name}"].append(tag)
        for name in (tag.get("class") or "").split():
            index[f".{name}"].append(tag)
    return index


def _search(
    selector: str, names: frozenset[str], root: _Element, index: dict[str, list[_Element]]
) -> list[_Element]:
    if not names or "::" in selector or not all(name in index for name in names):
        return []
    try:
        found: list[_Element] = XPath(HTMLTranslator().css_to_xpath(selector))(root)
    except (SelectorError, XPathError, ValueError):
        return []
    return found
