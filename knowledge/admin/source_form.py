"""The form of a source: what is wrong with it is said before anything is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User

from knowledge.folders import folder_problem, is_offered
from knowledge.models import Source, SourceKind
from knowledge.sources.frontier import twin
from knowledge.sources.link_addresses import tidy
from providers.web.addresses import (
    AddressRefused,
    AllowedHosts,
    TrustedHosts,
    parse_address,
    require_public,
)

MOST_PAGES = 10_000
LEAST_MINUTES = 5


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A source that can be read."""

    # Set by the admin for each request.
    user: User | AnonymousUser | None = None

    def clean_max_pages(self) -> int:
        """Keep runs within a size that ends."""
        pages: int = self.cleaned_data["max_pages"]
        if not 1 <= pages <= MOST_PAGES:
            raise forms.ValidationError(f"Between 1 and {MOST_PAGES} pages.")
        return pages

    def clean_every_minutes(self) -> int:
        """Leave sites in peace."""
        minutes: int = self.cleaned_data["every_minutes"]
        if 0 < minutes < LEAST_MINUTES:
            raise forms.ValidationError(
                f"At least {LEAST_MINUTES} minutes, or 0 for only when told to."
            )
        return minutes

    def clean_location(self) -> str:
        """Trim what was pasted."""
        return str(self.cleaned_data["location"]).strip()

    def clean(self) -> dict[str, Any]:
        """Judge the place together with the kind."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind = data.get("kind") or self.instance.kind
        if not data.get("location") or not kind:
            return data
        if kind == SourceKind.FOLDER:
            self._judge_folder(Path(data["location"]))
        else:
            self._judge_address(data)
        return data

    def _judge_folder(self, folder: Path) -> None:
        problem = folder_problem(folder)
        changed = not self.instance.pk or "location" in self.changed_data
        trusted = self.user is not None and self.user.has_perm("knowledge.read_any_folder")
        if not problem and changed and not trusted and not is_offered(folder):
            offered = ", ".join(settings.SOURCE_FOLDERS) or "none yet"
            problem = (
                f"You may name folders below those in SOURCE_FOLDERS ({offered}). Ask whoever "
                "runs this installation to add it there, or an administrator to make the source."
            )
        if problem:
            self.add_error("location", problem)

    def _judge_address(self, data: dict[str, Any]) -> None:
        try:
            address = parse_address(data["location"])
            require_public(address, TrustedHosts.of(settings.WEB_TRUSTED_HOSTS))
        except AddressRefused as error:
            self.add_error("location", error.detail)
            return
        data["location"] = tidy(address)
        try:
            hosts = AllowedHosts.of(data.get("allowed_hosts", "").split())
        except AddressRefused as error:
            self.add_error("allowed_hosts", error.detail)
            return
        if "*" in hosts.patterns:
            self.add_error("allowed_hosts", "Name the hosts one by one; * alone is every host.")
        elif hosts.patterns and not (hosts.cover(address.host) or hosts.cover(twin(address.host))):
            self.add_error(
                "allowed_hosts",
                f"The address's own host, {address.host}, is not among them. Add it.",
            )
        else:
            data["allowed_hosts"] = "\n".join(sorted(hosts.patterns))

    class Meta:
        model = Source
        fields = (
            "name", "kind", "location", "allowed_hosts", "only_below", "max_pages",
            "every_minutes", "enabled", "collection", "audiences",
        )  # fmt: skip
        labels = {
            "location": "Address or folder",
            "allowed_hosts": "Allowed hosts",
            "only_below": "Only below this address",
            "max_pages": "Pages at most",
            "every_minutes": "Read again every",
            "enabled": "On schedule",
            "audiences": "Readers",
        }
        help_texts = {
            "location": "For example https://www.example.com/help/ or /srv/manuals",
            "allowed_hosts": (
                "For web sources: hosts it may read, one a line; *.example.com is every host below "
                "example.com. Empty: the address's own host."
            ),
            "only_below": "For a site: follow only links that lead below the address's own folder",
            "max_pages": "For a site or sitemap",
            "every_minutes": "Minutes; 1440 is a day, 0 only when told to",
            "audiences": "Who may get answers from it. None chosen: the collection's readers.",
        }
