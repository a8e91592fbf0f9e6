"""Loaded by pytest before Django's settings: a new DATA_DIR, and no settings from outside.

The exported embedding model is kept between runs, because making it takes ten seconds.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / ".pytest_cache" / "models"


def new_data_folder(folder: Path) -> Path:
    """Make an empty data folder that shares the exported embedding model."""
    folder.mkdir(parents=True, exist_ok=True)
    MODELS.mkdir(parents=True, exist_ok=True)
    if not (folder / "models").exists():
        (folder / "models").symlink_to(MODELS)
    return folder


def _begin() -> None:
    folder = Path(tempfile.mkdtemp(prefix="supportbot-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # Empty counts as not given, and wins over a developer's .env.
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        name, equals, _ = line.lstrip("# ").partition("=")
        if equals and name.isupper():
            os.environ[name] = ""
    os.environ["DATA_DIR"] = str(new_data_folder(folder))
    os.environ["HF_HUB_OFFLINE"] = "1"
    # The servers and commands that tests start compile our modules once and not each for itself:
    # 0.6 s of 2.4 for each start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "supportbot.settings"


_begin()
