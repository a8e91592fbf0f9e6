"""The questions that can be pressed on the chat page which belongs to no site."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import ChatPage, Site
from knowledge.actions.defaults import ensure_defaults
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
LIST = "admin:conversations_chatpage_changelist"


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


def save(client: Client, text: str) -> Any:
    address = client.get(reverse(LIST), follow=True).redirect_chain[-1][0]
    return client.post(address, {"quick_replies": text}, follow=True)


def offered(address: str) -> list[str]:
    page = Client().get(address).content.decode()
    return re.findall(r'data-question="([^"]*)"', page)


def test_an_operator_sets_the_questions_of_the_chat_page(client: Client) -> None:
    assert offered("/") == []
    page = save(client, "  How do I   pay?\n\nWhere is my parcel?\nHow do I pay?\n")
    assert "was changed successfully" in page.content.decode()
    assert offered("/") == ["How do I pay?", "Where is my parcel?"]
    # Sites have their own, and none is none.
    site = Site.objects.create(name="Shop")
    assert offered(f"/chat/{site.key}") == []
    Site.objects.filter(pk=site.pk).update(quick_replies="Do you ship abroad?")
    assert offered(f"/chat/{site.key}") == ["Do you ship abroad?"]
    save(client, "")
    assert offered("/") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n".join(f"Question {n}?" for n in range(7)), "At most 6 questions"),
        ("Why " + "so " * 50, "At most 100 characters a line"),
    ],
)
def test_too_much_is_refused_with_a_sentence(client: Client, text: str, said: str) -> None:
    assert said in save(client, text).content.decode()
    assert ChatPage.current().questions() == []
