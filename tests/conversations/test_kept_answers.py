"""The cache's rows: kept with an answer, found by wording and by vector, dropped when wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from conversations import kept_answers, wiring
from conversations.actions import conversations as starting
from conversations.actions import escalations
from conversations.actions.cached_answers import drop_behind, forget_old
from conversations.actions.feedback import rate
from conversations.actions.messages import claim, record_reply
from conversations.answering.cached import (
    Entry,
    Evidence,
    KeptCitation,
    Layer,
    Scope,
    Served,
)
from conversations.answering.values import Reply, Source
from conversations.intake import submit
from conversations.kept_answers import KeptAnswers, model_key
from conversations.models import Answer, CachedAnswer, CacheHit, Conversation, Message
from knowledge import wiring as knowledge_wiring
from providers.embeddings.base import Vectors
from providers.errors import EmbedderUnavailable
from providers.llm.base import Usage

Ask = Callable[[str], Message]
MakeReply = Callable[..., Reply]
PUBLIC = frozenset({"public"})
DELETE = "How do I delete my account?"


class Directions:
    """An embedder for which a text's first letter is its meaning."""

    name = "directions"

    def __init__(self) -> None:
        self.broken = False

    def embed_query(self, text: str) -> Vectors:
        if self.broken:
            raise EmbedderUnavailable("gone")
        vector = np.zeros(26, dtype=np.float32)
        vector[ord(text.casefold()[0]) - 97] = 1
        return vector


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> Directions:
    made = Directions()
    monkeypatch.setattr(knowledge_wiring, "embedder", lambda: made)
    kept_answers.forget()
    return made


@pytest.fixture
def cache(embedder: Directions, db: None) -> KeptAnswers:
    return KeptAnswers("model", wiring.settings_hash)


def entry(cache: KeptAnswers, question: str = DELETE, **values: Any) -> Entry:
    fields: dict[str, Any] = {
        "id": str(uuid4()),
        "scope": cache.scope_of(PUBLIC, None, "en", "answer@1"),
        "question": question,
        "evidence": Evidence((("chunk-1", "version-1"), ("chunk-2", "version-2"))),
        "text": "Open Settings [1].",
        "citations": (KeptCitation(1, "chunk-1", "version-1", "Open Settings."),),
        "used": (("chunk-1", "version-1"),),
        "confidence": 0.9,
        "confidence_level": "high",
        "reasons": ("evidence_strong",),
        "model": "m-small",
        "prompt_version": "answer@1",
        "usage": Usage(100, 20),
        "cost_usd": Decimal("0.0125"),
        **values,
    }
    return Entry(**fields)


@pytest.fixture
def answered(ask: Ask, reply: MakeReply) -> Callable[..., Message]:
    def make(text: str = DELETE, **values: Any) -> Message:
        claimed = claim(ask(text).pk)
        assert claimed
        final = record_reply(claimed.pk, claimed.attempt, reply(**values))
        assert final
        return final

    return make


def test_an_entry_is_kept_with_its_answer_and_found_whole(
    cache: KeptAnswers, answered: Callable[..., Message]
) -> None:
    made = entry(cache)
    final = answered(to_keep=made)
    row = CachedAnswer.objects.get()
    assert row.answer == Answer.objects.get(message=final)
    [(found, cosine)] = cache.nominate(made.scope, "how do I delete my ACCOUNT")
    assert cosine == 1.0
    assert replace(found, age_seconds=0.0) == made
    assert 0 <= found.age_seconds < 60


def test_near_questions_are_nominated_and_far_ones_not(
    cache: KeptAnswers, answered: Callable[..., Message]
) -> None:
    made = entry(cache)
    answered(to_keep=made)
    near = cache.nominate(made.scope, "Hello, my account shall go")
    assert [(e.id, cosine) for e, cosine in near] == [(made.id, 1.0)]
    assert cache.nominate(made.scope, "Close my account") == []


def test_an_entry_made_later_or_dropped_is_seen_at_once(
    cache: KeptAnswers, answered: Callable[..., Message]
) -> None:
    first, second = entry(cache), entry(cache, "Have I to confirm by mail?")
    answered(to_keep=first)
    assert len(cache.nominate(first.scope, "Help")) == 1
    answered("Have I to confirm by mail?", to_keep=second)
    assert {e.id for e, _ in cache.nominate(first.scope, "Help")} == {first.id, second.id}
    CachedAnswer.objects.filter(pk=first.id).delete()
    assert {e.id for e, _ in cache.nominate(first.scope, "Help")} == {second.id}


@pytest.mark.parametrize(
    "other",
    [
        Scope(frozenset({"public", "internal"}), "", "en", "answer@1", "model"),
        Scope(PUBLIC, "shop", "en", "answer@1", "model"),
        Scope(PUBLIC, "", "de", "answer@1", "model"),
        Scope(PUBLIC, "", "en", "answer@2", "model"),
        Scope(PUBLIC, "", "en", "answer@1", "another"),
    ],
)
def test_nothing_is_found_in_another_scope(
    other: Scope, cache: KeptAnswers, answered: Callable[..., Message]
) -> None:
    made = entry(cache)
    answered(to_keep=made)
    scope = replace(other, settings=made.scope.settings)
    assert cache.nominate(scope, DELETE) == []
    assert cache.nominate(replace(scope, settings="hotter"), DELETE) == []


def test_the_key_of_a_scope_does_not_run_names_together() -> None:
    one = Scope(frozenset({"a", "b"}), "", "en", "p", "m")
    assert one.key == replace(one, audiences=frozenset({"b", "a"})).key
    assert one.key != replace(one, audiences=frozenset({"ab"})).key
    assert one.key != replace(one, audiences=frozenset({"a"}), collection="b").key


def test_the_settings_that_shape_an_answer_are_in_the_scope(
    cache: KeptAnswers, settings: Any
) -> None:
    before = cache.scope_of(PUBLIC, None, "en", "answer@1")
    settings.ENV = settings.ENV.model_copy(update={"PROMPT_PASSAGES": 3})
    assert cache.scope_of(PUBLIC, None, "en", "answer@1").key != before.key


def test_a_cache_that_fails_holds_nothing(
    cache: KeptAnswers, embedder: Directions, answered: Callable[..., Message]
) -> None:
    made = entry(cache)
    answered(to_keep=made)
    embedder.broken = True
    assert cache.nominate(made.scope, DELETE) == []
    answered("Another?", to_keep=entry(cache, "Another?"))
    assert CachedAnswer.objects.count() == 1


def test_an_answer_is_recorded_when_the_cache_cannot_be_written(
    cache: KeptAnswers, answered: Callable[..., Message]
) -> None:
    made = entry(cache)
    answered(to_keep=made)
    final = answered("Again?", to_keep=made)  # The same id.
    assert Answer.objects.filter(message=final).exists()
    assert CachedAnswer.objects.count() == 1


def test_a_hit_is_counted_with_what_it_saved(
    cache: KeptAnswers, answered: Callable[..., Message]
) -> None:
    made = entry(cache)
    answered(source=Source.CACHE, served=Served(made, Layer.EXACT))
    answered(source=Source.CACHE, served=Served(made, Layer.SEMANTIC))
    unknown = replace(made, cost_usd=None)
    answered(source=Source.CACHE, served=Served(unknown, Layer.IN_FLIGHT))
    totals = CacheHit.objects.all().totals()
    assert totals == {
        "hits": 3,
        "wrong": 0,
        "saved": Decimal("0.0250"),
        "unknown": 1,
        "layer_exact": 1,
        "layer_semantic": 1,
        "layer_in_flight": 1,
    }


def test_a_thumbs_down_on_a_hit_drops_the_entry_and_is_counted(
    cache: KeptAnswers, answered: Callable[..., Message], conversation: Conversation
) -> None:
    made = entry(cache)
    answered(to_keep=made)
    again = answered(source=Source.CACHE, served=Served(made, Layer.EXACT))
    assert rate(conversation, again.pk, 1, "", "")
    assert CachedAnswer.objects.count() == 1
    assert rate(conversation, again.pk, -1, "wrong", "")
    assert not CachedAnswer.objects.exists()
    assert cache.nominate(made.scope, DELETE) == []
    assert CacheHit.objects.get().reported_wrong


def test_a_thumbs_down_on_the_answer_itself_drops_it_too(
    cache: KeptAnswers, answered: Callable[..., Message], conversation: Conversation
) -> None:
    final = answered(to_keep=entry(cache))
    assert rate(conversation, final.pk, -1, "wrong", "")
    assert not CachedAnswer.objects.exists()


def test_an_agent_who_steps_in_drops_the_last_answer(
    cache: KeptAnswers,
    answered: Callable[..., Message],
    conversation: Conversation,
    agent: User,
) -> None:
    answered(to_keep=entry(cache, "What is the other one?"))
    answered(to_keep=entry(cache))
    escalations.agent_reply(conversation.pk, agent, "No, it is like this.", uuid4())
    assert CachedAnswer.objects.get().question == "What is the other one?"


def test_erasing_a_conversation_erases_what_came_from_it(
    cache: KeptAnswers,
    answered: Callable[..., Message],
    conversation: Conversation,
    reply: MakeReply,
) -> None:
    made = entry(cache)
    answered(to_keep=made)
    other, _ = starting.start(None, "192.0.2.8")
    question = claim(submit(other, DELETE, uuid4()).message.pk)
    assert question
    served = reply(source=Source.CACHE, served=Served(made, Layer.EXACT))
    record_reply(question.pk, question.attempt, served)
    conversation.delete()
    assert not CachedAnswer.objects.exists()
    assert CacheHit.objects.count() == 1
    other.delete()
    assert not CacheHit.objects.exists()


def test_old_entries_are_forgotten(
    cache: KeptAnswers, answered: Callable[..., Message], settings: Any
) -> None:
    answered(to_keep=entry(cache))
    assert forget_old() == 0
    week = timezone.now() - timedelta(days=7, minutes=1)
    CachedAnswer.objects.update(created_at=week)
    assert cache.nominate(entry(cache).scope, DELETE) == []
    assert forget_old() == 1


def test_who_waits_gives_the_database_connection_back(cache: KeptAnswers) -> None:
    given: list[int] = []
    waiting = KeptAnswers("model", wiring.settings_hash, lambda: given.append(1))
    first = waiting.join("k")
    assert not given
    second = waiting.join("k")
    assert given == [1]
    assert not second.first
    first.land(None)


def test_dropping_nothing_is_no_error(db: None) -> None:
    assert drop_behind([], wrong=True) == 0


def test_customers_get_the_cache_and_trials_do_not(settings: Any, db: None) -> None:
    given = settings.PROVIDERS["llm"]
    options = {
        **given["OPTIONS"],
        "models": ["m"],
        "base_url": "http://127.0.0.1:9/v1",
        "api_key": "",
    }
    settings.PROVIDERS = {**settings.PROVIDERS, "llm": {**given, "OPTIONS": options}}
    assert wiring.toolbox(with_cache=True).cache is not None
    assert wiring.toolbox().cache is None
    settings.CACHE_ANSWERS = False
    assert wiring.toolbox(with_cache=True).cache is None


def test_without_a_model_there_is_no_cache(settings: Any, db: None) -> None:
    given = settings.PROVIDERS["llm"]
    options = {**given["OPTIONS"], "models": [], "base_url": "", "api_key": ""}
    settings.PROVIDERS = {**settings.PROVIDERS, "llm": {**given, "OPTIONS": options}}
    assert wiring.toolbox(with_cache=True).cache is None


def test_a_connections_key_tells_models_and_address_apart() -> None:
    keys = {
        model_key(("a", "b"), "http://x"),
        model_key(("b", "a"), "http://x"),
        model_key(("a", "b"), "http://y"),
        model_key(("a",), "http://x"),
    }
    assert len(keys) == 4
