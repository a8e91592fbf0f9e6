"""Puts the pipeline's collaborators together from settings, database and providers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from uuid import UUID

from django.conf import settings

from conversations import operator_settings
from conversations.actions.instructions import chosen
from conversations.answering.toolbox import Thresholds, Toolbox
from conversations.kept_answers import KeptAnswers, model_key
from conversations.models import Calibration, Instructions
from conversations.operator_settings import OperatorSettings
from conversations.pooled_connection import give_back
from conversations.prompts import load
from conversations.recording import About, record_call
from conversations.spending import Spending
from knowledge import wiring as knowledge_wiring
from knowledge.retrieval.values import Query, Reader, Retrieved
from providers.clock import SystemClock
from providers.llm.base import ChatModel, KnowsFailing
from providers.llm.connection import ConnectionTest, LlmConnection, try_model
from providers.llm.locality import is_local
from providers.llm.purposes import Purpose, order
from providers.llm.token_counter import TokenCounter, borrowed_counter, vocabulary_counter
from providers.registry import build

ANSWER_PROMPT = "answer_v1"
# The same with a place for the operator's instructions; those without any do not pay for it.
INSTRUCTED_PROMPT = "answer_v2"
REWRITING_PROMPT = "rewrite_v1"
EARLIER_PROMPT = "earlier_v1"
ANSWER_SETTINGS = (
    "EMBEDDING_MODEL",
    "RERANK_MODEL",
    "OTHER_LANGUAGES",
    "PROMPT_PASSAGES",
    "CONFIDENCE_HIGH",
    "CONFIDENCE_MEDIUM",
)
_lock = threading.Lock()
_models: dict[LlmConnection, ChatModel] = {}


def toolbox(
    *,
    conversation_id: UUID | None = None,
    message_id: UUID | None = None,
    visitor_id: UUID | None = None,
    attempt: int | None = None,
    with_cache: bool = False,
    told: OperatorSettings | None = None,
) -> Toolbox:
    """Return what one answer needs. The ids go into the ledger of LLM calls.

    The instructions are those of the conversation, which may be among those of a trial.
    `with_cache`: earlier answers may serve. Trials and evaluations see what is made now.
    `told` is what operators set, if it has been read for this answer already.
    """
    told = told or operator_settings.now()
    wanted = _usable(told)
    model = chat_model(wanted)
    version = chosen(told.use, conversation_id)
    about = About(conversation_id, message_id, visitor_id, attempt, settings_hash())
    spending = Spending()
    return Toolbox(
        retrieve=retrieve,
        prompt=load(INSTRUCTED_PROMPT if version else ANSWER_PROMPT),
        instructions=version.spec() if version else None,
        rules=told.rules,
        model=model,
        local_model=local_model(model),
        similarity=similarity,
        cache=answer_cache(wanted) if with_cache else None,
        rewriting_prompt=load(REWRITING_PROMPT),
        earlier_prompt=load(EARLIER_PROMPT),
        within_budget=spending.within_budget,
        budget_used=spending.share,
        cheaper_model=cheaper_model(wanted),
        model_fails=partial(fails, model),
        record_call=spending.noting(partial(record_call, about=about)),
        counter=token_counter(),
        clock=SystemClock(),
        topics=told.topics,
        thresholds=thresholds(told.calibration),
    )


def instructed(toolbox: Toolbox, version: Instructions | None) -> Toolbox:
    """Return the toolbox with other instructions, or with none."""
    prompt = load(INSTRUCTED_PROMPT if version else ANSWER_PROMPT)
    return replace(toolbox, prompt=prompt, instructions=version.spec() if version else None)


def answer_cache(wanted: LlmConnection | None) -> KeptAnswers | None:
    """Return the cache of a connection's answers; None when it is off or no model writes any."""
    if wanted is None or not settings.CACHE_ANSWERS:
        return None
    key = model_key(wanted.models, wanted.base_url)
    return KeptAnswers(key, settings_hash, give_back)


def thresholds(calibration: Calibration | None) -> Thresholds:
    """Return the settings that the stages need."""
    return Thresholds(
        passages=settings.PROMPT_PASSAGES,
        max_input_tokens=settings.ENV.LLM_MAX_INPUT_TOKENS,
        confidence_high=settings.CONFIDENCE_HIGH,
        confidence_medium=settings.CONFIDENCE_MEDIUM,
        max_output_tokens=settings.ENV.LLM_MAX_OUTPUT_TOKENS,
        temperature=settings.ENV.LLM_TEMPERATURE,
        confidence_slope=calibration.slope if calibration else 1.0,
        confidence_intercept=calibration.intercept if calibration else 0.0,
    )


def retrieve(query: Query, reader: Reader, limit: int) -> Retrieved:
    """Search the installation's documents. Raises ProviderError."""
    return knowledge_wiring.searcher().retrieve(query, reader, limit)


def embed_ahead(text: str) -> None:
    """Begin to embed a question whose search comes in a moment."""
    knowledge_wiring.embed_ahead(text)


def similarity(query: str, texts: Sequence[str]) -> Sequence[float]:
    """Return the cosine of the query to each text. Raises ProviderError."""
    asked = knowledge_wiring.embedder().embed_query(query)
    return [float(near) for near in knowledge_wiring.kept_vectors().of(texts) @ asked]


def warm_up() -> None:
    """Load what the first prompt needs, where a model is connected."""
    if connection() is not None:
        token_counter().count("")


def token_counter() -> TokenCounter:
    """Return what counts a prompt's tokens; the embedding model's tokenizer where nothing else."""
    found = vocabulary_counter()
    if found is not None:
        return found
    embedder = knowledge_wiring.embedder()
    return borrowed_counter(embedder.count_tokens, embedder.name)


def connection() -> LlmConnection | None:
    """Return the connection in use: the environment's, else the one stored in the admin."""
    given = environment_connection()
    return given if given.usable else _usable(operator_settings.now())


def _usable(told: OperatorSettings) -> LlmConnection | None:
    either = (environment_connection(), told.stored)
    return next((one for one in either if one and one.usable), None)


def environment_connection() -> LlmConnection:
    """Return what the environment variables say; it wins over the admin's when it is usable."""
    options = settings.PROVIDERS["llm"]["OPTIONS"]
    return LlmConnection(tuple(options["models"]), options["base_url"], options["api_key"])


def chat_model(wanted: LlmConnection | None) -> ChatModel | None:
    """Return a connection's model, the same object while the connection stays the same."""
    return model_for(wanted) if wanted else None


def fails(model: ChatModel | None) -> bool:
    """Say whether a model is known to fail just now."""
    return isinstance(model, KnowsFailing) and model.all_left_alone()


def local_model(model: ChatModel | None) -> ChatModel | None:
    """Return the model if its endpoint is on this machine or on a trusted host.

    Its fallbacks are other names at the same endpoint. One at another endpoint would be a
    connection of its own, to be judged by its own host. A model of unknown origin is not local.
    """
    with _lock:
        origins = [known for known, made in _models.items() if made is model]
    return model if any(map(stays_here, origins)) else None


def stays_here(wanted: LlmConnection) -> bool:
    """Say whether passages marked "local models only" may go to this connection's models."""
    return is_local(wanted.base_url, settings.LLM_LOCAL_HOSTS)


def model_for(wanted: LlmConnection) -> ChatModel:
    """Return the client for a connection, kept so that its sockets are used again."""
    with _lock:
        if wanted not in _models:
            made: ChatModel = build(
                settings.PROVIDERS["llm"],
                models=list(wanted.models),
                base_url=wanted.base_url,
                api_key=wanted.api_key,
            )
            _models[wanted] = made
        return _models[wanted]


def test_connection(wanted: LlmConnection) -> ConnectionTest:
    """Make one small real call, which the ledger counts, and say how it went."""
    if not wanted.usable:
        return ConnectionTest(False, "Name at least one model, and a key or an address.")
    return try_model(model_for(wanted), partial(record_call, about=About()))


def cheaper_model(wanted: LlmConnection | None) -> bool:
    """Say whether simple answers have a model of their own."""
    named = settings.PROVIDERS["llm"]["OPTIONS"]["purpose_models"]
    if wanted is None or not named:
        return False
    simple, usual = (
        order(wanted.models, named, purpose)[0]
        for purpose in (Purpose.SIMPLE_ANSWER, Purpose.ANSWER)
    )
    return simple != usual


def settings_hash() -> str:
    """Return 12 hexadecimal digits that change with any setting an answer depends on."""
    options = {k: v for k, v in settings.PROVIDERS["llm"]["OPTIONS"].items() if k != "api_key"}
    told = [options, [(name, getattr(settings.ENV, name)) for name in ANSWER_SETTINGS]]
    return sha256(repr(told).encode()).hexdigest()[:12]
