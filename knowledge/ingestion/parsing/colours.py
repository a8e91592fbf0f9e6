"""CSS colours, and whether one can be read on another."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import regex

# Below this a text cannot be told from its background; 1 is the same colour, 21 black on white.
READABLE_CONTRAST = 1.15
_OPAQUE_ENOUGH = 0.1
_NAMED = {
    "black": "000000", "silver": "c0c0c0", "gray": "808080", "grey": "808080", "white": "ffffff",
    "maroon": "800000", "red": "ff0000", "purple": "800080", "fuchsia": "ff00ff",
    "green": "008000", "lime": "00ff00", "olive": "808000", "yellow": "ffff00", "navy": "000080",
    "blue": "0000ff", "teal": "008080", "aqua": "00ffff", "cyan": "00ffff", "orange": "ffa500",
    "snow": "fffafa", "ivory": "fffff0", "azure": "f0ffff", "mintcream": "f5fffa",
    "ghostwhite": "f8f8ff", "whitesmoke": "f5f5f5", "floralwhite": "fffaf0",
    "aliceblue": "f0f8ff", "honeydew": "f0fff0", "seashell": "fff5ee", "oldlace": "fdf5e6",
    "linen": "faf0e6", "gainsboro": "dcdcdc", "lightgray": "d3d3d3", "lightgrey": "d3d3d3",
    "darkgray": "a9a9a9", "darkgrey": "a9a9a9", "dimgray": "696969", "transparent": "00000000",
}  # fmt: skip
_HEX = regex.compile(r"#([0-9a-f]{3,8})(?![\w-])")
_FUNCTION = regex.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_WORD = regex.compile(r"(?<![\w#(-])[a-z]+(?![\w(-])")


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green, blue and opacity, each from 0 to 1."""

    red: float
    green: float
    blue: float
    opacity: float = 1.0

    @property
    def transparent(self) -> bool:
        """Whether nothing of it is seen."""
        return self.opacity < _OPAQUE_ENOUGH

    def luminance(self) -> float:
        """Return the relative luminance, WCAG 2.2."""
        linear = [_linear(part) for part in (self.red, self.green, self.blue)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


WHITE = Colour(1.0, 1.0, 1.0)


def readable(text: Colour, background: Colour) -> bool:
    """Whether people see text of one colour on another, by contrast ratio (WCAG 2.2)."""
    if text.transparent:
        return False
    lighter, darker = sorted((text.luminance(), background.luminance()), reverse=True)
    return (lighter + 0.05) / (darker + 0.05) >= READABLE_CONTRAST


def parse_colour(value: str) -> Colour | None:
    """Return the first colour in a lower-case CSS value; None when there is none we know."""
    if found := _HEX.search(value):
        return _from_hex(found.group(1))
    if found := _FUNCTION.search(value):
        return _from_function(found.group(1), found.group(2))
    for word in _WORD.findall(value):
        if word in _NAMED:
            return _from_hex(_NAMED[word])
    return None


def from_hex(digits: str) -> Colour | None:
    """Return the colour of six hexadecimal digits as office formats write them."""
    return _from_hex(digits.lower()) if _HEX.fullmatch(f"#{digits.lower()}") else None


def _from_hex(digits: str) -> Colour | None:
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) not in (6, 8):
        return None
    return Colour(*(int(digits[at : at + 2], 16) / 255 for at in range(0, len(digits), 2)))


def _from_function(name: str, arguments: str) -> Colour | None:
    numbers = []
    for position, part in enumerate(regex.split(r"[\s,/]+", arguments.strip())):
        whole = 1.0 if position == 3 else (360.0 if position == 0 else 100.0)
        whole = 255.0 if name == "rgb" and position < 3 else whole
        try:
            number = float(part.rstrip("%deg"))
        except ValueError:
            return None
        numbers.append(number / 100 if part.endswith("%") else number / whole)
    if len(numbers) not in (3, 4):
        return None
    opacity = numbers[3] if len(numbers) == 4 else 1.0
    if name == "hsl":
        return Colour(*colorsys.hls_to_rgb(numbers[0], numbers[2], numbers[1]), opacity)
    return Colour(numbers[0], numbers[1], numbers[2], opacity)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
