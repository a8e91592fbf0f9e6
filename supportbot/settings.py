"""Django's settings, made from the environment (supportbot/env.py)."""

from __future__ import annotations

import fcntl
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from observability.logs import logging_config
from observability.pricing import read_prices
from providers.llm.purposes import read_purpose_models
from supportbot.env import BASE_DIR, read_environment, usable_folder
from supportbot.schedule import BEAT_SCHEDULE
from supportbot.unfold import UNFOLD as UNFOLD

ENV = read_environment()
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
DATA_DIR = usable_folder(ENV.DATA_DIR)


def _kept_secret_key(path: Path) -> str:
    """Return the installation's key, made once; two processes that start at once get the same."""
    path.touch(mode=0o600)
    with path.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read().strip()
        if not key:
            key = secrets.token_urlsafe(50)
            file.write(key)
        return key


def _origin_of(address: str) -> list[str]:
    parts = urlsplit(address)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


SECRET_KEY = ENV.SECRET_KEY or _kept_secret_key(DATA_DIR / "secret_key")
DEBUG = ENV.DEBUG
# Commands and health checks on this machine reach the server whatever its public name is.
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
OWN_HOSTS = [urlsplit(ENV.SITE_URL).hostname or "", "" if ENV.HOST in WILDCARDS else ENV.HOST]
ALLOWED_HOSTS = [*ENV.listed("ALLOWED_HOSTS"), *filter(None, OWN_HOSTS), *LOCAL_HOSTS]
CSRF_TRUSTED_ORIGINS = ENV.listed("CSRF_TRUSTED_ORIGINS") + _origin_of(ENV.SITE_URL)
SITE_URL = ENV.SITE_URL or f"http://{ENV.HOST}:{ENV.PORT}"
SECURE = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "supportbot.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "observability",
    "knowledge",
    "conversations",
    "evaluation",
    "supportbot",
]
MIDDLEWARE = [
    "supportbot.trace_requests.TraceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "supportbot.csp.AdminPolicyMiddleware",
    "supportbot.origins.ApiOriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "supportbot.urls"
ASGI_APPLICATION = "supportbot.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- data -----------------------------------------------------------------------------------
# IMMEDIATE: with deferred transactions 84 % of eight writers' attempts ended in "locked".
# synchronous=FULL: NORMAL may lose the last commits when power fails. A transaction waits for the
# disk after its turn, together with others (supportbot/embedded/sqlite/durable.py).
SQLITE: dict[str, Any] = {
    "ENGINE": "supportbot.embedded.sqlite",
    "NAME": DATA_DIR / "db.sqlite3",
    # A file, as in life: SQLite's memory database locks whole tables between threads.
    "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
    # To open a connection costs as much as all that a customer's message has it do.
    "CONN_MAX_AGE": 300,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
    },
}


def _server_database(url: str) -> dict[str, Any]:
    database: dict[str, Any] = {**dj_database_url.parse(url, conn_health_checks=True)}
    if database["ENGINE"].endswith("postgresql"):
        # Enough for 64 worker threads that give their connection back before they stream.
        database.setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 32, "timeout": 10}
    return database


DATABASES = {"default": _server_database(ENV.DATABASE_URL) if ENV.DATABASE_URL else SQLITE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = DATA_DIR / "files"

EMBEDDED = not ENV.REDIS_URL
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if EMBEDDED
    else {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENV.REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "supportbot.embedded.channel_layer.ThreadSafeChannelLayer"}
    if EMBEDDED
    else {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py 8 ends an idle subscription after 5 s unless told otherwise.
        "CONFIG": {"hosts": [{"address": ENV.REDIS_URL, "socket_timeout": None}]},
    }
}

# --- tasks ----------------------------------------------------------------------------------
CELERY_BROKER_URL = "embedded://localhost" if EMBEDDED else ENV.REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {}
    if EMBEDDED
    else {
        "visibility_timeout": 3600,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
    }
)
CELERY_TASK_PUBLISH_RETRY = False
# After so many tasks Celery closes a thread's connection, by itself around each one. To open one to
# SQLite takes as long as a message's own queries; a pool's must go back before the thread waits.
CELERY_DB_REUSE_MAX = None if ENV.DATABASE_URL else 10_000
CELERY_TASK_ROUTES = {
    # A crawl takes minutes; documents must not wait for it.
    "knowledge.tasks.run_source": {"queue": "sources"},
    "knowledge.tasks.*": {"queue": "ingestion"},
}
CELERY_TASK_DEFAULT_QUEUE = "answers"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
# What a worker process of its own does at its start and end.
CELERY_IMPORTS = ("supportbot.worker_process",)
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not EMBEDDED
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# --- providers ------------------------------------------------------------------------------
PROVIDERS: dict[str, dict[str, Any]] = {
    "embeddings": {
        "BACKEND": "providers.embeddings.select.embedder_for",
        "OPTIONS": {"model": ENV.EMBEDDING_MODEL, "cache_folder": DATA_DIR / "models"},
    },
    "rerankers": {
        "BACKEND": "providers.rerankers.select.reranker_for",
        "OPTIONS": {"model": ENV.RERANK_MODEL},
    },
    "vector_store": {
        "BACKEND": "providers.vector_store.qdrant_server.QdrantIndexes",
        "OPTIONS": {"url": ENV.QDRANT_URL, "api_key": ENV.QDRANT_API_KEY},
    }
    if ENV.QDRANT_URL
    else {
        "BACKEND": "providers.vector_store.embedded.EmbeddedIndexes",
        "OPTIONS": {"folder": DATA_DIR / "index"},
    },
    "web": {
        "BACKEND": "providers.web.fetching.GuardedFetcher",
        "OPTIONS": {
            "user_agent": f"supportbot (+{SITE_URL})",
            "trusted_hosts": ENV.listed("WEB_TRUSTED_HOSTS"),
            "max_megabytes": ENV.WEB_PAGE_MAX_MEGABYTES,
            "total_seconds": ENV.WEB_FETCH_SECONDS,
        },
    },
    "llm": {
        "BACKEND": "providers.llm.openai_compatible.OpenAICompatible",
        "OPTIONS": {
            "base_url": ENV.OPENAI_BASE_URL,
            "api_key": ENV.OPENAI_API_KEY,
            "models": ENV.listed("LLM_MODELS"),
            "total_seconds": ENV.LLM_TIMEOUT_SECONDS,
            "temperature": ENV.LLM_TEMPERATURE,
            "max_output_tokens": ENV.LLM_MAX_OUTPUT_TOKENS,
            "purpose_models": read_purpose_models(ENV.LLM_PURPOSE_MODELS),
            "prices": read_prices(ENV.LLM_PRICES),
        },
    },
}

# --- web ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served straight from the app folders and static/: nothing to collect before a start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
LANGUAGE_CODE = "en"
TIME_ZONE = ENV.TIME_ZONE
USE_TZ = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Public pages: no inline script, no outside host. The admin's own policy: supportbot/csp.py.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "conversations.api.authentication.VisitorAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "conversations.api.errors.handle",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "supportbot API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
# A proxy in front speaks TLS with the browser and tells us so.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.TRUSTED_PROXIES else None
SUBMISSION_PORT = 587
_mail = urlsplit(ENV.EMAIL_URL)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if ENV.EMAIL_URL else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = _mail.scheme == "smtp" and EMAIL_PORT == SUBMISSION_PORT
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENV.DEFAULT_FROM_EMAIL
LOGGING = logging_config(ENV.LOG_LEVEL, ENV.LOG_FORMAT)

# --- limits, read by the apps ---------------------------------------------------------------
VISITOR_MESSAGES_PER_MINUTE = ENV.VISITOR_MESSAGES_PER_MINUTE
ADDRESS_MESSAGES_PER_MINUTE = ENV.ADDRESS_MESSAGES_PER_MINUTE
VISITOR_TOKEN_MINUTES = ENV.VISITOR_TOKEN_MINUTES
VISITOR_RENEWAL_DAYS = ENV.VISITOR_RENEWAL_DAYS
VISITOR_RINGS_PER_HOUR = ENV.VISITOR_RINGS_PER_HOUR
WAITING_TARGET_MINUTES = ENV.WAITING_TARGET_MINUTES
HANDOFF_WEBHOOK_URL = ENV.HANDOFF_WEBHOOK_URL
HANDOFF_WEBHOOK_SECRET = ENV.HANDOFF_WEBHOOK_SECRET
MESSAGE_MAX_CHARACTERS = ENV.MESSAGE_MAX_CHARACTERS
ATTACHMENT_MAX_BYTES = ENV.ATTACHMENT_MAX_MEGABYTES * 1024 * 1024
ATTACHMENTS_PER_MESSAGE = ENV.ATTACHMENTS_PER_MESSAGE
ATTACHMENTS_PER_CHAT = ENV.ATTACHMENTS_PER_CHAT
UPLOAD_MAX_BYTES = ENV.UPLOAD_MAX_MEGABYTES * 1024 * 1024
WEB_TRUSTED_HOSTS = ENV.listed("WEB_TRUSTED_HOSTS")
WEB_DELAY_SECONDS = ENV.WEB_DELAY_SECONDS
SOURCE_FOLDERS = ENV.listed("SOURCE_FOLDERS")
TRUSTED_PROXIES = ENV.TRUSTED_PROXIES
LLM_LOCAL_HOSTS = ENV.listed("LLM_LOCAL_HOSTS")
LLM_DAILY_BUDGET_USD = ENV.LLM_DAILY_BUDGET_USD
LLM_ASSUMED_COST_USD = ENV.LLM_ASSUMED_COST_USD
PROMPT_PASSAGES = ENV.PROMPT_PASSAGES
OTHER_LANGUAGES = ENV.OTHER_LANGUAGES
CONFIDENCE_HIGH = ENV.CONFIDENCE_HIGH
CONFIDENCE_MEDIUM = ENV.CONFIDENCE_MEDIUM
CACHE_ANSWERS = ENV.CACHE_ANSWERS
CACHE_EXACT_HOURS = ENV.CACHE_EXACT_HOURS
CACHE_SEMANTIC_DAYS = ENV.CACHE_SEMANTIC_DAYS
