"""The chat's script and style sheet: joined, packed, kept by browsers, and small."""

import gzip
import re
import subprocess
from pathlib import Path

import brotli
import pytest
from django.test import Client

from conversations import chat_files
from conversations.chat_files import STATIC
from conversations.joined_modules import CannotJoin, joined, without_comments
from conversations.models import Site
from knowledge.actions.defaults import ensure_defaults

pytestmark = pytest.mark.django_db
CHAT = STATIC / "chat"


def run(script: str, later: str, folder: Path) -> str:
    """Run a joined script in Node and return what it says."""
    (folder / "later.mjs").write_text(later)
    (folder / "first.mjs").write_text(script.replace("LATER", '"./later.mjs"', 1))
    done = subprocess.run(
        ["node", folder / "first.mjs"], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout.strip() or done.stderr


def test_joined_modules_do_what_they_did_apart(tmp_path: Path) -> None:
    modules = {
        "main": 'import { twice as double } from "./sum.js";\n'
        'import { Box } from "./box.js";\n\n'
        "const found = new Box(double(21));\n"
        'import("./menu.js").then(async ({ open }) => {\n'
        "  console.log(found.value, open(found));\n"
        '  console.log((await import("./menu.js")).open === open);\n});\n',
        "sum": "// Twice.\nexport function twice(value) {\n  return hidden * value;\n}\n"
        "const hidden = await Promise.resolve(2);\n",
        "box": "export class Box {\n  constructor(value) {\n    this.value = value;\n  }\n}\n",
        "menu": 'import { Box } from "./box.js";\nimport { SIGN } from "./sign.js";\n'
        "export const open = (box) => box instanceof Box && SIGN;\n",
        "sign": 'export const SIGN = "open";\n',
    }
    made = joined(modules, "main")
    assert "SIGN" not in made.first
    assert "class Box" not in made.later
    assert run(made.first, made.later, tmp_path) == "42 open\ntrue"


@pytest.mark.parametrize(
    "text",
    [
        'import Box from "./box.js";\n',
        'import * as box from "./box.js";\n',
        "export default 5;\n",
        "export { a };\n",
        "export let a = 5;\n",
        'import { a } from "elsewhere";\n',
        "const b = await import(name);\n",
        'import { a } from "./none.js";\n',
        'import { a } from "./main.js";\n',
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(CannotJoin):
        joined({"main": text, "box": "export class Box {}\n"}, "main")


def test_comments_go_and_nothing_else() -> None:
    text = "/* A sheet:\n   of ours */\n.a {\n  color: red; /* kept */\n}\n// no\n\nb\n"
    assert without_comments(text) == ".a {\ncolor: red; /* kept */\n}\nb\n"


def test_every_module_is_in_one_of_the_two_scripts_once() -> None:
    files = chat_files.chat_files()
    scripts = [one.packed[""].decode() for one in (files.script, files.later)]
    parts = [name for text in scripts for name in re.findall(r'^parts\["([\w-]+)"\]', text, re.M)]
    modules = {path.stem for path in CHAT.glob("*.js")} - {chat_files.SCHEME.stem}
    assert sorted(parts) == sorted(modules)
    assert {path.stem for path in CHAT.glob("*.css")} == set(chat_files.SHEETS)


def test_they_are_packed_and_kept(client: Client) -> None:
    files = chat_files.chat_files()
    for file in (files.sheet, files.script, files.later):
        plain = client.get(file.path)
        for accepted, encoding in (("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0", None)):
            packed = client.get(file.path, headers={"Accept-Encoding": accepted})
            assert packed.get("Content-Encoding") == encoding
            unpack = {"br": brotli.decompress, "gzip": gzip.decompress}.get(str(encoding), bytes)
            assert unpack(packed.content) == plain.content
        assert "immutable" in plain["Cache-Control"]
        assert plain["Vary"] == "Accept-Encoding"
    # A page that was opened before an update asks for what was there then.
    old = client.get("/chat-files/later-0123456789ab.js")
    assert (old.status_code, old["Cache-Control"]) == (200, "no-cache")
    for name in ("other-1.js", "chat.js", "chat-1.html", "..%2Fsettings.py"):
        assert client.get(f"/chat-files/{name}").status_code == 404


def test_an_opened_widget_loads_less_than_40_kilobytes(client: Client) -> None:
    ensure_defaults()
    site = Site.objects.create(name="Shop", origins="https://shop.example")
    files = chat_files.chat_files()
    accepts = {"Accept-Encoding": "br", "Referer": "https://shop.example/"}
    frame = f"/widget/{site.key}"
    loaded = ["/widget.js", f"/widget.js?key={site.key}", frame, f"{frame}/theme.css"]
    loaded += [files.sheet.path, files.script.path]
    sizes = [len(client.get(address, headers=accepts).content) for address in loaded]
    assert sum(sizes) + chat_files.SCHEME.stat().st_size < 40_000, sizes
