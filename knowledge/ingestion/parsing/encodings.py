"""Bytes to text, whatever the encoding."""

from __future__ import annotations

import codecs
import unicodedata
from contextlib import suppress
from itertools import pairwise

from charset_normalizer import CharsetMatches, from_bytes

from knowledge.ingestion.values import DocumentUnreadable
from knowledge.ingestion.wide_text import BOMS, wide_encoding

SAMPLE_BYTES = 200_000
# The most common encoding wins against one that fits no better than by this.
USUAL = "cp1252"
_JAPANESE = ["cp932", "shift_jis", "shift_jis_2004", "shift_jisx0213"]
COHERENCE_TOLERANCE = 0.03
MAX_CASE_CHANGES = 0.05
MIN_SCRIPT_SHARE = 0.9
_CASELESS = (("cp1256", "ARABIC"), ("cp1255", "HEBREW"), ("cp874", "THAI"))
CHAOS_TOLERANCE = 0.05
# What browsers read under the name of a smaller encoding (encoding.spec.whatwg.org, 4.2).
_READ_AS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030",
    "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
# Bytes that Windows gave a meaning and the smaller encoding did not; five stay without one.
_WINDOWS = {
    byte: said
    for byte in range(0x80, 0xA0)
    if (said := bytes([byte]).decode("cp1252", errors="ignore"))
}


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
    sample = content[:SAMPLE_BYTES]
    matches = from_bytes(sample)
    if matches and _is_half_width(str(matches[0])):
        matches = from_bytes(sample, cp_exclusion=_JAPANESE)
    if matches and _changes_case(str(matches[0])) and (caseless := _caseless(sample)):
        return content.decode(caseless, errors="replace")
    if not matches:
        raise DocumentUnreadable(
            "The text's encoding could not be told. Save the file as UTF-8 and upload it again."
        )
    return content.decode(_likeliest(matches), errors="replace")


def decode_declared(content: bytes, label: str) -> str:
    """Return the text by the encoding that a page or message declares, as browsers read it.

    Raises LookupError for a name that is none, UnicodeDecodeError when the bytes do not fit.
    """
    name = codecs.lookup(label).name
    wider = _READ_AS.get(name, name)
    if wider == USUAL:
        # Every byte fits, so pages that were converted and kept their old label show here.
        with suppress(UnicodeDecodeError):
            return content.decode("utf-8")
        return content.decode("latin-1").translate(_WINDOWS)
    return content.decode(wider)


def _likeliest(matches: CharsetMatches) -> str:
    best = matches[0]
    for match in matches:
        if (
            USUAL in (match.encoding, *match.could_be_from_charset)
            and match.percent_coherence / 100 >= best.percent_coherence / 100 - COHERENCE_TOLERANCE
            and match.percent_chaos / 100 <= best.percent_chaos / 100 + CHAOS_TOLERANCE
        ):
            return USUAL
    return best.encoding


def _is_half_width(text: str) -> bool:
    """Whether a text is half-width katakana: Cyrillic bytes that were taken for Japanese."""
    letters = sum(character.isalpha() for character in text)
    return sum("\uff61" <= character <= "\uff9f" for character in text) * 3 > letters


def _changes_case(text: str) -> bool:
    """Whether case changes within words: bytes of a script without case that were taken for one."""
    changes = sum(a.islower() and b.isupper() for a, b in pairwise(text))
    return changes > sum(map(str.isalpha, text)) * MAX_CASE_CHANGES


def _caseless(sample: bytes) -> str:
    """Return the encoding in which nearly all letters are of one script without case."""
    for encoding, script in _CASELESS:
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        letters = [character for character in text if character.isalpha()]
        of_script = sum(script in unicodedata.name(character, "") for character in letters)
        if letters and of_script > len(letters) * MIN_SCRIPT_SHARE:
            return encoding
    return ""
