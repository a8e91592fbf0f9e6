"""The chat page as it leaves the server, and its files' own rules."""

import re
from pathlib import Path

import pytest
from django.test import Client

from conversations.interface import words
from conversations.models import Feedback, ProblemReport
from conversations.pages import ICONS, subjects
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Audience, Collection, Document, DocumentStatus

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates" / "chat").glob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "chat").glob("*.js"))
# HTML enters the page there, and nowhere else.
HTML_DOOR = "dom.js"
HTML_SINKS = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=")
MAX_LINES = 300

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> str:
    return client.get("/").content.decode()


def test_the_page_sets_no_cookie_and_is_not_kept_in_caches(client: Client) -> None:
    response = client.get("/")

    assert response.status_code == 200
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


def test_the_policy_allows_no_inline_code_and_one_door_for_html(client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "trusted-types stored-message" in policy


def test_the_page_needs_nothing_that_the_policy_forbids(page: str) -> None:
    assert not INLINE.search(page)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    ours = ("/static/", "/chat-files/", "#")
    assert all(address.startswith(ours) for address in addresses)


def test_the_page_says_that_it_is_an_ai_and_how_to_reach_a_person(page: str) -> None:
    assert "AI assistant" in page
    assert "Talk to a person" in page
    assert "<noscript>" in page


def test_the_page_tells_the_limit_for_messages(client: Client, settings: object) -> None:
    settings.MESSAGE_MAX_CHARACTERS = 1234  # type: ignore[attr-defined]

    assert 'data-max-characters="1234"' in client.get("/").content.decode()


def test_every_file_that_the_page_names_exists(page: str, client: Client) -> None:
    named = re.findall(r'"/static/([^"]+)"', page)
    assert [name for name in named if not (ROOT / "static" / name).is_file()] == []
    joined = re.findall(r'"(/chat-files/[^"]+)"', page)
    assert len(joined) == 2
    assert [client.get(name).status_code for name in joined] == [200, 200]


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    kept = set(re.findall(r'<symbol id="icon-([a-z-]+)"', ICONS.read_text()))
    used = {
        name
        for file in (*TEMPLATES, *SCRIPTS)
        for groups in re.findall(
            r'#icon-([a-z-]+)|(?:icon|button)\(\s*"([a-z-]+)"|\[\s*"(signal-[a-z]+)"',
            file.read_text(),
        )
        for name in groups
        if name
    }

    assert used <= kept
    assert "headset" in used


def test_html_enters_the_page_through_one_door() -> None:
    for script in SCRIPTS:
        found = HTML_SINKS.search(script.read_text())
        assert not found or script.name == HTML_DOOR, f"{script.name}: {found and found[0]}"


def test_the_files_stay_small() -> None:
    files = [*SCRIPTS, *(ROOT / "static" / "chat").glob("*.css"), *TEMPLATES]

    assert [f.name for f in files if len(f.read_text().splitlines()) > MAX_LINES] == []


def test_the_reasons_after_a_thumb_down_are_those_that_are_stored() -> None:
    assert list(words("en")["reasons"].items()) == [(k, str(v)) for k, v in Feedback.REASONS]
    assert list(words("en")["kinds"].items()) == list(ProblemReport.Kind.choices)


@pytest.mark.parametrize(
    ("title", "audience", "status", "language", "shown"),
    [
        ("Deleting your account", "public", DocumentStatus.INDEXED, "", True),
        ("Deleting your account", "public", DocumentStatus.INDEXED, "en", True),
        ("Eliminar su cuenta", "public", DocumentStatus.INDEXED, "es", False),
        ("Deleting your account", "internal", DocumentStatus.INDEXED, "", False),
        ("Deleting your account", "public", DocumentStatus.FAILED, "", False),
        ("chapter_07_final.pdf", "public", DocumentStatus.INDEXED, "", False),
        ("Account", "public", DocumentStatus.INDEXED, "", False),
        ("<b>Deleting an account</b>", "public", DocumentStatus.INDEXED, "", False),
    ],
)
def test_subjects_are_readable_titles_of_public_documents(
    title: str, audience: str, status: DocumentStatus, language: str, shown: bool
) -> None:
    ensure_defaults()
    document = Document.objects.create(
        collection=Collection.objects.get(slug="default"),
        path="a",
        title=title,
        status=status,
        language=language,
    )
    document.audiences.add(Audience.objects.get(slug=audience))

    assert subjects("en-gb") == ([title] if shown else [])
