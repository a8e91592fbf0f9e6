"""Uploading: many files at once, each with its own result, and a bad one stops no other."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from knowledge.actions.defaults import ensure_defaults
from knowledge.admin import upload
from knowledge.models import Audience, Collection, Document, DocumentStatus
from knowledge.unpacking import Piece, submit_piece
from tests import admin_cast as cast
from tests.knowledge.ingestion.files import zipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


def file(
    name: str, content: bytes = b"# Title\n\nSome words about parcels.\n"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send(client: Client, *files: SimpleUploadedFile, accept: str = "", **fields: Any) -> Any:
    data = {"uploads": list(files), "collection": "default", **fields}
    headers = {"Accept": accept} if accept else {}
    return client.post(reverse("admin:knowledge_document_upload"), data, headers=headers)


def outcomes(response: Any) -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["outcome"], row["reason"]) for row in response.context["results"]}


def test_a_bad_file_among_good_ones_is_named_with_its_reason(client: Client) -> None:
    response = send(
        client,
        file("good.md"),
        file("picture.exe", b"MZ\x00\x01\x02" * 50),
        file("empty.md", b""),
        file("other.txt", b"Opening hours are nine to five."),
    )
    found = outcomes(response)
    assert found["good.md"][0] == "accepted"
    assert found["other.txt"][0] == "accepted"
    assert found["picture.exe"][0] == "failed"
    assert found["empty.md"][0] == "failed"
    assert all(len(reason) > 20 for outcome, reason in found.values() if outcome == "failed")
    queued = Document.objects.filter(status=DocumentStatus.QUEUED)
    assert {document.path for document in queued} == {"good.md", "other.txt"}
    page = response.content.decode()
    reasons = [reason for outcome, reason in found.values() if outcome == "failed"]
    assert all(reason in page or "&" in reason for reason in reasons)
    assert "Its turn has not come." in page


def test_each_file_of_an_archive_has_a_line(client: Client) -> None:
    packed = zipped({"a.md": "# A\n\nWords.", "b/c.md": "# C\n\nWords.", "d.exe": b"MZ\x00\x01"})
    found = outcomes(send(client, file("pack.zip", packed)))
    assert {name: outcome for name, (outcome, _) in found.items()} == {
        "pack.zip!/a.md": "accepted",
        "pack.zip!/b/c.md": "accepted",
        "pack.zip!/d.exe": "failed",
    }


def test_the_pages_script_sends_one_file_and_gets_json(client: Client) -> None:
    response = send(client, file("good.md"), accept="application/json")
    assert response.status_code == 200
    result = response.json()["results"][0]
    assert result["outcome"] == "accepted"
    document = Document.objects.get()
    assert result["url"] == reverse("admin:knowledge_document_change", args=[document.pk])


def test_nothing_chosen_is_a_sentence_for_people_and_for_the_script(client: Client) -> None:
    assert b"Choose at least one file." in send(client).content
    response = send(client, accept="application/json")
    assert response.status_code == 400
    assert response.json()["problems"] == ["Choose at least one file."]


def test_chosen_readers_and_collection_are_those_of_the_documents(client: Client) -> None:
    Collection.objects.create(slug="manuals", name="Manuals")
    Audience.objects.create(slug="partners", name="Partners")
    send(client, file("a.md"), collection="manuals", audiences=["partners"])
    send(client, file("b.md"))
    chosen, plain = Document.objects.order_by("path")
    assert (chosen.collection.slug, [a.slug for a in chosen.audiences.all()]) == (
        "manuals",
        ["partners"],
    )
    assert (plain.collection.slug, [a.slug for a in plain.audiences.all()]) == (
        "default",
        ["public"],
    )


def test_files_can_wait_unpublished_and_get_an_owner(client: Client) -> None:
    owner = cast.person("olga")
    send(client, file("a.md"), later="on", owner=owner.pk)
    send(client, file("b.md"))
    later, at_once = Document.objects.order_by("path")
    assert (later.published, later.owner) == (False, owner)
    assert (at_once.published, at_once.owner) == (True, None)
    # Read again at once: a known document keeps what was chosen for it.
    send(client, file("a.md", b"# Other words\n\nOther text."))
    later.refresh_from_db()
    assert (later.published, later.owner, later.versions.count()) == (False, owner, 2)


def test_a_version_that_is_to_wait_does_not_replace_a_published_one(client: Client) -> None:
    send(client, file("a.md"))
    response = send(client, file("a.md", b"# Secret\n\nNew prices from May."), later="on")
    outcome, reason = outcomes(response)["a.md"]
    assert outcome == "failed"
    assert "Unpublish that document first" in reason
    document = Document.objects.get()
    assert (document.published, document.versions.count()) == (True, 1)


def test_an_accepted_file_says_its_state_to_the_pages_script(client: Client) -> None:
    response = send(client, file("good.md"), accept="application/json")
    result = response.json()["results"][0]
    assert result["document"] == str(Document.objects.get().pk)
    assert (result["state"]["label"], result["state"]["busy"]) == ("Waiting", True)


def test_a_large_file_goes_through_the_disk_and_one_over_the_limit_is_refused(
    client: Client, settings: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = 3 * 1024 * 1024
    text = b"All about parcels and their ways. "
    response = send(
        client,
        file("large.txt", text * (2 * 1024 * 1024 // len(text))),
        file("too-large.txt", text * (4 * 1024 * 1024 // len(text))),
    )
    assert outcomes(response)["large.txt"][0] == "accepted"
    outcome, reason = outcomes(response)["too-large.txt"]
    assert outcome == "failed"
    assert "UPLOAD_MAX_MEGABYTES" in reason


def test_a_full_disk_is_told_for_the_file_it_hit(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = submit_piece

    def full(piece: Piece, **more: Any) -> Any:
        if piece.name == "b.md":
            raise OSError(28, "No space left on device")
        return real(piece, **more)

    monkeypatch.setattr(upload, "submit_piece", full)
    found = outcomes(send(client, file("a.md"), file("b.md"), file("c.md")))
    assert [found[name][0] for name in ("a.md", "b.md", "c.md")] == [
        "accepted",
        "failed",
        "accepted",
    ]
    assert "disk" in found["b.md"][1]


def test_a_name_with_a_path_or_markup_does_no_harm(client: Client) -> None:
    response = send(client, file("../../<img src=x>.md"))
    assert "<img src=x>" not in response.content.decode()
    assert "/" not in Document.objects.get().path
