"""RTF: pictures, tracked changes, fields and cells, as Word and others write them."""

from __future__ import annotations

import pytest

from tests.knowledge.ingestion.reading import read_as

HEAD = rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}"


def markdown_of(body: bytes) -> str:
    return read_as("a.rtf", HEAD + body + b"}").markdown


@pytest.mark.parametrize(
    "picture",
    [
        rb"{\*\shppict{\pict\pngblip\bin4 abcd}}",
        rb"{\*\shppict{\pict\pngblip\bin4 ab{d}}",
        rb"{\pict\wmetafile8\bin4 ab}d}",
        rb"{\pict\wmetafile8\bin4 a\'d}",
        rb"{\pict\wmetafile8\bin9999 abcd}",
        rb"{\*\shppict{\pict\pngblip 89504e}}{\nonshppict{\pict\wmetafile8\bin5 }}\{{}}",
    ],
)
def test_the_text_after_a_picture_is_read(picture: bytes) -> None:
    body = rb"\pard Before.\par " + picture + rb"\pard After.\par"
    assert markdown_of(body) == "Before.\n\nAfter."


def test_a_word_that_only_looks_like_binary_data_stays() -> None:
    assert markdown_of(rb"\pard The switch \\bin4 stays.\par") == r"The switch \bin4 stays."


def test_deleted_text_is_left_out() -> None:
    body = (
        rb"\pard Within {\deleted ninety \u8364\'80}{\revised thirty} days, \deleted no\deleted0"
        rb" yes.\par"
    )
    assert markdown_of(body) == "Within thirty days, yes."


def test_hidden_text_is_named_with_its_umlauts() -> None:
    parsed = read_as("a.rtf", HEAD + rb"\pard Seen.{\v Not f\'fcr you}\par}")
    assert parsed.markdown == "Seen."
    assert [finding.detail for finding in parsed.findings] == ["Not für you"]


@pytest.mark.parametrize("shown", [rb"{\fldrslt{the portal}}", rb"{\fldrslt{\ul the portal}}"])
def test_a_link_is_its_words(shown: bytes) -> None:
    field = rb'{\field{\*\fldinst{HYPERLINK "https://e.example/k7"}}' + shown + b"}"
    assert markdown_of(rb"\pard See " + field + rb" now.\par") == "See the portal now."


@pytest.mark.parametrize("new_line", [rb"\line ", rb"\par "])
def test_a_new_line_in_a_cell_does_not_end_its_row(new_line: bytes) -> None:
    row = rb"\trowd\cellx100\cellx200\pard\intbl %b\cell %b\cell\row"
    body = row % (b"Part", b"Term") + row % (b"Fridge", b"two years" + new_line + b"with receipt")
    assert markdown_of(body + rb"\pard After\line the table.\par") == (
        "| Part | Term |\n| --- | --- |\n| Fridge | two years with receipt |\n\nAfter\n\nthe table."
    )
