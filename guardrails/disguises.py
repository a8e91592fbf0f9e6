"""Takes off what hides words from a reader of words: odd letters, ciphers, encodings."""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

# Zero-width, direction and variation characters, soft hyphens.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0100-\U000e01ef]"
)
# Tag characters spell ASCII that nobody sees.
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_TAG_OFFSET = 0xE0000
_MARKS = re.compile(f"[{''.join(c for c in map(chr, range(0x3100)) if unicodedata.combining(c))}]")
# A selection of Unicode's confusables.txt: Cyrillic and Greek letters that look Latin.
_LATIN_BY_LOOK_ALIKE = {
    "a": "аα", "b": "ьβ", "c": "сϲ", "d": "ԁ", "e": "еεє", "g": "ɡ", "h": "һн", "i": "іιї",
    "j": "ј", "k": "кκ", "l": "ӏ", "m": "м", "n": "пη", "o": "оοσ", "p": "рρ", "q": "ԛ",
    "r": "г", "s": "ѕ", "t": "тτ", "u": "υ", "v": "ѵν", "w": "ԝω", "x": "хχ", "y": "уγ",
}  # fmt: skip
_LATIN_BY_SMALL_CAPITAL = dict(
    zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)
)
_LOOK_ALIKES = str.maketrans(
    {letter: latin for latin, letters in _LATIN_BY_LOOK_ALIKE.items() for letter in letters}
)
_SMALL_CAPITALS = str.maketrans(_LATIN_BY_SMALL_CAPITAL)
_HAS_SMALL_CAPITAL = re.compile(f"[{''.join(_LATIN_BY_SMALL_CAPITAL)}]")
_MIXED = re.compile("[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]")
_WORD = re.compile(r"[^\W_]+")

_LEET = (
    str.maketrans("0134578@$", "oieastbas"),
    str.maketrans("0134578@$", "oleastbas"),
)
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*|]{1,3}){5,200}[^\W\d_](?![^\W_])")

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:\\x|0x|%)?[0-9A-Fa-f]{2}[\s,:]{0,2}){12,}")
_BITS = re.compile(r"(?<![0-9A-Za-z])(?:[01]{8}\s{0,2}){8,}")
_ENTITIES = re.compile(r"(?:&#x?[0-9A-Fa-f]{1,6};){6,}")
_NOISE = re.compile(r"\\x|0x|[%\s,:]")
MAX_PAYLOAD_CHARACTERS = 2000
MAX_PAYLOADS = 20

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
# Words of orders to a model, long enough that none of their shifts is another English word.
_GIVEAWAYS_TEXT = """
ignore disregard forget override previous instruction instructions directives guidelines
prompt system reveal assistant password pretend everything secret hidden restrictions
"""
_GIVEAWAYS = _GIVEAWAYS_TEXT.split()


# Words that only orders to a model put together: their misspellings are looked through.
_MISSPELT = (
    "ignore", "disregard", "previous", "instruction", "instructions", "prompt", "system"
)  # fmt: skip
_MISSPELT_LENGTHS = range(5, 14)
_FIRST_LETTERS = frozenset(word[0] for word in _MISSPELT)


def folded(text: str) -> str:
    """Return a text in lower case without accents, invisible characters and look-alike letters."""
    if text.isascii():
        return text.lower()
    text = _TAGS.sub(lambda run: "".join(chr(ord(char) - _TAG_OFFSET) for char in run[0]), text)
    text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", _MARKS.sub("", text)).casefold().replace("’", "'")
    if _HAS_SMALL_CAPITAL.search(text):
        text = text.translate(_SMALL_CAPITALS)
    if _MIXED.search(text):
        text = _WORD.sub(_latin_if_mixed, text)
    return text


def _latin_if_mixed(word: re.Match[str]) -> str:
    return word[0].translate(_LOOK_ALIKES) if _MIXED.search(word[0]) else word[0]


def guesses(word: str) -> Iterator[str]:
    """Yield what a word may be meant to read: digits for letters, letters lost or swapped."""
    if not word.isalpha():
        for table in _LEET:
            yield word.translate(table)
    elif word[0] in _FIRST_LETTERS and len(word) in _MISSPELT_LENGTHS and (meant := _meant(word)):
        yield meant


def _meant(word: str) -> str:
    """Return which of a few words a word is one slip of the keys away from, or none."""
    if meant := _BY_LETTERS.get(_letters(word)) or _BY_SHORTENED.get(word):
        return meant
    for shorter in _shortened(word):
        # An ending makes another word and not a slip: `ignored`.
        if shorter in _MISSPELT and not word.startswith(shorter):
            return shorter
    return ""


def _shortened(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _letters(word: str) -> str:
    return word[0] + "".join(sorted(word[1:-1])) + word[-1]


def closed_up(text: str) -> str:
    """Return a text in which what is written letter by letter, `i g n o r e`, is a word."""
    return _SPACED.sub(lambda run: "".join(c for c in run[0] if c.isalpha()), text)


def payloads(text: str, longest: int = MAX_PAYLOAD_CHARACTERS) -> Iterator[str]:
    """Yield what base64, bits, hexadecimal and entities in a text stand for, when it is text.

    Of each, `longest` characters are looked at.
    """
    for pattern, decoder in _DECODERS:
        for match in islice(pattern.finditer(text), MAX_PAYLOADS):
            decoded = decoder(match[0][:longest])
            if decoded is not None:
                yield decoded


def ciphered(word: str) -> str:
    """Return which cipher turns a word into one that orders use, empty for a plain word."""
    return _CIPHERED.get(word, "")


def _readable(raw: bytes) -> str | None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if "".join(text.split()).isprintable() and " " in text else None


def _of_base64(block: str) -> str | None:
    block = block.rstrip("=").replace("-", "+").replace("_", "/")
    block = block[: len(block) - (len(block) % 4 == 1)]
    try:
        return _readable(base64.b64decode(block + "=" * (-len(block) % 4)))
    except binascii.Error:
        return None


def _of_hex(block: str) -> str | None:
    digits = _NOISE.sub("", block)
    return _readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _of_bits(block: str) -> str | None:
    bits = _NOISE.sub("", block)
    return _readable(bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)))


_DECODERS = ((_BASE64, _of_base64), (_BITS, _of_bits), (_HEX, _of_hex), (_ENTITIES, html.unescape))


def _alphabets() -> dict[str, str]:
    """Return what the alphabet becomes under each cipher."""
    shifted = {f"shift {n}": _ALPHABET[n:] + _ALPHABET[:n] for n in range(1, 26)}
    return shifted | {"mirrored": _ALPHABET[::-1]}


_CIPHERED = {
    word.translate(str.maketrans(_ALPHABET, alphabet)): name
    for name, alphabet in _alphabets().items()
    for word in _GIVEAWAYS
} | {word[::-1]: "reversed" for word in _GIVEAWAYS}
_BY_LETTERS = {_letters(word): word for word in _MISSPELT}
_BY_SHORTENED = {shorter: word for word in _MISSPELT for shorter in _shortened(word)}
