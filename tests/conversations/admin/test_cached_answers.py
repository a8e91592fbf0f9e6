"""Operators see what the cache did and drop an answer that was wrong."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from conversations.models import Answer, CachedAnswer, CacheHit, Conversation
from tests import admin_cast as cast

HITS = "admin:conversations_cachehit_changelist"
KEPT = "admin:conversations_cachedanswer_changelist"


@pytest.fixture
def kept(conversation: Conversation) -> CachedAnswer:
    return CachedAnswer.objects.create(
        answer=answer(conversation, "How do I delete my account?", 1),
        question="How do I delete my account?",
        evidence=[],
        citations=[],
        used=[],
        facts={},
        vector=b"",
        cost_usd=Decimal("0.0125"),
    )


@pytest.fixture
def hit(kept: CachedAnswer, conversation: Conversation) -> CacheHit:
    return CacheHit.objects.create(
        answer=answer(conversation, "Can I remove <b>my</b> account?", 2),
        entry=kept.pk,
        layer="semantic",
        asked_first=kept.question,
        saved_usd=kept.cost_usd,
    )


def answer(conversation: Conversation, question: str, seq: int) -> Answer:
    message = conversation.messages.create(
        seq=seq, role="assistant", kind="final", text="So.", client_msg_id=uuid4()
    )
    return Answer.objects.create(
        message=message, question=question, disposition="answer", source="cache", confidence=0.9
    )


def page(client: Client, name: str) -> str:
    return " ".join(client.get(reverse(name)).content.decode().split())


def act(client: Client, name: str, action: str, *rows: CacheHit | CachedAnswer) -> None:
    fields = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    client.post(reverse(name), fields, follow=True)


def test_the_list_says_what_was_served_and_saved(hit: CacheHit) -> None:
    shown = page(cast.signed_in(cast.operator()), HITS)
    assert "Can I remove &lt;b&gt;my&lt;/b&gt; account?" in shown
    assert '<span class="sb-count">1</span> the same in other words' in shown
    assert '<span class="sb-count">0</span> the same question' in shown
    assert '<span class="sb-count">0.0125</span> US dollars not spent' in shown
    assert '<span class="sb-count">0</span> reported wrong' in shown


def test_an_unknown_price_is_not_shown_as_zero(hit: CacheHit) -> None:
    CacheHit.objects.update(saved_usd=None)
    shown = page(cast.signed_in(cast.operator()), HITS)
    assert "and 1 of unknown price" in shown
    assert "unknown price</td>" in shown


def test_a_wrong_answer_is_counted_and_dropped(hit: CacheHit) -> None:
    client = cast.signed_in(cast.operator())
    act(client, HITS, "report_wrong", hit)
    assert not CachedAnswer.objects.exists()
    hit.refresh_from_db()
    assert hit.reported_wrong
    assert "1</span> reported wrong" in page(client, HITS)


def test_a_kept_answer_is_dropped(kept: CachedAnswer) -> None:
    client = cast.signed_in(cast.operator())
    assert "How do I delete my account?" in page(client, KEPT)
    act(client, KEPT, "drop", kept)
    assert not CachedAnswer.objects.exists()


def test_who_may_only_look_drops_nothing(hit: CacheHit, kept: CachedAnswer) -> None:
    looker = cast.person("lena")
    looker.user_permissions.set(_view_permissions())
    client = cast.signed_in(User.objects.get(pk=looker.pk))
    assert "How do I delete my account?" in page(client, KEPT)
    act(client, HITS, "report_wrong", hit)
    act(client, KEPT, "drop", kept)
    assert CachedAnswer.objects.exists()
    assert not CacheHit.objects.filter(reported_wrong=True).exists()


def _view_permissions() -> list[Permission]:
    names = ("view_cachehit", "view_cachedanswer")
    return list(Permission.objects.filter(codename__in=names))


def test_a_row_leads_to_the_answers_record(hit: CacheHit) -> None:
    client = cast.signed_in(cast.operator())
    address = reverse("admin:conversations_cachehit_change", args=[hit.pk])
    expected = reverse("admin:conversations_answer_change", args=[hit.answer_id])
    assert client.get(address)["Location"] == expected
