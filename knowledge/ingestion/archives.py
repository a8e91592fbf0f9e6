"""ZIP files: opened with limits, and what is in one of documents."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from knowledge.ingestion.limits import (
    MAX_DIRECTORY_BYTES,
    MAX_MEMBERS,
    MAX_PARTS,
    MAX_UNPACKED_BYTES,
)
from knowledge.ingestion.values import DocumentUnreadable

IGNORED_FOLDERS = {"__MACOSX", "__pycache__", "node_modules"}
MAX_NAME_CHARACTERS = 500
# End-of-central-directory record: signature, fields up to the directory's size (PKWARE APPNOTE
# 4.3.16), and how far from the end of the file it may begin.
_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_END_REACH = _END.size + 65535
_LOCATOR_SIGNATURE = b"PK\x06\x07"
_LOCATOR_BYTES = 20
_END_64_BYTES = 56
_SIZE_IN_END_64 = 40
_READABLE_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
BROKEN = "The file is broken: its inside cannot be opened. Export it again."
TOO_LARGE = (
    f"The file unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MB or {MAX_PARTS} parts, which "
    "no document needs. Split it or export it again."
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its path in there, and its bytes or why they are not taken."""

    path: str
    content: bytes = b""
    problem: str = ""

    @property
    def name(self) -> str:
        """Return the name without folders."""
        return PurePosixPath(self.path).name


def open_archive(content: bytes) -> zipfile.ZipFile:
    """Open a ZIP file whose declared sizes are within the limits. Raises DocumentUnreadable.

    Members never unpack to more than they declare: zipfile stops there.
    """
    _check_directory(content)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentUnreadable(BROKEN) from error
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise DocumentUnreadable(TOO_LARGE)
    return archive


def read_part(archive: zipfile.ZipFile, name: str, most_bytes: int = MAX_UNPACKED_BYTES) -> bytes:
    """Return a part's bytes. Raises DocumentUnreadable for damage, KeyError when it is not there.

    Only the usual compression is accepted: others may ask for gigabytes to unpack a few bytes.
    """
    part = archive.getinfo(name)
    if part.flag_bits & _ENCRYPTED:
        raise DocumentUnreadable(
            "The file needs a password. Remove the password and upload it again."
        )
    if part.file_size > most_bytes:
        raise DocumentUnreadable(TOO_LARGE)
    if part.compress_type not in _READABLE_METHODS:
        raise DocumentUnreadable("The file is packed in an unusual way. Export it again.")
    try:
        return archive.read(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise DocumentUnreadable(
            "The file is broken: a part of it cannot be unpacked. Export it again."
        ) from error


def members(content: bytes, most_bytes: int) -> Iterator[Member]:
    """Yield the files of an archive, one at a time. Raises DocumentUnreadable for it as a whole.

    Nothing is written anywhere, and an archive inside it is not opened. Of two members with one
    name the last counts, as when unpacking. `most_bytes` is the limit for one file.
    """
    with open_archive(content) as archive:
        files = {_slashed(part): part for part in archive.infolist() if _wanted(part)}
        if not files:
            raise DocumentUnreadable("The archive holds no files. Pack some and upload it again.")
        if len(files) > MAX_MEMBERS:
            raise DocumentUnreadable(
                f"The archive holds {len(files)} files; at most {MAX_MEMBERS} are taken. Split it."
            )
        for part in files.values():
            yield _member(archive, part, most_bytes)


def _member(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most_bytes: int) -> Member:
    path = _harmless(_slashed(part))
    if path != _slashed(part):
        return Member(path, problem=_LEADS_OUT)
    if stat.S_ISLNK(part.external_attr >> 16):
        return Member(path, problem="This is a link, not a file. Pack the file itself.")
    if part.file_size > most_bytes:
        megabytes = most_bytes // 2**20
        return Member(
            path,
            problem=f"The file is larger than {megabytes} MB. Split it, or raise "
            "UPLOAD_MAX_MEGABYTES.",
        )
    try:
        return Member(path, read_part(archive, part.filename))
    except DocumentUnreadable as error:
        return Member(path, problem=str(error))


_LEADS_OUT = (
    "Its name in the archive leads to another place, which is not safe. Pack the archive again "
    "from inside its folder."
)


def _slashed(part: zipfile.ZipInfo) -> str:
    """Return a member's name; some programs for Windows part folders by a backslash."""
    return part.filename.replace("\\", "/")


def _harmless(name: str) -> str:
    """Return a member's name as a plain relative path, the same when it is one already."""
    name = name.encode("utf-8", errors="replace").decode("utf-8")
    plain = "".join(character if character.isprintable() else "_" for character in name)
    parts = plain.replace(":", "_").split("/")
    return "/".join("_" if part in ("", ".", "..") else part for part in parts)[
        :MAX_NAME_CHARACTERS
    ]


def _wanted(part: zipfile.ZipInfo) -> bool:
    name = _slashed(part)
    folders = PurePosixPath(name).parts
    hidden = any(one.startswith(".") and one not in ("..", ".") for one in folders)
    return not (name.endswith("/") or hidden or IGNORED_FOLDERS & set(folders))


def _check_directory(content: bytes) -> None:
    """Refuse a list of contents so long that only listing it takes too much memory."""
    at = content.rfind(_END_SIGNATURE, max(len(content) - _END_REACH, 0))
    if at < 0 or at + _END.size > len(content):
        raise DocumentUnreadable(BROKEN)
    directory_bytes = _END.unpack_from(content, at)[5]
    if content[at - _LOCATOR_BYTES :].startswith(_LOCATOR_SIGNATURE):
        # The 64-bit record stands right before its locator and overrules the other.
        field = at - _LOCATOR_BYTES - _END_64_BYTES + _SIZE_IN_END_64
        directory_bytes = max(directory_bytes % 0xFFFFFFFF, _size_at(content, field))
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise DocumentUnreadable(TOO_LARGE)


def _size_at(content: bytes, field: int) -> int:
    if field < 0:
        raise DocumentUnreadable(BROKEN)
    (size,) = struct.unpack_from("<Q", content, field)
    return int(size)
