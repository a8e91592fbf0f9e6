"""PDF: reading order, headings, tables, page numbers; what nobody sees; scans."""

import random
from pathlib import Path

import pytest

from knowledge.ingestion.parsing import ocr
from knowledge.ingestion.values import DocumentUnreadable
from tests.knowledge.ingestion.files import pdf, words
from tests.knowledge.ingestion.reading import read_as, removed

LEFT = [f"Left column line {number} says how to return goods" for number in range(12)]
RIGHT = [f"Right column line {number} speaks of the warranty" for number in range(12)]


def at_left(line: str, number: int) -> str:
    return words(line, 50, 700 - 14 * number, 10)


def at_right(line: str, number: int) -> str:
    return words(line, 330, 700 - 14 * number, 10)


def in_order(text: str, lines: list[str]) -> bool:
    places = [text.find(line) for line in lines]
    return -1 not in places and places == sorted(places)


def test_columns_that_the_file_holds_row_by_row_are_read_one_after_the_other() -> None:
    content = words("A heading across both columns", 150, 740, 18)
    for number, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
        content += at_left(left, number) + at_right(right, number)
    parsed = read_as("a.pdf", pdf([content]))
    assert in_order(parsed.markdown, ["## A heading across both columns", *LEFT, *RIGHT])


def test_columns_in_the_order_of_the_file_are_left_alone() -> None:
    content = "".join(at_left(line, number) for number, line in enumerate(LEFT))
    content += "".join(at_right(line, number) for number, line in enumerate(RIGHT))
    assert in_order(read_as("a.pdf", pdf([content])).markdown, LEFT + RIGHT)


def test_lines_in_no_order_are_sorted() -> None:
    lines = [at_left(line, number) for number, line in enumerate(LEFT)]
    random.Random(3).shuffle(lines)
    assert in_order(read_as("a.pdf", pdf(["".join(lines)])).markdown, LEFT)


def grid(rows: list[list[str]], ruled: bool) -> str:
    lines = "0.5 w\n"
    if ruled:
        lines += "".join(f"50 {560 - 20 * at} m 410 {560 - 20 * at} l S\n" for at in range(5))
        lines += "".join(f"{50 + 120 * at} 480 m {50 + 120 * at} 560 l S\n" for at in range(4))
    return lines + "".join(
        words(text, 55 + 120 * column, 545 - 20 * row)
        for row, cells in enumerate(rows)
        for column, text in enumerate(cells)
    )


@pytest.mark.parametrize("ruled", [True, False])
def test_a_table_becomes_a_markdown_table(ruled: bool) -> None:
    rows = [["Plan", "Price", "Term"], ["Basic", "9.90", "month"], ["Pro", "19.90", "year"]]
    rows.append(["Max", "99.90", "two years"])
    content = words("Before.", 50, 620) + grid(rows, ruled) + words("After.", 50, 440)
    assert read_as("a.pdf", pdf([content])).markdown == (
        "Before.\n\n| Plan | Price | Term |\n| --- | --- | --- |\n| Basic | 9.90 | month |\n"
        "| Pro | 19.90 | year |\n| Max | 99.90 | two years |\n\nAfter."
    )


def test_a_list_of_labels_and_values_stays_lines() -> None:
    content = "".join(
        words(label, 50, 700 - 14 * at) + words(value, 250, 700 - 14 * at)
        for at, (label, value) in enumerate([("SUBTOTAL", "$10"), ("TAX", "$2"), ("TOTAL", "$12")])
    )
    assert "TOTAL $12" in read_as("a.pdf", pdf([content])).markdown


def test_headings_come_from_larger_and_bold_type() -> None:
    text = "".join(words(line, 50, 600 - 14 * at) for at, line in enumerate(LEFT))
    content = words("Returns", 50, 700, 20) + words("How it works", 50, 650, 11, "F2") + text
    markdown = read_as("a.pdf", pdf([content])).markdown
    assert markdown.startswith("## Returns\n\n### How it works\n\nLeft column")


def test_pages_keep_their_numbers_and_lose_what_each_repeats() -> None:
    def page(number: int) -> str:
        content = words("ACME handbook", 50, 760) + words(f"Page {number} of 6", 50, 30)
        for at in range(6):
            content += words(f"Text {at} of part {number}.", 50, 700 - 14 * at)
        return content

    pages = [page(1), "", *(page(number) for number in range(3, 7))]
    parsed = read_as("a.pdf", pdf(pages))
    assert parsed.markdown.count("ACME handbook") == 1
    assert "Page 5" not in parsed.markdown
    starts = {number: start for start, number in parsed.page_starts}
    assert list(starts) == [1, 3, 4, 5, 6]
    assert parsed.markdown[starts[4] :].startswith("Text 0 of part 4.")


def test_text_that_nobody_sees_is_taken_out_and_named() -> None:
    content = (
        words("Seen.", 50, 700)
        + words("white words", 50, 680, more="1 1 1 rg")
        + words("invisible words", 50, 660, more="3 Tr")
        + words("beside the page", -400, 640)
        + words("tiny words", 50, 620, 1)
        + "0 0 0.5 rg 40 590 300 20 re f\n"
        + words("White on blue.", 50, 595, more="1 1 1 rg")
        + words("covered words", 50, 560)
        + "0 g 40 550 300 25 re f\n"
        + words("black on black", 50, 555, more="0 g")
    )
    parsed = read_as("a.pdf", pdf([content]))
    assert parsed.markdown == "Seen.\n\nWhite on blue."
    assert removed(parsed) == {
        "same_colour": "white words | covered words | black on black",
        "invisible_text": "invisible words",
        "off_screen": "beside the page",
        "tiny_text": "tiny words",
    }


# A grey picture that fills the page, as scanners make it.
SCAN = "q 612 0 0 792 0 0 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \xd0\xe0\xf0\xd8 EI Q\n"


def test_the_text_layer_of_a_scan_is_read() -> None:
    content = SCAN + words("Recognised words.", 50, 700, more="3 Tr")
    parsed = read_as("a.pdf", pdf([content]))
    assert parsed.markdown == "Recognised words."
    assert parsed.findings == ()


def test_a_scan_says_that_it_needs_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "PROGRAM", "no-such-program")
    with pytest.raises(DocumentUnreadable, match=r"OCR.*Tesseract"):
        read_as("a.pdf", pdf([SCAN]))


def test_a_scanned_page_among_others_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "PROGRAM", "no-such-program")
    parsed = read_as("a.pdf", pdf([words("First page has text.", 50, 700), SCAN]))
    assert parsed.markdown == "First page has text."
    assert removed(parsed) == {"pages_need_ocr": "pages 2"}


def test_a_scan_is_recognised_by_the_program_that_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "recognise"
    program.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = --list-langs ]; then echo "List of"; echo deu; echo eng; exit; fi\n'
        'size=$(head -c 2 | tr -d "\\n"); cat > /dev/null\n'
        'echo "$size page read with $4"\n',
        encoding="ascii",
    )
    program.chmod(0o755)
    monkeypatch.setattr(ocr, "PROGRAM", str(program))
    assert read_as("a.pdf", pdf([SCAN])).markdown == "P5 page read with eng+deu"


def test_recognition_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "PROGRAM", "sh")
    with pytest.raises(ocr.RecognitionTimedOut):
        ocr.Recogniser(0.2)._run(["-c", "sleep 5"], b"")


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.4 nothing more",
        pdf([""], page_tree="<< /Type /Pages /Kids [] /Count 0 >>"),
        pdf([words("Text.", 50, 700)])[:300],
    ],
)
def test_a_broken_file_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentUnreadable, match="broken"):
        read_as("a.pdf", content)


def test_a_page_tree_that_holds_itself_ends() -> None:
    tree = "<< /Type /Pages /Kids [2 0 R] /Count 5 >>"
    assert read_as("a.pdf", pdf([""], page_tree=tree)).markdown == ""
