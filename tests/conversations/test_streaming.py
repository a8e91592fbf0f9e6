"""What customers see of a reply that is being written ends with its cancellation."""

import threading
import time
import uuid

import pytest

from conversations import streaming
from conversations.protocol import Frame
from conversations.streaming import StreamProgress

SENDING_SECONDS = 0.2


def test_no_piece_comes_after_a_cancellation_has_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    sending = threading.Event()

    def publish(conversation_id: uuid.UUID, frame: Frame) -> None:
        if frame["type"] == "delta" and sending.is_set():
            time.sleep(SENDING_SECONDS)
        seen.append(frame["type"])

    monkeypatch.setattr(streaming, "publish", publish)
    progress = StreamProgress(uuid.uuid4(), uuid.uuid4(), 1)
    progress.delta("The first piece. ")
    sending.set()
    progress.delta("The second piece.")
    writer = threading.Thread(target=progress.flush)
    writer.start()
    time.sleep(SENDING_SECONDS / 4)
    progress.cancel()
    seen.append("cancelled")
    progress.delta("The third piece.")
    progress.flush()
    writer.join()
    assert seen.index("cancelled") == len(seen) - 1
    assert seen[-2] == "retract"
