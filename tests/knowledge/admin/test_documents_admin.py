"""The list of documents: true states with reasons, numbers that add up, and acts on many."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from knowledge.models import (
    Audience,
    Collection,
    Document,
    DocumentStatus,
    QueueSighting,
    Source,
    SourceKind,
)
from tests import admin_cast as cast
from tests.knowledge.admin.shelf import choose, listed, make, open_list

pytestmark = pytest.mark.django_db
ALL_ACT = "admin:knowledge_document_all_act"


def states(client: Client, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(reverse("admin:knowledge_document_states"), query).json()
    return found


def shown(client: Client, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = states(client, ids=str(document.pk))["documents"][str(document.pk)]
    return found


def test_the_list_says_the_state_in_words_with_reason_and_progress(client: Client) -> None:
    make("scan", DocumentStatus.FAILED, error="This PDF is a scan. Install Tesseract.")
    make("long", DocumentStatus.EMBEDDING, progress_done=3, progress_total=12)
    page = open_list(client).content.decode()
    for words in ("Failed", "This PDF is a scan. Install Tesseract.", "Embedding", "3 of 12"):
        assert words in page, words


def test_live_states_are_those_of_the_rows_asked_for(client: Client) -> None:
    one, other = make("one", DocumentStatus.PARSING), make("other")
    found = states(client, ids=f"{one.pk},nonsense,{uuid.uuid4()}")["documents"]
    assert list(found) == [str(one.pk)]
    assert found[str(one.pk)]["label"] == "Reading"
    assert found[str(one.pk)]["busy"] is True
    Document.objects.filter(pk=one.pk).update(status=DocumentStatus.FAILED, error="Broken.")
    found = states(client, ids=f"{one.pk},{other.pk}")["documents"]
    assert (found[str(one.pk)]["busy"], found[str(one.pk)]["detail"]) == (False, "Broken.")


def test_what_waits_says_its_place_in_the_queue(client: Client) -> None:
    waiting = [make(name, DocumentStatus.QUEUED) for name in ("a", "b", "c")]
    for minutes, document in zip((1, 3, 2), waiting, strict=True):
        long_ago = timezone.now() - timedelta(minutes=minutes)
        Document.objects.filter(pk=document.pk).update(updated_at=long_ago)
    assert [shown(client, document)["detail"] for document in waiting] == [
        "Number 3 in the queue.",
        "Next in the queue.",
        "Number 2 in the queue.",
    ]
    assert "Number 3 in the queue." in open_list(client, q="a.md").content.decode()


def test_a_worker_without_a_sign_of_life_is_told_with_how_long(client: Client) -> None:
    now = timezone.now()
    lively = make("a", DocumentStatus.EMBEDDING, heartbeat_at=now)
    silent = make("b", DocumentStatus.EMBEDDING, heartbeat_at=now - timedelta(seconds=25))
    assert "sign of life" not in shown(client, lively)["detail"]
    assert re.search(r"no sign of life for 2[5-9] seconds", shown(client, silent)["detail"])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"published": False}, "Not published"),
        ({"valid_from": timezone.now() + timedelta(days=1)}, "Answers from it begin on"),
        ({"valid_until": timezone.now() - timedelta(days=1)}, "Expired on"),
    ],
    ids=["unpublished", "not yet", "expired"],
)
def test_a_ready_document_that_answers_nobody_says_why(
    client: Client, fields: dict[str, Any], said: str
) -> None:
    state = shown(client, make("page", **fields))
    assert state["label"] == "Ready"
    assert said in state["detail"]
    assert state["tone"] != "good"
    assert shown(client, make("other"))["detail"] == ""


def test_a_ready_document_without_readers_says_so(client: Client) -> None:
    document = make("page")
    document.audiences.clear()
    assert "Choose its readers" in shown(client, document)["detail"]


def test_the_numbers_add_up_and_each_leads_to_its_documents(client: Client) -> None:
    for status in DocumentStatus:
        make(f"{status}-1", status)
        make(f"{status}-2", status)
    page = open_list(client)
    counted = {row["group"].key: row["number"] for row in page.context["groups"]}
    assert counted == {"ready": 2, "working": 10, "held": 2, "failed": 2, "withdrawn": 2}
    assert sum(counted.values()) == page.context["total"] == Document.objects.count()
    for group, number in counted.items():
        assert f'href="?state={group}"' in page.content.decode()
        assert len(listed(state=group)) == number
    live = states(client, ids="", overview="yes")
    assert live["numbers"] == counted


def test_it_is_said_when_nobody_consumes_the_queue(client: Client) -> None:
    document = make("page", DocumentStatus.QUEUED)
    assert states(client, overview="yes")["banner"] == ""
    long_ago = timezone.now() - timedelta(minutes=2)
    Document.objects.filter(pk=document.pk).update(updated_at=long_ago)
    assert "No worker is consuming" in open_list(client).content.decode()
    assert "No worker is consuming" in states(client, overview="yes")["banner"]
    QueueSighting.objects.create(queue="ingestion", seen_at=timezone.now())
    assert "No worker is consuming" not in open_list(client).content.decode()


def test_the_list_is_narrowed_by_each_filter(client: Client) -> None:
    today = timezone.localdate()
    manuals = Collection.objects.create(slug="manuals", name="Manuals")
    source = Source.objects.create(
        name="Site", kind=SourceKind.CRAWL, location="https://example.org", collection=manuals
    )
    owner = cast.person("olga")
    make("plain", valid_from=timezone.now() - timedelta(days=1))
    make("other", kind="faq", from_source=source, owner=owner, language="de", published=False)
    make("due", review_by=today, valid_until=timezone.now() - timedelta(days=1))
    make("soon", review_by=today + timedelta(days=20), valid_from=timezone.now() + timedelta(1))
    inner = make("inner")
    inner.audiences.set([Audience.objects.get(slug="internal")])
    Document.objects.filter(pk=inner.pk).update(collection=manuals)
    narrowed = {
        ("collection__id__exact", str(manuals.pk)): ["inner"],
        ("audiences__slug__exact", "internal"): ["inner"],
        ("kind__exact", "faq"): ["other"],
        ("from_source__id__exact", str(source.pk)): ["other"],
        ("owner__id__exact", str(owner.pk)): ["other"],
        ("language", "de"): ["other"],
        ("published__exact", "0"): ["other"],
        ("review", "due"): ["due"],
        ("review", "soon"): ["due", "soon"],
        ("review", "none"): ["inner", "other", "plain"],
        ("valid", "now"): ["inner", "other", "plain"],
        ("valid", "later"): ["soon"],
        ("valid", "expired"): ["due"],
        ("q", "inner.md"): ["inner"],
    }
    for (name, value), wanted in narrowed.items():
        assert listed(**{name: value}) == wanted, name
    page = open_list(client).content.decode()
    offered = set(re.findall(r"By ([a-z]+)", page))
    assert offered >= {
        "state", "collection", "readers", "kind", "source", "owner", "language", "published",
        "validity", "review",
    }  # fmt: skip


def test_what_is_due_to_be_read_again_is_said_and_whose_it_is(client: Client) -> None:
    assert "due to be read again" not in open_list(client).content.decode()
    yesterday = timezone.localdate() - timedelta(days=1)
    make("a", review_by=yesterday)
    make("b", review_by=yesterday, owner=User.objects.get(username="otto"))
    make("c", review_by=yesterday + timedelta(days=2))
    make("d", DocumentStatus.WITHDRAWN, review_by=yesterday)
    page = open_list(client).content.decode()
    assert "2 documents are due to be read again" in page
    assert "1 of them is yours" in page
    assert page.count("To be read again since") == 2
    assert listed(review="due") == ["a", "b"]


def test_all_failed_ones_are_queued_again_by_one_button(
    client: Client, rung: list[Document]
) -> None:
    failed = [make(name, DocumentStatus.FAILED, error="Broken.") for name in "ab"]
    without_file = make("c", DocumentStatus.FAILED)
    without_file.versions.all().delete()
    kept = make("d", DocumentStatus.HELD)
    assert "Retry all failed" in open_list(client).content.decode()
    page = client.post(reverse(ALL_ACT), {"action": "retry_failed"}, follow=True)
    assert "2 failed documents are queued again." in page.content.decode()
    queued = Document.objects.filter(status=DocumentStatus.QUEUED)
    assert set(queued) == set(failed) == set(rung)
    kept.refresh_from_db()
    assert kept.status == DocumentStatus.HELD


def test_many_are_withdrawn_or_deleted_at_once(client: Client, told: list[tuple[str, Any]]) -> None:
    chosen = [make("a"), make("b")]
    kept = make("c")
    assert "2 documents are withdrawn." in choose(client, "withdraw_chosen", chosen)
    choose(client, "delete_selected", chosen, post="yes")
    assert list(Document.objects.all()) == [kept]
    assert len(told) == 4


def test_many_are_released_and_those_that_are_not_held_are_named(
    client: Client, rung: list[Document]
) -> None:
    held, ready = make("a", DocumentStatus.HELD), make("<b>ready</b>")
    page = choose(client, "release_chosen", [held, ready])
    assert "1 document is released." in page
    assert "&lt;b&gt;ready&lt;/b&gt;: It is not held" in page
    assert rung == [held]
    version = held.versions.get()
    assert version.released_by == User.objects.get(username="otto")


def test_many_are_published_and_unpublished(
    client: Client, told: list[tuple[str, Any]], django_capture_on_commit_callbacks: Any
) -> None:
    chosen = [make("a"), make("b")]
    with django_capture_on_commit_callbacks(execute=True):
        choose(client, "unpublish_chosen", chosen)
    assert not Document.objects.filter(published=True).exists()
    assert told == [("audiences", ["~unpublished"])] * 2
    with django_capture_on_commit_callbacks(execute=True):
        assert "2 documents are published." in choose(client, "publish_chosen", chosen)
    assert not Document.objects.filter(published=False).exists()


def test_readers_are_asked_for_and_then_given_to_all_chosen(
    client: Client, told: list[tuple[str, Any]], django_capture_on_commit_callbacks: Any
) -> None:
    chosen = [make("a"), make("<i>b</i>")]
    kept = make("c")
    page = choose(client, "choose_readers", chosen)
    assert "For 2 documents" in page
    assert "&lt;i&gt;b&lt;/i&gt;" in page
    assert "This field is required" in choose(client, "choose_readers", chosen, apply="yes")
    with django_capture_on_commit_callbacks(execute=True):
        choose(client, "choose_readers", chosen, apply="yes", audiences=["internal"])
    for document in chosen:
        assert [audience.slug for audience in document.audiences.all()] == ["internal"]
    assert [audience.slug for audience in kept.audiences.all()] == ["public"]
    assert told == [("audiences", ["internal"])] * 2


def test_an_owner_is_given_to_all_of_a_narrowed_list(client: Client) -> None:
    owner = cast.person("olga")
    wanted = [make("a", language="de"), make("b", language="de")]
    kept = make("c", language="en")
    address = f"{reverse('admin:knowledge_document_changelist')}?language=de"
    data = {"action": "choose_owner", "_selected_action": [str(wanted[0].pk)]}
    page = client.post(address, {**data, "select_across": "1"})
    assert "For 2 documents" in page.content.decode()
    assert 'name="select_across"' in page.content.decode()
    client.post(address, {**data, "select_across": "1", "apply": "yes", "owner": owner.pk})
    assert set(Document.objects.filter(owner=owner)) == set(wanted)
    kept.refresh_from_db()
    assert kept.owner is None


def test_an_agent_looks_and_changes_nothing(client: Client) -> None:
    document = make("a", DocumentStatus.FAILED)
    agent = cast.signed_in(cast.agent())
    page = open_list(agent).content.decode()
    assert "Retry all failed" not in page
    assert "retry_chosen" not in page
    assert agent.post(reverse(ALL_ACT), {"action": "retry_failed"}).status_code == 403
    choose(agent, "withdraw_chosen", [document])
    document.refresh_from_db()
    assert document.status == DocumentStatus.FAILED


def test_the_empty_list_says_what_to_do_first(client: Client) -> None:
    assert "Start by uploading a few" in open_list(client).content.decode()


def test_a_list_without_hits_says_how_to_get_out(client: Client) -> None:
    make("a")
    page = open_list(client, q="<b>zzz</b>", state="held").content.decode()
    assert "No document fits “&lt;b&gt;zzz&lt;/b&gt;” and these filters." in page
    assert "All documents" in page


def test_a_hostile_title_stays_text(client: Client) -> None:
    make("x", error="<img src=x onerror=alert(1)>")
    Document.objects.update(title='<script>alert(1)</script>" x-init="alert(2)')
    page = open_list(client).content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert 'x-init="alert(2)' not in page
