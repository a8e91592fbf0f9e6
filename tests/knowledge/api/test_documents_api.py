"""Staff's documents over HTTP."""

import uuid

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Document, DocumentStatus

pytestmark = pytest.mark.django_db
URL = "/api/v1/documents/"


def client_with(*permissions: str) -> Client:
    user = User.objects.create_user(f"user{User.objects.count()}", is_staff=True)
    wanted = Permission.objects.filter(codename__in=permissions)
    user.user_permissions.set(wanted)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator() -> Client:
    ensure_defaults()
    return client_with("view_document", "change_document")


def upload(client: Client, *files: SimpleUploadedFile) -> list[dict[str, str]]:
    answer = client.post(URL, {"files": list(files), "audiences": ["internal"]})
    assert answer.status_code == 202, answer.content
    rows: list[dict[str, str]] = answer.json()
    return rows


def test_a_good_and_a_bad_file_each_get_their_row(operator: Client) -> None:
    good = SimpleUploadedFile("returns.md", b"# Returns\n\nWithin 30 days.")
    bad = SimpleUploadedFile("table.xyz", b"a,b")
    empty = SimpleUploadedFile("empty.md", b"")
    rows = upload(operator, good, bad, empty)
    assert [row["status"] for row in rows] == ["queued", "failed", "failed"]
    assert "not read" in rows[1]["error"]
    document = Document.objects.get(path="returns.md")
    assert [audience.slug for audience in document.audiences.all()] == ["internal"]


def test_documents_are_listed_with_their_state(operator: Client) -> None:
    upload(operator, SimpleUploadedFile("returns.md", b"# Returns\n\nWithin 30 days."))
    listed = operator.get(URL, {"status": "queued"}).json()
    assert [row["title"] for row in listed["results"]] == ["Returns"]
    assert operator.get(URL, {"status": "indexed"}).json()["results"] == []
    assert operator.get(URL, {"status": "nonsense"}).status_code == 400


def test_a_document_can_be_withdrawn_and_brought_back(operator: Client) -> None:
    row = upload(operator, SimpleUploadedFile("returns.md", b"# Returns\n\nWithin 30 days."))[0]
    assert operator.post(f"{URL}{row['id']}/withdraw/").json()["status"] == "withdrawn"
    assert operator.post(f"{URL}{row['id']}/retry/").json()["status"] == "queued"


def test_a_document_is_unpublished_published_and_uploaded_unpublished(operator: Client) -> None:
    file = SimpleUploadedFile("prices.md", b"# Prices\n\nFrom May.")
    operator.post(URL, {"files": [file], "published": "false"})
    document = Document.objects.get()
    address = f"{URL}{document.pk}/"
    assert operator.get(address).json()["published"] is False
    assert operator.post(f"{address}publish/").json()["published"] is True
    again = SimpleUploadedFile("prices.md", b"# Prices\n\nFrom June.")
    (row,) = operator.post(URL, {"files": [again], "published": "false"}).json()
    assert (row["status"], row["id"]) == ("refused", None)
    assert "Unpublish that document first" in row["error"]
    assert operator.post(f"{address}unpublish/").json()["published"] is False


def test_a_documents_language_is_set_and_detected_again(operator: Client) -> None:
    row = upload(operator, SimpleUploadedFile("returns.md", b"# Returns\n\nWithin 30 days."))[0]
    address = f"{URL}{row['id']}/language/"
    answer = operator.post(address, {"language": "de"}, content_type="application/json")
    assert (answer.status_code, answer.json()["given_language"]) == (202, "de")
    wrong = operator.post(address, {"language": "xx"}, content_type="application/json")
    assert wrong.status_code == 400
    answer = operator.post(address, {"language": ""}, content_type="application/json")
    assert answer.json()["given_language"] == ""


def test_versions_are_listed_and_an_earlier_one_is_brought_back(operator: Client) -> None:
    row = upload(operator, SimpleUploadedFile("returns.md", b"# Returns\n\nWithin 30 days."))[0]
    upload(operator, SimpleUploadedFile("returns.md", b"# Returns\n\nWithin 60 days."))
    address = f"{URL}{row['id']}"
    assert [one["number"] for one in operator.get(f"{address}/versions/").json()] == [2, 1]
    restore = f"{address}/restore/"
    back = operator.post(restore, {"version": 1}, content_type="application/json")
    assert (back.status_code, back.json()["status"]) == (202, "queued")
    newest = operator.get(f"{address}/versions/").json()[0]
    assert (newest["number"], newest["restored_from"]) == (3, 1)
    for version, status in ((3, 409), (99, 409), ("x", 400), (10**30, 400)):
        answer = operator.post(restore, {"version": version}, content_type="application/json")
        assert answer.status_code == status, version


def test_only_the_held_version_that_was_looked_at_is_released(operator: Client) -> None:
    row = upload(operator, SimpleUploadedFile("returns.md", b"# Returns\n\nWithin 30 days."))[0]
    release = f"{URL}{row['id']}/release/"
    nothing = operator.post(release, {}, content_type="application/json")
    assert nothing.json()["code"] == "nothing_to_release"
    Document.objects.update(status=DocumentStatus.HELD)
    seen = operator.post(release, {"version": 7}, content_type="application/json")
    assert (seen.status_code, seen.json()["code"]) == (409, "nothing_to_release")
    released = operator.post(release, {"version": 1}, content_type="application/json")
    assert (released.status_code, released.json()["status"]) == (202, "queued")


def test_who_may_only_look_cannot_change_anything() -> None:
    ensure_defaults()
    viewer = client_with("view_document")
    assert viewer.get(URL).status_code == 200
    file = SimpleUploadedFile("returns.md", b"# Returns")
    assert viewer.post(URL, {"files": [file]}).status_code == 403
    for act in ("retry", "withdraw", "release", "restore", "publish", "unpublish"):
        assert viewer.post(f"{URL}{uuid.uuid4()}/{act}/").status_code == 403


def test_strangers_see_nothing() -> None:
    assert Client().get(URL).status_code in (401, 403)
    assert client_with().get(URL).status_code == 403
