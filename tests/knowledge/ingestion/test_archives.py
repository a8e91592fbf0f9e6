"""ZIP files: what is in them, and what is refused before it costs anything."""

import io
import time
import zipfile

import pytest

from knowledge.ingestion import archives
from knowledge.ingestion.archives import Member, members
from knowledge.ingestion.values import DocumentUnreadable
from tests.knowledge.ingestion.files import bomb, zipped

MOST_BYTES = 1000


def listed(content: bytes) -> list[Member]:
    return list(members(content, MOST_BYTES))


def test_files_come_with_their_paths_and_without_what_systems_put_in() -> None:
    content = zipped(
        {"a.md": "A", "folder/b.md": "B", "__MACOSX/._a.md": "x", ".DS_Store": "x", "empty/": ""}
    )
    assert [(member.path, member.content) for member in listed(content)] == [
        ("a.md", b"A"),
        ("folder/b.md", b"B"),
    ]
    assert listed(content)[1].name == "b.md"


def test_folders_may_be_parted_by_backslashes() -> None:
    content = zipped(
        {"Ordner\\": "", "Ordner\\Größen.txt": "A", "__MACOSX\\._a": "x", "b\\.git\\c.md": "x"}
    )
    (member,) = listed(content)
    assert (member.path, member.name, member.content) == ("Ordner/Größen.txt", "Größen.txt", b"A")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/passwd", "_/_/etc/passwd"),
        ("/etc/passwd", "_/etc/passwd"),
        ("a/../../b.md", "a/_/_/b.md"),
        ("C:\\boot.ini", "C_/boot.ini"),
        ("a\\..\\..\\b.md", "a/_/_/b.md"),
        ("\\\\server\\b.md", "_/_/server/b.md"),
        ("a\nb.md", "a_b.md"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, path: str) -> None:
    content = zipped({name: "x"})
    (member,) = listed(content)
    assert (member.path, member.content) == (path, b"")
    assert "not safe" in member.problem


def test_links_large_files_and_passwords_are_refused_one_by_one() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("link.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("large.md", "x" * (MOST_BYTES + 1))
        archive.writestr("good.md", "Good.")
    content = bytearray(packed.getvalue())
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(b"good.md"))
    content[at + 8] |= 1
    problems = {member.path: member.problem for member in listed(bytes(content))}
    assert "link" in problems["link.md"]
    assert "larger" in problems["large.md"]
    assert "password" in problems["good.md"]


def test_of_two_files_with_one_name_the_last_counts() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.md", "first")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.md", "second")
    assert [member.content for member in listed(packed.getvalue())] == [b"second"]


def test_damage_in_one_file_does_not_stop_the_others() -> None:
    content = bytearray(zipped({"a.md": "A" * 500, "b.md": "B"}, zipfile.ZIP_STORED))
    content[content.find(b"AAAA")] = 0
    first, second = listed(bytes(content))
    assert "broken" in first.problem
    assert second.content == b"B"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped({}), "no files"),
        (zipped({f"{number}.md": "" for number in range(2001)}), "2001 files"),
        (bomb("a.txt"), "200 MB"),
        (b"PK\x03\x04 and nothing more", "broken"),
    ],
)
def test_some_archives_are_refused_as_a_whole(content: bytes, reason: str) -> None:
    with pytest.raises(DocumentUnreadable, match=reason):
        listed(content)


def test_a_list_of_contents_without_end_is_not_even_listed() -> None:
    entry = zipped({"a": ""})
    start = entry.find(b"PK\x01\x02")
    directory = entry[start : entry.find(b"PK\x05\x06")] * 100_000
    end = archives._END.pack(b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), start, 0)
    began = time.process_time()
    with pytest.raises(DocumentUnreadable, match="unpacks"):
        listed(entry[:start] + directory + end)
    assert time.process_time() - began < 0.5


def test_the_64_bit_record_is_believed_like_the_other() -> None:
    entry = zipped({"a.md": "A"})
    at = entry.find(b"PK\x05\x06")
    record = b"PK\x06\x06" + b"\x00" * 36 + (10 * 2**20).to_bytes(8, "little") + b"\x00" * 8
    locator = b"PK\x06\x07" + b"\x00" * 16
    with pytest.raises(DocumentUnreadable, match="unpacks"):
        listed(entry[:at] + record + locator + entry[at:])
