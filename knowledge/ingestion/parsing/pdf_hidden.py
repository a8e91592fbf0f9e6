"""Finds text on a PDF page that nobody sees: invisible, in the paper's colour, covered, off it."""

from __future__ import annotations

import ctypes
from collections import defaultdict

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium

from knowledge.ingestion.parsing.colours import WHITE, Colour, readable
from knowledge.ingestion.parsing.pdf_page import (
    Box,
    PageObject,
    PageText,
    address,
    characters_of,
    matrix_of,
)
from knowledge.ingestion.removed import Removed

_INVISIBLE_MODES = {
    pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP,
}  # fmt: skip
# Type below this height in points cannot be read.
TINY_POINTS = 2.5
# An image that covers this much of invisible text is the scan that the text was recognised from.
SCAN_SHARE = 0.7
# Pages are drawn to see whether suspicious text can be seen; in one file so many at most.
MAX_DRAWN_PAGES = 200
# Differences of brightness, of 255, that an eye does not see.
UNSEEN_DIFFERENCE = 10
COVERING_SHARE = 0.95
MAX_SHAPES = 500


class HiddenText:
    """Looks at the pages of one file, one after the other."""

    def __init__(self, removed: Removed) -> None:
        self._removed = removed
        self._drawn = 0

    def unseen(
        self, page: pypdfium2.PdfPage, layer: PageText, objects: list[PageObject]
    ) -> set[int]:
        """Return the places in the page's text of the characters that nobody sees."""
        reasons = self._reasons(page, objects)
        if not reasons:
            return set()
        places: set[int] = set()
        said: dict[int, list[str]] = defaultdict(list)
        for at, owner in characters_of(layer, set(reasons)):
            places.add(at)
            said[owner].append(layer.text[at])
        for owner, characters in said.items():
            self._removed.add(reasons[owner], "".join(characters))
        return places

    def _reasons(self, page: pypdfium2.PdfPage, objects: list[PageObject]) -> dict[int, str]:
        texts = [one for one in objects if one.kind == pdfium.FPDF_PAGEOBJ_TEXT]
        pictures = [one.box for one in objects if one.kind == pdfium.FPDF_PAGEOBJ_IMAGE]
        shapes = [one for one in objects if one.kind == pdfium.FPDF_PAGEOBJ_PATH and one.fill]
        paper = Box(*page.get_bbox())
        reasons: dict[int, str] = {}
        doubtful: list[PageObject] = []
        order = {id(one): at for at, one in enumerate(objects)}
        for text in texts:
            code = _certain(text, paper, pictures)
            if code:
                reasons[address(text.handle)] = code
            elif text.mode not in _INVISIBLE_MODES and _doubtful(text, shapes, order):
                doubtful.append(text)
        if doubtful and self._drawn < MAX_DRAWN_PAGES:
            self._drawn += 1
            picture = _Picture(page)
            for text in doubtful:
                if picture.is_even(text.box):
                    reasons[address(text.handle)] = "same_colour"
        return reasons


def _certain(text: PageObject, paper: Box, pictures: list[Box]) -> str:
    box = text.box
    if paper.covered(box) < 0.01 and box.right > box.left and box.top > box.bottom:
        return "off_screen"
    if 0 < box.top - box.bottom < TINY_POINTS and box.right - box.left > TINY_POINTS:
        return "tiny_text" if _is_tiny(text) else ""
    if text.mode in _INVISIBLE_MODES:
        # Scanners cut a page into strips.
        scanned = sum(picture.covered(box) for picture in pictures)
        return "" if scanned >= SCAN_SHARE else "invisible_text"
    if text.fill is not None and text.fill.transparent and text.mode == 0:
        return "invisible_text"
    return ""


_SIZE = ctypes.c_float()


def _is_tiny(text: PageObject) -> bool:
    """Whether the type is tiny, and not only flat like a row of dashes."""
    pdfium.FPDFTextObj_GetFontSize(text.handle, ctypes.byref(_SIZE))
    scale = 1.0
    for matrix in (matrix_of(text.handle), *text.forms):
        scale *= max(abs(matrix[3]), abs(matrix[1]))
    return float(_SIZE.value) * scale < TINY_POINTS


def _doubtful(text: PageObject, shapes: list[PageObject], order: dict[int, int]) -> bool:
    """Whether a text might not be seen: light, on its own colour, or under something."""
    if text.fill is None:
        return False
    if not readable(text.fill, WHITE):
        return True
    mine = order[id(text)]
    for shape in shapes[:MAX_SHAPES]:
        if shape.box.covered(text.box) >= COVERING_SHARE and shape.fill is not None:
            above = order[id(shape)] > mine and not shape.fill.transparent
            if above or not readable(text.fill, _flat(shape.fill)):
                return True
    return False


def _flat(colour: Colour) -> Colour:
    return Colour(colour.red, colour.green, colour.blue)


class _Picture:
    """A page as it is seen, one pixel a point."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page
        self._height = 0
        self._width = 0
        self._grey: npt.NDArray[np.uint8] = np.zeros((0, 0), dtype=np.uint8)
        width, height = page.get_size()
        # A page may be as large as a field.
        self._scale = min(1.0, 2000 / max(width, height, 1))
        bitmap = page.render(scale=self._scale, grayscale=True, draw_annots=False)
        self._grey = bitmap.to_numpy().reshape(bitmap.height, bitmap.width, -1)[:, :, 0]
        self._height, self._width = self._grey.shape

    def is_even(self, box: Box) -> bool:
        """Whether nothing stands out inside a box: what is written there is not seen."""
        corners = [self._pixel(box.left, box.top), self._pixel(box.right, box.bottom)]
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(*corners, strict=True))
        # Without the edge, where a neighbour may begin.
        inset = 1 if bottom - top > 4 else 0
        part = self._grey[
            max(top + inset, 0) : max(bottom + 1 - inset, 0),
            max(left + inset, 0) : max(right + 1 - inset, 0),
        ]
        if part.size == 0:
            return False
        return int(part.max()) - int(part.min()) < UNSEEN_DIFFERENCE

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(
            self._page, 0, 0, self._width, self._height, 0, x, y,
            ctypes.byref(across), ctypes.byref(down),
        )  # fmt: skip
        return across.value, down.value
