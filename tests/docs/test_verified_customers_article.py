"""The Python of the article makes a token that the server takes; the others name the same."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from conversations.models import VerifiedCustomer
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Audience
from tests.conversations.identity_cast import Browser, Host

ARTICLE = Path(__file__).resolve().parents[2] / "docs/help/builders/verified-customers.md"
EVA = {"id": 4711, "name": "Eva Example", "email": "eva@example.com", "plan": "gold"}


def example(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", ARTICLE.read_text("utf-8"), re.M | re.S)
    assert found
    return found[1]


@pytest.mark.django_db
def test_the_python_example_signs_a_customer_in(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    ensure_defaults()
    Audience.objects.get_or_create(slug="partners")
    host = Host("Shop", "partners")
    monkeypatch.setenv("SUPPORT_CHAT_SITE", host.site.key)
    monkeypatch.setenv("SUPPORT_CHAT_SECRET", host.secret)
    names: dict[str, Any] = {}
    exec(example("python"), names)
    token = names["chat_token"]({**EVA, "is_partner": True})
    browser = Browser(host).begin()
    assert browser.identify(token).status_code == 200
    customer = VerifiedCustomer.objects.get()
    assert (customer.subject, customer.name, customer.email) == (
        "4711",
        "Eva Example",
        "eva@example.com",
    )
    assert customer.attributes == {"plan": "gold"}
    readers = set(customer.visitor.audiences.values_list("slug", flat=True))
    assert readers == {"public", "partners"}


@pytest.mark.parametrize("language", ["python", "js", "php"])
def test_each_example_has_what_is_needed(language: str) -> None:
    code = example(language)
    for words in ("SUPPORT_CHAT_SECRET", "SUPPORT_CHAT_SITE", "HS256", "attributes", "audiences"):
        assert words in code
