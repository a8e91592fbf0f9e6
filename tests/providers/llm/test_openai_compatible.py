"""The client against the stub server, over real sockets: every fault ends as one of our errors."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import urllib.request
from typing import Any

import pytest

from providers.errors import (
    CallCancelled,
    CallSkipped,
    CompletionCutShort,
    CompletionUnusable,
    ContentFiltered,
    ContextTooLong,
    EndpointUnreachable,
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
)
from providers.llm.base import CallRecord, ChatMessage
from providers.llm.connection import LlmConnection, try_model
from providers.llm.openai_compatible import OpenAICompatible
from providers.llm.reading import Deadlines

KEY = "sk-very-secret-0123456789"
HELLO = [ChatMessage("system", "Be kind to everybody who asks you."), ChatMessage("user", "Hello")]
SHORT = Deadlines(first_token=0.6, gap=0.5)


class Sink:
    def __init__(self) -> None:
        self.text = ""
        self.retracted = 0
        self.stop = threading.Event()
        self.started = threading.Event()

    def delta(self, text: str) -> None:
        self.text += text
        self.started.set()

    def retract(self) -> None:
        self.text = ""
        self.retracted += 1

    def cancelled(self) -> bool:
        return self.stop.is_set()


def client(
    url: str, *models: str, total: float = 5.0, deadlines: Deadlines = SHORT
) -> OpenAICompatible:
    return OpenAICompatible(
        models=models, base_url=url, api_key=KEY, total_seconds=total, deadlines=deadlines
    )


def stats(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url.replace("/v1", "/stub/stats"), timeout=5) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


def test_a_stream_arrives_piece_by_piece_and_whole_with_its_usage(stub_url: str) -> None:
    sink, calls = Sink(), list[CallRecord]()
    done = client(stub_url, "stub").complete(HELLO, purpose="test", sink=sink, record=calls.append)
    assert done.text == sink.text
    assert done.text.startswith("Hello.")
    assert done.usage is not None
    assert done.usage.output_tokens > 0
    assert [(c.outcome, c.model, c.purpose) for c in calls] == [("ok", "stub", "test")]
    assert calls[0].cost_usd is None
    assert calls[0].endpoint.startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("model", "error", "most_calls"),
    [
        ("stub-500", ProviderUnavailable, 2),
        ("stub-529", ProviderUnavailable, 2),
        ("stub-html", CompletionUnusable, 2),
        ("stub-json", CompletionUnusable, 2),
        ("stub-error", ProviderUnavailable, 2),
        ("stub-errorevent", CompletionUnusable, 2),
        ("stub-error-then5", ProviderUnavailable, 2),
        ("stub-string", CompletionUnusable, 2),
        ("stub-errorbody", CompletionUnusable, 2),
        ("stub-shape", CompletionUnusable, 2),
        ("stub-nochoices", CompletionUnusable, 2),
        ("stub-nullchoices", CompletionUnusable, 2),
        ("stub-null", CompletionUnusable, 2),
        ("stub-badjson-then5", CompletionUnusable, 2),
        ("stub-502-html", ProviderUnavailable, 2),
        ("stub-window5", ContextTooLong, 1),
        ("stub-badjson", CompletionUnusable, 2),
        ("stub-badutf8", CompletionUnusable, 2),
        ("stub-longline", CompletionUnusable, 2),
        ("stub-endless", CompletionUnusable, 2),
        ("stub-reset", ProviderUnavailable, 2),
        ("stub-cut-after-2", ProviderUnavailable, 2),
        ("stub-no-finish", CompletionUnusable, 2),
        ("stub-empty", CompletionUnusable, 2),
        ("stub-blank", CompletionUnusable, 2),
        ("stub-hang", ProviderTimeout, 2),
        ("stub-drip", ProviderTimeout, 2),
        ("stub-stall", ProviderTimeout, 2),
        ("stub-429-retry90", ProviderRateLimited, 1),
        ("stub-quota", ProviderRefused, 1),
        ("stub-401", ProviderRefused, 1),
        ("stub-402", ProviderRefused, 1),
        ("stub-403", ProviderRefused, 1),
        ("stub-404", ProviderRefused, 1),
        ("stub-context", ContextTooLong, 1),
        ("stub-filter", ContentFiltered, 1),
        ("stub-length", CompletionCutShort, 1),
        ("stub-400", RequestRejected, 1),
    ],
)
def test_every_fault_ends_as_our_error_without_the_key_and_with_nothing_shown(
    stub_url: str, model: str, error: type[ProviderError], most_calls: int
) -> None:
    sink, calls = Sink(), list[CallRecord]()
    with pytest.raises(error) as raised:
        client(stub_url, model).complete(HELLO, purpose="test", sink=sink, record=calls.append)
    assert type(raised.value) is error
    assert len(calls) == most_calls
    assert {call.outcome for call in calls} == {error.__name__}
    assert sink.text == ""
    told = f"{raised.value} {raised.value!r} {calls!r}"
    assert KEY not in told
    assert "very-secret" not in told


@pytest.mark.parametrize(
    "first",
    ["stub-500", "stub-hang", "stub-404", "stub-no-finish", "stub-429-retry90", "stub-cut-after-2"],
)
def test_the_next_model_answers_when_the_first_fails(stub_url: str, first: str) -> None:
    sink = Sink()
    done = client(stub_url, first, "stub").complete(HELLO, purpose="test", sink=sink)
    assert done.model == "stub"
    assert sink.text == done.text
    assert done.calls[-1].outcome == "ok"
    assert 2 <= len(done.calls) <= 3


def test_a_passing_fault_is_retried_on_the_same_model(stub_url: str) -> None:
    messages = [ChatMessage("user", "flaky once")]
    done = client(stub_url, "stub-flaky").complete(messages, purpose="test")
    assert [call.outcome for call in done.calls] == ["ProviderUnavailable", "ok"]


def test_a_short_wish_to_wait_is_honoured(stub_url: str) -> None:
    started = time.monotonic()
    with pytest.raises(ProviderRateLimited) as raised:
        client(stub_url, "stub-429-retry1").complete(HELLO, purpose="test")
    assert time.monotonic() - started >= 1
    assert raised.value.retry_after_seconds == 1


def test_the_total_deadline_holds_over_all_calls(stub_url: str) -> None:
    started = time.monotonic()
    with pytest.raises(ProviderTimeout):
        client(stub_url, "stub-stall", "stub-hang", total=1.2).complete(HELLO, purpose="test")
    assert time.monotonic() - started < 3


def test_nobody_at_the_address_is_told_quickly() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
        started = time.monotonic()
        calls = list[CallRecord]()
        with pytest.raises(EndpointUnreachable):
            client(url, "stub", "other").complete(HELLO, purpose="test", record=calls.append)
        assert time.monotonic() - started < 4
        assert len(calls) == 2


def test_a_stop_is_noticed_while_the_endpoint_says_nothing(stub_url: str) -> None:
    sink = Sink()
    threading.Timer(0.1, sink.stop.set).start()
    started = time.monotonic()
    with pytest.raises(CallCancelled):
        client(stub_url, "stub-hang").complete(HELLO, purpose="test", sink=sink)
    assert time.monotonic() - started < 0.6


def test_a_stop_in_mid_stream_ends_the_call_without_a_retry(stub_url: str) -> None:
    sink, calls = Sink(), list[CallRecord]()
    model = client(stub_url, "stub-rate5")
    failed: list[BaseException] = []

    def run() -> None:
        try:
            model.complete(HELLO, purpose="test", sink=sink, record=calls.append)
        except CallCancelled as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert sink.started.wait(5)
    sink.stop.set()
    thread.join(2)
    assert len(failed) == 1
    assert [call.outcome for call in calls] == ["CallCancelled"]


def test_many_chats_at_once_share_one_loop(stub_url: str) -> None:
    # A busy machine may take seconds for a hundred threads; what counts is that they overlap.
    patient = Deadlines(first_token=30, gap=30)
    model = client(stub_url, "stub-ttft200-rate50", total=35, deadlines=patient)
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda: texts.append(model.complete(HELLO, purpose="t").text))
        for _ in range(100)
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(35)
    assert len(texts) == 100
    assert len(set(texts)) == 1
    # One after the other they would take 45 s.
    assert time.monotonic() - started < 35
    assert stats(stub_url)["most_running"] >= 50


def test_the_first_token_comes_when_the_endpoint_sends_it(stub_url: str) -> None:
    model = client(stub_url, "stub-ttft200-rate50")
    model.complete(HELLO, purpose="warm")
    assert 190 <= model.complete(HELLO, purpose="test").first_token_ms < 400


def test_what_is_sent_asks_for_a_stream_with_usage(stub_url: str) -> None:
    client(stub_url, "stub-asked").complete(
        HELLO, purpose="test", max_output_tokens=33, temperature=0.5
    )
    sent = stats(stub_url)["last"][-1]
    assert sent["stream"] is True
    assert sent["stream_options"] == {"include_usage": True}
    assert (sent["max_tokens"], sent["temperature"]) == (33, 0.5)


def test_the_connection_test_says_in_words_how_it_went(stub_url: str) -> None:
    good = try_model(client(stub_url, "stub"))
    assert good.ok
    assert "stub answered" in good.sentence
    bad = try_model(client(stub_url, "stub-401"))
    assert not bad.ok
    assert "does not accept the key (401)" in bad.sentence
    assert "Check the key" in bad.sentence
    assert KEY not in bad.sentence


def test_a_connection_needs_a_model_and_a_key_or_an_address_and_hides_its_key() -> None:
    assert not LlmConnection(("m",)).usable
    assert not LlmConnection((), "http://x", "k").usable
    assert LlmConnection(("m",), "http://x").usable
    assert KEY not in repr(LlmConnection(("m",), api_key=KEY))


def test_a_model_that_keeps_failing_is_not_called_for_a_while(stub_url: str) -> None:
    model = client(stub_url, "stub-503-alone")
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            model.complete(HELLO, purpose="test")
    before, calls, started = stats(stub_url)["calls"], list[CallRecord](), time.monotonic()
    with pytest.raises(CallSkipped):
        model.complete(HELLO, purpose="test", record=calls.append)
    assert time.monotonic() - started < 0.2
    assert (calls, stats(stub_url)["calls"]) == ([], before)
    assert model.left_alone()["stub-503-alone"][0] == "failing"


def test_calls_that_still_wait_for_a_silent_model_are_given_up_with_it(stub_url: str) -> None:
    patient = Deadlines(first_token=3.0, gap=3.0)
    model = client(stub_url, "stub-hang", "stub", deadlines=patient)
    seconds, calls = list[float](), list[CallRecord]()

    def ask(number: int) -> None:
        time.sleep(1.0 if number == 5 else 0.0)
        begun = time.monotonic()
        assert model.complete(HELLO, purpose="test", record=calls.append).model == "stub"
        seconds.append(time.monotonic() - begun)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    # The sixth came a second after the others, and ended with them.
    assert len(seconds) == 6
    assert min(seconds) < 2.7
    silent = [call.detail for call in calls if call.model == "stub-hang"]
    assert silent.count("no first token yet, and the calls before it got none") == 1
    assert model.left_alone()["stub-hang"][0] == "failing"
    assert not model.all_left_alone()


def test_a_slow_call_is_not_given_up_where_others_failed_loudly(stub_url: str) -> None:
    model = client(stub_url, "stub-ttft1500", deadlines=Deadlines(first_token=3.0, gap=3.0))
    done: list[str] = []
    waiting = threading.Thread(
        target=lambda: done.append(model.complete(HELLO, purpose="test").model)
    )
    waiting.start()
    time.sleep(0.3)
    for _ in range(5):
        assert model._breakers.begin("stub-ttft1500")
        model._breakers.end("stub-ttft1500", ProviderUnavailable("503"))
    assert model.all_left_alone()
    waiting.join(10)
    assert done == ["stub-ttft1500"]


def test_a_refusing_model_is_told_of_once_and_passed_over_afterwards(stub_url: str) -> None:
    model, calls = client(stub_url, "stub-401", "stub"), list[CallRecord]()
    for _ in range(3):
        assert model.complete(HELLO, purpose="t", record=calls.append).model == "stub"
    assert [call.outcome for call in calls] == ["ProviderRefused", "ok", "ok", "ok"]
    changes = [call.breaker for call in calls if call.breaker]
    assert [(str(change.why), change.seconds) for change in changes] == [("refused", 300)]


def test_a_test_of_the_connection_is_made_past_an_open_breaker(stub_url: str) -> None:
    model = client(stub_url, "stub-401")
    for _ in range(2):
        assert "does not accept the key" in try_model(model).sentence


def test_a_text_that_hit_its_limit_is_continued_once_as_one_text(stub_url: str) -> None:
    sink, calls = Sink(), list[CallRecord]()
    model = client(stub_url, "stub-halves")
    done = model.complete(HELLO, purpose="answer", sink=sink, record=calls.append)
    assert done.text == sink.text == client(stub_url, "stub").complete(HELLO, purpose="t").text
    assert sink.retracted == 0
    assert [call.outcome for call in calls] == ["CompletionCutShort", "ok"]
    assert done.usage is not None
    assert [done.usage.output_tokens] == [sum(c.usage.output_tokens for c in calls if c.usage)]


def test_one_that_hits_it_again_is_given_up_with_nothing_shown(stub_url: str) -> None:
    sink, calls = Sink(), list[CallRecord]()
    with pytest.raises(CompletionCutShort):
        client(stub_url, "stub-length").complete(
            HELLO, purpose="answer", sink=sink, record=calls.append
        )
    assert (len(calls), sink.text) == (2, "")


def test_the_records_add_up_to_what_the_endpoint_counted(stub_url: str) -> None:
    before, calls = stats(stub_url), list[CallRecord]()
    for models in (["stub"], ["stub-flaky"], ["stub-halves"], ["stub-503", "stub-length", "stub"]):
        with contextlib.suppress(CompletionCutShort):
            client(stub_url, *models).complete(HELLO, purpose="answer", record=calls.append)
    after = stats(stub_url)
    usages = [call.usage for call in calls if call.usage]
    assert len(calls) == after["calls"] - before["calls"]
    for name in ("input_tokens", "output_tokens"):
        assert sum(getattr(usage, name) for usage in usages) == after[name] - before[name]


def test_each_purpose_has_the_model_named_for_it_and_the_others_behind_it(stub_url: str) -> None:
    model = OpenAICompatible(
        models=["stub", "stub-small", "stub-500"],
        base_url=stub_url,
        deadlines=SHORT,
        purpose_models={"rewrite": "stub-small", "judge": "stub-500"},
    )
    assert model.complete(HELLO, purpose="answer").model == "stub"
    assert model.complete(HELLO, purpose="rewrite").model == "stub-small"
    judged = model.complete(HELLO, purpose="judge")
    assert judged.model == "stub"
    assert {call.asked_model for call in judged.calls} == {"stub-500"}
    assert [call.retry for call in judged.calls] == [0, 1, 2]


def test_without_a_model_there_is_no_client() -> None:
    with pytest.raises(ValueError, match="at least one model"):
        OpenAICompatible(models=[])
