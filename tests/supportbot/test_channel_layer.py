"""Our channel layer and Channels' own pass the same tests; ours also serves other threads."""

import asyncio
import threading
import time
from typing import Any

import pytest
from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer

from supportbot.embedded import channel_layer
from supportbot.embedded.channel_layer import ThreadSafeChannelLayer


@pytest.fixture(params=[ThreadSafeChannelLayer, InMemoryChannelLayer])
def layer(request: pytest.FixtureRequest) -> Any:
    return request.param(capacity=3)


async def test_an_event_arrives_at_the_channel_it_was_sent_to(layer: Any) -> None:
    await layer.send("one", {"type": "hi", "n": 1})
    assert await layer.receive("one") == {"type": "hi", "n": 1}


async def test_a_group_reaches_its_members_until_they_leave(layer: Any) -> None:
    first, second = await layer.new_channel(), await layer.new_channel()
    assert first != second
    for channel in (first, second):
        await layer.group_add("group", channel)
    await layer.group_send("group", {"type": "hi"})
    assert await layer.receive(first) == await layer.receive(second) == {"type": "hi"}
    await layer.group_discard("group", second)
    await layer.group_send("group", {"type": "again"})
    assert await layer.receive(first) == {"type": "again"}
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(layer.receive(second), 0.05)


async def test_a_full_channel_says_so_and_does_not_hold_up_its_group(layer: Any) -> None:
    slow, quick = await layer.new_channel(), await layer.new_channel()
    for channel in (slow, quick):
        await layer.group_add("group", channel)
    for _ in range(3):
        await layer.send(slow, {"type": "fill"})
    with pytest.raises(ChannelFull):
        await layer.send(slow, {"type": "more"})
    await layer.group_send("group", {"type": "hi"})
    assert await layer.receive(quick) == {"type": "hi"}


async def test_a_receiver_that_gives_up_loses_nothing(layer: Any) -> None:
    waiting = asyncio.create_task(layer.receive("one"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await layer.send("one", {"type": "hi"})
    assert await asyncio.wait_for(layer.receive("one"), 1) == {"type": "hi"}


async def test_a_name_that_channels_would_refuse_is_refused(layer: Any) -> None:
    with pytest.raises(TypeError):
        await layer.group_send("not a name", {"type": "hi"})


async def test_another_thread_reaches_a_waiting_receiver_at_once() -> None:
    layer = ThreadSafeChannelLayer()
    channel = await layer.new_channel()
    await layer.group_add("group", channel)
    waits: list[float] = []

    def send() -> None:
        for _ in range(50):
            layer.send_to_group("group", {"type": "token", "at": time.monotonic()})
            time.sleep(0.002)

    thread = threading.Thread(target=send)
    thread.start()
    for _ in range(50):
        event = await asyncio.wait_for(layer.receive(channel), 5)
        waits.append(time.monotonic() - event["at"])
    thread.join()
    assert sorted(waits)[25] < 0.05


async def test_events_of_one_thread_keep_their_order_among_many_senders() -> None:
    layer = ThreadSafeChannelLayer(capacity=10_000)
    channel = await layer.new_channel()
    await layer.group_add("group", channel)

    def send(name: int) -> None:
        for number in range(200):
            layer.send_to_group("group", {"type": "token", "from": name, "n": number})

    threads = [threading.Thread(target=send, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    got = [await asyncio.wait_for(layer.receive(channel), 5) for _ in range(6 * 200)]
    for name in range(6):
        assert [event["n"] for event in got if event["from"] == name] == list(range(200))


def test_receivers_on_two_loops_get_what_is_theirs() -> None:
    layer = ThreadSafeChannelLayer()
    got: dict[str, Any] = {}
    joined = threading.Barrier(3)

    async def listen(channel: str) -> None:
        await layer.group_add("group", channel)
        await asyncio.to_thread(joined.wait, 5)
        got[channel] = await asyncio.wait_for(layer.receive(channel), 5)

    threads = [threading.Thread(target=asyncio.run, args=(listen(name),)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    joined.wait(5)
    layer.send_to_group("group", {"type": "hi"})
    for thread in threads:
        thread.join(5)
    assert got == {"a": {"type": "hi"}, "b": {"type": "hi"}}


async def test_members_that_never_fetch_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_layer, "SWEEP_SECONDS", 0.0)
    layer = ThreadSafeChannelLayer(expiry=-1)
    await layer.group_add("group", "gone")
    layer.send_to_group("group", {"type": "hi"})
    layer.send_to_group("other", {"type": "hi"})
    assert layer._groups == {}
    assert layer._mailboxes == {}
