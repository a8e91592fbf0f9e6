"""E-mail: subject and text of one message; attachments are named, not read."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import regex

from knowledge.ingestion.parsing.encodings import decode, decode_declared
from knowledge.ingestion.parsing.html import decode_html, html_to_markdown
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import TOO_DEEP, DocumentUnreadable, ParsedDocument
from knowledge.ingestion.wide_text import BOMS, wide_encoding

_ENCRYPTED = {
    "multipart/encrypted", "application/pgp-encrypted", "application/pkcs7-mime",
    "application/x-pkcs7-mime",
}  # fmt: skip
_PGP_BLOCK = "-----BEGIN PGP MESSAGE-----"
# A page saved as one file comes with its pictures and style sheets.
_WORDLESS = ("image/", "text/css", "application/javascript", "text/javascript", "font/")
_FORWARDED = "message/rfc822"
MAX_PARTS = 1000
# The parser compares each line with every boundary that is open.
MAX_BOUNDARIES = 200
_LEAD = regex.compile(r"\A[\s\x00]+")


def parse_mail(content: bytes, name: str) -> ParsedDocument:
    """Read a message. The title is its subject, else the name."""
    message = _message(content)
    removed = Removed()
    parts = list(_parts(message))
    if any(part.get_content_type() in _ENCRYPTED for part in parts):
        _refuse_encrypted()
    text = _said(parts, removed)
    if _PGP_BLOCK in text:
        _refuse_encrypted()
    subject = " ".join(_header(message, "Subject").split())
    names = [filename for part in parts if (filename := _attached(part))]
    listed = f"Attachments: {', '.join(names)}" if names else ""
    heading = f"# {subject}" if subject else ""
    return ParsedDocument(
        title=subject or name,
        markdown="\n\n".join(block for block in (heading, text, listed) if block),
        updated=_day(message),
        findings=removed.findings(),
    )


def _message(content: bytes) -> EmailMessage:
    if content.startswith(tuple(mark for mark, _ in BOMS)) or wide_encoding(content):
        # Saved by a program that did not know that mail is bytes.
        content = decode(content).encode("utf-8")
    if content.lower().count(b"boundary=") > MAX_BOUNDARIES:
        raise DocumentUnreadable(TOO_DEEP)
    content = _LEAD.sub("", content.decode("latin-1")).encode("latin-1")
    return email.message_from_bytes(content, _class=EmailMessage, policy=email.policy.default)


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the message and its parts without those of forwarded ones, however deep."""
    waiting = [message]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        yield part
        if part.is_multipart() and part.get_content_type() != _FORWARDED:
            waiting += reversed([one for one in part.iter_parts() if isinstance(one, EmailMessage)])


def _said(parts: list[EmailMessage], removed: Removed) -> str:
    """Return the text: plain if there is some, else the page, whichever comes first."""
    for wanted in ("text/plain", "text/html"):
        texts = [
            _text(part, removed)
            for part in parts
            if part.get_content_type() == wanted and not _attached(part)
        ]
        if any(text.strip() for text in texts):
            return "\n\n".join(text for text in texts if text.strip())
    return ""


def _text(part: EmailMessage, removed: Removed) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset() or ""
    try:
        text = decode_declared(data, charset) if charset else ""
    except (LookupError, UnicodeDecodeError):
        text = ""
    if part.get_content_type() == "text/plain":
        return (text or (decode(data) if data.strip() else "")).strip()
    return html_to_markdown(text or decode_html(data), removed).strip()


def _attached(part: EmailMessage) -> str:
    """Return an attachment's name; empty for the parts that are the message."""
    if part.get_content_maintype() == "multipart":
        return ""
    if part.get_content_type() == _FORWARDED:
        return "a forwarded message"
    try:
        filename = part.get_filename() or ""
    except (ValueError, LookupError, AttributeError):
        filename = ""
    inline = part.get_content_type() in ("text/plain", "text/html") and not filename
    if inline or part.get_content_type().startswith(_WORDLESS):
        return ""
    return " ".join(filename.split())


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, LookupError, AttributeError, IndexError):
        # The header is so broken that the library cannot read it.
        return ""


def _day(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(_header(message, "Date")).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return ""


def _refuse_encrypted() -> None:
    raise DocumentUnreadable(
        "The message is encrypted and cannot be read. Decrypt it, save it again, and upload that."
    )
