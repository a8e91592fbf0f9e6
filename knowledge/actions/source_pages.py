"""What a source's run does with each page: its document, and what is remembered for next time."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from django.db import transaction
from django.utils import timezone

from knowledge.actions.source_runs import RunRecord
from knowledge.actions.sources import readers_of, withdraw_page
from knowledge.intake import Submitted, submit_file
from knowledge.models import Document, DocumentKind, DocumentStatus, FetchedPage, Source
from knowledge.sources.page_facts import in_utf8
from knowledge.sources.values import Known, Outcome, Visited
from providers.web.base import Validators, WebResponse

# Links are kept so that an unchanged page still leads on; no page needs more.
MOST_LINKS = 500
MOST_NAME_CHARACTERS = 100
MOST_ETAG_CHARACTERS = 500
MOST_DATE_CHARACTERS = 200
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
}


def known_pages(source: Source) -> dict[str, Known]:
    """Return what earlier runs left about each address."""
    pages = source.pages.select_related("document").order_by("pk")
    return {
        page.url: Known(
            validators=Validators(page.etag, page.last_modified),
            text_hash=page.text_hash,
            links=tuple(page.links),
            # A document that failed is worth another try; a deleted one comes back.
            usable=page.document is not None and page.document.status != DocumentStatus.FAILED,
        )
        for page in pages
    }


def take_page(source: Source, visited: Visited, record: RunRecord) -> None:
    """Bring the documents in line with one address of a run."""
    match visited.outcome:
        case Outcome.PAGE:
            _submit(source, visited, record)
        case Outcome.SAME:
            _remember(source, visited, None)
            record.add("unchanged", visited.found_at)
        case Outcome.FAILED:
            record.add("failed", visited.url, visited.reason)
        case Outcome.GONE | Outcome.LEFT_OUT:
            _let_go(source, visited, record)
    if visited.found_at and visited.found_at != visited.url:
        _let_go(source, visited, record)


def _submit(source: Source, visited: Visited, record: RunRecord) -> None:
    assert visited.response is not None
    url = visited.found_at
    known = Document.objects.filter(collection=source.collection, path=url).first()
    versions = known.versions.count() if known else 0
    page = source.pages.filter(url=url).first()
    # What this source withdrew has no page any more: one that has was withdrawn by an operator.
    taken_out = known is not None and page is not None and known == page.document
    with transaction.atomic():
        submitted = submit_file(
            name=file_name(url, visited.response),
            content=in_utf8(visited.response),
            collection=source.collection.slug,
            audiences=None if known else readers_of(source),
            path=url,
            url=url,
            bring_back=not taken_out,
            updated_on=visited.response.updated_on(timezone.now()),
        )
        _mark(source, submitted)
        _remember(source, visited, submitted.document)
    document = submitted.document
    if document.status == DocumentStatus.FAILED:
        record.add("failed", url, document.error)
    elif known is None:
        record.add("added", url)
    elif document.versions.count() > versions:
        record.add("changed", url)
    else:
        record.add("unchanged", url)


def _mark(source: Source, submitted: Submitted) -> None:
    marked = Document.objects.filter(pk=submitted.document.pk)
    marked.update(kind=DocumentKind.PAGE, from_source=source)


def _remember(source: Source, visited: Visited, document: Document | None) -> None:
    """Keep what the reply said; a 304 need not repeat it."""
    fresh: dict[str, object] = {"links": list(visited.links[:MOST_LINKS])}
    if visited.response is not None and visited.response.content:
        said = visited.response.validators
        fresh |= {
            # A longer one is of no use when cut.
            "etag": said.etag if len(said.etag) <= MOST_ETAG_CHARACTERS else "",
            "last_modified": said.last_modified[:MOST_DATE_CHARACTERS],
            "text_hash": visited.text_hash,
        }
    if document is not None:
        fresh["document"] = document
    FetchedPage.objects.update_or_create(source=source, url=visited.found_at, defaults=fresh)


def _let_go(source: Source, visited: Visited, record: RunRecord) -> None:
    """Forget an address that no longer stands for a page of its own."""
    withdrawn = None if visited.stays else withdraw_page(source, visited.url)
    if withdrawn is not None:
        reason = visited.reason or f"It leads to {visited.found_at} now."
        record.add("withdrawn", visited.url, reason)
    elif visited.outcome in (Outcome.GONE, Outcome.LEFT_OUT):
        # A dead link on a site is no failure of ours.
        record.add("left_out", visited.url, visited.reason)


def file_name(url: str, response: WebResponse) -> str:
    """Return a file name that tells what a page is, for the reader of files."""
    last = PurePosixPath(unquote(urlsplit(url).path)).name or urlsplit(url).hostname or "page"
    suffix = _SUFFIXES.get(response.media_type, "")
    return (last if last.endswith(suffix) else last + suffix)[-MOST_NAME_CHARACTERS:]
