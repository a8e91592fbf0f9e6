"""What may be attached: judged by its content, kept as something that cannot run. No Django."""

from __future__ import annotations

import io
import threading
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from knowledge.ingestion.sniffing import Kind, is_program, kind_of
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.ingestion.wide_text import BOMS, wide_encoding

# Pillow's names of the formats that are taken, with media type and ending.
PICTURES = {
    "PNG": ("image/png", ".png"),
    "JPEG": ("image/jpeg", ".jpg"),
    "GIF": ("image/gif", ".gif"),
    "WEBP": ("image/webp", ".webp"),
}
_MARKS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
# More than screens and most telephones have; unpacked this is 160 MB.
MOST_PIXELS = 40_000_000
# All frames of a moving picture together.
MOST_FRAME_PIXELS = 100_000_000
MOST_FRAMES = 300
JPEG_QUALITY = 88
MOST_PROFILE = 64 * 1024
NAME_CHARACTERS = 100
PDF, TEXT = "application/pdf", "text/plain"
_SUFFIX = {PDF: ".pdf", TEXT: ".txt"}
# Text, whatever it is called. A letter is text with headers.
_TEXT_KINDS = frozenset({Kind.TEXT, Kind.MAIL})
# One picture is unpacked at a time: each may need a lot of memory.
_one_at_a_time = threading.Lock()


class FileRefused(Exception):
    """The file is not taken; `code` and `values` make the sentence (texts.ERRORS)."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a file."""

    name: str
    media_type: str
    content: bytes
    width_pixels: int = 0
    height_pixels: int = 0


def checked(name: str, content: bytes) -> Kept:
    """Return what is kept of a file. Raises FileRefused."""
    if not content.strip():
        raise FileRefused("file_empty")
    if _is_picture(content):
        return _picture(name, content)
    if is_program(content):
        raise FileRefused("file_program")
    try:
        # By its content alone: under this name only what is text counts as text.
        kind = kind_of("file.txt", content)
    except DocumentUnreadable:
        raise FileRefused("file_type") from None
    if kind is Kind.PDF:
        return Kept(safe_name(name, ".pdf"), PDF, content)
    if kind in _TEXT_KINDS and not _is_drawing(content):
        return Kept(safe_name(name, ".txt"), TEXT, _as_utf8(content))
    raise FileRefused("file_type")


def safe_name(name: str, suffix: str) -> str:
    """Return a name to show and to save under: its ending is that of what the file is.

    Signs that do not show, or turn the direction of writing, could hide the real ending.
    """
    base = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in base if unicodedata.category(c)[0] != "C").strip(" .")
    shown = shown or "file"
    if PurePath(shown).suffix.lower() not in (suffix, ".jpeg" if suffix == ".jpg" else suffix):
        shown += suffix
    ending = PurePath(shown).suffix
    return shown[: -len(ending)][: NAME_CHARACTERS - len(ending)] + ending


def _is_picture(content: bytes) -> bool:
    return content.startswith(_MARKS) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def _is_drawing(content: bytes) -> bool:
    """Say whether a text is a drawing (SVG), which may hold scripts."""
    text = _as_utf8(content[:4096]).lstrip().lower()
    return text.startswith(b"<") and b"<svg" in text


def _picture(name: str, content: bytes) -> Kept:
    """Unpack a picture and write it anew: what it tells of camera and place is left out."""
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=list(PICTURES)) as image:
                return _anew(name, image)
        except FileRefused:
            raise
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
            raise FileRefused("file_broken_picture") from error
        except (Image.DecompressionBombError, MemoryError, OverflowError) as error:
            raise FileRefused("file_large_picture") from error


def _anew(name: str, image: Image.Image) -> Kept:
    pixels = image.width * image.height
    if not pixels or pixels > MOST_PIXELS:
        raise FileRefused("file_large_picture")
    format_name = image.format or ""
    media_type, suffix = PICTURES[format_name]
    profile = image.info.get("icc_profile") or b""
    frames = _frames(image)
    first = frames[0]
    # Of what stands beside the pixels only the colours' meaning is kept.
    options: dict[str, object] = {"icc_profile": profile if len(profile) < MOST_PROFILE else b""}
    if format_name == "JPEG":
        options["quality"] = JPEG_QUALITY
    if len(frames) > 1:
        lasts = [frame.info["duration"] for frame in frames]
        options |= {"save_all": True, "append_images": frames[1:], "duration": lasts, "loop": 0}
    written = io.BytesIO()
    first.save(written, format_name, **options)
    return Kept(safe_name(name, suffix), media_type, written.getvalue(), first.width, first.height)


def _frames(image: Image.Image) -> list[Image.Image]:
    """Return the picture's frames, upright. Raises FileRefused for too many."""
    if not getattr(image, "is_animated", False):
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        # Copied only where it must be: a picture may take 160 MB.
        upright = image.convert("RGB") if _is_print(image) else image
        upright.info = _needed(image)
        return [upright]
    frames: list[Image.Image] = []
    for frame in ImageSequence.Iterator(image):
        unpacked = (len(frames) + 1) * frame.width * frame.height
        if len(frames) >= MOST_FRAMES or unpacked > MOST_FRAME_PIXELS:
            raise FileRefused("file_large_picture")
        kept = frame.copy()
        kept.info = {**_needed(frame), "duration": frame.info.get("duration", 100)}
        frames.append(kept)
    return frames


def _is_print(image: Image.Image) -> bool:
    """Say whether it has colours for printing, which browsers show wrongly."""
    return image.format == "JPEG" and image.mode not in ("L", "RGB")


def _needed(image: Image.Image) -> dict[str | tuple[int, int], object]:
    return {name: image.info[name] for name in ("transparency",) if name in image.info}


def _as_utf8(content: bytes) -> bytes:
    """Return a text in UTF-8, so that it is read right wherever it is opened."""
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace").encode()
    for encoding in (wide_encoding(content[:4096]), "utf-8", "cp1252"):
        if encoding:
            try:
                return content.decode(encoding).encode()
            except UnicodeDecodeError:
                continue
    return content.decode("latin-1").encode()
