"""Is everything all right? The same checks answer `/readyz` and `manage.py doctor`."""

from __future__ import annotations

import json
import logging
import shutil
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations import wiring as conversation_wiring
from conversations.answer_words import paused_in_words
from conversations.models import ServiceState
from knowledge import wiring
from knowledge.actions.defaults import ensure_generation
from knowledge.filling import states_of
from knowledge.index_model import older_format, other_dimensions, other_model_set
from observability.models import LeftAlone
from providers.errors import ProviderError, RerankerUnavailable
from providers.llm.purposes import unknown_models
from providers.vector_store.loopback import running_server
from supportbot.celery import app
from supportbot.embedded import runtime
from supportbot.embedded.single_server import FILE_NAME

# Below this no message is accepted any more: SQLite and the index need room to write.
LEAST_FREE_BYTES = 200 * 1024 * 1024
ANSWER_SECONDS = 2
QUEUES = frozenset({"answers", "ingestion", "sources"})
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """One thing that has to work. `fix` says what to do when it does not."""

    name: str
    ok: bool
    detail: str
    fix: str = ""

    def row(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that the process is alive."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether customers can be served: 200, or 503 with what is missing."""
    checks = readiness()
    ready = all(check.ok for check in checks)
    body = {
        "ready": ready,
        "checks": {check.name: {"ok": check.ok, "detail": check.detail} for check in checks},
    }
    response = JsonResponse(body, status=200 if ready else 503)
    # Not ready is an answer, not an error of ours.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def readiness() -> list[Check]:
    """Check what this process needs to serve, in milliseconds."""
    checks = [database(), disk()]
    embedded = runtime.current()
    if embedded is None:
        return [*checks, broker()]
    if embedded.stopping():
        checks.append(Check("process", False, "stopping"))
    warm = embedded.warm.is_set()
    problem = embedded.warming_problem
    checks.append(Check("embedding_model", warm and not problem, problem or _said(warm)))
    checks.append(vector_store() if warm else Check("vector_store", False, _said(warm)))
    checks.append(workers())
    return checks


def _said(warm: bool) -> str:
    return "loaded" if warm else "being loaded"


def everything() -> list[Check]:
    """Check all that an installation consists of; asks the model one small question."""
    checks: list[Callable[[], Check]] = [
        configuration,
        database,
        migrations,
        disk,
        broker,
        workers,
        vector_store,
        embedding_model,
        reranking_model,
        index_model,
        other_languages,
        llm,
        models_left_alone,
        bot,
    ]
    return [check() for check in checks]


def configuration() -> Check:
    """The settings were read, or nothing would run; name what is unsafe."""
    if settings.DEBUG:
        return Check("settings", False, "DEBUG is on.", "Set DEBUG=false outside of development.")
    profile = "embedded" if settings.EMBEDDED else "server"
    return Check("settings", True, f"{profile} profile, data in {settings.DATA_DIR}")


def database() -> Check:
    """Ask the database something."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        logger.warning("health.database", extra={"error": type(error).__name__})
        return Check(
            "database", False, f"{connection.vendor} does not answer ({type(error).__name__})",
            "Check DATABASE_URL and whether the database runs.",
        )  # fmt: skip
    return Check("database", True, connection.vendor)


def migrations() -> Check:
    """Compare the tables with the code."""
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        return Check("migrations", False, type(error).__name__, "Mend the database first.")
    if missing:
        fix = "Run manage.py migrate, or start the server."
        return Check("migrations", False, f"{missing} not applied", fix)
    return Check("migrations", True, "all applied")


def disk() -> Check:
    """Measure the room left for the data folder."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    megabytes = free // (1024 * 1024)
    if free < LEAST_FREE_BYTES:
        fix = f"Make room on the disk that holds {settings.DATA_DIR}."
        return Check("disk", False, f"only {megabytes} MB free", fix)
    return Check("disk", True, f"{megabytes} MB free")


def broker() -> Check:
    """Reach the broker."""
    if settings.EMBEDDED:
        return Check("broker", True, "inside the server's process")
    try:
        cache.get("health")
        with app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, timeout=ANSWER_SECONDS)
    except Exception as error:
        fix = "Check REDIS_URL and whether Redis runs."
        return Check("broker", False, f"Redis does not answer ({type(error).__name__})", fix)
    return Check("broker", True, "Redis")


def workers() -> Check:
    """Find out whether every queue has a worker."""
    missing = QUEUES - _consumed_queues()
    if not missing:
        return Check("workers", True, "consuming answers, ingestion and sources")
    names = " and ".join(sorted(missing))
    fix = (
        "Start the server with scripts/run."
        if settings.EMBEDDED
        else f"Start celery -A supportbot worker -Q {','.join(sorted(missing))}."
    )
    return Check("workers", False, f"nobody takes {names}", fix)


def vector_store() -> Check:
    """Count the index's points."""
    try:
        number = wiring.vector_store().count()
    except ProviderError as error:
        return Check("vector_store", False, str(error), "Check QDRANT_URL or the folder's rights.")
    return Check("vector_store", True, f"{number} passages")


def embedding_model() -> Check:
    """Load the model and use it."""
    try:
        wiring.embedder().warm_up()
    except (ProviderError, ImportError) as error:
        return Check("embedding_model", False, str(error), "Check EMBEDDING_MODEL.")
    return Check("embedding_model", True, wiring.embedder().name)


def reranking_model() -> Check:
    """Load the model of RERANK_MODEL, if one is named."""
    found = wiring.reranker()
    if isinstance(found, RerankerUnavailable):
        fix = "Mend RERANK_MODEL and restart; until then the search's own order stands."
        return Check("reranking_model", False, found.detail, fix)
    return Check("reranking_model", True, settings.ENV.RERANK_MODEL or "none is set")


def index_model() -> Check:
    """Hold the index in use against EMBEDDING_MODEL, and against the model it was made with."""
    try:
        misfit = other_model_set() or older_format() or other_dimensions()
    except (ProviderError, ImportError) as error:
        return Check("index_model", False, str(error), "Mend embedding_model and vector_store.")
    if misfit is not None:
        return Check("index_model", False, misfit.detail, misfit.fix)
    generation = ensure_generation()
    return Check("index_model", True, f"{generation}, made with {generation.embedding_model}")


def other_languages() -> Check:
    """Say what state the search for questions in other languages is in."""
    name = "other_languages"
    if not settings.OTHER_LANGUAGES:
        return Check(name, True, "switched off by OTHER_LANGUAGES")
    generation = ensure_generation()
    try:
        if wiring.second_embedder(generation) is None:
            return Check(name, True, f"read by {generation.embedding_model} itself")
    except (ProviderError, ImportError) as error:
        return Check(name, False, str(error), "Mend embedding_model.")
    states = states_of(generation)
    if not states:
        return Check(name, True, "no question in another language yet")
    failed = [state for state in states if state.error]
    detail = "; ".join(map(str, failed or states))
    fix = "It is tried again every five minutes; delete the models folder in DATA_DIR if it stays."
    return Check(name, not failed, detail, fix if failed else "")


def llm() -> Check:
    """Ask the model one small question, when one is connected."""
    wanted = conversation_wiring.connection()
    if wanted is None:
        return Check("llm", True, "none connected: replies are extracts from the documents")
    named = settings.PROVIDERS["llm"]["OPTIONS"]["purpose_models"]
    if unknown := unknown_models(named, wanted.models):
        detail = f"LLM_PURPOSE_MODELS names {', '.join(unknown)}, which is not connected"
        fix = f"Name one of {', '.join(wanted.models)}; until then their order counts."
        return Check("llm", False, detail, fix)
    tested = conversation_wiring.test_connection(wanted)
    fix = "" if tested.ok else "Check LLM_MODELS, OPENAI_BASE_URL and OPENAI_API_KEY."
    return Check("llm", tested.ok, tested.sentence, fix)


def models_left_alone() -> Check:
    """Name the models that the running processes do not call at present."""
    name = "llm_left_alone"
    rows = LeftAlone.objects.filter(until__gt=timezone.now())
    if not rows:
        return Check(name, True, "every model is called")
    detail = "; ".join(
        f"{row.model} is not called until {row.until:%H:%M:%S} UTC: {row.in_words}" for row in rows
    )
    fix = "It is tried again by itself then; see Incidents in the admin for what happened."
    return Check(name, False, detail, fix)


def bot() -> Check:
    """Say whether an operator has silenced the bot."""
    state = ServiceState.current()
    if not state.is_paused():
        banner = state.banner_shown()
        return Check("bot", True, f"answers, with the banner: {banner}" if banner else "answers")
    fix = "Customers get no answers. End it in the admin under Pause and banner."
    return Check("bot", False, paused_in_words(state), fix)


def _consumed_queues() -> set[str]:
    embedded = runtime.current()
    if embedded is not None:
        return {queue for queue, consumed in embedded.consuming().items() if consumed}
    if settings.EMBEDDED:
        return _served_elsewhere()
    try:
        replies = app.control.inspect(timeout=ANSWER_SECONDS).active_queues() or {}
    except Exception as error:
        logger.warning("health.workers", extra={"error": type(error).__name__})
        return set()
    return {queue["name"] for queues in replies.values() for queue in queues}


def _served_elsewhere() -> set[str]:
    """Ask the server that runs on this data folder."""
    server = running_server(settings.DATA_DIR / FILE_NAME)
    if server is None:
        return set()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{server['url']}/readyz", timeout=ANSWER_SECONDS) as response:
            checks = json.load(response)["checks"]
    except (OSError, ValueError, KeyError):
        return set()
    return set(QUEUES) if checks.get("workers", {}).get("ok") else set()
