"""One page of a PDF as lines of words with their places, by PDFium."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import regex

from knowledge.ingestion.parsing.colours import Colour

Matrix = tuple[float, float, float, float, float, float]
_MATRIX = pdfium.FS_MATRIX()
_WORD = regex.compile(r"[^\s\x00]+")
_LINE_END = regex.compile(r"\r\n|\r|\n")
# Text set at an angle has no lines from left to right.
MAX_ANGLE = 0.1
# A page with more drawn shapes is a map or a plot.
MAX_OBJECTS = 20_000
MAX_FORM_DEPTH = 5
_BOLD = regex.compile(rb"bold|black|heavy|semib|demi|medi(?!um|an)|cmbx|sfbx", regex.I)
# PDFium's sign for a hyphen at the end of a line, which it joins with the next.
CUT = "\ufffe"
FONT_NAME_BYTES = 200


@dataclass(slots=True)
class Box:
    """A rectangle in points, the origin at the lower left."""

    left: float
    bottom: float
    right: float
    top: float

    def covered(self, other: Box) -> float:
        """Return the share of the other's area that this covers."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        area = max(other.right - other.left, 0.01) * max(other.top - other.bottom, 0.01)
        return width * height / area if width > 0 and height > 0 else 0.0


@dataclass(slots=True)
class Word(Box):
    """A word and its place; without a place on turned pages."""

    text: str = ""


@dataclass(slots=True)
class Line:
    """Words on one line. `size` is the height of its type in points."""

    words: list[Word]
    size: float = 0.0
    bold: bool = False

    @property
    def text(self) -> str:
        """Return the line as text."""
        return " ".join(word.text for word in self.words)

    @property
    def top(self) -> float:
        """Return the upper edge."""
        return max(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return min(word.bottom for word in self.words)


@dataclass(slots=True)
class PageObject:
    """A piece of text, a shape or a picture in painting order.

    `fill` is None for shapes that are only outlined, and where it cannot be told.
    """

    kind: int
    handle: Any
    box: Box
    fill: Colour | None = None
    mode: int = 0
    forms: tuple[Matrix, ...] = ()


@dataclass(slots=True)
class PageText:
    """The text layer of a page: one character for each that PDFium counts."""

    handle: pypdfium2.PdfTextPage
    text: str

    def turned(self) -> bool:
        """Whether the text runs in another direction than from left to right."""
        step = max(len(self.text) // 8, 1)
        angles = [
            pdfium.FPDFText_GetCharAngle(self.handle, at)
            for at in range(0, len(self.text), step)
            if not self.text[at].isspace()
        ]
        return bool(sum(angle > MAX_ANGLE for angle in angles) * 2 > len(angles))


def page_text(page: pypdfium2.PdfPage) -> PageText:
    """Return a page's text layer; the caller closes its handle."""
    handle = page.get_textpage()
    count = pdfium.FPDFText_CountChars(handle)
    text = handle.get_text_range() if count > 0 else ""
    if len(text) != count:
        # Characters without a meaning are left out there, and some count twice.
        codes = [pdfium.FPDFText_GetUnicode(handle, at) for at in range(max(count, 0))]
        text = "".join(chr(code) if 0 < code < 0x110000 else "\0" for code in codes)
    return PageText(handle, text)


def lines_of(layer: PageText, unseen: set[int]) -> list[Line]:
    """Return a page's lines in the order of the file, without the characters in `unseen`."""
    text = layer.text
    if unseen:
        text = "".join("\0" if at in unseen else one for at, one in enumerate(text))
    turned = layer.turned()
    lines: list[Line] = []
    start = 0
    ends = [*((found.start(), found.end()) for found in _LINE_END.finditer(text)), (len(text),) * 2]
    for end, following in ends:
        for group in _until_cut(_WORD.finditer(text, start, end)):
            words = [_placed(layer.handle, found, turned) for found in group]
            first, last = group[0].start(), group[-1].start()
            bold = _is_bold(layer.handle, first) and _is_bold(layer.handle, last)
            lines.append(Line(words, _size(layer.handle, first), bold))
        start = following
    return lines


def _until_cut(words: Iterable[regex.Match[str]]) -> Iterator[list[regex.Match[str]]]:
    """Yield the words of each line on paper: after one that was cut the next line begins."""
    group: list[regex.Match[str]] = []
    for word in words:
        group.append(word)
        if CUT in word.group():
            yield group
            group = []
    if group:
        yield group


_LEFT, _RIGHT, _BOTTOM, _TOP = (ctypes.c_double() for _ in range(4))
_EDGES = [ctypes.byref(edge) for edge in (_LEFT, _RIGHT, _BOTTOM, _TOP)]
_NAME = ctypes.create_string_buffer(FONT_NAME_BYTES)
_FLAGS = ctypes.c_int()


def _placed(handle: Any, found: regex.Match[str], turned: bool) -> Word:
    if turned:
        return Word(0.0, 0.0, 0.0, 0.0, found.group())
    pdfium.FPDFText_GetCharBox(handle, found.start(), *_EDGES)
    left, bottom, top, right = _LEFT.value, _BOTTOM.value, _TOP.value, _RIGHT.value
    cut = found.group().find(CUT)
    last = (found.start() + cut if cut > 0 else found.end()) - 1
    if last > found.start():
        pdfium.FPDFText_GetCharBox(handle, last, *_EDGES)
        left, right = min(left, _LEFT.value), max(right, _RIGHT.value)
        bottom, top = min(bottom, _BOTTOM.value), max(top, _TOP.value)
    return Word(left, bottom, right, top, found.group())


def _size(handle: Any, at: int) -> float:
    """Return the height of the type in points, its scaling included."""
    size = float(pdfium.FPDFText_GetFontSize(handle, at))
    if pdfium.FPDFText_GetMatrix(handle, at, ctypes.byref(_MATRIX)):
        size *= math.hypot(_MATRIX.b, _MATRIX.d)
    return round(size, 1)


def _is_bold(handle: Any, at: int) -> bool:
    size = pdfium.FPDFText_GetFontInfo(handle, at, _NAME, FONT_NAME_BYTES, ctypes.byref(_FLAGS))
    return bool(size) and _BOLD.search(_NAME.value) is not None


_BOX = [ctypes.c_float() for _ in range(4)]
_BOX_REFERENCES = [ctypes.byref(edge) for edge in _BOX]
_RGBA = [ctypes.c_uint() for _ in range(4)]
_RGBA_REFERENCES = [ctypes.byref(part) for part in _RGBA]
_FILL_MODE, _STROKE = ctypes.c_int(), ctypes.c_int()


_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def objects_of(page: pypdfium2.PdfPage) -> list[PageObject]:
    """Return what is painted on a page, in painting order; what is in forms included."""
    found: list[PageObject] = []
    count = pdfium.FPDFPage_CountObjects(page)
    _collect(count, lambda at: pdfium.FPDFPage_GetObject(page, at), found, ())
    return found


def _collect(
    count: int, get: Callable[[int], Any], found: list[PageObject], forms: tuple[Matrix, ...]
) -> None:
    for at in range(min(count, MAX_OBJECTS - len(found))):
        handle = get(at)
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and len(forms) < MAX_FORM_DEPTH:
            inner = pdfium.FPDFFormObj_CountObjects(handle)
            _collect(inner, _within(handle), found, (matrix_of(handle), *forms))
        elif pdfium.FPDFPageObj_GetBounds(handle, *_BOX_REFERENCES):
            box = Box(*(edge.value for edge in _BOX))
            # Places inside a form are the form's own.
            for matrix in forms:
                box = _moved(box, matrix)
            is_text = kind == pdfium.FPDF_PAGEOBJ_TEXT
            mode = pdfium.FPDFTextObj_GetTextRenderMode(handle) if is_text else 0
            found.append(PageObject(kind, handle, box, _fill(kind, handle), mode, forms))


def _within(form: Any) -> Callable[[int], Any]:
    return lambda at: pdfium.FPDFFormObj_GetObject(form, at)


def matrix_of(handle: Any) -> Matrix:
    """Return an object's transformation, PDF 32000-1 8.3.4."""
    if not pdfium.FPDFPageObj_GetMatrix(handle, ctypes.byref(_MATRIX)):
        return _SAME
    return (_MATRIX.a, _MATRIX.b, _MATRIX.c, _MATRIX.d, _MATRIX.e, _MATRIX.f)


def moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    """Return a point after a transformation."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _moved(box: Box, matrix: Matrix) -> Box:
    corners = [moved(x, y, matrix) for x in (box.left, box.right) for y in (box.bottom, box.top)]
    across, up = zip(*corners, strict=True)
    return Box(min(across), min(up), max(across), max(up))


def _fill(kind: int, handle: Any) -> Colour | None:
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        pdfium.FPDFPath_GetDrawMode(handle, ctypes.byref(_FILL_MODE), ctypes.byref(_STROKE))
        if _FILL_MODE.value == pdfium.FPDF_FILLMODE_NONE:
            return None
    elif kind != pdfium.FPDF_PAGEOBJ_TEXT:
        return None
    if not pdfium.FPDFPageObj_GetFillColor(handle, *_RGBA_REFERENCES):
        return None
    return Colour(*(part.value / 255 for part in _RGBA))


def address(handle: Any) -> int:
    """Return a number that is the same for the same object."""
    return int(ctypes.cast(handle, ctypes.c_void_p).value or 0)


def characters_of(layer: PageText, objects: set[int]) -> Iterator[tuple[int, int]]:
    """Yield (place in the text, object) for the characters that these objects paint."""
    for at in range(len(layer.text)):
        owner = address(pdfium.FPDFText_GetTextObject(layer.handle, at))
        if owner in objects:
            yield at, owner
