"""Web pages: what readers see, as Markdown; what they do not see is named."""

import pytest

from knowledge.ingestion.values import DocumentUnreadable
from tests.knowledge.ingestion.reading import read_as, removed


def page(body: str, head: str = "") -> str:
    return f"<html><head><title>Page</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("code", "hidden"),
    [
        ("hidden_part", "<p style='display:none'>secret</p>"),
        ("hidden_part", "<p style='visibility: hidden'>secret</p>"),
        ("hidden_part", "<p style='opacity:0'>secret</p>"),
        ("hidden_part", "<p hidden>secret</p>"),
        ("hidden_part", "<p aria-hidden='true'>secret</p>"),
        ("hidden_part", "<style>.x { display : none !important }</style><p class='x'>secret</p>"),
        ("hidden_part", "<style>div > p.x{display:none}</style><div><p class=x>secret</p></div>"),
        ("same_colour", "<p style='color:#fff'>secret</p>"),
        ("same_colour", "<p style='color:rgb(254, 254, 254)'>secret</p>"),
        ("same_colour", "<p style='color:hsl(0 0% 100%)'>secret</p>"),
        ("same_colour", "<p style='color:rgba(0,0,0,0.01)'>secret</p>"),
        ("same_colour", "<p style='color:transparent'>secret</p>"),
        ("same_colour", "<div style='background:#036'><p style='color:#036'>secret</p></div>"),
        ("same_colour", "<font color='white'>secret</font>"),
        ("same_colour", "<table bgcolor='black'><tr><td><font color=#000>secret</font></table>"),
        ("tiny_text", "<p style='font-size:1px'>secret</p>"),
        ("tiny_text", "<div style='font-size:0'><p>secret</p></div>"),
        ("tiny_text", "<p style='font:0.1em serif'>secret</p>"),
        ("off_screen", "<p style='position:absolute;left:-9999px'>secret</p>"),
        ("off_screen", "<p style='text-indent:-9999px'>secret</p>"),
        ("off_screen", "<p style='position:absolute;clip:rect(0,0,0,0)'>secret</p>"),
        ("off_screen", "<p style='transform: scale(0)'>secret</p>"),
        ("off_screen", "<p style='height:0;overflow:hidden'>secret</p>"),
        ("comment", "<!-- secret -->"),
    ],
)
def test_text_that_nobody_sees_is_taken_out_and_named(code: str, hidden: str) -> None:
    parsed = read_as("page.html", page(f"<p>Seen before.</p>{hidden}<p>Seen after.</p>"))
    assert parsed.markdown == "Seen before.\n\nSeen after."
    assert removed(parsed) == {code: "secret"}


@pytest.mark.parametrize(
    "shown",
    [
        "<div style='background:#036'><p style='color:white'>answer</p></div>",
        "<div style='background:url(x.png)'><p style='color:white'>answer</p></div>",
        "<p style='color:white'><span style='color:black'>answer</span></p>",
        "<div style='font-size:0'><p style='font-size:16px'>answer</p></div>",
        "<button aria-controls='a'>Open</button><p id='a' hidden>answer</p>",
        "<p hidden='until-found'>answer</p>",
        "<details><p>answer</p></details>",
        "<style>.a{display:none} .a.open{display:block}</style><p class='a'>answer</p>",
        "<style>@media print{p{display:none}}</style><p>answer</p>",
        "<p style='position:relative;left:-20px'>answer</p>",
        "<p style='display:block;font-size:80%'>answer</p>",
    ],
)
def test_text_that_readers_can_bring_up_stays(shown: str) -> None:
    parsed = read_as("page.html", page(shown))
    assert parsed.markdown == "answer"
    assert parsed.findings == ()


def test_light_text_stays_where_another_file_may_set_the_background() -> None:
    head = "<link rel='stylesheet' href='site.css'>"
    parsed = read_as("page.html", page("<h1 style='color:#fff'>Banner</h1>", head))
    assert parsed.markdown == "# Banner"


def test_navigation_scripts_and_sidebars_are_no_content() -> None:
    text = "Parcels cost 4.90 within the country. " * 8
    body = (
        "<nav>Home Shop</nav><header>Logo</header><main><h2>Costs</h2>"
        f"<p>{text}</p><aside>Mind the weight.</aside><form>Search here</form></main>"
        "<aside>Related</aside><footer>Imprint</footer><script>x()</script>"
    )
    parsed = read_as("page.html", page(body))
    assert parsed.markdown.startswith("## Costs")
    assert "Mind the weight" in parsed.markdown
    for unwanted in ("Home", "Logo", "Related", "Imprint", "x()", "Search"):
        assert unwanted not in parsed.markdown


def test_a_page_inside_one_form_is_read() -> None:
    parsed = read_as("page.html", page("<form><h1>Help</h1><p>All in one form.</p></form>"))
    assert parsed.markdown == "# Help\n\nAll in one form."


def test_several_articles_are_all_read() -> None:
    answer = "<article><h2>{0}</h2><p>" + "Answer {0} goes on and on. " * 12 + "</p></article>"
    parsed = read_as("page.html", page("<div>" + answer.format(1) + answer.format(2) + "</div>"))
    assert "## 1" in parsed.markdown
    assert "## 2" in parsed.markdown


def test_structure_becomes_markdown() -> None:
    body = (
        "<h2>Steps</h2><ol start='3'><li>Open<ul><li>the lid</li></ul></li><li><p>Close</p></li>"
        "</ol><p>Use <code>pip</code> and <b>mind</b> <a href='x'>the gap</a>.</p>"
        "<p><strong>Warning</strong></p><pre><code>a  b\n c</code></pre>"
        "<blockquote>Said</blockquote>"
    )
    assert read_as("page.html", page(body)).markdown == (
        "## Steps\n\n3. Open\n   - the lid\n4. Close\n\nUse `pip` and mind the gap.\n\n"
        "**Warning**\n\n```\na  b\n c\n```\n\n> Said"
    )


def test_tables_keep_their_rows_and_merged_cells() -> None:
    body = (
        "<table><tr><th>Plan<th>Price<tr><td rowspan=2>Pro<td>19.90 | month"
        "<tr><td>199 year<tr><td colspan=2>Prices with tax</table>"
    )
    assert read_as("page.html", page(body)).markdown == (
        "| Plan | Price |\n| --- | --- |\n| Pro | 19.90 \\| month |\n| Pro | 199 year |\n"
        "| Prices with tax |  |"
    )


def test_tables_for_layout_become_their_text() -> None:
    inner = "<table><tr><td>a<td>b<tr><td>1<td>2</table>"
    body = f"<table><tr><td><h1>Left</h1><p>Text.</p></td><td>{inner}</td></tr></table>"
    assert read_as("page.html", page(body)).markdown == (
        "# Left\n\nText.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    )


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(DocumentUnreadable, match="nested"):
        read_as("page.html", "<html><body>" + "<div>" * 50_000 + "secret")


def test_the_declared_encoding_counts_unless_it_does_not_fit() -> None:
    body = "<html><head><meta charset='windows-1251'></head><body>Возврат товара</body></html>"
    assert "Возврат" in read_as("page.html", body.encode("cp1251")).markdown
    assert "Возврат" in read_as("page.html", body.replace("windows-1251", "ascii")).markdown


@pytest.mark.parametrize("label", ["iso-8859-1", "latin1", "us-ascii", "windows-1252"])
def test_the_marks_of_windows_are_read_under_the_names_of_smaller_encodings(label: str) -> None:
    body = f"<html><head><meta charset='{label}'></head><body>It’s € 5 – “fine” é</body></html>"
    assert read_as("page.html", body.encode("cp1252")).markdown == "It’s € 5 – “fine” é"


def test_parts_named_by_a_role_are_dropped_like_those_named_by_a_tag() -> None:
    body = (
        "<div role='banner'>Logo</div><ul role='navigation'><li>Shop</li></ul>"
        "<div role='main'><h1>Reset</h1><p>Hold the key.</p><aside>Mind the heat.</aside></div>"
        "<div role='complementary'>Related</div><div role='contentinfo'>Imprint</div>"
    )
    assert read_as("page.html", page(body)).markdown == "# Reset\n\nHold the key.\n\nMind the heat."


def test_a_role_does_not_drop_the_content_it_was_put_around() -> None:
    body = "<div role='banner'><main><p>Hold the key.</p></main></div>"
    assert read_as("page.html", page(body)).markdown == "Hold the key."


def test_a_note_in_the_content_stays_when_the_articles_are_only_cards() -> None:
    text = "Parcels cost 4.90 within the country. " * 12
    body = (
        f"<main><p>{text}</p><aside>Mind the weight.</aside><article>Next: gifts</article></main>"
        "<aside>Related</aside>"
    )
    markdown = read_as("page.html", page(body)).markdown
    assert "Mind the weight." in markdown
    assert "Related" not in markdown
