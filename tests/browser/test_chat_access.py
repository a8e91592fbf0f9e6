"""Everybody can use it: axe-core, keyboard, narrow screens, dark, screen readers."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import DELETE, RETURN, announced, ask, replies, say
from tests.browser.conftest import Visits, keep_picture

pytestmark = pytest.mark.browser
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
SIZES = pytest.mark.parametrize(("width", "height"), [(320, 640), (375, 740), (1280, 800)])
TARGET_PIXELS = 44
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, axe: str) -> list[Any]:
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", STANDARDS)
    return [
        (rule["id"], node["html"], node["failureSummary"])
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@SCHEMES
@pytest.mark.parametrize(("width", "height"), [(320, 640), (1280, 800)])
def test_axe_finds_nothing_in_any_state(
    visits: Visits, axe: str, scheme: str, width: int, height: int
) -> None:
    page = visits.open(width=width, height=height, color_scheme=scheme)
    assert violations(page, axe) == [], "empty"
    say(page, DELETE)
    expect(page.locator(".draft .prose")).not_to_be_empty()
    assert violations(page, axe) == [], "while it is written"
    expect(replies(page)).to_have_count(1)
    assert violations(page, axe) == [], "answered"
    replies(page).locator("button.marker").first.click()
    assert violations(page, axe) == [], "panel open"
    page.keyboard.press("Escape")
    replies(page).get_by_role("button", name="Not helpful").click()
    assert violations(page, axe) == [], "rating"
    say(page, "not text: \x07")
    expect(page.locator(".status.failed")).to_be_visible()
    assert violations(page, axe) == [], "not sent"
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#waiting")).to_be_visible()
    assert violations(page, axe) == [], "waiting"


@SIZES
def test_nothing_is_wider_than_the_screen(visits: Visits, width: int, height: int) -> None:
    page = visits.open(width=width, height=height)
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    thread = "it => it.scrollWidth - it.clientWidth"
    assert page.evaluate(too_wide) == 0
    ask(page, f"{DELETE} {'W' * 300}")
    assert page.evaluate(too_wide) == 0
    assert page.locator("#thread").evaluate(thread) == 0

    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#waiting")).to_be_visible()
    assert page.evaluate(too_wide) == 0


def within(page: Page, selector: str) -> bool:
    """Say whether something lies wholly on the screen."""
    box, size = page.locator(selector).bounding_box(), page.viewport_size
    assert box
    assert size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"] + 1


def test_four_times_enlarged_nothing_is_out_of_reach(visits: Visits) -> None:
    """Also a phone on its side, or with its keyboard up."""
    page = visits.open(width=320, height=256)
    ask(page, DELETE)
    page.locator("#person").click()
    expect(page.locator("#who")).to_have_text("A person has been asked")
    expect(page.locator("#box")).to_be_focused()
    page.locator("#file").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"}
    )
    expect(page.locator(".file-chip")).to_be_visible()
    assert within(page, "#box")
    thread = page.locator("#thread").bounding_box()
    assert thread
    assert thread["height"] >= 48, "what was said can be read"
    keep_picture(page, "enlarged-writing")
    page.locator("#box").blur()
    for selector in ("#withdraw", "#box"):
        page.locator(selector).scroll_into_view_if_needed()
        assert within(page, selector), selector
    page.locator("#menu-button").click()
    page.locator("#menu-language").scroll_into_view_if_needed()
    assert within(page, "#menu-language")
    keep_picture(page, "enlarged-menu")


def test_everything_that_can_be_pressed_is_large_enough(visits: Visits) -> None:
    page = visits.open(width=320, height=640)
    reply = ask(page, DELETE)
    reply.get_by_role("button", name="Not helpful").click()
    small = page.evaluate(
        """least => [...document.querySelectorAll("button, .choice, .field input, textarea")]
            .filter(one => one.checkVisibility() && !one.matches(".marker"))
            .map(one => [one.innerText || one.title || one.id, one.getBoundingClientRect()])
            .filter(([, box]) => box.width < least || box.height < least)
            .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)""",
        TARGET_PIXELS,
    )

    assert small == []


def test_the_whole_way_works_with_the_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#box")).to_be_focused()
    page.keyboard.type(DELETE)
    page.keyboard.press("Enter")
    expect(replies(page)).to_have_count(1)

    tab_to(page, "button.marker", backwards=True)
    marker = page.locator("button.marker:focus")
    expect(marker).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#source-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(marker).to_have_count(1)

    tab_to(page, "[title='Not helpful']")
    page.keyboard.press("Space")
    expect(page.locator(".rating-form input").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(replies(page)).to_contain_text("Thank you")
    expect(page.locator("[title='Not helpful']")).to_be_focused()

    tab_to(page, "#person")
    page.keyboard.press("Enter")
    expect(page.locator("#waiting")).to_be_visible()
    expect(page.locator("#box")).to_be_focused()


def tab_to(page: Page, selector: str, *, backwards: bool = False) -> None:
    for _ in range(25):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if page.evaluate("name => document.activeElement.matches(name)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


def test_the_focus_can_be_seen(page: Page) -> None:
    ask(page, DELETE)
    for selector in ("#new-chat", "button.marker", ".source-card", "#person", "#thread"):
        tab_to(page, selector)
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, selector


def test_a_finished_answer_is_read_out_once_and_its_pieces_are_not(page: Page) -> None:
    page.evaluate(
        """() => {
            window.said = [];
            const region = document.getElementById("announcer");
            new MutationObserver(() => window.said.push(region.textContent))
                .observe(region, {childList: true, characterData: true, subtree: true});
        }"""
    )
    ask(page, DELETE)
    expect(page.locator("#announcer")).to_contain_text("AI assistant: ")
    ask(page, RETURN)
    expect(page.locator("#announcer")).to_contain_text("returning goods")

    said = page.evaluate("window.said")
    assert len(said) == 2
    assert "[1]" not in announced(page)
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "off")


@SCHEMES
def test_the_colours_follow_the_system_and_the_choice(visits: Visits, scheme: str) -> None:
    page = visits.open(color_scheme=scheme)
    other = "light" if scheme == "dark" else "dark"
    assert ground(page) == scheme
    switch = page.get_by_role("button", name="Colours")
    while switch.get_attribute("aria-label") != f"Colours: {other}":
        switch.click()
    assert ground(page) == other

    page.reload()
    assert ground(page) == other


def ground(page: Page) -> str:
    """Say whether the page's ground is light or dark, from its pixels."""
    return str(page.evaluate(f"{LUMINANCE} luminance('var(--grey-1)') > 0.5 ? 'light' : 'dark'"))


LUMINANCE = """
const luminance = (colour) => {
    const probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
    probe.style.color = colour;
    const context = document.createElement("canvas").getContext("2d");
    context.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    context.fillRect(0, 0, 1, 1);
    const linear = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
};
"""
# Text needs 4.5 to 1, borders of controls and signs 3 to 1.
PAIRS = [
    ("grey-9", "grey-1", 4.5),
    ("grey-8", "grey-3", 4.5),
    ("grey-7", "grey-1", 4.5),
    ("grey-7", "grey-2", 4.5),
    ("grey-6", "grey-1", 3.0),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-hover", 4.5),
    ("accent-text", "grey-1", 4.5),
    ("accent-text", "grey-2", 4.5),
    ("accent-text", "accent-soft", 4.5),
    ("danger", "grey-1", 4.5),
    ("warning", "grey-1", 4.5),
    ("warning", "warning-soft", 4.5),
    ("success", "grey-1", 4.5),
    ("success", "success-soft", 4.5),
    ("danger", "danger-soft", 4.5),
]


@SCHEMES
@pytest.mark.parametrize("accent", ["", "#ffd21f", "#1f2a6b", "#d81e5b"])
def test_the_tokens_keep_their_contrast_with_any_accent(
    visits: Visits, scheme: str, accent: str
) -> None:
    page = visits.open(color_scheme=scheme)
    if accent:
        page.evaluate(
            "accent => document.documentElement.style.setProperty('--accent', accent)", accent
        )
    names = sorted({name for pair in PAIRS for name in pair[:2]})
    light = page.evaluate(
        f"""names => {{ {LUMINANCE}
            return Object.fromEntries(names.map((name) => [name, luminance(`var(--${{name}})`)]));
        }}""",
        names,
    )
    weak = {}
    for text, behind, least in PAIRS:
        brighter, darker = sorted((light[text], light[behind]), reverse=True)
        ratio = (brighter + 0.05) / (darker + 0.05)
        if ratio < least:
            weak[f"{text} on {behind}"] = round(ratio, 2)

    assert weak == {}
