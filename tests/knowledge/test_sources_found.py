"""Sources and FAQ entries are found: by their public address, and in their readers' words."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from conversations.answering.extraction import extract
from knowledge.actions import faq
from knowledge.models import Collection, Document, DocumentStatus, FaqEntry
from knowledge.wiring import searcher
from knowledge.working import work_on
from tests.knowledge.library import PUBLIC, ingest_shop, titles
from tests.knowledge.sources.casting import source, trust
from tests.knowledge.sources.site import Site, help_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_index")]
WORDING = "my lamp flickers and buzzes"


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    with Site(help_site()) as served:
        trust(settings, served)
        yield served


def command(*words: str) -> tuple[dict[str, Any], int]:
    out, status = StringIO(), 0
    try:
        call_command("source", *words, "--json", stdout=out, stderr=StringIO())
    except SystemExit as ended:
        status = int(ended.code or 0)
    return json.loads(out.getvalue()), status


def test_a_site_is_read_by_the_command_and_cited_by_its_address(site: Site) -> None:
    wanted = source("crawl", f"{site.url}/help/", name="Help site")
    result, status = command("run", "Help site")
    assert (status, result["run"]["added"], result["source"]["state"]) == (0, 3, "read")
    found = searcher().retrieve("When do parcels leave the warehouse?", PUBLIC).passages
    assert found[0].url == f"{site.url}/help/shipping.html"
    assert found[0].title == "Shipping"
    again, status = command("run", str(wanted.pk))
    assert (status, again["run"]["unchanged"]) == (0, 3)
    del site.pages["/help/shipping.html"]
    gone, status = command("run", "Help site")
    assert (status, gone["run"]["withdrawn"]) == (0, 1)
    assert "Shipping" not in titles("When do parcels leave the warehouse?")
    listed, _ = command("list")
    assert [row["name"] for row in listed["sources"]] == ["Help site"]


def test_a_source_that_fails_ends_the_command_with_one(site: Site) -> None:
    source("page", f"{site.url}/nowhere", name="Broken")
    site.pages["/robots.txt"].status = 500
    result, status = command("run", "Broken")
    assert status == 1
    assert "robots.txt" in result["run"]["error"]
    with pytest.raises(Exception, match="There are: Broken"):
        call_command("source", "run", "Missing", stdout=StringIO())


def test_an_entry_is_found_under_its_other_wordings_and_quoted_by_its_answer() -> None:
    ingest_shop()
    entry = FaqEntry.objects.create(
        question="What does a loose bulb look like?",
        answer="Switch the light off, let it cool, and turn the bulb a little to the right.",
        other_wordings=f"{WORDING}\nthe light goes on and off",
        collection=Collection.objects.get(slug="default"),
    )
    document = faq.publish(entry)
    work_on(document.pk)
    document.refresh_from_db()
    assert document.status == DocumentStatus.INDEXED, document.error
    assert document.title == "What does a loose bulb look like?"
    passages = searcher().retrieve(WORDING, PUBLIC).passages
    assert passages[0].title == document.title
    draft = extract(WORDING, passages[:1])
    assert draft is not None
    assert draft.citations[0].quote.startswith("Switch the light off")
    assert "Also asked" not in draft.text
    faq.remove(entry)
    assert document.title not in titles(WORDING)
    assert not Document.objects.filter(pk=document.pk).exists()
