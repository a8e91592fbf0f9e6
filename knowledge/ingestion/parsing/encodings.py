"""Bytes to text, whatever the encoding."""

from __future__ import annotations

from charset_normalizer import CharsetMatches, from_bytes

from knowledge.ingestion.values import DocumentUnreadable
from knowledge.ingestion.wide_text import BOMS, wide_encoding

SAMPLE_BYTES = 200_000
# The most common encoding wins against one that fits no better than by this.
USUAL = "cp1252"
COHERENCE_TOLERANCE = 0.1
CHAOS_TOLERANCE = 0.05


def decode(content: bytes) -> str:
    """Return the text: by byte-order mark, as UTF-8, or by what the bytes look like."""
    for mark, name in BOMS:
        if content.startswith(mark):
            return content.decode(name, errors="replace")
    if wide := wide_encoding(content):
        return content.decode(wide, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    matches = from_bytes(content[:SAMPLE_BYTES])
    if not matches:
        raise DocumentUnreadable(
            "The text's encoding could not be told. Save the file as UTF-8 and upload it again."
        )
    return content.decode(_likeliest(matches), errors="replace")


def _likeliest(matches: CharsetMatches) -> str:
    best = matches.best()
    if best is None:
        return USUAL
    for match in matches:
        if (
            USUAL in (match.encoding, *match.could_be_from_charset)
            and match.percent_coherence / 100 >= best.percent_coherence / 100 - COHERENCE_TOLERANCE
            and match.percent_chaos / 100 <= best.percent_chaos / 100 + CHAOS_TOLERANCE
        ):
            return USUAL
    return best.encoding
