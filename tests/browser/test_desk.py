"""The desk in a real browser, with a customer's page beside it."""

import re

import pytest
from playwright.sync_api import StorageState, WebSocketRoute, expect

from tests.browser.chat import DELETE, ask, say
from tests.browser.conftest import Visits, keep_picture
from tests.browser.desk_people import Desk, new_agent, waiting_chat
from tests.browser.test_admin import violations, waiting_customer

pytestmark = pytest.mark.browser
# Headless browsers allow no notices; all the rest is real.
NOTICES = """window.told = [];
    window.Notification = class extends EventTarget {
        static permission = "granted";
        static async requestPermission() { return "granted"; }
        constructor(title, { body }) { super(); window.told.push(`${title}: ${body}`); }
    };
    document.hasFocus = () => false;"""


def test_an_agent_and_a_customer_live_side_by_side(visits: Visits, desk: Desk) -> None:
    chat = waiting_customer(visits, "My parcel is lost, number 4711")
    desk.open_row("My parcel is lost, number 4711")
    expect(desk.page.locator(".thread-head")).to_contain_text("The customer asked for a person")
    expect(desk.page.locator(".thread-head .wait")).to_contain_text("waits less than a minute")

    desk.press("t")
    expect(desk.page.locator(".thread-head")).to_contain_text("Yours")
    expect(chat.locator("#who")).to_have_text("admin")

    desk.press("r")
    desk.box.press_sequentially("I look ")
    expect(chat.locator("#typing")).to_have_text("admin is typing")
    desk.box.press_sequentially("into it")
    say(chat, "It is blue")
    expect(desk.message("It is blue")).to_be_visible()
    expect(desk.box).to_have_value("I look into it")
    desk.box.press("Control+Enter")
    expect(chat.locator(".message.agent")).to_contain_text("I look into it")
    assert chat.locator("#typing").is_hidden(), "the sign goes with what was typed"
    expect(desk.box).to_have_value("")
    keep_picture(desk.page, "desk-live")

    desk.page.get_by_role("button", name="Private note", exact=True).click()
    desk.box.fill("Parcel was found at the neighbour's")
    desk.page.get_by_role("button", name="Keep note").click()
    expect(desk.page.locator(".message.note")).to_contain_text("Parcel was found")
    expect(desk.page.locator(".message.note")).to_contain_text("the customer never sees it")
    keep_picture(desk.page, "desk-note")

    desk.message("I look into it").get_by_role("button", name="Edit").click()
    desk.page.get_by_label("Reply", exact=True).fill("It is on its way")
    desk.page.get_by_role("button", name="Save").click()
    expect(chat.locator(".message.agent")).to_contain_text("It is on its way")
    expect(chat.locator(".message.agent")).to_contain_text("edited")
    desk.message("It is on its way").get_by_role("button", name="Withdraw").click()
    desk.page.locator("dialog").get_by_role("button", name="Withdraw").click()
    expect(chat.locator(".message.agent")).to_contain_text("This message was withdrawn.")
    expect(chat.locator(".message.agent")).not_to_contain_text("on its way")

    desk.page.locator("#thread h2").focus()
    desk.press("e")
    expect(desk.page.locator(".thread-head")).to_contain_text("Closed")
    assert "Parcel was found" not in chat.content()
    desk.page.get_by_text("Audit trail").click()
    for words in ("took over", "replied", "wrote a note", "edited", "withdrew", "resolved it"):
        expect(desk.page.locator(".trail")).to_contain_text(words)


def test_a_reply_on_a_dead_line_goes_out_over_another(visits: Visits, desk: Desk) -> None:
    lines: list[WebSocketRoute] = []
    dead: set[int] = set()

    def forward(line: WebSocketRoute) -> None:
        number = len(lines)
        lines.append(line)
        server = line.connect_to_server()
        line.on_message(lambda text: None if number in dead else server.send(text))
        server.on_message(lambda text: None if number in dead else line.send(text))

    desk.page.route_web_socket("**/ws/desk/", forward)
    desk.page.clock.install()
    waiting_chat(visits.url, "Can you hear me?")
    desk.open_row("Can you hear me?")
    expect(desk.page.locator("#line")).to_have_text("")
    dead.add(0)
    desk.press("r")
    desk.page.keyboard.type("Loud and clear")
    desk.box.press("Control+Enter")
    desk.page.clock.fast_forward("00:11")
    expect(desk.message("Loud and clear")).to_have_count(1)
    expect(desk.box).to_have_value("")
    desk.page.clock.fast_forward("00:02")
    expect(desk.page.locator("#line")).to_have_text("")
    assert len(lines) == 2


def test_of_two_agents_the_second_is_told_who_has_it(visits: Visits, desk: Desk) -> None:
    waiting_chat(visits.url, "Two agents want this one")
    other = Desk(new_agent(visits, desk.page, "bea"), visits.url)
    for one in (desk, other):
        one.open_row("Two agents want this one")
    desk.press("t")
    expect(desk.page.locator(".thread-head")).to_contain_text("Yours")
    expect(other.page.locator(".thread-head")).to_contain_text("admin has it")
    other.press("r")
    other.box.fill("Me too")
    expect(desk.page.locator(".replying")).to_have_text("Bea is replying.")
    other.box.press("Control+Enter")
    expect(other.page.locator(".problem")).to_contain_text("admin has this conversation")
    expect(other.box).to_have_value("Me too")
    other.box.press("Escape")
    other.press("t")
    other.page.get_by_role("button", name="Take it", exact=True).click()
    expect(other.page.locator(".thread-head")).to_contain_text("Yours")
    expect(desk.page.locator(".thread-head")).to_contain_text("Bea has it")


def test_everything_works_without_a_pointer(visits: Visits, desk: Desk) -> None:
    waiting_chat(visits.url, "Keyboard only please")
    page = desk.page
    desk.load()
    expect(desk.row("Keyboard only please")).to_be_visible()
    desk.press("2")
    while "Keyboard only" not in page.locator("[aria-current=true] .row-words").all_inner_texts():
        before = page.url
        desk.press("j")
        expect(page).not_to_have_url(before)
        if "Keyboard only please" in page.locator(".row-open[aria-current]").inner_text():
            break
    expect(desk.message("Keyboard only please")).to_be_visible()
    expect(page.locator("#thread h2")).to_be_focused()

    desk.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Return to the bot")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    desk.press("g")
    page.keyboard.type("refund, vip")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-head .chip", has_text="refund")).to_be_visible()
    desk.press("p")
    page.keyboard.type("Urgent")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-head .chip", has_text="Urgent")).to_be_visible()

    desk.press("r")
    page.keyboard.type("take ten e? ")
    expect(desk.box).to_have_value("take ten e? ")
    expect(page.locator(".thread-head")).not_to_contain_text("Closed")
    desk.box.fill("")
    page.keyboard.press("Escape")
    desk.press("s")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-head")).to_contain_text("Snoozed until")
    desk.press("s")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-head")).not_to_contain_text("Snoozed until")
    desk.press("x")
    expect(page.get_by_text("1 chosen")).to_be_visible()
    desk.press("e")
    expect(page.locator(".thread-head")).to_contain_text("Closed")


def test_a_key_right_after_a_question_keeps_its_focus(visits: Visits, desk: Desk) -> None:
    waiting_chat(visits.url, "Quick fingers please")
    desk.open_row("Quick fingers please")
    desk.page.locator("#thread h2").focus()
    for question in ("g", "?"):
        desk.press(question)
        expect(desk.page.get_by_role("dialog")).to_be_visible()
        # Before the browser tells that the question has gone: people press both within a few ms.
        desk.page.evaluate(
            """() => new Promise((resolve) => {
                const dialog = document.querySelector("dialog[open]");
                dialog.addEventListener("close", () => setTimeout(resolve, 200));
                dialog.close("");
                const where = document.activeElement;
                where.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true }));
            })"""
        )
        expect(desk.box).to_be_focused()
        desk.page.keyboard.press("Escape")
        expect(desk.page.locator("#thread h2")).to_be_focused()


def test_a_draft_rests_on_the_documents_and_the_bot_says_why(visits: Visits, desk: Desk) -> None:
    chat = visits.open()
    ask(chat, DELETE)
    chat.get_by_role("button", name="Talk to a person").click()
    expect(chat.locator("#waiting")).to_be_visible()
    desk.open_row(DELETE)
    desk.press("w")
    why = desk.page.get_by_role("region", name="What was found")
    expect(why).to_contain_text("Passages found")
    expect(why).to_contain_text("Confidence")
    keep_picture(desk.page, "desk-why")
    desk.press("d")
    expect(why.get_by_role("heading", name="Draft")).to_be_visible()
    expect(why).to_contain_text("Customer may read it")
    before = chat.locator(".message").count()
    desk.page.get_by_role("button", name="Put into the reply").click()
    expect(desk.box).not_to_have_value("")
    keep_picture(desk.page, "desk-draft")
    assert chat.locator(".message").count() == before


def test_canned_replies_come_with_a_slash(visits: Visits, desk: Desk) -> None:
    desk.page.goto(f"{visits.url}/admin/conversations/cannedreply/add/")
    desk.page.locator("#id_shortcut").fill("hours")
    desk.page.locator("#id_title").fill("Opening hours")
    desk.page.locator("#id_text").fill("We are here from 9 to 5.")
    desk.page.get_by_role("button", name="Save", exact=True).click()
    waiting_chat(visits.url, "When are you there?")
    desk.open_row("When are you there?")
    desk.press("r")
    desk.page.keyboard.type("Hello. /ho")
    expect(desk.page.locator("#canned").get_by_role("option")).to_contain_text("Opening hours")
    desk.page.keyboard.press("Enter")
    expect(desk.box).to_have_value("Hello. We are here from 9 to 5.")
    expect(desk.page.locator("#canned").get_by_role("option")).to_have_count(0)


def test_search_and_bulk_acts(visits: Visits, desk: Desk) -> None:
    for number in (1, 2):
        waiting_chat(visits.url, f"Zeppelin number {number}")
    desk.load()
    desk.press("/")
    desk.page.keyboard.type("zeppelin")
    desk.page.keyboard.press("Enter")
    expect(desk.rows).to_have_count(2)
    for box in desk.page.locator(".rows input").all():
        box.check()
    desk.page.get_by_role("button", name="Resolve").first.click()
    expect(desk.page.locator("#line")).to_have_text("2 done.")


def test_a_blocked_customer_is_refused(visits: Visits, desk: Desk) -> None:
    chat = waiting_customer(visits, "Buy my watches")
    desk.open_row("Buy my watches")
    desk.page.get_by_role("button", name="Block or mark as spam").click()
    desk.page.get_by_role("button", name="Block", exact=True).click()
    expect(desk.page.locator(".thread-head")).to_contain_text("Blocked: Spam")
    say(chat, "Again")
    expect(chat.locator(".own").last).to_contain_text("no longer taken")


def test_an_agent_sees_where_the_customer_is_and_gives_it_to_a_team(
    visits: Visits, desk: Desk
) -> None:
    page = desk.page
    bea = Desk(new_agent(visits, page, "berta"), visits.url)
    page.goto(f"{visits.url}/admin/conversations/team/add/")
    page.locator("#id_name").fill("Billing")
    page.get_by_label("Berta (berta)").check()
    page.get_by_role("button", name="Save", exact=True).click()
    bea.load()
    waiting_chat(
        visits.url,
        "The invoice is wrong",
        page_url="https://shop.example.com/cart",
        page_title="Your cart",
        values={"plan": "Gold", "link": "javascript:window.hit=1"},
        name="Carla",
        email="carla@example.com",
    )
    desk.load()
    desk.press("/")
    page.keyboard.type("carla@example")
    page.keyboard.press("Enter")
    desk.open_row("The invoice is wrong")
    customer = page.locator("desk-customer")
    expect(customer).to_contain_text("Said by the page, not verified.")
    for words in ("Your cart", "Gold", "Carla", "carla@example.com", "javascript:window.hit=1"):
        expect(customer).to_contain_text(words)
    link = customer.get_by_role("link", name="https://shop.example.com/cart")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(customer.locator("a[href^=javascript]")).to_have_count(0)
    keep_picture(page, "desk-page-context")

    expect(page.locator("#team-choice")).to_be_visible()
    desk.press("f")
    chosen = page.get_by_label("To", exact=True)
    expect(chosen.locator("option", has_text="Berta (has 0)")).to_be_attached()
    chosen.select_option(label="Team Billing (1 at the desk)")
    page.get_by_label("Private note for colleagues").fill("An invoice")
    page.locator("dialog").get_by_role("button", name="Transfer").click()
    expect(page.locator("#line")).to_have_text("Given to team Billing.")
    expect(page.locator(".thread-head")).to_contain_text("Team Billing")
    page.locator("#team-choice").select_option(label="My teams, and nobody's")
    page.locator("[data-queue=unassigned]").click()
    expect(desk.row("The invoice is wrong")).to_have_count(0)
    bea.page.locator("#team-choice").select_option(label="My teams, and nobody's")
    expect(bea.row("The invoice is wrong")).to_be_visible()
    # With Berta away nobody of the team is there, and everybody sees it.
    bea.press("o")
    expect(bea.page.locator("#line")).to_contain_text("You are away")
    page.locator("[data-queue=unassigned]").click()
    expect(desk.row("The invoice is wrong")).to_be_visible()
    page.locator("#team-choice").select_option(label="All teams")


def test_a_notice_of_the_browser_tells_who_waits(visits: Visits, signed_in: StorageState) -> None:
    page = visits.blank(storage_state=signed_in, permissions=["notifications"])
    page.add_init_script(NOTICES)
    desk = Desk(page, visits.url)
    desk.load()
    expect(page.locator("#line")).to_have_text("")
    page.get_by_role("button", name="Notices").click()
    expect(page.get_by_role("button", name="Notices")).to_have_attribute("aria-pressed", "true")
    # Who waited before the page was there calls nobody.
    expect(page.locator(".queue-head")).to_have_text("Unassigned")
    waiting_chat(visits.url, "Hello from far away")
    expect(desk.row("Hello from far away")).to_be_visible()
    told = "A customer waits for a person: Hello from far away"
    page.wait_for_function("told => window.told.includes(told)", arg=told)
    bea = Desk(new_agent(visits, visits.open(storage_state=signed_in), "bettina"), visits.url)
    bea.open_row("Hello from far away")
    bea.press("a")
    to = bea.page.get_by_label("To", exact=True)
    to.select_option(
        value=to.locator("option", has_text=re.compile("^admin ")).get_attribute("value")
    )
    bea.page.locator("dialog").get_by_role("button", name="Assign").click()
    told = "A conversation was given to you: Hello from far away"
    page.wait_for_function("told => window.told.includes(told)", arg=told)
    assert page.evaluate("window.told.length") == len(set(page.evaluate("window.told")))


@pytest.mark.parametrize(
    ("width", "scheme"),
    [(1280, "light"), (1280, "dark"), (900, "light"), (320, "light"), (320, "dark")],
)
def test_the_desk_has_no_fault_that_axe_finds(
    visits: Visits, desk: Desk, axe: str, width: int, scheme: str
) -> None:
    waiting_chat(visits.url, f"Look at me {width} {scheme}")
    page = desk.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    desk.load()
    assert violations(page, axe) == []
    desk.open_row(f"Look at me {width} {scheme}")
    desk.press("n")
    desk.box.fill("A note")
    desk.page.get_by_role("button", name="Keep note").click()
    expect(page.locator(".message.note")).to_be_visible()
    assert violations(page, axe) == []
    keep_picture(page, f"desk-{width}-{scheme}")
    if width < 1200:
        page.get_by_role("button", name="Customer", exact=True).click()
    expect(page.locator("#customer-pane")).to_be_visible()
    keep_picture(page, f"desk-{width}-{scheme}-customer")
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    desk.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page, axe) == []


def test_the_waiting_clock_says_in_words_what_its_colour_says(desk: Desk) -> None:
    desk.load()
    shown = desk.page.evaluate(
        """async () => {
            const { waitChip } = await import("/static/desk/clock.js");
            const limits = { late_seconds: 120, long_seconds: 300 };
            const at = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
            return [30, 130, 301, 7300].map((seconds) => {
                const chip = waitChip(at(seconds), limits);
                return [chip.dataset.tone, chip.textContent];
            });
        }"""
    )
    assert shown == [
        ["plain", "waits less than a minute"],
        ["warning", "waits 2 minutes"],
        ["danger", "! waits 5 minutes"],
        ["danger", "! waits 2 hours"],
    ]
