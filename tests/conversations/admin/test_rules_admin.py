"""Rules in the admin: only such as can fire are stored, and the test box tells which would."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import Rule
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "Refunds",
    "enabled": "on",
    "priority": "50",
    "phrases": "i want a refund",
    "pattern": "",
    "action": "text",
    "text": "Refunds take **two** days.",
    "link_url": "",
    "form_fields": "",
    "language": "",
}


@pytest.fixture
def client() -> Client:
    return cast.signed_in(cast.operator())


def add(client: Client, **changes: str) -> Any:
    return client.post(reverse("admin:conversations_rule_add"), {**FIELDS, **changes})


def test_a_rule_is_stored_with_its_details_one_a_line(client: Client) -> None:
    response = add(client, action="form", form_fields="Order number\n\nE-mail\nE-mail\n")
    assert response.status_code == 302
    assert Rule.objects.get().form_fields == ["Order number", "E-mail"]
    page = client.get(reverse("admin:conversations_rule_change", args=[Rule.objects.get().pk]))
    assert "Order number\nE-mail" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"phrases": ""}, "Give at least one phrase, or a pattern."),
        ({"pattern": "(unclosed"}, "This is not a regular expression"),
        ({"pattern": "a*"}, "fits every message"),
        ({"pattern": "x" * 501}, "at most 500 characters"),
        ({"action": "link"}, "needs the address"),
        ({"action": "link", "link_url": "ftp://example.com/x"}, "starts with http"),
        ({"action": "link", "link_url": "javascript:alert(1)"}, "valid URL"),
        ({"action": "form"}, "at least one detail"),
        ({"language": "english"}, "Two letters"),
    ],
)
def test_a_rule_that_could_not_work_is_refused_with_the_reason(
    client: Client, changes: dict[str, str], sentence: str
) -> None:
    response = add(client, **changes)
    assert sentence in response.content.decode()
    assert not Rule.objects.exists()


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(\w+\s?)+$", r"^(\d+)*#", r"(x|x.y|\S)*=$"])
@pytest.mark.timeout(10)
def test_a_pattern_that_takes_for_ever_on_some_texts_is_refused_in_time(
    client: Client, pattern: str
) -> None:
    response = add(client, pattern=pattern)
    stored = Rule.objects.exists()
    assert stored or "takes too long" in response.content.decode()
    if pattern == r"(a+)+$":
        assert not stored


@pytest.mark.parametrize(
    "pattern", [r"refunds?\b", r"order\s+#?\d{5,8}", r"\b(cancel|stop)\b.*plan"]
)
def test_an_ordinary_pattern_is_accepted(client: Client, pattern: str) -> None:
    assert add(client, pattern=pattern, phrases="").status_code == 302


def test_the_test_box_names_the_rule_and_why_the_others_do_not_fit(client: Client) -> None:
    Rule.objects.create(name="Hours", phrases="opening hours", text="Nine to **five**.")
    Rule.objects.create(name="Person", phrases="talk to a person", text="Yes.", action="person")
    address = reverse("admin:conversations_rule_test")
    page = client.get(address, {"text": "opening hours please"}).content.decode()
    assert "Hours</a> answers" in page
    assert "Nine to <strong>five</strong>." in page
    assert "none of its phrases is what the message says" in page
    page = client.get(address, {"text": "what about my <b>parcel</b>"}).content.decode()
    assert "No rule answers this" in page
    assert "<b>parcel</b>" not in page


def test_the_preview_is_what_customers_would_see(client: Client) -> None:
    address = reverse("admin:conversations_rule_preview")
    text = "**Bold** <script>alert(1)</script> [x](javascript:alert(1))"
    page = client.post(address, {"text": text}).content.decode()
    assert "<strong>Bold</strong>" in page
    assert "<script" not in page
    assert "href" not in page
