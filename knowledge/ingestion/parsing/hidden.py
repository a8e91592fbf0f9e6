"""Takes out of a web page what its readers do not see, and notes what it was."""

from __future__ import annotations

from dataclasses import dataclass

import regex
from lxml.etree import Comment, ProcessingInstruction, _Element

from knowledge.ingestion.parsing.colours import WHITE, Colour, parse_colour, readable
from knowledge.ingestion.parsing.styles import Style, Styles
from knowledge.ingestion.removed import Removed

# Smaller type cannot be read, whatever the screen. In pixels.
TINY_PIXELS = 4.0
USUAL_PIXELS = 16.0
OFF_SCREEN_PIXELS = 500.0
_OPACITY = 0.1
_LENGTH = regex.compile(r"(-?\d*\.?\d+)\s*(px|pt|pc|em|rem|ex|ch|vw|vh|in|cm|mm|%)?")
# Of relative units those of a usual window.
_PIXELS = {
    "px": 1.0, "": 1.0, "pt": 4 / 3, "pc": 16.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0,
    "vw": 12.0, "vh": 8.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "%": 12.0,
}  # fmt: skip
_CLIPPED = regex.compile(
    r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)"
    r"|inset\(\s*(?:[5-9]\d|100)%|circle\(\s*0"
)
_SCALED_AWAY = regex.compile(r"scale(?:3d|[xy])?\(\s*0?(?:\.0\d*)?\s*[,)]")
_MOVED_AWAY = regex.compile(r"translate(?:3d|[xy])?\([^)]*-\d{3,}(?:px|%|vw|vh|r?em)")
_NO_TEXT = {"script", "style", "noscript", "template", "head", "title"}
_KEPT = {"html", "body"}
_CANDIDATES = ".//*[@hidden or @aria-hidden='true']"
_COLOURED = ".//font[@color] | self::body[@text] | .//body[@text]"


def remove_hidden(root: _Element, removed: Removed) -> None:
    """Take comments and hidden elements out of a page in place.

    What opens on a click (controlled by a button, a `details` element, found by the browser's
    search) is content and stays.
    """
    for comment in list(root.iter(Comment, ProcessingInstruction)):
        if comment.tag is Comment:
            removed.add("comment", comment.text or "")
        drop(comment)
    styles = Styles(root)
    if styles or root.xpath(_CANDIDATES):
        _remove_elements(root, styles, removed)
    if styles or root.xpath(_COLOURED):
        _remove_unreadable(root, styles, removed)


def drop(element: _Element) -> None:
    """Remove an element with all below it; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        former = element.getprevious()
        if former is None:
            parent.text = (parent.text or "") + element.tail
        else:
            former.tail = (former.tail or "") + element.tail
    parent.remove(element)


def _remove_elements(root: _Element, styles: Styles, removed: Removed) -> None:
    opened = {
        name
        for tag in root.xpath(".//*[@aria-controls]")
        for name in tag.get("aria-controls").split()
    }
    hidden: list[tuple[_Element, str]] = []
    for tag in root.iter("*"):
        if tag.tag in _KEPT:
            continue
        code = _hidden_by_attribute(tag) or _hidden_by_style(styles.of(tag))
        if code and not (code == "hidden_part" and tag.get("id") in opened):
            hidden.append((tag, code))
    gone: set[_Element] = set()
    for tag, code in hidden:
        above = list(tag.iterancestors())
        gone.add(tag)
        if not gone.isdisjoint(above):
            continue
        if tag.tag not in _NO_TEXT and not any(one.tag in ("nav", "head") for one in above):
            removed.add(code, _shown_text(tag))
        drop(tag)


def _shown_text(tag: _Element) -> str:
    texts = tag.xpath(".//text()[not(ancestor::script or ancestor::style or ancestor::template)]")
    return " ".join(texts)


def _hidden_by_attribute(tag: _Element) -> str:
    hidden = tag.get("hidden")
    if hidden is not None and hidden.lower() != "until-found":
        return "hidden_part"
    return "hidden_part" if tag.get("aria-hidden") == "true" else ""


def _hidden_by_style(style: Style) -> str:
    if not style:
        return ""
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        return "hidden_part"
    opacity = _number(style.get("opacity", ""))
    if opacity is not None and opacity < _OPACITY:
        return "hidden_part"
    return "off_screen" if _off_screen(style) or _without_room(style) else ""


def _off_screen(style: Style) -> bool:
    if _CLIPPED.search(style.get("clip", "") + style.get("clip-path", "")):
        return True
    transform = style.get("transform", "")
    if _SCALED_AWAY.search(transform) or _MOVED_AWAY.search(transform):
        return True
    sides = ["text-indent", "margin-left", "margin-top"]
    if style.get("position") in ("absolute", "fixed", "relative"):
        sides += ["left", "top", "right", "bottom"]
    lengths = [_pixels(style.get(side, "")) for side in sides]
    return any(length is not None and length <= -OFF_SCREEN_PIXELS for length in lengths)


def _without_room(style: Style) -> bool:
    overflow = style.get("overflow", "")
    if "hidden" not in overflow and "clip" not in overflow:
        return False
    lengths = [_pixels(style.get(side, "")) for side in ("width", "height", "max-width")]
    return any(length is not None and 0 <= length <= 1 for length in lengths)


@dataclass(frozen=True, slots=True)
class _Look:
    """What text inherits. A colour of None is one that cannot be told."""

    colour: Colour | None
    background: Colour | None
    pixels: float

    def hides(self) -> str:
        """Return why text that looks like this cannot be read; empty when it can."""
        if self.pixels < TINY_PIXELS:
            return "tiny_text"
        if self.colour and self.background and not readable(self.colour, self.background):
            return "same_colour"
        return ""


def _remove_unreadable(root: _Element, styles: Styles, removed: Removed) -> None:
    """Remove text in the colour of its background, and type too small to read."""
    # Where a style sheet in another file may set the background, a light text may well be read.
    linked = root.xpath(".//link[contains(@rel, 'stylesheet')]")
    looks: dict[_Element | None, _Look] = {
        root.getparent(): _Look(None, None if linked else WHITE, USUAL_PIXELS)
    }
    for tag in root.iter("*"):
        above = looks[tag.getparent()]
        style = styles.of(tag)
        look = _look(tag, style, above) if style or tag.attrib else above
        looks[tag] = look
        if tag.text and tag.tag not in _NO_TEXT and (code := look.hides()):
            removed.add(code, tag.text)
            tag.text = None
        if tag.tail and tag is not root and (code := above.hides()):
            removed.add(code, tag.tail)
            tag.tail = None


def _look(tag: _Element, style: Style, above: _Look) -> _Look:
    return _Look(
        _text_colour(tag, style, above.colour),
        _background(tag, style, above.background),
        _type_size(style, above.pixels),
    )


def _text_colour(tag: _Element, style: Style, inherited: Colour | None) -> Colour | None:
    value = style.get("-webkit-text-fill-color") or style.get("color")
    if value is None:
        attribute = {"font": "color", "body": "text"}.get(tag.tag)
        value = (tag.get(attribute) or "").lower() if attribute else ""
    if not value or value in ("inherit", "currentcolor"):
        return inherited
    return parse_colour(value)


def _background(tag: _Element, style: Style, inherited: Colour | None) -> Colour | None:
    value = style.get("background-color") or style.get("background") or ""
    if "url(" in value or "gradient" in value or "background-image" in style:
        return None
    value = value or (tag.get("bgcolor") or "").lower()
    if not value or value in ("inherit", "none", "initial", "unset"):
        return inherited
    colour = parse_colour(value)
    return inherited if colour is not None and colour.transparent else colour


def _type_size(style: Style, inherited: float) -> float:
    value = style.get("font-size", "")
    if not value and "font" in style:
        value = next((part for part in style["font"].split() if _LENGTH.match(part)), "")
    if not value:
        return inherited
    found = _LENGTH.match(value)
    if not found:
        return USUAL_PIXELS
    number, unit = float(found.group(1)), found.group(2) or ""
    if unit in ("em", "%"):
        return inherited * (number if unit == "em" else number / 100)
    return number * _PIXELS[unit]


def _pixels(value: str) -> float | None:
    found = _LENGTH.match(value)
    return float(found.group(1)) * _PIXELS[found.group(2) or ""] if found else None


def _number(value: str) -> float | None:
    try:
        return float(value.rstrip("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        return None
