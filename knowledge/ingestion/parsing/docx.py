"""Word: through mammoth to HTML, then as any HTML."""

from __future__ import annotations

import io
import zipfile

import mammoth
from bs4 import BeautifulSoup

from knowledge.ingestion.parsing.html import html_to_markdown
from knowledge.ingestion.values import DocumentUnreadable, ParsedDocument


def parse_docx(content: bytes, name: str) -> ParsedDocument:
    """Read a .docx. The title is the first heading, else the name."""
    _refuse_declared_entities(content)
    try:
        html = mammoth.convert_to_html(
            io.BytesIO(content), convert_image=mammoth.images.img_element(_no_image)
        ).value
    except MemoryError:
        raise
    except Exception as error:
        raise DocumentUnreadable(
            "The Word file is broken or protected and cannot be read. Open it in Word, save it "
            "again without a password, and upload that."
        ) from error
    soup = BeautifulSoup(f"<body>{html}</body>", "lxml")
    heading = soup.find(["h1", "h2"])
    return ParsedDocument(
        title=heading.get_text(" ", strip=True) if heading else name,
        markdown=html_to_markdown(soup),
    )


def _no_image(_image: object) -> dict[str, str]:
    return {"src": ""}


def _refuse_declared_entities(content: bytes) -> None:
    """Refuse XML that declares entities: no Word file needs them, attacks do."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            if member.filename.endswith((".xml", ".rels")):
                with archive.open(member) as file:
                    if b"<!DOCTYPE" in file.read(4096):
                        raise DocumentUnreadable(
                            "The Word file declares XML entities, which is not safe to read. "
                            "Save it again in Word and upload that."
                        )
