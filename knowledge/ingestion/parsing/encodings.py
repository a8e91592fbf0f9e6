"""Bytes to text, whatever the encoding."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from knowledge.ingestion.values import DocumentUnreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE_BYTES = 200_000


def decode(content: bytes) -> str:
    """Return the text: by byte-order mark, as UTF-8, or by what the bytes look like."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content.decode(name, errors="replace")
    if content[:1000].count(0) == 0:
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            pass
    else:
        even, odd = content[:1000:2].count(0), content[1:1000:2].count(0)
        return content.decode("utf-16-be" if even > odd else "utf-16-le", errors="replace")
    best = from_bytes(content[:SAMPLE_BYTES]).best()
    if best is None:
        raise DocumentUnreadable(
            "The text's encoding could not be told. Save the file as UTF-8 and upload it again."
        )
    return content.decode(best.encoding, errors="replace")
