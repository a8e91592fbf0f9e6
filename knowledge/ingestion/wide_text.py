"""Text of two or four bytes a character: told by its mark, or by its zero bytes."""

from __future__ import annotations

import codecs

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE_SAMPLE_BYTES = 4096
# Signs, digits and line ends have a zero byte in two-byte encodings whatever the script.
MIN_ZERO_SHARE = 0.03
PRINTABLE_SHARE = 0.97


def wide_encoding(content: bytes) -> str:
    """Return the UTF-16 or UTF-32 that bytes without a mark are in; empty for any other."""
    sample = content[: WIDE_SAMPLE_BYTES - WIDE_SAMPLE_BYTES % 4]
    if b"\x00" not in sample:
        return ""
    sample = sample[: len(sample) - len(sample) % 4] or sample[: len(sample) - len(sample) % 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) > len(sample) * 0.2:
        candidates = ["utf-32-le", "utf-32-be"]
    elif max(even, odd) >= len(sample) * MIN_ZERO_SHARE:
        candidates = ["utf-16-be" if even > odd else "utf-16-le"]
    else:
        candidates = []
    return next((name for name in candidates if _is_text(sample, name)), "")


def _is_text(sample: bytes, encoding: str) -> bool:
    try:
        # A character may be cut at the end of the sample.
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    printable = sum(character.isprintable() or character.isspace() for character in text)
    return printable >= len(text) * PRINTABLE_SHARE
