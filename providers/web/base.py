"""What a source asks of the web, and what it gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from providers.errors import ProviderTimeout, ProviderUnavailable
from providers.web.addresses import AllowedHosts

# A page that is as old as its visit was made for it.
MADE_FOR_THE_VISIT = timedelta(minutes=5)


class PageUnavailable(ProviderUnavailable):
    """No page came: no connection, a broken reply, too large. The text is a sentence."""


class PageTimeout(PageUnavailable, ProviderTimeout):
    """The whole of it took too long."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What an earlier reply said of a page's state; a server compares it and may answer 304."""

    etag: str = ""
    last_modified: str = ""


def no_validators(url: str) -> Validators:
    """Know nothing of an address."""
    return Validators()


@dataclass(frozen=True, slots=True)
class WebRequest:
    """One page to fetch.

    `validators` gives what is known of an address, also of one that a redirect leads to.
    `cut` wants the first `max_bytes` of a longer body; without it a longer body is a failure.
    """

    url: str
    hosts: AllowedHosts
    validators: Callable[[str], Validators] = no_validators
    max_bytes: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class WebResponse:
    """A reply. `url` is where it came from after redirects; headers have lower-case names.

    `content` is unpacked, and empty unless the status is 200. `was_cut` says that there was more.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    was_cut: bool = False

    @property
    def media_type(self) -> str:
        """Return the media type in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """Return the encoding that the server names, in lower case, or nothing."""
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'").lower()
        return ""

    @property
    def validators(self) -> Validators:
        """Return what to send along next time."""
        return Validators(self.headers.get("etag", ""), self.headers.get("last-modified", ""))

    def updated_on(self, now: datetime) -> date | None:
        """Return the day (UTC) that Last-Modified names, when that can be one of a change.

        Servers that make a page for each visit name the moment of the visit, or the future.
        """
        try:
            told = parsedate_to_datetime(self.headers.get("last-modified", ""))
            changed = (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return changed.date() if now - changed > MADE_FOR_THE_VISIT else None

    @property
    def retry_after_seconds(self) -> float | None:
        """Return how long the server asks to be left alone, when it says so in seconds."""
        value = self.headers.get("retry-after", "").strip()
        return float(value) if value.isascii() and value.isdigit() else None


class WebFetcher(Protocol):
    """Fetches pages, one after the other. For one thread."""

    def fetch(self, request: WebRequest) -> WebResponse:
        """Fetch a page, redirects followed. Raises AddressRefused, PageUnavailable."""
        ...

    def close(self) -> None:
        """Give back the connections."""
        ...
