"""What operators set for answers, as it stands at this moment: one query while nobody edits."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conversations.answering.values import RuleSpec
from conversations.models import (
    Calibration,
    InstructionsUse,
    ModelConnection,
    OperatorEdit,
    Rule,
    SensitiveTopic,
    ServiceState,
    count_edits_of,
)
from guardrails.high_stakes import Topic
from knowledge.models import Audience
from providers.llm.connection import LlmConnection

# An edit counts at once; what was written past the application (by SQL) counts by then.
REREAD_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """Rows read together. `stored` is the connection from the admin, None without one."""

    rules: tuple[RuleSpec, ...]
    topics: tuple[Topic, ...]
    calibration: Calibration | None
    use: InstructionsUse
    state: ServiceState
    stored: LlmConnection | None


@dataclass(frozen=True, slots=True)
class _Held:
    token: uuid.UUID
    read_at: float
    settings: OperatorSettings


_lock = threading.Lock()
_held: list[_Held] = []


def now() -> OperatorSettings:
    """Return what is set now. Callers must not change the rows."""
    # The value before the rows: an edit between the two is read again next time.
    token = OperatorEdit.last()
    clock = time.monotonic()
    with _lock:
        held = _held[-1] if _held else None
    if held and held.token == token and clock - held.read_at < REREAD_SECONDS:
        return held.settings
    read = _read()
    with _lock:
        _held[:] = [_Held(token, clock, read)]
    return read


def watch() -> None:
    """Have every edit of these rows noted."""
    edited = (Rule, SensitiveTopic, Calibration, InstructionsUse, ServiceState, ModelConnection)
    # A deleted audience takes its links to rules with it.
    count_edits_of((*edited, Audience), (Rule.audiences.through,))


def _read() -> OperatorSettings:
    connection = ModelConnection.objects.first()
    return OperatorSettings(
        rules=_rules(),
        topics=_topics(),
        calibration=Calibration.objects.in_force(),
        use=InstructionsUse.now(),
        state=ServiceState.current(),
        stored=connection.connection() if connection else None,
    )


def _topics() -> tuple[Topic, ...]:
    rows = SensitiveTopic.objects.filter(enabled=True).values_list("name", "phrases", "always")
    return tuple(Topic(name, tuple(phrases.split("\n")), always) for name, phrases, always in rows)


def _rules() -> tuple[RuleSpec, ...]:
    readers: dict[int, list[str]] = {}
    for rule_id, audience in Rule.audiences.through.objects.values_list("rule_id", "audience_id"):
        readers.setdefault(rule_id, []).append(audience)
    rows = Rule.objects.filter(enabled=True).values_list("pk", *_SPEC_FIELDS)
    return tuple(_spec(pk, readers.get(pk, []), *values) for pk, *values in rows)


_SPEC_FIELDS = (
    "name",
    "action",
    "text",
    "phrases",
    "pattern",
    "priority",
    "language",
    "link_url",
    "link_label",
    "form_fields",
)


def _spec(pk: int | None, audiences: Sequence[str], *values: Any) -> RuleSpec:
    given: dict[str, Any] = dict(zip(_SPEC_FIELDS, values, strict=True))
    phrases = given.pop("phrases").splitlines()
    form_fields = given.pop("form_fields")
    return RuleSpec(
        id=pk,
        audiences=frozenset(audiences),
        phrases=tuple(line.strip() for line in phrases if line.strip()),
        form_fields=tuple(str(name) for name in form_fields),
        **given,
    )
