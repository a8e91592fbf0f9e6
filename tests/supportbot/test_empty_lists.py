"""An empty list says what to do next, and the side bar counts nobody when nobody waits."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from conversations.actions import conversations as starting
from conversations.actions import escalations
from conversations.models import ChatPage, ModelConnection, ServiceState
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import IndexGeneration, VocabularyEntry
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
# Pages of our own in place of a list, and lists that hold whoever looks at them.
OTHERS = {ChatPage, ModelConnection, ServiceState, IndexGeneration, User, Group}
LISTED = sorted((model for model in admin.site._registry if model not in OTHERS), key=str)
SEARCHED = [model for model in LISTED if admin.site._registry[model].search_fields]


@pytest.fixture
def client() -> Client:
    return cast.signed_in(cast.administrator())


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def shown(client: Client, model: type[Model], query: str = "") -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return client.get(reverse(name) + query, follow=True).content.decode()


def empty_part(page: str) -> str:
    assert 'class="sb-empty' in page, "nothing is said"
    return words(page[page.index('class="sb-empty') :].partition("</div>")[0].partition(">")[2])


@pytest.mark.parametrize("model", LISTED, ids=lambda model: str(model._meta.label))
def test_an_empty_list_says_what_to_do_next(client: Client, model: type[Model]) -> None:
    model._default_manager.all().delete()
    said = empty_part(shown(client, model))
    # What it is, and then what to do.
    assert len(re.findall(r"[.?!](?: |$)", said)) >= 2, said


@pytest.mark.parametrize("model", SEARCHED, ids=lambda model: str(model._meta.label))
def test_a_search_that_finds_nothing_offers_all_rows(client: Client, model: type[Model]) -> None:
    said = empty_part(shown(client, model, "?q=no-such-word-anywhere"))
    assert "Take some away" in said
    assert "Show all" in said or "All documents" in said


def test_a_list_with_rows_is_a_list(client: Client) -> None:
    VocabularyEntry.objects.create(term="parcel", synonyms="package")
    page = shown(client, VocabularyEntry)
    assert "sb-empty" not in page
    assert 'id="result_list"' in page


def test_the_side_bar_has_a_badge_only_while_somebody_waits(client: Client) -> None:
    ensure_defaults()
    page = client.get(reverse("admin:index")).content.decode()
    assert "Escalations" in page
    assert "data-badge" not in page
    assert "waiting_badge" not in page
    chat, _ = starting.start(None, "192.0.2.1")
    escalations.request_person(chat.pk, "please")
    page = client.get(reverse("admin:index")).content.decode()
    assert re.search(r"data-badge[^>]*>\s*1\s*<", page)
