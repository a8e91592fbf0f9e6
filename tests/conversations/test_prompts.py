from __future__ import annotations

import pytest

from conversations.prompts import WrongPrompt, actual_hashes, load, locked_hashes, parse

GOOD = "---\nname: a\nversion: 2\nvariables: [x]\n---\n=== system ===\nS\n=== user ===\nU {{ x }}\n"


def test_released_prompts_are_as_the_lock_file_says() -> None:
    assert actual_hashes() == locked_hashes(), (
        "A released prompt file changed. Make a new version instead; a new file is added to "
        "prompts.lock with: cd conversations/prompts && sha256sum *.md > prompts.lock"
    )


def test_a_prompt_names_its_version_and_its_variables() -> None:
    assert load("answer_v1").label == "answer@1"
    assert parse(GOOD).render({"x": "{{ x }}"}) == ("S", "U {{ x }}")


@pytest.mark.parametrize("values", [{}, {"x": "1", "y": "2"}])
def test_missing_or_unknown_variables_are_named(values: dict[str, str]) -> None:
    with pytest.raises(WrongPrompt, match="a@2: missing or unknown variables"):
        parse(GOOD).render(values)


@pytest.mark.parametrize(
    "text",
    ["", "no front matter", GOOD.replace("[x]", "[x, y]"), GOOD.replace("=== user ===\n", "")],
)
def test_a_malformed_file_is_refused(text: str) -> None:
    with pytest.raises(WrongPrompt):
        parse(text)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(WrongPrompt, match=r"no prompt file nothing\.md"):
        load("nothing")
