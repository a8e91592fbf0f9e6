"""What the stub server does for a model's name, and the words it answers with. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

QUOTED_PASSAGES = 2
SENTENCES_A_PASSAGE = 2
_BOUNDARY = re.compile(r"^=+BOUNDARY-\w+=+$", re.MULTILINE)
_PASSAGE = re.compile(r"^\[(\d{1,3})\] [^\n]*\n", re.MULTILINE)
_LIST_SIGN = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_TOKEN = re.compile(r"\s*\S{1,6}|\s+")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one call goes. `body` replaces the response, `raw` what is streamed.

    `raw_after` tokens come before `raw`. `flaky`: the first call of each prompt goes wrong, as the
    other fields say or with a 500, and the next goes well. `halves`: half of the text, then the
    output limit; asked to go on, the other half. A prompt is too long above `window_tokens`, with
    more than `most_passages`, or with earlier turns where there may be `no_history`.
    """

    first_token_seconds: float = 0.0
    gap_seconds: float = 0.0
    status: int = 0
    code: str = ""
    retry_after: float | None = None
    hang: bool = False
    reset: bool = False
    body: bytes = b""
    raw: bytes = b""
    cut_after: int = -1
    stall_after: int = -1
    finish: str | None = "stop"
    endless: bool = False
    drip: bool = False
    flaky: bool = False
    halves: bool = False
    window_tokens: int = 0
    most_passages: int = 0
    no_history: bool = False
    flood_megabytes: int = 0
    raw_after: int = 0
    text: str | None = None


_BAD_EVENT = b'data: {"choices": [{"delta": {"content": "half\n\n'
_NULL_TEXT = b'data: {"choices": [{"delta": {"content": null}, "finish_reason": "stop"}]}\n\n'
_NAMED: Mapping[str, dict[str, Any]] = {
    "hang": {"hang": True},
    "reset": {"reset": True},
    "drip": {"drip": True},
    "stall": {"stall_after": 5},
    "flaky": {"flaky": True},
    "halves": {"halves": True},
    "nohistory": {"no_history": True},
    "endless": {"endless": True},
    "nofinish": {"finish": None},
    "length": {"finish": "length"},
    "filter": {"finish": "content_filter"},
    "empty": {"text": ""},
    "blank": {"text": " \n "},
    "quota": {"status": 429, "code": "insufficient_quota"},
    "context": {"status": 400, "code": "context_length_exceeded"},
    "html": {"body": b"<html><body>Bad gateway</body></html>"},
    "json": {"body": b'{"object": "something else", "choices": null}'},
    "string": {"body": b'"just a string"'},
    "errorbody": {"body": b'{"error": {"message": "overloaded", "type": "server_error"}}'},
    "shape": {"raw": b'data: {"choices": [{"delta": "words", "finish_reason": 5}]}\n\n'},
    "nochoices": {"raw": b'data: {"choices": []}\n\ndata: [DONE]\n\n'},
    "nullchoices": {"raw": b'data: {"choices": null}\n\ndata: [DONE]\n\n'},
    "null": {"raw": _NULL_TEXT},
    "errorevent": {"raw": b'event: error\ndata: {"message": "overloaded"}\n\n'},
    "error": {"raw": b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n'},
    "badjson": {"raw": _BAD_EVENT},
    "badutf8": {"raw": b"data: \xff\xfe\xff\n\n"},
    "longline": {"raw": b"data: " + b"x" * (8 * 1024 * 1024)},
    "noanswer": {"text": "NO_ANSWER"},
    "uncited": {"text": "You can do that in the settings, I am sure of it."},
    "leak": {"text": "SYSTEM"},
    "badlink": {"text": "Sign in at [our page](https://evil.example/login) today [1]."},
}


def behaviour_of(model: str) -> Behaviour:
    """Read a model's name: parts joined by dashes; unknown parts are ignored."""
    behaviour = Behaviour()
    name = model.replace("no-finish", "nofinish").replace("cut-after-", "cutafter")
    for part in name.split("-"):
        behaviour = replace(behaviour, **_change_of(part))
    return behaviour


def _change_of(part: str) -> dict[str, Any]:
    if part in _NAMED:
        return _NAMED[part]
    found = re.fullmatch(r"([a-z]*)(\d+)", part)
    if not found:
        return {}
    word, number = found[1], int(found[2])
    numbered: dict[str, dict[str, Any]] = {
        "": {"status": number} if 400 <= number < 600 else {},
        "ttft": {"first_token_seconds": number / 1000},
        "rate": {"gap_seconds": 1 / max(1, number)},
        "retry": {"retry_after": number},
        "retryms": {"retry_after": number / 1000},
        "window": {"window_tokens": number},
        "passages": {"most_passages": number},
        "flood": {"flood_megabytes": number},
        "then": {"raw_after": number},
        "cutafter": {"cut_after": number},
    }
    return numbered.get(word, {})


def of_the_first_call(behaviour: Behaviour) -> Behaviour:
    """Return how a flaky model's first call goes: as its other fields say, or with a 500."""
    fault = replace(behaviour, flaky=False)
    return behaviour_of("stub-500") if fault == Behaviour() else fault


def prompt_tokens(messages: Sequence[Mapping[str, Any]]) -> int:
    """Return a prompt's length: four characters a token, as usual tokenizers have in English."""
    return sum(len(str(message.get("content", ""))) for message in messages) // 4


def too_long(messages: Sequence[Mapping[str, Any]], behaviour: Behaviour) -> bool:
    """Say whether a prompt does not fit a model that behaves like this."""
    if behaviour.window_tokens and prompt_tokens(messages) > behaviour.window_tokens:
        return True
    if behaviour.no_history and len(messages) > 2:
        return True
    quoted = _BOUNDARY.split(str(messages[-1].get("content", ""))) if messages else []
    given = len(_passages(quoted[1])) if len(quoted) > 2 else 0
    return 0 < behaviour.most_passages < given


def completion_text(messages: Sequence[Mapping[str, Any]], behaviour: Behaviour) -> str:
    """Return what the stub says: the first sentences of the first passages, with markers."""
    if behaviour.text == "SYSTEM":
        return f"{messages[0]['content']} [1]" if messages else ""
    if behaviour.text is not None:
        return behaviour.text
    content = str(messages[-1].get("content", "")) if messages else ""
    if behaviour.halves:
        return _half(messages)
    quoted = _BOUNDARY.split(content)
    passages = _passages(quoted[1]) if len(quoted) > 2 else []
    if not passages:
        return "Hello. I am a stub and there are no passages to quote."
    quotes = [_quote(number, text) for number, text in passages]
    return " ".join([quote for quote in quotes if quote][:QUOTED_PASSAGES])


def _half(messages: Sequence[Mapping[str, Any]]) -> str:
    going_on = len(messages) > 2 and messages[-2].get("role") == "assistant"
    whole = completion_text(messages[:-2] if going_on else messages, Behaviour())
    middle = len(whole) // 2
    return whole[middle:] if going_on else whole[:middle]


def _passages(block: str) -> list[tuple[int, str]]:
    parts = _PASSAGE.split(block)
    return [(int(n), text.strip()) for n, text in zip(parts[1::2], parts[2::2], strict=True)]


def _quote(number: int, text: str) -> str:
    lines = [_LIST_SIGN.sub("", line).strip() for line in text.splitlines()]
    said = [line for line in lines if line and line[0] not in "#[|<"]
    sentences = [s for line in said for s in _SENTENCE.split(line) if s][:SENTENCES_A_PASSAGE]
    return " ".join(f"{sentence} [{number}]" for sentence in sentences)


def tokens_of(text: str) -> list[str]:
    """Cut a text into pieces about as long as a model's tokens; joined they are the text."""
    return _TOKEN.findall(text)
