"""Every setting of an installation: read once from the environment, with types.

`NAME_FILE` names a file that holds the value of `NAME`. A wrong value stops the start with the
variable's name and what it accepts. `.env` in the project folder is read when it is there.
"""

from __future__ import annotations

import os
import re
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from observability.pricing import read_prices
from providers.llm.purposes import read_purpose_models, unknown_models
from providers.web.addresses import AddressRefused, TrustedHosts, parse_address

BASE_DIR = Path(__file__).resolve().parent.parent


WRONG_USAGE = 2
SECRET = {"SECRET_KEY", "OPENAI_API_KEY", "QDRANT_API_KEY", "HANDOFF_WEBHOOK_SECRET"}
# These may hold a user and a password.
ADDRESSES = {"DATABASE_URL", "REDIS_URL", "QDRANT_URL", "OPENAI_BASE_URL", "EMAIL_URL"} | {
    "HANDOFF_WEBHOOK_URL"
}


class WrongSetting(SystemExit):
    """A variable has a value that we cannot use. Ends the process with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(WRONG_USAGE)
        self.reason = reason
        # An exit with a number is silent.
        print(reason, file=sys.stderr)

    def __str__(self) -> str:
        return self.reason


class Environment(BaseModel):
    """The variables, their defaults, and what they mean (see docs/settings.md)."""

    model_config = ConfigDict(frozen=True)

    DATA_DIR: Path = Field(
        BASE_DIR / "data", description="Folder for the database, files and index"
    )
    HOST: str = Field("127.0.0.1", description="Address the server listens on")
    PORT: int = Field(8000, ge=1, le=65535, description="Port the server listens on")
    DEBUG: bool = Field(False, description="Django's debug pages; never in production")
    SECRET_KEY: str = Field("", description="Signing key; empty: made once and kept in DATA_DIR")
    ALLOWED_HOSTS: str = Field(
        "",
        description="Host names we answer to, comma-separated; this machine's own always",
    )
    SITE_URL: str = Field(
        "", description="Public address of this installation, for links in messages"
    )
    CSRF_TRUSTED_ORIGINS: str = Field(
        "", description="Origins trusted for forms, comma-separated, with scheme"
    )
    TRUSTED_PROXIES: int = Field(
        0, ge=0, le=5, description="How many proxies in front set X-Forwarded-For"
    )
    DATABASE_URL: str = Field("", description="postgres://...; empty: SQLite in DATA_DIR")
    REDIS_URL: str = Field("", description="redis://...; empty: everything in one process")
    QDRANT_URL: str = Field(
        "", description="http://...; empty: the engine in process; ':memory:' for tests"
    )
    QDRANT_API_KEY: str = Field("", description="Key of the Qdrant server")
    EMBEDDING_MODEL: str = Field(
        "all-MiniLM-L6-v2", description="Packaged model, hub name or local path"
    )
    RERANK_MODEL: str = Field(
        "", description="Cross-encoder that reorders the best passages, by hub name or local path"
    )
    OTHER_LANGUAGES: bool = Field(
        True, description="Find documents by questions in another language than theirs"
    )
    OPENAI_API_KEY: str = Field(
        "", description="Key for the LLM endpoint; may be empty with OPENAI_BASE_URL"
    )
    OPENAI_BASE_URL: str = Field(
        "", description="Any OpenAI-compatible endpoint; empty: OpenAI's own"
    )
    LLM_MODELS: str = Field("", description="Model names in order of preference, comma-separated")
    LLM_PURPOSE_MODELS: str = Field(
        "",
        description="Which of LLM_MODELS is tried first for what, like "
        "rewrite=small,answer=big; the purposes are answer, simple_answer, rewrite, guard, "
        "summary, draft and judge",
    )
    LLM_PRICES: str = Field(
        "",
        description="Your own prices in US dollars for a million tokens, like "
        "model=0.15/0.60 (input/output) or model=3/15/0.30 (with cached input)",
    )
    LLM_LOCAL_HOSTS: str = Field(
        "",
        description="Hosts whose models may get what is for local models only, comma-separated; "
        "this machine always",
    )
    LLM_TIMEOUT_SECONDS: float = Field(
        30, gt=0, le=300, description="Longest time for one reply of the LLM"
    )
    LLM_DAILY_BUDGET_USD: float = Field(
        10, ge=0, description="After this much a day, answers are extracts"
    )
    LLM_ASSUMED_COST_USD: float = Field(
        0.05, ge=0, description="Counted for a call of unknown price"
    )
    LLM_TEMPERATURE: float = Field(0.2, ge=0, le=2, description="Sampling temperature")
    LLM_MAX_OUTPUT_TOKENS: int = Field(
        700, ge=16, le=8000, description="Longest reply of the LLM in tokens"
    )
    LLM_MAX_INPUT_TOKENS: int = Field(
        6000, ge=1000, le=200000, description="Longest prompt in tokens, history and passages in it"
    )
    PROMPT_PASSAGES: int = Field(
        6, ge=1, le=20, description="At most this many passages in a prompt"
    )
    VISITOR_MESSAGES_PER_MINUTE: int = Field(20, ge=1, description="Limit for one visitor")
    ADDRESS_MESSAGES_PER_MINUTE: int = Field(60, ge=1, description="Limit for one network address")
    VISITOR_TOKEN_MINUTES: float = Field(
        15, ge=0.05, le=1440, description="Minutes for which a token opens a visitor's chats"
    )
    VISITOR_RENEWAL_DAYS: int = Field(
        90, ge=1, le=730, description="Days without a visit after which a browser is forgotten"
    )
    MESSAGE_MAX_CHARACTERS: int = Field(
        4000, ge=100, le=20000, description="Longest customer message"
    )
    ATTACHMENT_MAX_MEGABYTES: int = Field(
        10, ge=0, le=100, description="Largest file that is sent in a chat; 0: none are taken"
    )
    ATTACHMENTS_PER_MESSAGE: int = Field(5, ge=1, le=20, description="Most files of one message")
    ATTACHMENTS_PER_CHAT: int = Field(50, ge=1, le=1000, description="Most files of one chat")
    UPLOAD_MAX_MEGABYTES: int = Field(25, ge=1, le=500, description="Largest document file")
    WEB_TRUSTED_HOSTS: str = Field(
        "",
        description="Your own private hosts (name or name:port) that web sources may read, "
        "comma-separated",
    )
    WEB_PAGE_MAX_MEGABYTES: int = Field(10, ge=1, le=100, description="Largest web page or file")
    WEB_FETCH_SECONDS: float = Field(
        30, gt=0, le=40, description="Longest time for one web page, redirects included"
    )
    WEB_DELAY_SECONDS: float = Field(
        0.2, ge=0, le=10, description="Pause between two pages of a site"
    )
    SOURCE_FOLDERS: str = Field(
        "", description="Folders that operators may make sources, comma-separated"
    )
    CONFIDENCE_HIGH: float = Field(0.85, ge=0, le=1, description="High confidence from here")
    CONFIDENCE_MEDIUM: float = Field(0.65, ge=0, le=1, description="Medium confidence from here")
    CACHE_ANSWERS: bool = Field(
        True, description="Give an answer of the model to others who ask the same"
    )
    CACHE_EXACT_HOURS: float = Field(
        24, ge=0, le=720, description="Hours for which an answer serves the same question; 0: never"
    )
    CACHE_SEMANTIC_DAYS: float = Field(
        7, ge=0, le=90, description="Days for which it serves the question in other words; 0: never"
    )
    VISITOR_RINGS_PER_HOUR: int = Field(
        5, ge=1, le=100, description="How often one visitor can ask for a person in an hour"
    )
    WAITING_TARGET_MINUTES: float = Field(
        10, gt=0, le=10080, description="A customer waits at most so long; agents are warned before"
    )
    HANDOFF_WEBHOOK_URL: str = Field(
        "", description="Address that is told when a customer waits for a person; empty: none"
    )
    HANDOFF_WEBHOOK_SECRET: str = Field("", description="Key that signs what is sent there")
    EMAIL_URL: str = Field(
        "", description="smtp://user:password@host:port; empty: mail is not sent"
    )
    DEFAULT_FROM_EMAIL: str = Field("support@localhost", description="Sender of our mail")
    TIME_ZONE: str = Field("UTC", description="Time zone of the admin")
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much is logged"
    )
    LOG_FORMAT: Literal["json", "text"] = Field(
        "json", description="json for machines, text for eyes"
    )

    @field_validator("SITE_URL", "OPENAI_BASE_URL")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
            raise ValueError("accepts an address like https://chat.example.com")
        return value.rstrip("/")

    @field_validator("HANDOFF_WEBHOOK_URL")
    @classmethod
    def _webhook(cls, value: str) -> str:
        try:
            return parse_address(value).url if value else ""
        except AddressRefused:
            raise ValueError("accepts an address like https://chat.example.com/hooks/1") from None

    @field_validator("LLM_PURPOSE_MODELS")
    @classmethod
    def _purposes(cls, value: str) -> str:
        read_purpose_models(value)
        return value

    @field_validator("LLM_PRICES")
    @classmethod
    def _prices(cls, value: str) -> str:
        read_prices(value)
        return value

    @field_validator("LLM_LOCAL_HOSTS")
    @classmethod
    def _local_hosts(cls, value: str) -> str:
        for host in filter(None, (part.strip() for part in value.split(","))):
            if not re.fullmatch(r"[A-Za-z0-9_.-]+", host) and not _is_address(host):
                raise ValueError(
                    "accepts names or addresses like gpu.example.internal or 10.0.0.5, "
                    "comma-separated, without scheme and port"
                )
        return value

    @field_validator("CSRF_TRUSTED_ORIGINS")
    @classmethod
    def _origins(cls, value: str) -> str:
        for origin in filter(None, (part.strip() for part in value.split(","))):
            if not re.fullmatch(r"https?://[^/\s]+", origin):
                raise ValueError("accepts origins like https://www.example.com, comma-separated")
        return value

    @field_validator("WEB_TRUSTED_HOSTS")
    @classmethod
    def _hosts(cls, value: str) -> str:
        try:
            TrustedHosts.of(part.strip() for part in value.split(",") if part.strip())
        except AddressRefused:
            raise ValueError(
                "accepts hosts like wiki.example.com or localhost:8080, comma-separated"
            ) from None
        return value

    @field_validator("SOURCE_FOLDERS")
    @classmethod
    def _folders(cls, value: str) -> str:
        if any(part.strip() and not part.strip().startswith("/") for part in value.split(",")):
            raise ValueError("accepts whole paths like /srv/manuals, comma-separated")
        return value

    @field_validator("DATABASE_URL")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not re.match(r"(postgres(ql)?|sqlite)://", value):
            raise ValueError("accepts postgres://user:password@host:port/name")
        return value

    @field_validator("REDIS_URL")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not re.match(r"(rediss?|unix)://", value):
            raise ValueError("accepts redis://host:port/number")
        return value

    @field_validator("QDRANT_URL")
    @classmethod
    def _qdrant(cls, value: str) -> str:
        if value and value != ":memory:" and not re.match(r"https?://", value):
            raise ValueError("accepts http://host:6333")
        return value

    @field_validator("EMAIL_URL")
    @classmethod
    def _email(cls, value: str) -> str:
        if value and not re.match(r"smtps?://[^/\s]+", value):
            raise ValueError("accepts smtp://user:password@host:587 or smtps://...:465")
        return value

    @field_validator("TIME_ZONE")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("accepts a name like UTC or Europe/Berlin")
        return value

    @model_validator(mode="after")
    def _index_for_many_processes(self) -> Environment:
        if self.REDIS_URL and not self.QDRANT_URL:
            raise ValueError(
                "REDIS_URL is set, so several processes share the index: set QDRANT_URL too, or "
                "leave both empty to run everything in one process"
            )
        return self

    @model_validator(mode="after")
    def _known_models(self) -> Environment:
        # A connection made in the admin has its own names; the doctor tells of unknown ones.
        models = self.listed("LLM_MODELS")
        unknown = unknown_models(read_purpose_models(self.LLM_PURPOSE_MODELS), models)
        if models and unknown:
            raise ValueError(
                f"LLM_PURPOSE_MODELS names {', '.join(unknown)}, which LLM_MODELS does not; "
                f"there are: {', '.join(models)}"
            )
        return self

    def listed(self, name: str) -> list[str]:
        """Return a comma-separated variable as a list without blanks."""
        return [part.strip() for part in str(getattr(self, name)).split(",") if part.strip()]


def _is_address(host: str) -> bool:
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _values_from_files(environ: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in Environment.model_fields:
        path = environ.get(f"{name}_FILE")
        if path and name not in environ:
            try:
                found[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise WrongSetting(
                    f"{name}_FILE names {path}, which cannot be read: {error.strerror}"
                ) from error
    return found


def _explain(error: ValidationError) -> str:
    return "Wrong setting. " + " ".join(map(_sentence, error.errors())) + " See docs/settings.md."


def _sentence(problem: ErrorDetails) -> str:
    what = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return f"{what}."
    name = str(problem["loc"][0])
    # What was given may hold a password, and this ends up in logs.
    given = "" if name in SECRET or name in ADDRESSES else f" is {problem['input']!r}"
    return f"{name}{given}: {what}. {Environment.model_fields[name].description}."


def read_environment() -> Environment:
    """Read the environment. Raises WrongSetting with every wrong variable's name."""
    values: dict[str, Any] = {**_dotenv(), **os.environ}
    values.update(_values_from_files(values))
    given = {name: values[name] for name in Environment.model_fields if values.get(name, "") != ""}
    try:
        return Environment.model_validate(given)
    except ValidationError as error:
        raise WrongSetting(_explain(error)) from None


def usable_folder(path: Path) -> Path:
    """Return DATA_DIR as an absolute path, made for its owner's eyes only. Raises WrongSetting."""
    folder = path.expanduser().resolve()
    try:
        # It holds what customers wrote.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(
            f"DATA_DIR is {str(folder)!r}, which cannot be made ({error.strerror}). Name a folder "
            "that you may write to. See docs/settings.md."
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WrongSetting(
            f"DATA_DIR is {str(folder)!r}, where you may not write. Name another folder, or change "
            "its permissions. See docs/settings.md."
        )
    return folder


def _dotenv() -> dict[str, str]:
    return {k: v for k, v in dotenv_values(BASE_DIR / ".env").items() if v is not None}
