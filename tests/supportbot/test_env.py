"""Settings are read once, with types; a wrong one is named."""

import re
from pathlib import Path

import pytest

from supportbot import env
from supportbot.env import (
    BASE_DIR,
    Environment,
    WrongSetting,
    read_environment,
    usable_folder,
)


@pytest.fixture(autouse=True)
def no_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "_dotenv", dict)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "0", "greater than or equal to 1"),
        ("PORT", "eighty", "valid integer"),
        ("LOG_LEVEL", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("TIME_ZONE", "Mars/Crater", "Europe/Berlin"),
        ("SITE_URL", "chat.example.com", "https://chat.example.com"),
        ("LLM_LOCAL_HOSTS", "http://gpu.example", "without scheme and port"),
        ("LLM_LOCAL_HOSTS", "gpu.example, 10.0.0.5:8000", "without scheme and port"),
        ("LLM_PURPOSE_MODELS", "rewrte=small", "no purpose 'rewrte'"),
        ("LLM_PRICES", "gpt=cheap", "input/output"),
        ("CSRF_TRUSTED_ORIGINS", "example.com", "https://www.example.com"),
        ("DATABASE_URL", "mysql://me:hidden@host/db", "postgres://user:password@host:port/name"),
        ("REDIS_URL", "http://localhost", "redis://host:port/number"),
        ("QDRANT_URL", "localhost", "http://host:6333"),
        ("EMAIL_URL", "me:hidden@mail", "smtp://"),
        ("CONFIDENCE_HIGH", "85", "less than or equal to 1"),
    ],
)
def test_a_wrong_value_stops_with_its_name_and_what_it_accepts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    name: str, value: str, told: str,
) -> None:  # fmt: skip
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as stopped:
        read_environment()
    printed = capsys.readouterr().err
    assert stopped.value.code == 2
    assert name in printed
    assert told in printed
    assert "hidden" not in printed


def test_a_purpose_for_a_model_that_is_not_listed_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LLM_MODELS", "big, small")
    monkeypatch.setenv("LLM_PURPOSE_MODELS", "rewrite=small, answer=bog")
    with pytest.raises(WrongSetting, match="names bog, which LLM_MODELS does not; .*big, small"):
        read_environment()
    monkeypatch.setenv("LLM_PURPOSE_MODELS", "rewrite=small, answer=big")
    read_environment()


def test_redis_without_qdrant_is_refused_because_the_index_has_one_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://localhost:6379/0")
    with pytest.raises(WrongSetting, match="QDRANT_URL"):
        read_environment()


def test_a_secret_is_read_from_the_file_its_variable_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("from-the-file\n")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "key"))
    assert read_environment().OPENAI_API_KEY == "from-the-file"
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(WrongSetting, match="OPENAI_API_KEY_FILE"):
        read_environment()


def test_trusted_hosts_are_names_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_LOCAL_HOSTS", "gpu.example, 10.0.0.5, fd00::5, [::1]")
    hosts = read_environment().listed("LLM_LOCAL_HOSTS")
    assert hosts == ["gpu.example", "10.0.0.5", "fd00::5", "[::1]"]


def test_empty_means_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert read_environment().PORT == 8000


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WrongSetting, match="DATA_DIR"):
        usable_folder(tmp_path / "file" / "data")


def test_the_data_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    made = usable_folder(tmp_path / "data")
    assert made.stat().st_mode & 0o077 == 0


def documented_default(name: str) -> str:
    default = Environment.model_fields[name].default
    if name == "DATA_DIR":
        return "data"
    return str(default).lower() if isinstance(default, bool) else str(default)


@pytest.mark.parametrize("name", sorted(Environment.model_fields))
def test_a_setting_is_in_the_page_and_in_the_example_with_its_default(name: str) -> None:
    default = documented_default(name)
    page = (BASE_DIR / "docs" / "settings.md").read_text(encoding="utf-8")
    example = (BASE_DIR / ".env.example").read_text(encoding="utf-8").splitlines()
    row = re.search(rf"^\| `{name}` \| (.*?) \| (.+) \|$", page, re.MULTILINE)
    assert row, f"docs/settings.md does not explain {name}"
    assert row[1] == (f"`{default}`" if default else "empty")
    assert f"# {name}={default}" in example


def test_the_page_and_the_example_name_no_other_settings() -> None:
    page = (BASE_DIR / "docs" / "settings.md").read_text(encoding="utf-8")
    example = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)) == set(Environment.model_fields)
    assert set(re.findall(r"^# ([A-Z_]+)=", example, re.MULTILINE)) == set(Environment.model_fields)
