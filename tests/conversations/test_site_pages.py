"""Who may load the widget and frame the chat, and what the pages hold."""

import gzip
import json
import logging
import re
from pathlib import Path

import pytest
from django.test import Client

from conversations.chat_files import STATIC, chat_files
from conversations.interface import FOR_SCRIPTS, words
from conversations.models import Site
from conversations.sites.languages import LANGUAGES
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Audience, Collection, Document, DocumentStatus

ROOT = Path(__file__).resolve().parents[2]
LIMIT_BYTES = 40_000
SHOP = "https://shop.example"
STATIC_FOLDER = STATIC / "chat"
pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    ensure_defaults()
    made = Site.objects.create(name="Shop", origins=f"{SHOP}\nhttps://*.wide.example")
    made.audiences.set(Audience.objects.filter(slug="public"))
    return made


def test_the_loader_holds_the_sites_values_and_may_be_loaded_anywhere(
    client: Client, site: Site
) -> None:
    answer = client.get(f"/widget.js?key={site.key}", headers={"Referer": f"{SHOP}/a"})
    script = answer.content.decode()

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not answer.cookies
    assert site.key in script
    assert site.test_key not in script
    assert "CONFIG" not in script.split("(function (config)")[1]
    assert "data-site" in client.get("/widget.js").content.decode()
    assert client.get(f"/widget/loader.js?key={site.key}").content.decode() == script


def test_texts_of_a_site_cannot_end_the_script(client: Client, site: Site) -> None:
    Site.objects.update(launcher="</script><b>\u2028`${x}`")
    script = client.get(f"/widget.js?key={site.key}").content.decode()
    values = script[script.rindex("})(") + 3 : script.rindex(");")]

    assert "</script" not in script
    assert "\u2028" not in script
    assert json.loads(values)["launcher"] == "</script><b>\u2028`${x}`"


@pytest.mark.parametrize(
    ("page", "key", "shown"),
    [
        (f"{SHOP}/", "key", True),
        ("https://a.wide.example/x", "key", True),
        ("", "key", True),
        ("http://testserver/widget/x", "key", True),
        ("https://evil.example/", "key", False),
        ("https://shop.example.evil.example/", "key", False),
        ("http://shop.example/", "key", False),
        ("http://localhost:3000/", "key", False),
        ("http://localhost:3000/", "test_key", True),
        ("https://evil.example/", "test_key", False),
        ("garbage", "key", False),
    ],
)
def test_other_pages_are_refused_and_logged(
    client: Client, site: Site, caplog: pytest.LogCaptureFixture, page: str, key: str, shown: bool
) -> None:
    headers = {"Referer": page} if page else {}
    with caplog.at_level(logging.WARNING):
        script = client.get(f"/widget.js?key={getattr(site, key)}", headers=headers)
        frame = client.get(f"/widget/{getattr(site, key)}", headers=headers)

    assert ("attachShadow" in script.content.decode()) is shown
    assert frame.status_code == (200 if shown else 403)
    refused = [record for record in caplog.records if record.message == "site.refused"]
    assert len(refused) == (0 if shown else 2)
    if not shown:
        assert script["Cache-Control"] == "no-store"


def test_only_the_sites_pages_may_frame_the_chat(client: Client, site: Site) -> None:
    answer = client.get(f"/widget/{site.key}")
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";")
    )
    assert policy["frame-ancestors"] == f"{SHOP} https://*.wide.example"
    assert "X-Frame-Options" not in answer
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert policy["trusted-types"] == "stored-message"
    tried = client.get(f"/widget/{site.test_key}")["Content-Security-Policy"]
    assert "http://localhost:*" in tried


@pytest.mark.parametrize("address", ["/", "/chat/{key}"])
def test_other_chat_pages_are_never_framed(client: Client, site: Site, address: str) -> None:
    answer = client.get(address.format(key=site.key))
    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


def test_a_site_without_origins_is_framed_nowhere(client: Client, site: Site) -> None:
    Site.objects.update(origins="")
    policy = client.get(f"/widget/{site.key}")["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "address", ["/widget/{}", "/chat/{}", "/widget/{}/logo", "/widget/{}/theme.css"]
)
def test_unknown_keys_find_nothing(client: Client, site: Site, address: str) -> None:
    for key in ("site_unknown", "..", "%00", "<script>"):
        assert client.get(address.format(key)).status_code == 404


def test_a_site_that_is_switched_off_shows_nothing(client: Client, site: Site) -> None:
    Site.objects.update(enabled=False)
    assert client.get(f"/chat/{site.key}").status_code == 404
    assert client.get(f"/widget/{site.key}").status_code == 404
    assert "console.warn" in client.get(f"/widget.js?key={site.key}").content.decode()
    begun = client.post("/api/v1/conversations/", {"site": site.key}, "application/json")
    assert (begun.status_code, begun.json()["code"]) == (403, "no_site")


def test_the_page_has_the_sites_look_and_says_what_it_must(client: Client, site: Site) -> None:
    Site.objects.update(title="Shop help", welcome="Hi <b>there</b>", accent="#ffdd00")
    page = client.get(f"/chat/{site.key}").content.decode()
    assert "Shop help" in page
    assert "Hi &lt;b&gt;there&lt;/b&gt;" in page
    assert "AI assistant" in page
    assert "Talk to a person" in page
    theme = client.get(f"/widget/{site.key}/theme.css").content.decode()
    assert theme.startswith(":root{--accent:#ffdd00;--on-accent:#000000;")


def test_a_site_names_only_subjects_that_it_may_read(client: Client, site: Site) -> None:
    other = Collection.objects.create(slug="other", name="Other")
    document = Document.objects.create(
        collection=other, path="a", title="Deleting your account", status=DocumentStatus.INDEXED
    )
    document.audiences.set(Audience.objects.filter(slug="public"))
    address = f"/chat/{site.key}"
    assert "Deleting your account" in client.get(address).content.decode()
    site.collections.set(Collection.objects.filter(slug="default"))
    Site.objects.update(all_collections=False)
    assert "Deleting your account" not in client.get(address).content.decode()
    Site.objects.update(all_collections=True)
    site.audiences.set(Audience.objects.filter(slug="internal"))
    assert "Deleting your account" not in client.get(address).content.decode()


def test_the_language_is_chosen_and_only_offered_ones_are(client: Client, site: Site) -> None:
    def language(address: str, accepted: str) -> str:
        page = client.get(address, headers={"Accept-Language": accepted}).content.decode()
        return re.search(r'<html lang="(\w+)"', page)[1]  # type: ignore[index]

    address = f"/chat/{site.key}"
    assert language(address, "de-CH,fr;q=0.5") == "de"
    assert language(f"{address}?lang=ja", "de") == "ja"
    Site.objects.update(languages=["fr"], language="es")
    assert language(address, "de,fr;q=0.5") == "fr"
    assert language(f"{address}?lang=ja", "de") == "es"
    assert language("/", "pt") == "pt"


def placeholders(value: object) -> set[str]:
    return set(re.findall(r"\{\w+\}", json.dumps(value)))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_says_everything(code: str) -> None:
    path = ROOT / "conversations" / "interface_words" / f"{code}.json"
    own, english = json.loads(path.read_text()), words("en")

    assert set(FOR_SCRIPTS) <= set(own)
    for part, known in english.items():
        assert list(own[part]) == list(known), part
        for name, sentence in known.items():
            assert placeholders(own[part][name]) == placeholders(sentence), (part, name)
            assert own[part][name], (part, name)
            assert not isinstance(sentence, dict) or "other" in own[part][name]


def test_every_sentence_that_the_scripts_name_exists() -> None:
    scripts = " ".join(path.read_text() for path in STATIC_FOLDER.glob("*.js"))
    named = set(re.findall(r"\bTEXTS\.(\w+)", scripts))
    named |= set(re.findall(r'\bsentence\(\s*"(\w+)"', scripts))

    assert named <= set(words("en")["texts"])
    assert "noStart" in words("en")["texts"]


def test_scripts_import_the_words_they_use() -> None:
    exported = re.findall(
        r"export (?:const|function) (\w+)", (STATIC_FOLDER / "texts.js").read_text()
    )
    for path in STATIC_FOLDER.glob("*.js"):
        text = path.read_text()
        given = " ".join(re.findall(r"import {([^}]*)} from \"./texts.js\"", text))
        for name in ("TEXTS", "sentence", "noticeText", "errorText"):
            assert name in exported
            used = re.search(rf"\b{name}[.(\[]", text) and path.name != "texts.js"
            assert not used or re.search(rf"\b{name}\b", given), (path.name, name)


def test_what_loads_before_the_chat_is_opened_is_small(client: Client, site: Site) -> None:
    """Compressed as the server sends it; the chat itself only loads when it is opened."""
    stub = gzip.compress(client.get("/widget.js").content, 6)
    loader = gzip.compress(client.get(f"/widget.js?key={site.key}").content, 6)
    assert len(stub) + len(loader) < LIMIT_BYTES
    sent = client.get(f"/widget.js?key={site.key}", headers={"Accept-Encoding": "gzip"})
    assert sent["Content-Encoding"] == "gzip"
    assert len(sent.content) <= len(loader) * 1.1


def test_even_a_chat_that_goes_on_loads_little_unseen(client: Client, site: Site) -> None:
    """For who has a chat already a page that counts replies loads behind the closed launcher."""
    watch = client.get(f"/widget/{site.key}/watch", headers={"Referer": SHOP})
    assert watch.status_code == 200
    assert f"frame-ancestors {SHOP}" in watch["Content-Security-Policy"]
    accepts = {"Accept-Encoding": "gzip", "Referer": SHOP}
    loaded = ["/widget.js", f"/widget.js?key={site.key}", chat_files().watch.path]
    sizes = [len(client.get(address, headers=accepts).content) for address in loaded]
    assert len(watch.content) + sum(sizes) < LIMIT_BYTES


def test_others_may_not_count_replies(client: Client, site: Site) -> None:
    elsewhere = {"Referer": "https://evil.example/"}
    assert client.get(f"/widget/{site.key}/watch", headers=elsewhere).status_code == 403
    assert client.get("/widget/site_unknown/watch").status_code == 404
