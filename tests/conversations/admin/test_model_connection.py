"""The model's connection: stored encrypted, never shown, tested by a real call."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from conversations import wiring
from conversations.models import ModelConnection
from observability.models import LlmCall
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
KEY = "sk-test-abcdefghijklmnop"
FIELDS = {"base_url": "https://api.example.com/v1", "model_names": "one\ntwo", "api_key": KEY}


@pytest.fixture
def client() -> Client:
    return cast.signed_in(cast.administrator())


def save(client: Client, button: str = "_save", **changes: str) -> Any:
    address = reverse("admin:conversations_modelconnection_changelist")
    return client.post(address, {**FIELDS, **changes, button: ""}, follow=True)


def test_the_key_is_encrypted_in_the_database_and_read_by_the_wiring(client: Client) -> None:
    save(client)
    row = ModelConnection.objects.get()
    assert KEY not in row.encrypted_key
    connection = wiring.connection()
    assert connection is not None
    assert connection.api_key == KEY
    assert connection.models == ("one", "two")
    assert connection.base_url == "https://api.example.com/v1"


def test_the_key_is_never_shown_again(client: Client) -> None:
    page = save(client).content.decode()
    assert "A key is stored" in page
    assert KEY not in page
    refused = save(client, base_url="nonsense").content.decode()
    assert KEY not in refused


def test_an_empty_key_field_keeps_the_stored_key(client: Client) -> None:
    save(client)
    save(client, api_key="", model_names="three")
    connection = wiring.connection()
    assert connection is not None
    assert (connection.api_key, connection.models) == (KEY, ("three",))


def test_a_stored_key_is_not_sent_to_another_host_unasked(client: Client) -> None:
    save(client)
    page = save(client, api_key="", base_url="https://elsewhere.example.net/v1").content.decode()
    assert "another host" in page
    assert ModelConnection.objects.get().base_url == "https://api.example.com/v1"
    save(client, api_key="", base_url="https://elsewhere.example.net/v1", forget_key="on")
    connection = wiring.connection()
    assert connection is not None
    assert connection.api_key == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"base_url": "ftp://example.com"}, "not an address"),
        ({"base_url": "javascript:alert(1)"}, "not an address"),
        ({"base_url": "http://"}, "not an address"),
        ({"base_url": "http://host:port/"}, "not an address"),
        ({"base_url": "http://ho st/"}, "not an address"),
        ({"base_url": "https://user:secret@example.com/v1"}, "key has its field"),
        ({"base_url": "https://example.com/v1?key=1"}, "Leave out"),
        ({"model_names": " \n , "}, "Name at least one model"),
        ({"model_names": "\n".join(map(str, range(11)))}, "At most 10"),
        ({"api_key": "two words"}, "no blanks"),
        ({"base_url": "", "api_key": ""}, "needs a key"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(
    client: Client, changes: dict[str, str], sentence: str
) -> None:
    assert sentence in save(client, **changes).content.decode()
    assert not ModelConnection.objects.exists()


@pytest.mark.parametrize("base_url", ["http://vllm:8000/v1", "http://127.0.0.1:1234", ""])
def test_hosts_of_ones_own_are_accepted(client: Client, base_url: str) -> None:
    save(client, base_url=base_url)
    assert ModelConnection.objects.get().base_url == base_url


def test_a_changed_secret_key_is_told_and_counts_as_no_key(client: Client, settings: Any) -> None:
    save(client)
    row = ModelConnection.objects.get()
    settings.SECRET_KEY = "another"
    assert not row.key_is_readable
    assert row.connection().api_key == ""


def test_the_environment_wins_and_is_shown_read_only(client: Client, settings: Any) -> None:
    save(client)
    options = {"models": ["env-model"], "base_url": "http://env.example/v1", "api_key": "sk-env-1"}
    llm = settings.PROVIDERS["llm"]
    settings.PROVIDERS = {
        **settings.PROVIDERS,
        "llm": {**llm, "OPTIONS": {**llm["OPTIONS"], **options}},
    }
    connection = wiring.connection()
    assert connection is not None
    assert connection.models == ("env-model",)
    address = reverse("admin:conversations_modelconnection_changelist")
    page = client.get(address).content.decode()
    assert "Set by environment variables" in page
    assert "env-model" in page
    assert "sk-env-1" not in page
    assert 'name="base_url"' not in page
    save(client, model_names="changed")
    assert ModelConnection.objects.get().model_names == ["one", "two"]


def test_testing_makes_a_real_call_that_the_ledger_counts(client: Client, stub_llm: str) -> None:
    page = save(client, "_test", base_url=stub_llm, model_names="stub-ttft20-rate200")
    assert "answered; its first word took" in page.content.decode()
    assert LlmCall.objects.get().purpose == "connection test"


@pytest.mark.timeout(60)
def test_a_failed_test_says_what_to_do_and_leaks_no_key(client: Client, stub_llm: str) -> None:
    page = save(client, "_test", base_url=stub_llm, model_names="stub-401").content.decode()
    assert "Check the key" in page
    assert KEY not in page
    page = save(client, "_test", base_url="http://127.0.0.1:9/v1").content.decode()
    assert "Check the address" in page or "Check that the address" in page


def test_there_is_only_one_row() -> None:
    ModelConnection(model_names=["a"]).save()
    with pytest.raises(IntegrityError):
        ModelConnection.objects.create(id=2, model_names=["b"])


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("https://api.example.com/v1", "This model is outside"),
        ("http://127.0.0.1:9/v1", "gets their passages too"),
    ],
)
def test_the_page_says_whether_the_model_counts_as_local(
    client: Client, address: str, sentence: str
) -> None:
    assert sentence in save(client, base_url=address).content.decode()
