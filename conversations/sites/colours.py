"""Colours and whether text on them can be read (WCAG 2.2, success criterion 1.4.3)."""

from __future__ import annotations

import re

# Normal text, WCAG AA.
LEAST_CONTRAST = 4.5
WHITE, BLACK = "#ffffff", "#000000"
_SHORT = re.compile(r"^#?([0-9a-f])([0-9a-f])([0-9a-f])$")
_LONG = re.compile(r"^#?([0-9a-f]{6})$")


class BadColour(ValueError):
    """The text names no colour."""


def normalised_colour(text: str) -> str:
    """Return `#rrggbb` in lower case. Raises BadColour."""
    given = text.strip().lower()
    if short := _SHORT.match(given):
        return "#" + "".join(digit * 2 for digit in short.groups())
    if long := _LONG.match(given):
        return f"#{long[1]}"
    raise BadColour(f"{text.strip() or 'Nothing'} is not a colour. Write it as #2b6777.")


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 to 1, of `#rrggbb` (WCAG 2.2, definition)."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio, 1 to 21 (WCAG 2.2, definition)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_on(colour: str) -> str:
    """Return white or black, whichever reads better; one of them always has 4.58 to 1."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, colour))


def hover_of(colour: str) -> str:
    """Return a colour a step away from its text's, so that the contrast does not fall."""
    towards = 0 if text_on(colour) == WHITE else 255
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(part + (towards - part) * 0.12):02x}" for part in parts)
