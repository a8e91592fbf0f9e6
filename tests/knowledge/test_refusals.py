"""Each refusal says what to do next: every sentence that the code can raise is looked at.

The sentences are taken from the source text, so that one that no test provokes is seen too.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = (
    *sorted((ROOT / "knowledge" / "ingestion").rglob("*.py")),
    *sorted((ROOT / "knowledge" / "sources").rglob("*.py")),
    *sorted((ROOT / "providers" / "web").rglob("*.py")),
    *(
        ROOT / "knowledge" / name
        for name in (
            "acts.py", "building.py", "file_bytes.py", "folders.py", "found_files.py",
            "golden_rows.py", "intake.py",
            "source_plans.py", "unpacking.py", "working.py", "working_sources.py",
            "actions/faq.py", "actions/indexing.py", "actions/vocabulary.py",
        )
    ),
)  # fmt: skip
REFUSALS = {
    "AddressRefused", "DocumentUnreadable", "NotPossible", "PageTimeout", "PageUnavailable",
    "SourceUnreadable", "TableUnreadable", "UnreadableRows",
}  # fmt: skip
# A sentence that begins with one of these tells somebody to do something.
NEXT_STEPS = (
    "Add", "Ask", "Check", "Choose", "Copy", "Correct", "Decrypt", "Export", "Free", "Give",
    "Install", "Leave", "Mend", "Name", "Open", "Pack", "Press", "Put", "Raise", "Read", "Remove",
    "Run", "Save", "Split", "Take", "Try", "Unpack", "Unpublish", "Upload", "Write",
)  # fmt: skip
_STEP = re.compile(rf"(?:{'|'.join(NEXT_STEPS)})\b|If [^.]*, (?:name|upload|press|add)\b", re.I)
_BETWEEN = re.compile(r"(?<=[.!?;:]) +")
# Words that end a sentence and are chosen where it is made; tests elsewhere look at them.
_ENDINGS = {"more", "reason"}


def module_of(file: Path) -> ModuleType:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return importlib.import_module(".".join(parts).removesuffix(".__init__"))


def texts_of(node: ast.expr, module: ModuleType) -> Iterator[str]:
    """Yield what an argument can be; nothing for what only shows when the program runs."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(_part(part, module) for part in parts)
        case ast.IfExp(body=first, orelse=second):
            yield from texts_of(first, module)
            yield from texts_of(second, module)
        case ast.Name(id=name) if name.strip("_").isupper():
            yield str(getattr(module, name))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="format")):
            yield str(getattr(module, name))


def _part(node: ast.expr, module: ModuleType) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    inner = node.value
    name = inner.id if isinstance(inner, ast.Name) else getattr(inner, "attr", "")
    if name in _ENDINGS:
        return "Check what stands here."
    if name == "error":
        # Another refusal, quoted: its own next step may not fit here.
        return "It is quoted."
    return str(getattr(module, name)) if name.isupper() and hasattr(module, name) else "x"


def refusals() -> Iterator[tuple[str, str]]:
    """Yield (place, sentence) for all that can be raised or put into a failed row."""
    for file in PLACES:
        module = module_of(file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for argument in _told(node):
                    for text in texts_of(argument, module):
                        yield f"{file.relative_to(ROOT)}:{node.lineno}", text
        # Sentences that are kept by name, or in tables by what a file begins with.
        for name, value in vars(module).items():
            if isinstance(value, str) and _is_refusal(name, value):
                yield f"{file.relative_to(ROOT)}:{name}", value


def _told(call: ast.Call) -> list[ast.expr]:
    match call.func:
        case ast.Name(id=name) if name in REFUSALS:
            return call.args[:1]
        case ast.Name(id="_failed"):
            return call.args[1:2]
        case ast.Name(id="Robots" | "Visited"):
            wanted = ("unreadable", "reason") if call.func.id == "Robots" else ()
            return [keyword.value for keyword in call.keywords if keyword.arg in wanted]
    return []


def _is_refusal(name: str, value: str) -> bool:
    is_part = name.startswith("CHECK_")
    named = name.strip("_").isupper() and not is_part
    return named and value.endswith(".") and value.count(" ") > 3


def has_next_step(text: str) -> bool:
    first, *others = _BETWEEN.split(" ".join(text.split()))
    return any(_STEP.match(sentence) for sentence in others)


FOUND = sorted(set(refusals()))


def test_the_sentences_are_found_at_all() -> None:
    places = {place.partition(":")[0] for place, _ in FOUND}
    assert len(FOUND) > 90
    assert {"knowledge/ingestion/parsing/pdf.py", "providers/web/addresses.py"} <= places


@pytest.mark.parametrize(("place", "text"), FOUND, ids=[place for place, _ in FOUND])
def test_a_refusal_says_what_to_do_next(place: str, text: str) -> None:
    assert has_next_step(text), f"{place}: {text}"


@pytest.mark.parametrize(
    ("text", "helps"),
    [
        ("The file is broken. Export it again.", True),
        ("Port 8080 is not read. If it is your own, name it in WEB_TRUSTED_HOSTS.", True),
        ("The file is broken.", False),
        ("The file is broken. It cannot be read.", False),
    ],
)
def test_what_counts_as_a_next_step(text: str, helps: bool) -> None:
    assert has_next_step(text) is helps
