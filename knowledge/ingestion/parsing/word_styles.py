"""What a Word file's styles and numbering say: headings, lists, hidden and unreadable runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import regex
from lxml.etree import _Element

from knowledge.ingestion.parsing.colours import WHITE, from_hex, readable
from knowledge.ingestion.parsing.xml_parts import attribute, child, local

# Type below three points cannot be read. Word counts half points.
TINY_HALF_POINTS = 6
MAX_HEADING = 6
MAX_STYLE_DEPTH = 20
_OFF = {"0", "false", "off", "none"}
_HEADING_NAME = regex.compile(r"heading ([1-9])")
_CONTENTS_NAME = regex.compile(r"toc \d|toc heading|table of figures")
_PLAIN_FILLS = {"", "auto", "ffffff", "clear"}


@dataclass(frozen=True, slots=True)
class Run:
    """How characters look. An empty colour is the usual one; `shaded`: not on plain paper."""

    hidden: bool = False
    colour: str = ""
    half_points: int = 0
    shaded: bool = False

    def with_properties(self, properties: _Element | None) -> Run:
        """Return this with what a `w:rPr` element says."""
        changed = self
        for one in properties if properties is not None else ():
            name = local(one.tag) if isinstance(one.tag, str) else ""
            value = attribute(one, "val").lower()
            if name in ("vanish", "webHidden", "specVanish"):
                changed = replace(changed, hidden=value not in _OFF)
            elif name == "color":
                changed = replace(changed, colour=value)
            elif name == "sz" and value.isdecimal():
                changed = replace(changed, half_points=int(value))
            elif name == "highlight":
                changed = replace(changed, shaded=value not in ("", "none", "white"))
            elif name == "shd" and attribute(one, "fill").lower() not in _PLAIN_FILLS:
                changed = replace(changed, shaded=True)
        return changed

    def hides(self) -> str:
        """Return why nobody reads text that looks like this; empty when it is read."""
        if self.hidden:
            return "invisible_text"
        if 0 < self.half_points < TINY_HALF_POINTS:
            return "tiny_text"
        colour = from_hex(self.colour) if not self.shaded else None
        return "same_colour" if colour and not readable(colour, WHITE) else ""


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph or character style with what it inherits."""

    name: str = ""
    heading: int = 0
    list_id: str = ""
    run: Run = field(default_factory=Run)

    @property
    def is_contents(self) -> bool:
        """Whether it is for a table of contents, which repeats the headings."""
        return bool(_CONTENTS_NAME.match(self.name))


class WordStyles:
    """The styles of one file by id."""

    def __init__(self, root: _Element | None) -> None:
        self._elements: dict[str, _Element] = {}
        self._made: dict[str, Style] = {}
        self._usual = Style()
        for element in root if root is not None else ():
            if isinstance(element.tag, str) and local(element.tag) == "style":
                self._elements[attribute(element, "styleId")] = element
                if attribute(element, "default") == "1" and (
                    attribute(element, "type") == "paragraph"
                ):
                    self._usual = self._make(attribute(element, "styleId"), 0)

    def of(self, properties: _Element | None, name: str) -> Style:
        """Return the style that a `pPr` or `rPr` element names; paragraphs have a usual one."""
        chosen = child(properties, name) if properties is not None else None
        if chosen is None:
            return self._usual if name == "pStyle" else Style()
        return self._make(attribute(chosen, "val"), 0)

    def _make(self, style_id: str, depth: int) -> Style:
        if style_id in self._made:
            return self._made[style_id]
        element = self._elements.get(style_id)
        if element is None or depth > MAX_STYLE_DEPTH:
            return Style()
        based_on = child(element, "basedOn")
        base = (
            self._make(attribute(based_on, "val"), depth + 1) if based_on is not None else Style()
        )
        named = child(element, "name")
        name = attribute(named, "val").lower() if named is not None else ""
        paragraph = child(element, "pPr")
        number = child(element, "pPr", "numPr", "numId")
        run = base.run.with_properties(child(element, "rPr"))
        made = Style(
            name=name,
            heading=_heading(name) or outline_level(paragraph) or base.heading,
            list_id=attribute(number, "val") if number is not None else base.list_id,
            run=shaded_by(run, paragraph),
        )
        self._made[style_id] = made
        return made


def _heading(name: str) -> int:
    if found := _HEADING_NAME.match(name):
        return min(int(found.group(1)), MAX_HEADING)
    return 1 if name == "title" else 0


def outline_level(properties: _Element | None) -> int:
    """Return the heading level that a paragraph's properties give, 0 for body text."""
    level = child(properties, "outlineLvl") if properties is not None else None
    value = attribute(level, "val") if level is not None else ""
    return min(int(value) + 1, MAX_HEADING) if value.isdecimal() and int(value) < 9 else 0


def shaded_by(run: Run, properties: _Element | None) -> Run:
    """Return the run as it is on the shading of a paragraph, a cell or a table."""
    shading = child(properties, "shd") if properties is not None else None
    if shading is None or attribute(shading, "fill").lower() in _PLAIN_FILLS:
        return run
    return replace(run, shaded=True)


class Numbering:
    """Whether a list's level is numbered or has bullets."""

    def __init__(self, root: _Element | None) -> None:
        self._formats: dict[tuple[str, str], str] = {}
        kinds: dict[str, dict[str, str]] = {}
        for element in root if root is not None else ():
            name = local(element.tag) if isinstance(element.tag, str) else ""
            if name == "abstractNum":
                kinds[attribute(element, "abstractNumId")] = _levels(element)
            elif name == "num":
                chosen = child(element, "abstractNumId")
                levels = kinds.get(attribute(chosen, "val"), {}) if chosen is not None else {}
                for level, number_format in levels.items():
                    self._formats[(attribute(element, "numId"), level)] = number_format

    def is_numbered(self, list_id: str, level: str) -> bool:
        """Whether items of this list and level carry numbers or letters."""
        return self._formats.get((list_id, level), "bullet") not in ("bullet", "none")


def _levels(element: _Element) -> dict[str, str]:
    levels = {}
    for level in element:
        if isinstance(level.tag, str) and local(level.tag) == "lvl":
            number_format = child(level, "numFmt")
            value = attribute(number_format, "val") if number_format is not None else ""
            levels[attribute(level, "ilvl")] = value or "decimal"
    return levels
