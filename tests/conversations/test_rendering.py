"""One renderer, safe anywhere."""

import pytest
from bs4 import BeautifulSoup

from conversations.rendering import ALLOWED_TAGS, render_markdown


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "<a href='vbscript:x'>x</a>",
        '<button class="citation" data-marker="1" onclick="x()">1</button>',
        "<iframe src=https://evil.example></iframe>",
        "[a](https://ok.example 'x\" onmouseover=\"alert(1)')",
    ],
)
def test_nothing_hostile_becomes_an_element(hostile: str) -> None:
    soup = BeautifulSoup(render_markdown(hostile), "html.parser")
    for tag in soup.find_all(True):
        assert tag.name in ALLOWED_TAGS
        assert set(tag.attrs) <= {"href", "title", "rel", "target", "start"}
        assert str(tag.get("href", "https://")).startswith(("http://", "https://", "mailto:"))


def test_markers_of_known_sources_become_buttons() -> None:
    html = render_markdown("Yes [1], see [2] and [9].", frozenset({1, 2}))
    assert html.count('<button type="button" class="citation"') == 2
    assert "[9]" in html


def test_the_mark_of_a_doubtful_sentence_says_what_it_means() -> None:
    html = render_markdown("It is so [1]. [?] `[?]`", frozenset({1}))
    assert html.count('<span class="doubt" title="Only in part in the sources">[?]</span>') == 1
    assert "<code>[?]</code>" in html


def test_markers_in_code_and_links_stay_text() -> None:
    html = render_markdown("`a[1]` and [word [1]](https://x.example)", frozenset({1}))
    assert "<button" not in html


def test_links_open_safely() -> None:
    html = render_markdown("[page](https://x.example/a)")
    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_structure_survives() -> None:
    html = render_markdown("1. one\n2. two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    for tag in ("<ol>", "<li>", "<blockquote>", "<table>", "<td>"):
        assert tag in html
