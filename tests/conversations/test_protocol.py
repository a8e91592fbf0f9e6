"""What a browser's frame may hold."""

import uuid
from typing import Any

import pytest

from conversations.protocol import MOST_UUIDS, BadFrame, ClientFrame

ONE, TWO = str(uuid.uuid4()), str(uuid.uuid4())


def test_a_list_of_ids_is_read_in_its_order() -> None:
    assert ClientFrame("send", {"ids": [ONE, TWO]}).uuids("ids") == [uuid.UUID(ONE), uuid.UUID(TWO)]
    assert ClientFrame("send", {}).uuids("ids") == []


@pytest.mark.parametrize(
    "value",
    [None, "x", {}, [ONE, 5], [None], [[ONE]], ["x"], [f"{ONE}\0"], ["\ud800"], [ONE] * 101],
)
def test_what_is_no_list_of_ids_is_refused(value: Any) -> None:
    assert MOST_UUIDS == 100
    with pytest.raises(BadFrame) as refused:
        ClientFrame("send", {"ids": value}).uuids("ids")
    assert refused.value.code == "bad_frame"
