"""The admin's policy is looser than that of public pages, and only there."""

import pytest
from django.urls import reverse

from tests import admin_cast as cast

pytestmark = pytest.mark.django_db


def _directives(header: str) -> dict[str, set[str]]:
    parts = [part.split() for part in header.split(";")]
    return {part[0]: set(part[1:]) for part in parts}


def test_the_admin_may_evaluate_expressions_but_runs_no_inline_script() -> None:
    response = cast.signed_in(cast.agent()).get(reverse("admin:index"))
    policy = _directives(response["Content-Security-Policy"])
    assert policy["script-src"] == {"'self'", "'unsafe-eval'"}
    assert policy["default-src"] == {"'none'"}
    assert policy["frame-ancestors"] == {"'none'"}
    assert policy["connect-src"] == {"'self'"}


def test_a_public_page_keeps_the_strict_policy() -> None:
    response = cast.signed_in(cast.agent()).get("/")
    policy = _directives(response["Content-Security-Policy"])
    assert policy["script-src"] == {"'self'"}
    assert "'unsafe-inline'" not in policy["style-src"]


def test_no_page_of_the_admin_has_an_inline_script() -> None:
    client = cast.signed_in(cast.administrator())
    for name in ("index", "checklist", "try_question", "knowledge_document_upload"):
        page = client.get(reverse(f"admin:{name}")).content.decode()
        openings = page.split("<script")[1:]
        assert openings
        assert all(" src=" in opening.split(">")[0] for opening in openings), name
