"""PDFs made to use up memory, time or the stack: each ends soon, with a sentence that helps.

They go through the child process as a customer's files do, and the child reads on afterwards.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from knowledge.ingestion.process import PreparationProcess
from knowledge.ingestion.values import DocumentUnreadable
from tests.knowledge.ingestion.files import packed, pdf_of, words
from tests.knowledge.ingestion.test_difficult_files import read

pytestmark = pytest.mark.slow
CACHE = Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"])
MEGABYTE = 1024 * 1024
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
TREE = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
# What a sentence may name as the reason, each with its own next step.
ANY_REASON = r"no text|broken|memory|minute|too much text|ended its process|scan"


def one_page(content: bytes, more: str = "", *others: bytes) -> bytes:
    """A page with this content stream as object 4, a font as object 5, and what it refers to."""
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        f"/Resources << /Font << /F1 5 0 R >> {more} >> >>"
    )
    return pdf_of([CATALOG, TREE, page.encode(), content, FONT, *others])


def spaces() -> bytes:
    """A content stream of 600 MB in 600 KB."""
    return one_page(packed(b" " * (600 * MEGABYTE)))


def spaces_twice_packed() -> bytes:
    """One of 900 MB in a few KB."""
    return one_page(packed(b" " * (900 * MEGABYTE), times=2))


def much_text() -> bytes:
    """Thirty million characters on one page, none of them over another."""
    lines = (words(f"{number} word " * 100, 50, number / 50, 0.01) for number in range(30_000))
    return one_page(packed("".join(lines).encode()))


def many_lines_drawn() -> bytes:
    """Ten million paths and not a word."""
    return one_page(packed(b"0 0 m 9 9 l S\n" * 10_000_000))


def huge_picture() -> bytes:
    """A scan of 60,000 by 60,000 points in 450 KB."""
    size = "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 1"
    picture = packed(b"\0" * (60_000 * 60_000 // 8), more=f"{size} /ColorSpace /DeviceGray")
    drawn = b"q 612 0 0 792 0 0 cm /I Do Q"
    return one_page(packed(drawn), "/XObject << /I 6 0 R >>", picture)


def forms_in_forms() -> bytes:
    """Each of thirty forms paints the next one twice: a thousand million times the last."""
    forms = []
    for number in range(30):
        following = f"/Resources << /Font << /F1 5 0 R >> /XObject << /X {number + 7} 0 R >> >>"
        more = f"/Type /XObject /Subtype /Form /BBox [0 0 612 792] {following}"
        forms.append(packed(b"/X Do /X Do", more=more))
    last = (
        "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 5 0 R >> >>"
    )
    forms.append(packed(words("laugh", 50, 700).encode(), more=last))
    return one_page(packed(b"/X Do"), "/XObject << /X 6 0 R >>", *forms)


def pages_in_pages() -> bytes:
    """A page tree of 50,000 levels with nothing at its end."""
    levels = [
        b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 3) for number in range(50_000)
    ]
    return pdf_of([CATALOG, *levels, b"<< /Type /Pages /Kids [] /Count 0 >>"])


def lists_in_lists() -> bytes:
    """A list in a list, a million levels deep, where the pages should be."""
    return pdf_of([CATALOG, b"<< /Type /Pages /Count 1 /Kids " + b"[" * 1_000_000 + b" >>"])


def groups_in_groups() -> bytes:
    """Five million opened states that are never closed."""
    return one_page(packed(b"q " * 5_000_000))


def many_pages_of_one_text() -> bytes:
    """Ten thousand pages that share a long text: 60 million characters in a small file."""
    pages = 10_000
    kids = " ".join(f"{number + 5} 0 R" for number in range(pages))
    tree = f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode()
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> >>"
    )
    text = packed("".join(words("word " * 20, 20, 780 - 10 * n) for n in range(60)).encode())
    return pdf_of([CATALOG, tree, text, FONT, *([page] * pages)])


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "spaces.pdf": (spaces, ANY_REASON),
    "spaces-twice-packed.pdf": (spaces_twice_packed, ANY_REASON),
    "much-text.pdf": (much_text, "too much text|memory|ended its process|minute"),
    "many-lines-drawn.pdf": (many_lines_drawn, ANY_REASON),
    "huge-picture.pdf": (huge_picture, ANY_REASON),
    "forms-in-forms.pdf": (forms_in_forms, ANY_REASON),
    "pages-in-pages.pdf": (pages_in_pages, "broken|no text"),
    "lists-in-lists.pdf": (lists_in_lists, "broken|no text"),
    "groups-in-groups.pdf": (groups_in_groups, ANY_REASON),
    "many-pages-of-one-text.pdf": (many_pages_of_one_text, "too much text|minute"),
}


@pytest.fixture(scope="module")
def preparation() -> Iterator[PreparationProcess]:
    process = PreparationProcess(CACHE)
    yield process
    process.stop()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_the_limits_and_the_next_file_is_read(
    name: str, preparation: PreparationProcess, tmp_path: Path
) -> None:
    make, reason = BOMBS[name]
    with pytest.raises(DocumentUnreadable, match=reason) as refused:
        read(preparation, tmp_path, name, make())
    assert str(refused.value).count(".") >= 2, "there is no next step"
    page = one_page(packed(words("Returns within 30 days.", 50, 700).encode()))
    assert "30 days" in read(preparation, tmp_path, "a.pdf", page).text
