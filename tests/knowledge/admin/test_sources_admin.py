"""Sources in the admin: wrong places are told before anything is fetched, states are true."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from knowledge.actions.defaults import ensure_defaults
from knowledge.admin import sources as sources_admin
from knowledge.models import Collection, Document, DocumentStatus, Source
from tests import admin_cast as cast
from tests.knowledge.sources.casting import make_ready, read, source, trust
from tests.knowledge.sources.site import Page, Site, help_site

pytestmark = pytest.mark.django_db
ADD = "admin:knowledge_source_add"
LIST = "admin:knowledge_source_changelist"


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    monkeypatch.setattr(sources_admin, "ring_for_source", calls.append)
    return calls


@pytest.fixture
def site(settings: Any, client: Client) -> Iterator[Site]:
    with Site(help_site()) as served:
        trust(settings, served)
        yield served


def form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Help", "kind": "crawl", "location": "https://shop.example.com/help/",
        "allowed_hosts": "", "only_below": "on", "max_pages": "200", "every_minutes": "1440",
        "enabled": "on", "collection": str(Collection.objects.get(slug="default").pk), **fields,
    }  # fmt: skip


def save(client: Client, **fields: Any) -> str:
    return client.post(reverse(ADD), form(**fields), follow=True).content.decode()


def test_a_new_source_is_read_at_once(
    client: Client, rung: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        save(client, location=" HTTPS://Shop.example.com/help/#top ")
    made = Source.objects.get()
    assert made.location == "https://shop.example.com/help/"
    assert made.next_run_at is not None
    assert made.next_run_at <= timezone.now()
    assert rung == [made.pk]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"location": "shop.example.com"}, "begin with http:// or https://"),
        ({"location": "http://user:word@shop.example.com/"}, "plain host"),
        ({"location": "http://localhost/"}, "WEB_TRUSTED_HOSTS"),
        ({"location": "http://192.168.1.1:8080/"}, "WEB_TRUSTED_HOSTS"),
        ({"location": "http://192.168.1.1/"}, "a private address"),
        ({"location": "http://169.254.169.254/"}, "Choose an address on the public web"),
        ({"location": "http://0x7f.1/"}, "unusual spelling"),
        ({"allowed_hosts": "other.example.com"}, "shop.example.com, is not among them"),
        ({"allowed_hosts": "*"}, "one by one"),
        ({"allowed_hosts": "shop.example.com:80"}, "without a port"),
        ({"max_pages": "0"}, "Between 1 and"),
        ({"every_minutes": "1"}, "At least 5 minutes"),
        ({"kind": "folder", "location": "manuals"}, "beginning with a slash"),
        ({"kind": "folder", "location": "/no/such/folder"}, "no such folder"),
    ],
)
def test_what_is_wrong_is_said_with_the_next_step(
    client: Client, fields: dict[str, str], told: str
) -> None:
    assert told in save(client, **fields).replace("&#x27;", "'")
    assert not Source.objects.exists()


def test_hosts_may_be_written_as_they_come(client: Client) -> None:
    save(client, allowed_hosts="Shop.example.com\nhttps://docs.example.com/x\n*.cdn.example.com")
    assert Source.objects.get().allowed_hosts.split() == [
        "*.cdn.example.com", "docs.example.com", "shop.example.com",
    ]  # fmt: skip


def test_operators_name_offered_folders_and_administrators_others(
    client: Client, tmp_path: Path, settings: Any
) -> None:
    fields = {"kind": "folder", "location": str(tmp_path)}
    assert "SOURCE_FOLDERS" in save(client, **fields)
    boss = cast.signed_in(cast.administrator())
    assert "own data" in save(boss, kind="folder", location=str(settings.DATA_DIR))
    save(boss, **fields)
    settings.SOURCE_FOLDERS = [str(tmp_path)]
    save(client, **fields)
    assert Source.objects.count() == 2


def test_any_folder_is_a_permission_of_its_own(tmp_path: Path) -> None:
    ensure_defaults()
    trusted = cast.operator()
    fields = {"kind": "folder", "location": str(tmp_path)}
    assert "SOURCE_FOLDERS" in save(cast.signed_in(trusted), **fields)
    trusted.user_permissions.add(Permission.objects.get(codename="read_any_folder"))
    save(cast.signed_in(trusted), **fields)
    assert Source.objects.get().location == str(tmp_path)


def test_the_list_says_when_it_was_read_what_changed_and_what_failed(
    client: Client, site: Site
) -> None:
    site.pages["/help/shipping.html"] = Page(b"", status=500)
    wanted = source("crawl", f"{site.url}/help/")
    page = client.get(reverse(LIST)).content.decode()
    assert "Waiting" in page
    read(wanted)
    page = client.get(reverse(LIST)).content.decode()
    for words in ("Read with failures", "2 new", "what was read before stays", "just now"):
        assert words in page, words


def test_live_states_follow_a_run(client: Client) -> None:
    wanted = source("page", "https://shop.example.com/")
    address = f"{reverse('admin:knowledge_source_states')}?ids={wanted.pk},x,"
    assert client.get(address).json()[str(wanted.pk)]["busy"] is True
    Source.objects.update(next_run_at=timezone.now() - timedelta(minutes=5))
    state = client.get(address).json()[str(wanted.pk)]
    assert "No worker is consuming the sources queue" in state["detail"]
    Source.objects.update(running=True)
    wanted.runs.create(added=3, unchanged=2)
    state = client.get(address).json()[str(wanted.pk)]
    assert (state["label"], state["detail"]) == ("Reading", "5 so far: 3 new, 2 unchanged")
    assert state["next"] == "being read"


def test_a_sources_page_and_its_run_show_rows_with_reasons(client: Client, site: Site) -> None:
    site.pages["/help/shipping.html"] = Page(b"<script>alert(1)</script>", status=500)
    wanted = source("crawl", f"{site.url}/help/")
    run = read(wanted)
    page = client.get(reverse("admin:knowledge_source_change", args=[wanted.pk])).content.decode()
    assert "Run now" in page
    assert f"from_source={wanted.pk}" in page
    rows = client.get(reverse("admin:knowledge_source_run", args=[wanted.pk, run.pk]))
    text = rows.content.decode()
    assert "The site answered with an error (500)." in text
    assert f"{site.url}/help/returns.html" in text
    documents = reverse("admin:knowledge_document_changelist")
    assert "Returns" in client.get(f"{documents}?from_source={wanted.pk}").content.decode()


def test_run_now_and_stop(
    client: Client, rung: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    wanted = source("page", "https://shop.example.com/")
    Source.objects.update(next_run_at=None)
    address = reverse("admin:knowledge_source_act", args=[wanted.pk])
    with django_capture_on_commit_callbacks(execute=True):
        told = client.post(address, {"action": "run"}, follow=True).content.decode()
    assert "as soon as a worker is free" in told
    assert rung == [wanted.pk]
    Source.objects.update(running=True)
    told = client.post(address, {"action": "run"}, follow=True).content.decode()
    assert "being read already" in told
    told = client.post(address, {"action": "stop"}, follow=True).content.decode()
    assert "Stopped" in told
    assert not Source.objects.get().running
    assert client.post(address, {"action": "dance"}).status_code == 403
    assert client.get(address).status_code == 405


def test_a_change_does_not_touch_what_a_worker_writes(client: Client, site: Site) -> None:
    wanted = source("page", f"{site.url}/about.html")
    read(wanted)
    make_ready()
    Source.objects.update(running=True, attempt=7)
    fields = form(name="New name", location=wanted.location, audiences=["internal"])
    address = reverse("admin:knowledge_source_change", args=[wanted.pk])
    client.post(address, fields, follow=True)
    wanted.refresh_from_db()
    assert (wanted.name, wanted.running, wanted.attempt) == ("New name", True, 7)
    assert [a.slug for a in Document.objects.get().audiences.all()] == ["internal"]


def test_a_deleted_source_withdraws_its_documents(client: Client, site: Site) -> None:
    wanted = source("page", f"{site.url}/about.html")
    read(wanted)
    make_ready()
    address = reverse("admin:knowledge_source_delete", args=[wanted.pk])
    assert "its 1 documents are withdrawn" in client.get(address).content.decode()
    client.post(address, {"post": "yes"}, follow=True)
    assert Document.objects.get().status == DocumentStatus.WITHDRAWN
    assert not Source.objects.exists()


def test_agents_and_outsiders_have_no_sources(client: Client) -> None:
    wanted = source("page", "https://shop.example.com/")
    for person in (cast.agent(), cast.outsider()):
        other = cast.signed_in(person)
        assert other.get(reverse(LIST)).status_code == 403
        states = reverse("admin:knowledge_source_states")
        assert other.get(f"{states}?ids={wanted.pk}").status_code == 403
        act = reverse("admin:knowledge_source_act", args=[wanted.pk])
        assert other.post(act, {"action": "run"}).status_code == 403


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    assert "Add the address of your help site first" in client.get(reverse(LIST)).content.decode()
