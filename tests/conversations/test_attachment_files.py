"""What may be attached: told by content, kept without anything that runs or tells."""

import io
import zipfile

import pytest
from PIL import Image

from conversations import attachment_files
from conversations.attachment_files import FileRefused, checked, safe_name

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\x00" * 64
ELF = b"\x7fELF\x02\x01\x01" + b"\x00" * 64
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def picture(kind: str, size: tuple[int, int] = (12, 8), **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (10, 120, 140)).save(file, kind, **options)
    return file.getvalue()


def word_file() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "media_type", "suffix"),
    [
        ("PNG", "image/png", ".png"),
        ("JPEG", "image/jpeg", ".jpg"),
        ("GIF", "image/gif", ".gif"),
        ("WEBP", "image/webp", ".webp"),
    ],
)
def test_a_picture_is_what_it_is_whatever_its_name(kind: str, media_type: str, suffix: str) -> None:
    kept = checked("holiday.exe", picture(kind))
    assert (kept.media_type, kept.name) == (media_type, f"holiday.exe{suffix}")
    assert (kept.width_pixels, kept.height_pixels) == (12, 8)
    with Image.open(io.BytesIO(kept.content)) as again:
        assert (again.format, again.size) == (kind, (12, 8))


def test_pdf_and_text_are_taken() -> None:
    assert checked("bill", PDF).name == "bill.pdf"
    kept = checked("log.bat", "del *.* äöü".encode("cp1252"))
    assert (kept.name, kept.media_type) == ("log.bat.txt", "text/plain")
    assert kept.content.decode() == "del *.* äöü"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("holiday.png", EXE, "file_program"),
        ("holiday.jpg", ELF, "file_program"),
        ("drawing.svg", SVG, "file_type"),
        ("drawing.png", SVG, "file_type"),
        ("page.txt", HTML, "file_type"),
        ("letter.docx", word_file(), "file_type"),
        ("film.mp4", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 40, "file_type"),
        ("data.txt", bytes(range(256)) * 8, "file_type"),
        ("nothing.txt", b" \n", "file_empty"),
        ("cut.png", picture("PNG")[:50], "file_broken_picture"),
        ("cut.webp", b"RIFF\x10\x00\x00\x00WEBP", "file_broken_picture"),
    ],
)
def test_other_files_are_refused(name: str, content: bytes, code: str) -> None:
    if name == "drawing.svg":
        # Text that is drawn by browsers is not kept as text either.
        content = b'<?xml version="1.0"?>\n' + content
    with pytest.raises(FileRefused) as refused:
        checked(name, content)
    assert refused.value.code == code


def test_what_stands_beside_the_pixels_is_left_out() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x0112] = 6  # Turned by a quarter.
    given = picture("JPEG", exif=exif) + b"<script>alert(1)</script>"
    kept = checked("photo.jpeg", given)
    assert b"taken at home" in given
    assert b"taken at home" not in kept.content
    assert b"<script" not in kept.content
    assert (kept.width_pixels, kept.height_pixels) == (8, 12)
    assert kept.name == "photo.jpeg"


def test_a_moving_picture_goes_on_moving() -> None:
    frames = [Image.new("RGB", (6, 6), colour) for colour in ("red", "green", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=70)
    kept = checked("steps.gif", file.getvalue())
    with Image.open(io.BytesIO(kept.content)) as again:
        assert getattr(again, "n_frames", 1) == 3


def test_a_picture_with_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachment_files, "MOST_PIXELS", 100)
    with pytest.raises(FileRefused, match="file_large_picture"):
        checked("big.png", picture("PNG", (11, 10)))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\pictures\\cat.PNG", "cat.PNG"),
        ("gnp\u202etxt.exe", "gnptxt.exe.png"),
        ("", "file.png"),
        ("...", "file.png"),
        ("a" * 300 + ".png", "a" * 96 + ".png"),
    ],
)
def test_names_show_what_a_file_is(name: str, safe: str) -> None:
    assert safe_name(name, ".png") == safe
