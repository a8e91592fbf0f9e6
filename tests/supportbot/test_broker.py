"""Our broker and kombu's own pass the same tests; ours is also prompt."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from kombu import Connection, Consumer, Exchange, Message, Producer, Queue

from supportbot.embedded import broker

broker.register()
EXCHANGE = Exchange("tests", type="direct")


class Received:
    """Collects bodies and acknowledges."""

    def __init__(self) -> None:
        self.bodies: list[object] = []

    def __call__(self, body: object, message: Message) -> None:
        self.bodies.append(body)
        message.ack()


@pytest.fixture(params=["embedded://localhost", "memory://"])
def link(request: pytest.FixtureRequest) -> Iterator[Connection]:
    options = {"polling_interval": 0.01} if request.param == "memory://" else {}
    with Connection(request.param, transport_options=options) as connection:
        yield connection


@pytest.fixture
def queue(request: pytest.FixtureRequest) -> Queue:
    return Queue(request.node.name, EXCHANGE, routing_key=request.node.name)


def publish(link: Connection, queue: Queue, *bodies: object) -> None:
    producer = Producer(link.channel())
    for body in bodies:
        producer.publish(
            body, exchange=EXCHANGE, routing_key=queue.routing_key, declare=[queue], retry=False
        )


def test_messages_arrive_in_order_and_once(link: Connection, queue: Queue) -> None:
    received = Received()
    publish(link, queue, {"n": 1}, {"n": 2}, {"n": 3})
    with Consumer(link.channel(), [queue], callbacks=[received]):
        for _ in range(3):
            link.drain_events(timeout=1)
        with pytest.raises(TimeoutError):
            link.drain_events(timeout=0.05)
    assert received.bodies == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_no_more_messages_are_given_out_than_were_asked_for(link: Connection, queue: Queue) -> None:
    held: list[Message] = []
    publish(link, queue, 1, 2)
    consumer = Consumer(link.channel(), [queue], callbacks=[lambda body, m: held.append(m)])
    consumer.qos(prefetch_count=1)
    with consumer:
        link.drain_events(timeout=1)
        with pytest.raises(TimeoutError):
            link.drain_events(timeout=0.05)
        held[0].ack()
        link.drain_events(timeout=1)
    assert len(held) == 2


def test_a_rejected_message_comes_again(link: Connection, queue: Queue) -> None:
    seen: list[object] = []

    def reject_first(body: object, message: Message) -> None:
        seen.append(body)
        if len(seen) == 1:
            message.reject(requeue=True)
        else:
            message.ack()

    publish(link, queue, "again")
    with Consumer(link.channel(), [queue], callbacks=[reject_first]):
        link.drain_events(timeout=1)
        link.drain_events(timeout=1)
    assert seen == ["again", "again"]


def test_a_waiting_consumer_is_woken_at_once() -> None:
    queue = Queue("prompt", EXCHANGE, routing_key="prompt")
    waits: list[float] = []
    waiting, done = threading.Event(), threading.Event()

    def measure(sent_at: float, message: Message) -> None:
        waits.append(time.monotonic() - sent_at)
        message.ack()

    def consume() -> None:
        with Connection("embedded://localhost") as link:
            Consumer(link.channel(), [queue], callbacks=[measure]).consume()
            for _ in range(20):
                waiting.set()
                link.drain_events(timeout=5)
        done.set()

    threading.Thread(target=consume, daemon=True).start()
    assert waiting.wait(5)
    with Connection("embedded://localhost") as link:
        for _ in range(20):
            publish(link, queue, time.monotonic())
            time.sleep(0.005)
    assert done.wait(5)
    # memory:// takes up to a second.
    assert sorted(waits)[10] < 0.1


def test_an_acknowledgement_from_another_thread_wakes_the_consumer() -> None:
    queue = Queue("room", EXCHANGE, routing_key="room")
    received: list[Message] = []
    with Connection("embedded://localhost") as link:
        publish(link, queue, 1, 2)
        consumer = Consumer(link.channel(), [queue], callbacks=[lambda b, m: received.append(m)])
        consumer.qos(prefetch_count=1)
        with consumer:
            link.drain_events(timeout=1)
            threading.Timer(0.05, received[0].ack).start()
            started = time.monotonic()
            link.drain_events(timeout=5)
    assert len(received) == 2
    assert time.monotonic() - started < 1


def test_many_threads_lose_no_message() -> None:
    queue = Queue("many", EXCHANGE, routing_key="many")
    senders, each = 8, 50
    received = Received()

    def send() -> None:
        with Connection("embedded://localhost") as link:
            publish(link, queue, *range(each))

    threads = [threading.Thread(target=send) for _ in range(senders)]
    with Connection("embedded://localhost") as link:
        consumer = Consumer(link.channel(), [queue], callbacks=[received])
        consumer.consume()
        for thread in threads:
            thread.start()
        while len(received.bodies) < senders * each:
            link.drain_events(timeout=5)
    assert sorted(received.bodies) == sorted([*range(each)] * senders)  # type: ignore[type-var]


def test_a_flood_of_rings_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "QUEUE_LIMIT", 10)
    queue = Queue("flood", EXCHANGE, routing_key="flood")
    with Connection("embedded://localhost") as link:
        publish(link, queue, *range(50))
        channel: Any = link.channel()
        assert channel._size("flood") == 10
