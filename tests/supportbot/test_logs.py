"""Log lines are JSON with the ids of what they are about, and without texts and keys."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest

from observability.logs import formatter
from observability.redaction import WITHHELD
from observability.tracing import bind, current_trace_id, start_trace


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json"))
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    logger.propagate, logger.level = False, logging.INFO
    yield stream
    logger.removeHandler(handler)


def last(lines: io.StringIO) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(lines.getvalue().splitlines()[-1])
    return read


def test_a_line_tells_what_happened_when_and_to_what(lines: io.StringIO) -> None:
    trace_id = start_trace()
    bind(conversation="c-1", message="m-1", attempt=2)
    logging.getLogger("tests.logs").info("answer.recorded", extra={"characters": 120})
    line = last(lines)
    assert line["event"] == "answer.recorded"
    assert line["level"] == "info"
    assert line["time"].endswith("Z")
    assert line["trace"] == trace_id == current_trace_id()
    assert (line["conversation"], line["message"], line["attempt"]) == ("c-1", "m-1", "2")
    assert line["characters"] == 120


def test_a_new_trace_forgets_what_the_last_was_about(lines: io.StringIO) -> None:
    start_trace()
    bind(conversation="c-1")
    start_trace()
    logging.getLogger("tests.logs").info("next")
    assert "conversation" not in last(lines)


@pytest.mark.parametrize(
    "name", ["text", "question", "api_key", "token", "prompt", "password", "content", "user_email"]
)
def test_a_field_that_would_hold_a_text_or_key_is_withheld(lines: io.StringIO, name: str) -> None:
    logging.getLogger("tests.logs").info("slip", extra={name: "My card is 4111 1111"})
    assert last(lines)[name] == WITHHELD
    assert "4111" not in lines.getvalue()


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghijklmnop1234",
        "ghp_abcdefghijklmnopqrstuvwxyz012345",
        "AKIAIOSFODNN7EXAMPLE",
        "Bearer abcdefghijklmnop",
        "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4",
    ],
)
def test_a_key_inside_a_sentence_is_masked(lines: io.StringIO, secret: str) -> None:
    logging.getLogger("tests.logs").warning(
        "Refused: %s is no key", secret, extra={"detail": secret}
    )
    assert secret not in lines.getvalue()
    assert "Refused" in last(lines)["event"]


def test_a_password_in_an_address_is_masked(lines: io.StringIO) -> None:
    logging.getLogger("tests.logs").warning("no answer from postgres://me:hush-hush@db:5432/x")
    assert "hush-hush" not in lines.getvalue()
    assert "@db:5432" in last(lines)["event"]


def test_an_exception_tells_its_kind_and_place_but_not_its_words(lines: io.StringIO) -> None:
    try:
        raise ValueError("the customer wrote: my password is swordfish")
    except ValueError:
        logging.getLogger("tests.logs").exception("answer.failed")
    line = last(lines)
    assert "swordfish" not in lines.getvalue()
    assert line["error"] == "ValueError"
    assert "test_logs.py" in line["places"][-1]


def test_a_long_value_is_cut(lines: io.StringIO) -> None:
    logging.getLogger("tests.logs").info("x", extra={"detail": "a" * 5000})
    assert len(last(lines)["detail"]) < 400


def test_text_format_is_for_eyes() -> None:
    record = logging.LogRecord("tests", logging.INFO, "f.py", 1, "hello.there", (), None)
    printed = formatter("text").format(record)
    assert "hello.there" in printed
    assert not printed.startswith("{")
