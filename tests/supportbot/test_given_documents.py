"""Paths that are not there are named; the others are read."""

from pathlib import Path

from supportbot.given_documents import usable_paths


def test_a_missing_path_is_named_and_the_others_stay(tmp_path: Path) -> None:
    there, gone = tmp_path / "there.md", tmp_path / "gone.md"
    there.write_text("# There")
    usable, problems = usable_paths([there, gone])
    assert usable == [there]
    assert problems == [f"There is no file or folder {gone}. Check the path."]
