"""The index page: built beside, compared in words, swapped, taken back, dropped, checked."""

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from knowledge.actions.defaults import ensure_generation
from knowledge.actions.generations import begin_generation, drop_generation, mark_generation_failed
from knowledge.admin import generations as generations_admin
from knowledge.admin import index_check
from knowledge.building import build_for, compare_again
from knowledge.models import (
    Activation,
    Chunk,
    Document,
    GenerationState,
    GoldenQuestion,
    IndexGeneration,
)
from knowledge.tasks import write_points_again
from knowledge.wiring import vector_store
from tests import admin_cast as cast
from tests.knowledge.library import ingest, ingest_shop, titles

pytestmark = pytest.mark.usefixtures("own_index")
MODEL = "all-MiniLM-L6-v2"


@pytest.fixture
def client() -> Client:
    return cast.signed_in(cast.operator())


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []
    monkeypatch.setattr(generations_admin, "ring_for_generation", calls.append)
    monkeypatch.setattr(generations_admin, "ring_for_comparison", calls.append)
    return calls


def second(activation: Activation = Activation.BY_HAND, *, build: bool = True) -> IndexGeneration:
    generation = begin_generation(MODEL, 128, activation)
    if build:
        build_for(generation.pk, 60)
        generation.refresh_from_db()
    return generation


def words(client: Client, name: str = "changelist", number: int | None = None) -> str:
    """Return a page's text in one line."""
    arguments = [] if number is None else [number]
    address = reverse(f"admin:knowledge_indexgeneration_{name}", args=arguments)
    return _words(client.get(address))


def act(client: Client, number: int, action: str) -> str:
    address = reverse("admin:knowledge_indexgeneration_act", args=[number])
    return _words(client.post(address, {"action": action}, follow=True))


def _words(response: Any) -> str:
    assert response.status_code == 200
    page = response.content.decode()
    page = page[page.index('id="main"') :]
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_another_one_is_begun_with_its_model_and_size(client: Client, rung: list[Any]) -> None:
    ingest_shop()
    address = reverse("admin:knowledge_indexgeneration_add")
    given = {"embedding_model": MODEL, "chunk_tokens": "128", "activation": "by_hand"}
    page = _words(client.post(address, given, follow=True))
    made = IndexGeneration.objects.get(number=2)
    assert (made.embedding_model, made.chunk_tokens, made.activation) == (MODEL, 128, "by_hand")
    assert rung == [made]
    assert "Generation 2 is being built in the background" in page
    assert "0 of 3 documents." in page
    refused = _words(client.post(address, given))
    assert "is being built already" in refused


@pytest.mark.parametrize(
    ("model", "tokens", "sentence"),
    [
        ("no such model", "", "Write all-MiniLM-L6-v2, a hub model as owner/name"),
        (MODEL, "12", "greater than or equal to 64"),
        ("/no/such/folder", "", "the path of a folder that exists"),
    ],
)
def test_what_cannot_be_built_is_refused_beside_its_field(
    model: str, tokens: str, sentence: str
) -> None:
    client = cast.signed_in(cast.administrator())
    address = reverse("admin:knowledge_indexgeneration_add")
    given = {"embedding_model": model, "chunk_tokens": tokens, "activation": "by_hand"}
    assert sentence in _words(client.post(address, given))
    assert IndexGeneration.objects.count() == 1


def test_only_who_has_the_permission_names_a_model_that_is_not_known_here(
    client: Client, rung: list[Any], tmp_path: Path
) -> None:
    ingest_shop()
    address = reverse("admin:knowledge_indexgeneration_add")

    def build(by: Client, model: str) -> str:
        given = {"embedding_model": model, "chunk_tokens": "128", "activation": "by_hand"}
        return _words(by.post(address, given, follow=True))

    assert f"One of {MODEL}." in _words(client.get(address))
    for model in ("acme/other", str(tmp_path)):
        assert f"You may name {MODEL}. Ask an administrator" in build(client, model)
    assert IndexGeneration.objects.count() == 1
    administrator = cast.signed_in(cast.administrator())
    assert "A hub model as owner/name" in _words(administrator.get(address))
    assert "Generation 2 is being built" in build(administrator, "acme/other")
    # What an administrator has named once and what was complete once may be built again.
    IndexGeneration.objects.filter(number=2).update(state="failed")
    assert "You may name" in build(client, "acme/other")
    IndexGeneration.objects.filter(number=2).update(state="retired", ready_at=timezone.now())
    assert "Generation 3 is being built" in build(client, "acme/other")


def test_live_states_follow_the_work_and_tell_when_only_a_reload_shows_more(
    client: Client,
) -> None:
    ingest_shop()
    generation = second(build=False)
    address = reverse("admin:knowledge_indexgeneration_states")
    before = client.get(address).json()["2"]
    assert (before["busy"], before["done"], before["total"]) == (True, 0, 3)
    build_for(generation.pk, 60)
    after = client.get(address).json()["2"]
    assert (after["busy"], after["done"], after["passages"]) == (False, 3, 3)
    assert before["stamp"] != after["stamp"]
    compare_again(generation.pk)
    assert client.get(address).json()["2"]["stamp"] != after["stamp"]


def test_passages_of_earlier_versions_are_not_counted(client: Client) -> None:
    ingest_shop()
    ingest("returns.md", b"# Returns\n\nSend goods back within 60 days of delivery.")
    assert Chunk.objects.count() == 4
    address = reverse("admin:knowledge_indexgeneration_states")
    assert client.get(address).json()["1"]["passages"] == 3


def test_work_that_nobody_takes_up_is_said(client: Client, monkeypatch: Any) -> None:
    ingest_shop()
    second(build=False)
    assert "No worker has taken it up yet" not in words(client)
    monkeypatch.setattr("knowledge.admin.generation_states.PATIENCE_SECONDS", -1.0)
    assert "No worker has taken it up yet" in words(client)


def test_a_comparison_on_headings_says_how_little_that_shows(client: Client) -> None:
    ingest_shop()
    second()
    page = words(client)
    assert "Of 3 headings" in page
    assert "There are no golden questions, so the documents' own headings were asked." in page


def test_a_comparison_on_golden_questions_shows_what_changed_the_worst_first(
    client: Client,
) -> None:
    documents = ingest_shop()
    GoldenQuestion.objects.create(question="send goods back", document=documents["returns.md"])
    generation = second()
    assert "Of 1 golden question" in words(client)
    found = generation.comparison
    found["after"]["mrr_at_10"] = 0.2
    found["changed"] = [
        {"question": "<b>lost</b>", "document": "Returns", "before": 1, "after": 0},
        {"question": "won", "document": "Invoices", "before": 0, "after": 2},
    ]
    generation.save()
    page = words(client, "change", 2)
    assert "It finds clearly less than generation 1." in page
    assert "&lt;b&gt;lost&lt;/b&gt; Returns 1 not found arrow_downward Worse" in page
    assert page.index("lost") < page.index("won Invoices not found 2")
    assert "It compares worse, so it waits for your decision." in page


def test_put_into_use_and_rolled_back_by_one_click_each(client: Client) -> None:
    ingest_shop()
    second()
    assert "Put generation 2 into use" in words(client)
    done = act(client, 2, "use")
    assert "Generation 2 answers from now on. Generation 1 is kept" in done
    assert "Roll back to generation 1" in done
    assert ensure_generation().number == 2
    assert "Generation 1 answers from now on." in act(client, 1, "use")
    assert ensure_generation().number == 1
    assert titles("how do I send goods back")[0] == "Returns"
    assert "This generation answers already." in act(client, 1, "use")


def test_a_rollback_that_has_to_catch_up_says_so_and_comes_by_itself(
    client: Client, rung: list[Any]
) -> None:
    ingest_shop()
    second()
    act(client, 2, "use")
    ingest("shipping.md", b"# Shipping\n\nParcels arrive after two working days.")
    page = act(client, 1, "use")
    assert "Generation 1 lacks 1 document that came later." in page
    assert "Being brought up to date" in page
    assert ensure_generation().number == 2
    assert [generation.number for generation in rung] == [1]
    build_for(rung[0].pk, 60)
    assert ensure_generation().number == 1
    assert titles("when do parcels arrive")[0] == "Shipping"


def test_a_failed_one_says_why_and_goes_on_where_it_stopped(
    client: Client, rung: list[Any]
) -> None:
    ingest_shop()
    generation = second(build=False)
    mark_generation_failed(generation, "Returns could not be read. Press Continue.")
    assert "Returns could not be read. Press Continue." in words(client)
    assert "Generation 2 goes on where it stopped." in act(client, 2, "continue")
    generation.refresh_from_db()
    assert (generation.state, rung) == (GenerationState.BUILDING, [generation])


@pytest.mark.parametrize("step", ["mark_progress", "compare"])
def test_one_that_is_dropped_while_it_is_built_is_left_alone_by_its_worker(
    step: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_shop()
    generation = second(build=False)

    def dropped_meanwhile(*_: object) -> dict[str, object]:
        monkeypatch.undo()
        drop_generation(generation)
        return {}

    monkeypatch.setattr(f"knowledge.building.{step}", dropped_meanwhile)
    assert build_for(generation.pk, 60) is None
    assert not Chunk.objects.exclude(generation__number=1).exists()


def test_a_long_comparison_keeps_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    ingest_shop()
    beats: list[IndexGeneration] = []
    kept = threading.Event()

    def beat(generation: IndexGeneration) -> None:
        beats.append(generation)
        kept.set()

    def slowly(generation: IndexGeneration) -> dict[str, object]:
        assert kept.wait(10)
        return {}

    monkeypatch.setattr("knowledge.building.HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr("knowledge.building.prolong", beat)
    monkeypatch.setattr("knowledge.building.compare", slowly)
    assert second().state == "ready"
    assert beats[0].number == 2


def test_dropping_removes_it_and_never_the_one_in_use(client: Client) -> None:
    ingest_shop()
    second()
    assert "deleted for good" in words(client)
    assert "Generation 2 and its passages are gone." in act(client, 2, "drop")
    assert "This generation answers now." in act(client, 1, "drop")
    assert "Generation 2 is not there any more." in act(client, 2, "use")
    assert [g.number for g in IndexGeneration.objects.all()] == [1]


def test_comparing_again_takes_new_golden_questions_in(client: Client, rung: list[Any]) -> None:
    documents = ingest_shop()
    generation = second()
    GoldenQuestion.objects.create(question="send goods back", document=documents["returns.md"])
    assert "is being compared" in act(client, 2, "compare")
    compare_again(rung[0].pk)
    generation.refresh_from_db()
    assert (generation.comparison["source"], generation.state) == ("golden questions", "ready")


def test_an_index_that_agrees_says_so_and_offers_no_repair(client: Client) -> None:
    ingest_shop()
    page = words(client, "check")
    assert "No differences" in page
    assert "Repair" not in page


def test_differences_are_named_by_document_and_repaired(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = ingest_shop()
    lost = Chunk.objects.get(version__document=documents["returns.md"])
    vector_store().delete_points([str(lost.pk)])
    vector_store().set_audiences([str(documents["invoices.md"].pk)], ["internal"])
    later: list[tuple[Document, IndexGeneration]] = []
    monkeypatch.setattr(index_check, "ring_for_points", lambda *given: later.append(given))

    page = words(client, "check")
    assert "2 differences" in page
    assert "Missing in the index 1, of Returns" in page
    assert "Other readers or place 1, of Invoices" in page

    done = _words(client.post(reverse("admin:knowledge_indexgeneration_check"), follow=True))
    assert "What is missing of 1 document is embedded again in the background" in done
    assert titles("when are invoices sent")[0] == "Invoices"
    for document, generation in later:
        write_points_again(str(document.pk), generation.pk)
    assert "No differences" in words(client, "check")
    assert titles("how do I send goods back")[0] == "Returns"


def test_a_document_that_is_being_made_is_not_taken_for_a_difference(client: Client) -> None:
    documents = ingest_shop()
    working = documents["returns.md"]
    lost = Chunk.objects.get(version__document=working)
    vector_store().delete_points([str(lost.pk)])
    Document.objects.filter(pk=working.pk).update(status="embedding")
    page = words(client, "check")
    assert "No differences" in page
    assert "1 document is waiting or being worked on, and left out here." in page


def test_a_model_set_that_is_not_the_one_in_use_is_said(client: Client, settings: Any) -> None:
    providers = settings.PROVIDERS["embeddings"]
    changed = {**providers, "OPTIONS": {**providers["OPTIONS"], "model": "acme/other"}}
    ensure_generation()
    settings.PROVIDERS = {**settings.PROVIDERS, "embeddings": changed}
    page = words(client)
    assert "The index answers with model all-MiniLM-L6-v2, EMBEDDING_MODEL names acme/other" in page
    assert "manage.py reindex" in page
