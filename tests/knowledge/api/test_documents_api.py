"""Staff's documents over HTTP."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Document

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


def test_who_may_only_look_cannot_change_anything() -> None:
    ensure_defaults()
    viewer = client_with("view_document")
    assert viewer.get(URL).status_code == 200
    file = SimpleUploadedFile("returns.md", b"# Returns")
    assert viewer.post(URL, {"files": [file]}).status_code == 403


def test_strangers_see_nothing() -> None:
    assert Client().get(URL).status_code in (401, 403)
    assert client_with().get(URL).status_code == 403
