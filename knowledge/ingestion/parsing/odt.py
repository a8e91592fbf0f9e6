"""OpenDocument text: its elements become those of a web page, which is then written as Markdown."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from dataclasses import dataclass, replace

from lxml.etree import Element, SubElement, _Element, iterwalk

from knowledge.ingestion.archives import open_archive
from knowledge.ingestion.parsing.colours import WHITE, parse_colour, readable
from knowledge.ingestion.parsing.markdown_writer import MAX_SPAN, MarkdownWriter
from knowledge.ingestion.parsing.xml_parts import attribute, child, local, parse_part
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import DocumentUnreadable, ParsedDocument

_AS_HTML = {
    "p": "p", "list": "ul", "list-item": "li", "list-header": "li", "table": "table",
    "table-row": "tr", "table-cell": "td", "line-break": "br", "text-box": "div", "section": "div",
}  # fmt: skip
# Deleted text, what a reader does not see, and what repeats other text.
_SKIPPED = {
    "tracked-changes", "annotation", "annotation-end", "table-of-content", "alphabetical-index",
    "illustration-index", "table-index", "note-citation", "desc", "ruby-text", "forms",
    "sequence-decls", "variable-decls", "event-listeners", "covered-table-cell",
}  # fmt: skip
_HIDDEN_FIELDS = {"hidden-text", "hidden-paragraph"}
TINY_POINTS = 3.0
USUAL_POINTS = 12.0
MAX_STYLE_DEPTH = 20
MAX_SPACES = 100


@dataclass(frozen=True, slots=True)
class _Style:
    """A style by itself: `hidden` says why its text is not seen, None leaves that to others."""

    parent: str = ""
    hidden: str | None = None
    shaded: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where text goes, and how it looks there."""

    target: _Element
    hidden: str = ""
    shaded: bool = False


def parse_odt(content: bytes, name: str) -> ParsedDocument:
    """Read an .odt. The title is the first heading, else the file's own, else the name."""
    with open_archive(content) as archive:
        _check_protection(archive)
        if "content.xml" not in archive.NameToInfo:
            raise DocumentUnreadable(
                "The file is broken: the part with its text is missing. Save it again and upload "
                "that."
            )
        root = parse_part(archive, "content.xml")
        styles = _styles(root)
        if "styles.xml" in archive.NameToInfo:
            styles = {**_styles(parse_part(archive, "styles.xml")), **styles}
        own_title = _own_title(archive)
    removed = Removed()
    page = _Converter(styles, removed).page(child(root, "body", "text"))
    heading = next(page.iter("h1", "h2"), None)
    title = " ".join("".join(heading.itertext()).split()) if heading is not None else ""
    return ParsedDocument(
        title=title or own_title or name,
        markdown=MarkdownWriter().write(page),
        findings=removed.findings(),
    )


def _check_protection(archive: zipfile.ZipFile) -> None:
    manifest = "META-INF/manifest.xml"
    if manifest in archive.NameToInfo:
        listed = parse_part(archive, manifest)
        if next(listed.iter("{*}encryption-data"), None) is not None:
            raise DocumentUnreadable(
                "The file needs a password. Remove the password and upload it again."
            )


def _own_title(archive: zipfile.ZipFile) -> str:
    if "meta.xml" not in archive.NameToInfo:
        return ""
    found = next(parse_part(archive, "meta.xml").iter("{*}title"), None)
    return " ".join((found.text or "").split()) if found is not None else ""


def _styles(root: _Element) -> dict[str, _Style]:
    styles = {}
    for element in root.iter("{*}style", "{*}default-style"):
        properties = {
            local(key): str(value)
            for part in element
            if isinstance(part.tag, str)
            for key, value in part.attrib.items()
        }
        background = properties.get("background-color", "transparent")
        styles[attribute(element, "name")] = _Style(
            parent=attribute(element, "parent-style-name"),
            hidden=_hides(properties),
            shaded=background not in ("transparent", "#ffffff"),
        )
    return styles


def _hides(properties: dict[str, str]) -> str | None:
    if properties.get("display") == "none":
        return "invisible_text"
    size = properties.get("font-size", "")
    if size.endswith("pt") and _number(size[:-2]) < TINY_POINTS:
        return "tiny_text"
    if properties.get("use-window-font-color") == "true":
        return ""
    colour = parse_colour(properties.get("color", "").lower())
    if colour is None:
        return None
    return "" if readable(colour, WHITE) else "same_colour"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return USUAL_POINTS


class _Converter:
    """Copies the text of a document into elements of a web page, however deep it is nested."""

    def __init__(self, styles: dict[str, _Style], removed: Removed) -> None:
        self._styles = styles
        self._removed = removed
        # The notes to paragraphs that have not ended yet.
        self._notes: defaultdict[_Element, list[_Element]] = defaultdict(list)

    def page(self, text: _Element | None) -> _Element:
        """Return a `body` element."""
        page = Element("body")
        if text is None:
            return page
        places = [_Place(page)]
        walk = iterwalk(text, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                skipped = self._is_left_out(element)
                places.append(places[-1] if skipped else self._place(element, places[-1]))
                if skipped:
                    walk.skip_subtree()
                else:
                    self._say(element.text, places[-1])
            else:
                self._put_notes(element, places.pop())
                if element is not text:
                    self._say(element.tail, places[-1])
        return page

    def _is_left_out(self, element: _Element) -> bool:
        if not isinstance(element.tag, str) or local(element.tag) in _SKIPPED:
            return True
        if local(element.tag) != "section":
            return False
        shown = attribute(element, "display")
        by_condition = shown == "condition" and attribute(element, "is-hidden") == "true"
        if shown == "none" or by_condition:
            self._removed.add("invisible_text", " ".join(element.itertext()))
            return True
        return False

    def _put_notes(self, element: _Element, place: _Place) -> None:
        """Put the notes to a paragraph after it, so that its sentences stay whole."""
        if isinstance(element.tag, str) and local(element.tag) in ("p", "h"):
            for note in self._notes.pop(place.target, ()):
                place.target.getparent().append(note)

    def _place(self, element: _Element, outer: _Place) -> _Place:
        name = local(element.tag)
        place = self._styled(attribute(element, "style-name"), outer)
        if name in _HIDDEN_FIELDS:
            return replace(place, hidden="invisible_text")
        if name == "note-body":
            note = Element("div")
            self._notes[outer.target].append(note)
            return replace(place, target=note)
        if name == "s":
            count = attribute(element, "c")
            self._say(" " * min(int(count) if count.isdecimal() else 1, MAX_SPACES), place)
        elif name == "tab":
            self._say(" ", place)
        tag = _AS_HTML.get(name, "")
        if name == "h":
            level = attribute(element, "outline-level")
            tag = f"h{min(max(int(level), 1), 6) if level.isdecimal() else 2}"
        if not tag:
            return place
        below = SubElement(outer.target, tag)
        for spans, as_html in (
            ("number-columns-spanned", "colspan"),
            ("number-rows-spanned", "rowspan"),
        ):
            if (value := attribute(element, spans)).isdecimal():
                below.set(as_html, str(min(int(value), MAX_SPAN)))
        return replace(place, target=below)

    def _styled(self, style_name: str, outer: _Place) -> _Place:
        hidden, shaded = None, outer.shaded
        for _ in range(MAX_STYLE_DEPTH):
            style = self._styles.get(style_name)
            if not style_name or style is None:
                break
            hidden = style.hidden if hidden is None else hidden
            shaded = shaded or style.shaded
            style_name = style.parent
        return replace(outer, hidden=outer.hidden if hidden is None else hidden, shaded=shaded)

    def _say(self, text: str | None, place: _Place) -> None:
        if not text:
            return
        if place.hidden and not (place.hidden == "same_colour" and place.shaded):
            self._removed.add(place.hidden, text)
            return
        last = place.target[-1] if len(place.target) else None
        if last is None:
            place.target.text = (place.target.text or "") + text
        else:
            last.tail = (last.tail or "") + text
