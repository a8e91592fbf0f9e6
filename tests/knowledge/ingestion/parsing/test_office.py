"""Word, OpenDocument, PowerPoint and Excel: structure kept, hidden parts named."""

import datetime
import io

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from pptx import Presentation
from pptx.util import Inches

from knowledge.ingestion.parsing.cells import shown_value
from knowledge.ingestion.values import DocumentUnreadable
from tests.knowledge.ingestion.files import WORD, docx, odt, paragraph
from tests.knowledge.ingestion.reading import read_as, removed

STYLES = (
    f'<w:styles xmlns:w="{WORD}">'
    '<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="H"/>'
    "</w:style>"
    '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:type="character" w:styleId="Ghost"><w:name w:val="Ghost"/>'
    "<w:rPr><w:vanish/></w:rPr></w:style></w:styles>"
)
NUMBERING = (
    f'<w:numbering xmlns:w="{WORD}"><w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="s" Type="http://x/styles" Target="styles.xml"/>'
    '<Relationship Id="n" Type="http://x/numbering" Target="/word/numbering.xml"/></Relationships>'
)
PARTS = {
    "word/styles.xml": STYLES,
    "word/numbering.xml": NUMBERING,
    "word/_rels/document.xml.rels": RELATIONS,
}


SPAN = '<w:gridSpan w:val="2"/>'
BEGIN = '<w:vMerge w:val="restart"/>'


def styled(text: str, properties: str) -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def item(text: str, level: int) -> str:
    number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr>'
    return styled(text, number)


def test_word_headings_come_from_styles_and_outline_levels() -> None:
    body = (
        styled("By style", '<w:pStyle w:val="Mine"/>')
        + styled("By level", '<w:outlineLvl w:val="2"/>')
        + styled("Contents 4", '<w:pStyle w:val="T"/>')
        + paragraph("Text.")
    )
    parsed = read_as("a.docx", docx(body, PARTS))
    assert parsed.markdown == "## By style\n\n### By level\n\nText."
    assert parsed.title == "By style"


def test_word_lists_are_numbered_or_not() -> None:
    body = item("One", 0) + item("Inside", 1) + item("Two", 0)
    assert read_as("a.docx", docx(body, PARTS)).markdown == "1. One\n   - Inside\n2. Two"


def test_word_runs_that_nobody_sees_are_taken_out_and_named() -> None:
    body = (
        paragraph("Seen.")
        + paragraph("vanished", "<w:vanish/>")
        + paragraph("styled away", '<w:rStyle w:val="Ghost"/>')
        + paragraph("white", '<w:color w:val="FFFFFF"/>')
        + paragraph("tiny", '<w:sz w:val="2"/>')
        + paragraph("shown again", '<w:rStyle w:val="Ghost"/><w:vanish w:val="0"/>')
        + paragraph("on dark", '<w:color w:val="FFFFFF"/><w:shd w:fill="000080"/>')
    )
    parsed = read_as("a.docx", docx(body, PARTS))
    assert parsed.markdown == "Seen.\n\nshown again\n\non dark"
    assert removed(parsed) == {
        "invisible_text": "vanished | styled away",
        "same_colour": "white",
        "tiny_text": "tiny",
    }


def test_word_keeps_what_was_inserted_and_drops_what_was_deleted() -> None:
    body = (
        "<w:p><w:r><w:t>Keep </w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>moved</w:t></w:r>"
        "</w:moveFrom></w:p>"
    )
    assert read_as("a.docx", docx(body)).markdown == "Keep new"


def test_word_text_boxes_are_read_once() -> None:
    box = f"<w:txbxContent>{paragraph('In the box')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>Beside.</w:t><mc:AlternateContent><mc:Choice Requires='wps'>"
        f"<wps:txbx>{box}</wps:txbx></mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert read_as("a.docx", docx(body)).markdown == "Beside.\n\nIn the box"


def test_word_tables_with_merged_cells_and_tables_inside() -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text}</w:tc>"

    inner = f"<w:tbl>{2 * ('<w:tr>' + 2 * cell(paragraph('x')) + '</w:tr>')}</w:tbl>"
    body = (
        f"<w:tbl><w:tr>{cell(paragraph('Both'), SPAN)}</w:tr>"
        f"<w:tr>{cell(paragraph('Tall'), BEGIN)}"
        f"{cell(paragraph('a'))}</w:tr>"
        f"<w:tr>{cell('<w:p/>', '<w:vMerge/>')}{cell(inner)}</w:tr></w:tbl>"
    )
    assert read_as("a.docx", docx(body)).markdown == (
        "| Both |  |\n| --- | --- |\n| Tall | a |\n| Tall | x x; x x |"
    )


def test_macros_are_named_and_not_read() -> None:
    parsed = read_as("a.docm", docx(paragraph("Text."), {"word/vbaProject.bin": b"\xd0\xcf"}))
    assert parsed.markdown == "Text."
    assert list(removed(parsed)) == ["macros"]


@pytest.mark.parametrize("declaration", ['<!DOCTYPE a [<!ENTITY x "y">]>', "<!DOCTYPE a>"])
def test_declared_entities_are_refused(declaration: str) -> None:
    content = docx(paragraph("x"), {"word/document.xml": f"{declaration}<w/>"})
    with pytest.raises(DocumentUnreadable, match="entities"):
        read_as("a.docx", content)


def test_open_document_text_is_read_without_what_is_hidden() -> None:
    styles = (
        '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="W"><style:text-properties fo:color="#ffffff"/></style:style>'
    )
    body = (
        '<text:h text:outline-level="1">Title</text:h><text:p>Seen'
        '<text:span text:style-name="H">gone</text:span><text:span text:style-name="W">white'
        '</text:span><text:s text:c="1"/>end.</text:p><text:list><text:list-item><text:p>one'
        "</text:p></text:list-item></text:list><table:table><table:table-row>"
        '<table:table-cell table:number-columns-spanned="2"><text:p>ab</text:p></table:table-cell>'
        "<table:covered-table-cell/></table:table-row><table:table-row><table:table-cell>"
        "<text:p>c</text:p></table:table-cell><table:table-cell><text:p>d</text:p>"
        "</table:table-cell></table:table-row></table:table>"
    )
    parsed = read_as("a.odt", odt(body, styles))
    assert parsed.markdown == (
        "# Title\n\nSeen end.\n\n- one\n\n| ab |  |\n| --- | --- |\n| c | d |"
    )
    assert removed(parsed) == {"invisible_text": "gone", "same_colour": "white"}


@pytest.mark.parametrize(
    "display", ['text:display="none"', 'text:display="condition" text:is-hidden="true"']
)
def test_a_hidden_section_of_open_document_text_is_named(display: str) -> None:
    styles = '<style:style style:name="B"><style:text-properties fo:color="#000000"/></style:style>'
    body = (
        f'<text:p>Seen.</text:p><text:section {display}><text:p text:style-name="B">for us'
        '</text:p></text:section><text:section text:display="condition"><text:p>Also seen.'
        "</text:p></text:section>"
    )
    parsed = read_as("a.odt", odt(body, styles))
    assert parsed.markdown == "Seen.\n\nAlso seen."
    assert removed(parsed) == {"invisible_text": "for us"}


def test_notes_of_open_document_text_stand_after_their_paragraph() -> None:
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>{}</text:p>"
        "</text:note-body></text:note>"
    )
    body = (
        f"<text:p>Paid in <text:span>advance{note.format('Three days.')}</text:span> and"
        f"{note.format('By card.')} in full.</text:p><text:p>Next.</text:p>"
    )
    assert read_as("a.odt", odt(body)).markdown == (
        "Paid in advance and in full.\n\nThree days.\n\nBy card.\n\nNext."
    )


def test_a_protected_open_document_is_refused() -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    with pytest.raises(DocumentUnreadable, match="password"):
        read_as("a.odt", odt("", manifest=manifest))


def presentation() -> bytes:
    made = Presentation()
    first = made.slides.add_slide(made.slide_layouts[1])
    first.shapes.title.text = "Returns"
    first.placeholders[1].text = "Within 30 days"
    first.notes_slide.notes_text_frame.text = "Say it slowly."
    hidden = made.slides.add_slide(made.slide_layouts[5])
    hidden.shapes.title.text = "Not for customers"
    hidden._element.set("show", "0")
    third = made.slides.add_slide(made.slide_layouts[5])
    third.shapes.title.text = "Prices"
    table = third.shapes.add_table(2, 2, 0, 0, Inches(4), Inches(2)).table
    for (row, column), text in {(0, 0): "Plan", (0, 1): "Price", (1, 0): "Pro"}.items():
        table.cell(row, column).text = text
    beside = third.shapes.add_textbox(Inches(-9), 0, Inches(4), Inches(1))
    beside.text_frame.text = "Beside the slide"
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()


def test_slides_keep_their_numbers_tables_and_notes() -> None:
    parsed = read_as("a.pptx", presentation())
    assert parsed.markdown == (
        "## Returns\n\nWithin 30 days\n\nNotes: Say it slowly.\n\n"
        "## Prices\n\n| Plan | Price |\n| --- | --- |\n| Pro |  |"
    )
    assert [number for _, number in parsed.page_starts] == [1, 3]
    assert removed(parsed) == {
        "hidden_slide": "## Not for customers",
        "off_screen": "Beside the slide",
    }


def workbook() -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Prices"
    day = datetime.date(2024, 1, 5)
    for row in (["Plan", "Price", "Share", "Since"], ["Basic", 9.9, 0.25, day], ["Old", 1, 1, day]):
        sheet.append(row)
    sheet["B2"].number_format = '"$"#,##0.00'
    sheet["C2"].number_format = "0.0%"
    sheet.row_dimensions[3].hidden = True
    sheet["F1"] = "margin"
    sheet.column_dimensions["F"].hidden = True
    sheet["A5"] = "white"
    sheet["A5"].font = Font(color="FFFFFFFF")
    sheet["A6"] = "on blue"
    sheet["A6"].font = Font(color="FFFFFFFF")
    sheet["A6"].fill = PatternFill("solid", fgColor="FF0000FF")
    sheet["A100000"] = "=1+1"
    internal = made.create_sheet("Internal")
    internal["A1"] = "do not tell"
    internal.sheet_state = "hidden"
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()


def test_a_workbook_is_read_as_it_is_shown() -> None:
    parsed = read_as("a.xlsx", workbook())
    assert parsed.markdown == (
        "## Prices\n\n| Plan | Price | Share | Since |\n| --- | --- | --- | --- |\n"
        "| Basic | $9.90 | 25.0% | 2024-01-05 |\n\non blue"
    )
    assert removed(parsed) == {
        "hidden_cells": "margin | Old | 1 | 1 | 2024-01-05",
        "same_colour": "white",
        "hidden_sheet": "Internal: do not tell",
    }


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (1234.5, "[$CHF-807] #,##0.00", "CHF 1,234.50"),
        (12, '0 "pieces"', "12 pieces"),
        (0.125, "0.0%", "12.5%"),
        (0.1 + 0.2, "General", "0.3"),
        (3.0, "General", "3"),
        (-5, '"$"#,##0;[Red]-"$"#,##0', "-$5"),
        (True, "General", "TRUE"),
        (float("nan"), "General", ""),
        (datetime.datetime(2024, 1, 5, 14, 30), "yyyy", "2024-01-05 14:30"),
        ("  words ", "@", "words"),
        (420, "00000", "00420"),
        (17, '"SN-"0000', "SN-0017"),
        (123456, "000-000", "123-456"),
        (5550142, "[<=9999999]###-####;(###) ###-####", "555-0142"),
        (8005550142, "[<=9999999]###-####;(###) ###-####", "(800) 555-0142"),
        (12500, '#,##0.0,"k"', "12.5k"),
        (2_500_000, '0.0,,"M"', "2.5M"),
        (1234567, "#,##0", "1,234,567"),
        (-25.5, "#,##0.00;[Red]-#,##0.00", "-25.50"),
        (-1234.5, "#,##0.00_);(#,##0.00)", "(1,234.50)"),
        (0, '0;-0;"none"', "none"),
        (0.5, "#.00", ".50"),
        (3, "0.##", "3"),
        (3.14159, "0.##", "3.14"),
        (1.005, "0.00", "1.01"),
        (-0.001, "0.00", "0.00"),
        (4006381333931, "0", "4006381333931"),
        (1545.81, '#,##0.00 "€";-#,##0.00 "€"', "1,545.81 €"),
        (0.15, "0%", "15%"),
        (15, '0"%"', "15%"),
        (5, "0" + "%" * 500_000, "5"),
        (5, "[>1.2.3]0", "5"),
        (12, 'General" pcs"', "12 pcs"),
        (12000, "0.00E+00", "12000"),
        (1e300, "0.00", f"1{'0' * 300}.00"),
        (0, "#", ""),
        (1, '"yes";"no";"open"', "yes"),
        (datetime.datetime(2024, 3, 1), "dd.mm.yyyy", "01.03.2024"),
        (datetime.datetime(2024, 3, 1), "[$-407]d.m.yyyy;@", "1.3.2024"),
        (datetime.datetime(2024, 3, 1, 9, 5), "dd/mm/yyyy\\ h:mm AM/PM", "01/03/2024 9:05 AM"),
        (datetime.datetime(2024, 3, 1), "mm-dd-yy", "2024-03-01"),
        (datetime.datetime(2024, 3, 1), "d mmmm yyyy", "2024-03-01"),
        (datetime.datetime(2024, 3, 1), "dd.mm.yyyy ggg", "2024-03-01"),
        (datetime.datetime(2024, 3, 1, 8, 15), "hh:mm", "08:15"),
        (datetime.time(8, 15), "hh:mm", "08:15"),
        (datetime.time(17, 45, 30), "h:mm:ss AM/PM", "5:45:30 PM"),
        (datetime.time(0, 7, 9), "mm:ss", "07:09"),
        (datetime.time(8, 15), "dd.mm.yyyy", "08:15"),
        (datetime.timedelta(hours=42, minutes=30), "[h]:mm", "42:30"),
        (datetime.timedelta(hours=1, seconds=5), "[mm]:ss", "60:05"),
        (datetime.timedelta(hours=-3), "[h]:mm:ss", "-3:00:00"),
    ],
)
def test_values_are_written_as_their_format_says(
    value: object, number_format: str, shown: str
) -> None:
    assert shown_value(value, number_format) == shown
