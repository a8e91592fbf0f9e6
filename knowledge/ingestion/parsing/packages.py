"""What Office packages share: which part is which, the document's own title, macros."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass

from knowledge.ingestion.parsing.xml_parts import attribute, child, parse_part, refuse_declared
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import DocumentUnreadable

_MACROS = "vbaProject.bin"
PIECE_BYTES = 1024 * 1024
LONGEST_MARK_BYTES = 32
_GENERATED_TITLES = {"", "word document", "powerpoint presentation", "slide 1", "untitled"}


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to: the kind is the last word of the relation's type."""

    kind: str
    part: str


def related(archive: zipfile.ZipFile, part: str) -> dict[str, Relation]:
    """Return a part's relations inside the package by id."""
    folder, name = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", f"{name}.rels")
    if listed not in archive.NameToInfo:
        return {}
    relations = {}
    for element in parse_part(archive, listed):
        if attribute(element, "TargetMode") == "External":
            continue
        target = attribute(element, "Target")
        path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        kind = attribute(element, "Type").rpartition("/")[2]
        relations[attribute(element, "Id")] = Relation(kind, path)
    return relations


def main_part(archive: zipfile.ZipFile, usual: str) -> str:
    """Return the name of the part that holds the document. Raises DocumentUnreadable."""
    if usual in archive.NameToInfo:
        return usual
    for relation in related(archive, "").values():
        if relation.kind == "officeDocument" and relation.part in archive.NameToInfo:
            return relation.part
    raise DocumentUnreadable(
        "The file is broken: the part with its text is missing. Save it again and upload that."
    )


def document_title(archive: zipfile.ZipFile) -> str:
    """Return the title that the file's properties give, unless a program left it there."""
    if "docProps/core.xml" not in archive.NameToInfo:
        return ""
    title = child(parse_part(archive, "docProps/core.xml"), "title")
    text = " ".join((title.text or "").split()) if title is not None else ""
    return "" if text.lower() in _GENERATED_TITLES else text


def note_macros(archive: zipfile.ZipFile, removed: Removed) -> None:
    """Note that there are macros; they are never run nor read."""
    if any(name.endswith(_MACROS) for name in archive.namelist()):
        removed.add("macros", "macros, which are not read")


def refuse_entities(archive: zipfile.ZipFile) -> None:
    """Raise DocumentUnreadable when a part declares a document type; for parsers not our own."""
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels")):
            continue
        end = b""
        with archive.open(name) as part:
            while piece := part.read(PIECE_BYTES):
                refuse_declared(end + piece, "<!DOCTYPE")
                end = piece[-LONGEST_MARK_BYTES:]
