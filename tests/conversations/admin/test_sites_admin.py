"""Administrators make sites, and what is not clear is refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conversations.models import Site
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Collection
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
ADD = "admin:conversations_site_add"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.administrator())


def fields(**changed: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": "Shop",
        "enabled": "on",
        "origins": "WWW.Example.com\nhttps://*.example.org/",
        "audiences": ["public"],
        "all_collections": "on",
        "accent": "#F0C",
        "position": "left",
        "language": "de",
        "languages": ["de", "en"],
    }
    return {k: v for k, v in {**given, **changed}.items() if v is not None}


def test_a_site_is_kept_in_its_one_form_with_two_keys(client: Client) -> None:
    assert client.post(reverse(ADD), fields()).status_code == 302
    site = Site.objects.get()
    assert site.origins.split() == ["https://www.example.com", "https://*.example.org"]
    assert (site.accent, site.offered_languages()) == ("#ff00cc", ["de", "en"])
    assert site.readers() == {"public"}
    assert site.key.startswith("site_")
    assert site.test_key.startswith("test_")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"origins": "https://*"}, "not a host"),
        ({"origins": "ftp://example.com"}, "starts with https://"),
        ({"origins": "https://a.example; script-src *"}, "not a host"),
        ({"accent": "reddish"}, "is not a colour"),
        ({"accent": "#12345"}, "is not a colour"),
        ({"audiences": []}, "without readers nothing is found"),
        ({"all_collections": None}, "or let it read all collections"),
        ({"new_logo": SimpleUploadedFile("a.png", b"<svg onload=alert(1)>")}, "no PNG, JPEG"),
        ({"new_logo": SimpleUploadedFile("a.png", PNG + b"0" * 210_000)}, "more than 200 kB"),
    ],
)
def test_what_is_not_clear_is_refused(client: Client, changed: dict[str, Any], said: str) -> None:
    answer = client.post(reverse(ADD), fields(**changed))

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Site.objects.exists()


def test_the_page_gives_what_to_put_in(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://chat.example.com"
    client.post(reverse(ADD), fields(new_logo=SimpleUploadedFile("logo.exe", PNG)))
    site = Site.objects.get()
    assert (bytes(site.logo), site.logo_type) == (PNG, "image/png")
    page = client.get(reverse("admin:conversations_site_change", args=[site.pk])).content.decode()

    assert f"https://chat.example.com/widget.js&quot; data-site=&quot;{site.key}&quot;" in page
    assert site.test_key in page
    assert f"https://chat.example.com/chat/{site.key}" in page
    assert "frame-src https://chat.example.com" in page
    assert "to 1 (WCAG AA" in page
    code = client.get(reverse("admin:conversations_site_qr", args=[site.pk]))
    assert code["Content-Type"] == "image/svg+xml"
    assert b"<path" in code.content


def test_a_logo_can_be_taken_away(client: Client) -> None:
    client.post(reverse(ADD), fields(new_logo=SimpleUploadedFile("logo.png", PNG)))
    change = reverse("admin:conversations_site_change", args=[Site.objects.get().pk])
    client.post(change, fields(remove_logo="on"))
    assert not Site.objects.get().logo


def test_a_site_may_read_some_collections_only(client: Client) -> None:
    shelf = Collection.objects.get(slug="default")
    client.post(reverse(ADD), fields(all_collections=None, collections=[shelf.pk]))
    assert Site.objects.get().within() == frozenset({"default"})


@pytest.mark.parametrize("role", [cast.agent, cast.operator])
def test_only_administrators_make_sites(role: Any) -> None:
    ensure_defaults()
    client = cast.signed_in(role())
    assert client.get(reverse(ADD)).status_code == 403
    site = Site.objects.create(name="Shop")
    assert client.get(reverse("admin:conversations_site_qr", args=[site.pk])).status_code == 403
