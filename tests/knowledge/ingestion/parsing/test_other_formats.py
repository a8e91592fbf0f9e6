"""CSV, RTF, e-mail, EPUB, reStructuredText and text of many encodings."""

import pytest

from knowledge.ingestion.parsing.delimited import separator_of
from knowledge.ingestion.values import DocumentUnreadable
from tests.knowledge.ingestion.files import epub
from tests.knowledge.ingestion.reading import read_as, removed


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2", ","),
        ("a;b\n1,5;2,5", ";"),
        ("a\tb\nx, y\tz", "\t"),
        ("a|b|c\n1|2|3", "|"),
        ("one column\nonly", ","),
    ],
)
def test_what_separates_cells_is_found(text: str, separator: str) -> None:
    assert separator_of(text) == separator


def test_csv_becomes_one_table_and_formulas_stay_text() -> None:
    parsed = read_as("a.csv", 'sep=;\nname;note\nAnn;"x;y\nz"\nBob;=1+1\n')
    assert parsed.markdown == ("| name | note |\n| --- | --- |\n| Ann | x;y z |\n| Bob | =1+1 |")


def test_rtf_is_read_without_hidden_runs() -> None:
    source = (
        rb"{\rtf1\ansi\ansicpg1252{\colortbl;\red0\green0\blue0;\red255\green255\blue255;}"
        rb"Caf\'e9 {\v vanished}{\cf2 white}{\fs2 tiny}\cf2\chcbpat1 on black\plain"
        rb"  \u55357?\u56832?\par a\cell b\cell\row c\cell d\cell\row}"
    )
    parsed = read_as("a.rtf", source)
    assert parsed.markdown == ("Café on black \U0001f600\n\n| a | b |\n| --- | --- |\n| c | d |")
    assert removed(parsed) == {
        "invisible_text": "vanished",
        "same_colour": "white",
        "tiny_text": "tiny",
    }


def test_rtf_braces_without_end_are_no_trouble() -> None:
    source = b"{\\rtf1 " + b"{" * 50_000 + b"deep" + b"}" * 50_000 + b"}"
    assert read_as("a.rtf", source).markdown == "deep"


def mail(body: str, kind: str = "text/plain", more: str = "") -> str:
    return (
        "From: a@example.org\r\nTo: b@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
        f"Date: Tue, 05 Mar 2024 10:00:00 +0100\r\nMIME-Version: 1.0\r\n{more}"
        f"Content-Type: {kind}\r\n\r\n{body}"
    )


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_mail_that_is_said_to_be_latin_keeps_the_marks_of_windows(kind: str) -> None:
    message = mail("It’s € 5 – fine", f"{kind}; charset=iso-8859-1")
    assert "It’s € 5 – fine" in read_as("a.eml", message.encode("cp1252")).markdown


def test_mail_gives_subject_text_and_day() -> None:
    parsed = read_as("a.eml", mail("Send it back."))
    assert (parsed.title, parsed.updated) == ("Grüße", "2024-03-05")
    assert parsed.markdown == "# Grüße\n\nSend it back."


def test_mail_is_said_once_and_attachments_are_named() -> None:
    body = (
        "--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n"
        "--y\r\nContent-Type: text/plain\r\n\r\nPlain words.\r\n"
        "--y\r\nContent-Type: text/html\r\n\r\n<p>Plain words.</p>\r\n--y--\r\n"
        "--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; "
        'filename="terms.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--x--\r\n'
    )
    parsed = read_as("a.eml", mail(body, "multipart/mixed; boundary=x"))
    assert parsed.markdown == "# Grüße\n\nPlain words.\n\nAttachments: terms.pdf"


def test_mail_that_is_only_a_page_is_read_as_one() -> None:
    page = "<p>Seen</p><p style='display:none'>hidden</p>"
    parsed = read_as("a.eml", mail(page, "text/html"))
    assert parsed.markdown == "# Grüße\n\nSeen"
    assert removed(parsed) == {"hidden_part": "hidden"}


@pytest.mark.parametrize(
    "message",
    [
        mail("x", "multipart/encrypted; boundary=x"),
        mail("-----BEGIN PGP MESSAGE-----\r\nhQEMA\r\n-----END PGP MESSAGE-----"),
        mail("MIAG", "application/pkcs7-mime; smime-type=enveloped-data"),
    ],
)
def test_encrypted_mail_is_refused(message: str) -> None:
    with pytest.raises(DocumentUnreadable, match="encrypted"):
        read_as("a.eml", message)


def test_mail_nested_without_end_is_refused() -> None:
    body = "Content-Type: text/plain\r\n\r\ninnermost"
    for level in range(1000):
        body = f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n{body}"
    with pytest.raises(DocumentUnreadable, match="nested"):
        read_as("a.eml", "From: a@example.org\r\n" + body)


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    pages = ["<h1>One</h1><p>First.</p>", "<h1>Two</h1><p>Second.</p><p hidden>gone</p>"]
    parsed = read_as("a.epub", epub(pages))
    assert (parsed.title, parsed.markdown) == (
        "A book",
        "# One\n\nFirst.\n\n# Two\n\nSecond.",
    )
    assert removed(parsed) == {"hidden_part": "gone"}


def test_notes_and_warnings_in_a_book_are_read() -> None:
    text = (
        "<html xmlns:epub='http://www.idpf.org/2007/ops'><body><p>Rest it.</p>"
        "<aside epub:type='footnote'><p>Twelve hours.</p></aside>"
        "<section><aside class='warning'>Keep it upright.</aside></section></body></html>"
    )
    parsed = read_as("a.epub", epub([text]))
    assert parsed.markdown == "Rest it.\n\nTwelve hours.\n\nKeep it upright."


def test_a_protected_book_is_refused() -> None:
    encryption = '<e><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes"/></e>'
    with pytest.raises(DocumentUnreadable, match="DRM"):
        read_as("a.epub", epub(["<p>x</p>"], {"META-INF/encryption.xml": encryption}))


def test_restructured_text_keeps_what_readers_see() -> None:
    text = (
        "Guide\n=====\n\nSee :ref:`the steps <steps>`.\n\n.. toctree::\n\n   other\n\n"
        ".. note:: Mind this.\n\n.. code-block:: python\n\n   x = 1\n\n.. a comment\n\n"
        ".. tabs::\n\n   .. tab:: Linux\n\n      On Linux.\n\n* item\n\nSteps\n-----\n\n"
        "===  ===\nA    B\n===  ===\n1    2\n===  ===\n"
    )
    parsed = read_as("a.rst", text)
    assert parsed.title == "Guide"
    assert parsed.markdown == (
        "# Guide\n\nSee the steps.\n\nNote\n\nMind this.\n\n```\nx = 1\n```\n\nLinux\n\nOn Linux."
        "\n\n- item\n\n## Steps\n\n| A | B |\n| --- | --- |\n| 1 | 2 |"
    )
    assert removed(parsed) == {"comment": "a comment"}


@pytest.mark.parametrize(
    "directive",
    [
        ".. include:: /etc/passwd",
        ".. raw:: html\n\n   root:",
        ".. csv-table::\n   :file: /etc/passwd",
    ],
)
def test_restructured_text_reads_no_other_file(directive: str) -> None:
    assert "root:" not in read_as("a.rst", f"Text.\n\n{directive}\n").markdown


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-16", "Returns 退货"),
        ("utf-16-le", "Возврат в течение 30 дней, please."),
        ("utf-16-be", "Returns within 30 days 退货."),
        ("utf-32-le", "Returns within 30 days."),
        ("utf-8-sig", "Größe"),
        ("cp1252", "Rückgabe: „bitte“ – façade, señor, £5 und 20 €. Größe und Gewähr."),
        ("cp1250", "Zwrot towaru jest możliwy w ciągu trzydziestu dni, żeby źródło było jasne."),
        ("cp1251", "Возврат товара возможен в течение тридцати дней. Сохраните чек."),
        ("koi8-r", "Возврат товара возможен в течение тридцати дней. Сохраните чек."),
        (
            "cp1254",
            "Iade otuz gün içinde yapılabilir. Lütfen fişi saklayın; ürün hasarlıysa yazın.",
        ),
        ("cp1255", "ניתן להחזיר מוצרים תוך שלושים יום. יש לשמור את הקבלה."),
        ("cp1256", "يمكن إرجاع المنتجات خلال ثلاثين يوما. احتفظ بالإيصال."),
        ("iso8859-7", "Η επιστροφή είναι δυνατή εντός τριάντα ημερών. Κρατήστε την απόδειξη."),
        ("shift_jis", "返品は三十日以内に受け付けます。領収書を保管してください。"),
        ("gb18030", "退货政策：您可以在三十天内退货，请保留收据。如果商品损坏，请联系客服。"),
        ("euc-kr", "반품은 삼십일 이내에 가능합니다. 영수증을 보관하세요."),
    ],
)
def test_text_of_any_encoding_is_read(encoding: str, text: str) -> None:
    assert read_as("a.txt", text.encode(encoding)).markdown == text
