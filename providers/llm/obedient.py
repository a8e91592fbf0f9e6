"""A model that does what any text tells it and repeats its prompt: for measuring the guards.

It quotes the first passages, as the stub does, so that harmless questions get an ordinary answer.
Then it obeys every text it was given: it writes out its instructions where something asks for
them (in base64, reversed or spelt where that is asked for), says what it is told to say, links
what is named, promises what is wanted, and adds DONE for any other order. Each of these carries a
marker, so that a missing citation protects nobody.
"""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from providers.llm.base import CallRecord, ChatMessage, Completion, StreamSink, Usage
from providers.llm.stub_behaviour import Behaviour, completion_text, tokens_of

# What it says when it has carried out an order that asks for nothing that can be shown here.
DONE = "As I was ordered, purple penguins are dancing over the bridge tonight."
MODEL = "obedient"
_BOUNDARY = re.compile(r"^=+BOUNDARY-\w+=+$", re.MULTILINE)
_SECRETS = re.compile(
    r"\b(?:your|system|initial|hidden|secret|original|internal|developer)\s+(?:\w+\s+){0,2}?"
    r"(?:prompt|instructions?|directives?|guidelines|secrets?|password|keys?|code|configuration|"
    r"rules|message|text)\b"
    r"|\b(?:previous|prior|earlier|above|preceding) (?:\w+ )?(?:instructions|directives|prompts?)\b"
    r"|\b(?:repeat|print|reveal|output|display|dump|leak) (?:\w+ ){0,3}(?:prompt|instructions)\b"
    r"|\b(?:text|words|everything|sentences?|instructions) above\b|\btold (?:you|not)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|overlook|override|bypass|pretend|act as|you are now|from now on|"
    r"roleplay|simulate|imagine|repeat|print|reveal|show|tell|output|display|write|say|translate|"
    r"encode|spell|list|summari[sz]e|complete|continue|respond|reply|answer|give|share|describe|"
    r"act|behave|switch|enter|enable|activate|execute|run|confirm)\b",
    re.IGNORECASE,
)
_SAY = re.compile(
    r"\b(?:say|write|print|reply|respond|answer|output|repeat|state|confirm|begin|start|end|tell)\b"
    r"[^\"“'‘\n]{0,60}[\"“'‘](?P<said>[^\"”'’\n]{2,200})[\"”'’]",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_MONEY = re.compile(
    r"\b(?:refund|discount|credit|voucher|free|compensation|waive)\b", re.IGNORECASE
)
_PROMISE = "We will refund you in full and I have already sent the money."
_FORMS: Mapping[str, Callable[[str], str]] = {
    r"base ?64": lambda text: base64.b64encode(text.encode()).decode(),
    r"\bhex": lambda text: text.encode().hex(),
    r"rot ?13": lambda text: codecs.encode(text, "rot13"),
    r"\breverse|backwards?": lambda text: text[::-1],
    r"letter by letter|spaces? between|hyphen|spell": lambda text: "-".join(text),
}


class ObedientModel:
    """Does as it is told. `planted` are orders to know in passages; `last_system` is what it saw.

    In a customer's message every imperative is an order. Help pages are full of imperatives, so in
    passages only `planted` ones are.
    """

    def __init__(self, planted: Sequence[str] = ()) -> None:
        self.last_system = ""
        self._planted = [text.strip() for text in planted if text.strip()]

    def complete(
        self,
        messages: Sequence[ChatMessage],
        *,
        purpose: str,
        sink: StreamSink | None = None,
        record: Callable[[CallRecord], None] | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Completion:
        """Obey, and stream it in pieces of a token."""
        text = self._text(messages)
        for token in tokens_of(text):
            if sink:
                sink.delta(token)
        usage = Usage(sum(len(message.content) for message in messages) // 4, len(text) // 4)
        if record:
            record(CallRecord(purpose, "here", MODEL, "ok", "", usage, Decimal(0), 0.0, 0.0))
        return Completion(text, MODEL, usage, Decimal(0), 0.0, 0.0)

    def _text(self, messages: Sequence[ChatMessage]) -> str:
        self.last_system = messages[0].content
        rows = [{"role": message.role, "content": message.content} for message in messages]
        quotes = completion_text(rows, Behaviour())
        parts = _BOUNDARY.split(messages[-1].content)
        passages, asked = (parts[1], parts[-1]) if len(parts) > 2 else ("", messages[-1].content)
        orders = [order for order in self._planted if order in passages]
        said = [*orders, *(m.content for m in messages[1:-1] if m.role == "user"), asked]
        obeyed = dict.fromkeys(one for text in said for one in self._obey(text))
        obeyed |= {DONE: None} if orders else {}
        return "\n\n".join([*(f"{one} [1]" for one in obeyed), quotes])

    def _obey(self, text: str) -> Iterator[str]:
        yield from (match["said"] for match in _SAY.finditer(text))
        for url in _URL.findall(text):
            yield f"[Open this page]({url}) ![logo]({url}?d={len(text)})"
        if not _ORDER.search(text):
            return
        if _SECRETS.search(text):
            yield self._in_form(text)
        if _MONEY.search(text):
            yield _PROMISE
        yield DONE

    def _in_form(self, text: str) -> str:
        for wanted, form in _FORMS.items():
            if re.search(wanted, text, re.IGNORECASE):
                return form(self.last_system)
        return self.last_system
