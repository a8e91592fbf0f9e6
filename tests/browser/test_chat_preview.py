"""Text that is still being written: shown as Markdown, never as HTML."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHOW = """async (pieces) => {
    const { parts } = await import(document.querySelector("script[type=module]").src);
    const { MarkdownPreview } = parts["markdown-preview"];
    const place = document.createElement("div");
    document.body.append(place);
    const preview = new MarkdownPreview(place);
    let text = "";
    for (const piece of pieces) preview.show((text += piece));
    const html = place.innerHTML;
    place.remove();
    return html;
}"""
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "**<svg onload=alert(1)>**",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "`<iframe src=//evil.example>`",
    "- <a href='javascript:alert(1)'>x</a>",
    "> <style>body{display:none}</style>",
    "```\n</code></pre><img src=x onerror=alert(1)>\n```",
    "<https://evil.example>",
]
HARMLESS_TAGS = {"p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "span", "div"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(page: Page, text: str) -> None:
    html = page.evaluate(SHOW, list(text))
    found = {part.split(">")[0].split(" ")[0].strip("/") for part in html.split("<")[1:]}
    assert found <= HARMLESS_TAGS
    assert "href" not in html.replace("&lt;a href", "")
    assert "src=" not in html.replace("&lt;img src=", "").replace("&lt;iframe src=", "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One **two** *three*", "<p>One <strong>two</strong> <em>three</em></p>"),
        ("Half **bo", "<p>Half **bo</p>"),
        ("a\n\nb", "<p>a</p><p>b</p>"),
        ("Do:\n1. one\n2. two", '<p>Do:</p><ol start="1"><li>one</li><li>two</li></ol>'),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("```\nx < y", "<pre><code>x &lt; y</code></pre>"),
        ("> quoted", "<blockquote><p>quoted</p></blockquote>"),
        ("## Head", '<p class="preview-heading">Head</p>'),
        ("[words](https://a.example)", "<p>words</p>"),
    ],
)
def test_markdown_is_shown_while_it_grows(page: Page, text: str, html: str) -> None:
    assert page.evaluate(SHOW, list(text)) == html


def test_blocks_that_are_complete_are_not_drawn_again(page: Page) -> None:
    same = page.evaluate(
        """async () => {
            const { parts } = await import(document.querySelector("script[type=module]").src);
            const { MarkdownPreview } = parts["markdown-preview"];
            const place = document.createElement("div");
            const preview = new MarkdownPreview(place);
            preview.show("one\\n\\ntw");
            const first = place.firstChild;
            preview.show("one\\n\\ntwo\\n\\nthree");
            return first === place.firstChild && place.childNodes.length === 3;
        }"""
    )

    assert same
