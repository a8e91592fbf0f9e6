"""An administrator sets how a site's customers prove who they are; a secret is shown once."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.models import Site, SiteIdentity
from knowledge.actions.defaults import ensure_defaults
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    ensure_defaults()
    return Site.objects.create(name="Shop")


@pytest.fixture
def client() -> Client:
    return cast.signed_in(cast.administrator())


def address(site: Site) -> str:
    return reverse("admin:conversations_site_identity", args=[site.pk])


def public(key: Any) -> str:
    made = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return str(made.decode())


def secrets_of(site: Site) -> tuple[str, ...]:
    return SiteIdentity.objects.get(site=site).rules(timezone.now()).keys


def test_a_secret_is_shown_once_and_stored_encrypted(client: Client, site: Site) -> None:
    made = client.post(address(site), {"_secret": "1"})
    (secret,) = secrets_of(site)
    assert secret in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    row = SiteIdentity.objects.get()
    assert row.algorithm == "HS256"
    assert secret not in row.encrypted_secret
    for page in (address(site), reverse("admin:conversations_site_change", args=[site.pk])):
        shown = client.get(page).content.decode()
        assert secret not in shown
        assert row.encrypted_secret not in shown
    assert "Made the signing secret" in LogEntry.objects.latest("pk").get_change_message()
    assert secret not in str(LogEntry.objects.values_list("change_message", flat=True))


def test_a_new_secret_overlaps_with_the_old_one_until_that_is_ended(
    client: Client, site: Site
) -> None:
    client.post(address(site), {"_secret": "1"})
    (old,) = secrets_of(site)
    client.post(address(site), {"_secret": "1"})
    assert len(secrets_of(site)) == 2
    assert secrets_of(site)[1] == old
    assert b"End the old one now" in client.get(address(site)).content
    client.post(address(site), {"_end_old": "1"})
    assert old not in secrets_of(site)
    assert len(secrets_of(site)) == 1


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", rsa.generate_private_key(65537, 2048)),
        ("ES256", ec.generate_private_key(ec.SECP256R1())),
    ],
)
def test_a_public_key_is_stored_in_its_one_form(
    client: Client, site: Site, algorithm: str, key: Any
) -> None:
    given = {"algorithm": algorithm, "public_key": f"\n  {public(key)}  \n", "_save": ""}
    assert client.post(address(site), given).status_code == 302
    assert secrets_of(site) == (public(key),)


def test_wrong_keys_are_refused_with_a_sentence(client: Client, site: Site) -> None:
    large, elliptic = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    private = large.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    wrong = [
        ("RS256", "", "This is no public key"),
        ("RS256", "-----BEGIN PUBLIC KEY-----", "This is no public key"),
        ("RS256", private, "This is a private key"),
        ("RS256", public(elliptic), "RS256 needs an RSA key"),
        ("RS256", public(rsa.generate_private_key(65537, 1024)), "it needs 2048 or more"),
        ("ES256", public(large), "ES256 needs a key on the curve P-256"),
        ("ES256", public(ec.generate_private_key(ec.SECP384R1())), "the curve P-256"),
        ("none", "", "not one of the available choices"),
    ]
    for algorithm, key, said in wrong:
        shown = client.post(address(site), {"algorithm": algorithm, "public_key": key})
        assert said in shown.content.decode(), algorithm
    assert not SiteIdentity.objects.exists()


def test_only_who_may_change_sites_gets_there(site: Site) -> None:
    for person in (cast.operator(), cast.agent()):
        assert cast.signed_in(person).get(address(site)).status_code == 403
        assert cast.signed_in(person).post(address(site), {"_secret": "1"}).status_code == 403
    assert not SiteIdentity.objects.exists()


def test_it_says_what_is_missing(client: Client, site: Site, settings: Any) -> None:
    client.post(address(site), {"algorithm": "HS256", "public_key": "", "_save": ""})
    assert "every token is refused" in client.get(address(site)).content.decode()
    client.post(address(site), {"_secret": "1"})
    settings.SECRET_KEY = "another " * 8
    again = cast.signed_in(cast.person("zoe", "Administrator"))
    assert "cannot be read any more" in again.get(address(site)).content.decode()


def test_the_sites_page_leads_to_the_identity_before_and_after_there_is_one(
    client: Client, site: Site
) -> None:
    page = reverse("admin:conversations_site_change", args=[site.pk])
    before = client.get(page).content.decode()
    assert address(site) in before
    assert "Nothing." in before
    client.post(address(site), {"_secret": "1"})
    after = client.get(page).content.decode()
    assert address(site) in after
    assert "A token signed with HS256." in after


def test_a_new_sites_page_asks_for_people_and_not_for_what_needs_a_key(client: Client) -> None:
    shown = client.get(reverse("admin:conversations_site_add")).content.decode()
    assert "People who answer" in shown
    assert "Verified customers" not in shown
    assert "Putting it in" not in shown
