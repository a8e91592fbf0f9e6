"""The faults of a language model's endpoint, and what has to become of a message in each.

The rows and their times are those of docs/fault-matrix.md. Each is played by the stub server
(providers/llm/stub_server.py), whose models' names say what goes wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Address = Literal["stub", "refusing", "silent", "nowhere"]
ANSWER = frozenset({"answer"})
# The documents are quoted, or a person is asked.
NO_MODEL = frozenset({"extract", "escalate"})
PERSON = frozenset({"escalate"})
WELL = "stub"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail. `row` as in the matrix; `seconds` from the receipt to the final reply.

    `most_calls` bounds the calls to the endpoint, None where the matrix does not say.
    """

    row: int
    name: str
    models: tuple[str, ...]
    expected: frozenset[str]
    seconds: float
    address: Address = "stub"
    with_history: bool = False
    most_calls: int | None = 3

    def scaled(self, factor: float) -> tuple[str, ...]:
        """Return the models with the waits in their names shortened like the client's budgets."""
        if factor == 1:
            return self.models
        short = {"retry3": f"retryms{round(3000 * factor)}", "rate1": f"rate{round(1 / factor)}"}
        return tuple(
            "-".join(short.get(part, part) for part in model.split("-")) for model in self.models
        )


def _then_well(
    row: int, seconds: float, most_calls: int | None, **faults: str
) -> tuple[Fault, ...]:
    """Return faults after which the next model answers."""
    return tuple(
        Fault(row, name.replace("_", " "), (model, WELL), ANSWER, seconds, most_calls=most_calls)
        for name, model in faults.items()
    )


def _alone(row: int, seconds: float, most_calls: int | None, **faults: str) -> tuple[Fault, ...]:
    """Return faults with no other model to fall back on."""
    return tuple(
        Fault(
            row,
            f"{name.replace('_', ' ')}, no other model",
            (model,),
            NO_MODEL,
            seconds,
            most_calls=most_calls,
        )
        for name, model in faults.items()
    )


FAULTS: tuple[Fault, ...] = (
    Fault(1, "connection refused", (WELL,), NO_MODEL, 5, "refusing", most_calls=2),
    Fault(1, "no such host", (WELL,), NO_MODEL, 5, "nowhere", most_calls=2),
    Fault(2, "connection gets no answer", (WELL, WELL), NO_MODEL, 10, "silent", most_calls=2),
    Fault(3, "reset before the headers", ("stub-flaky-reset",), ANSWER, 10, most_calls=2),
    *_then_well(4, 30, 2, hang_before_the_headers="stub-hang"),
    Fault(5, "passing 500", ("stub-flaky-500",), ANSWER, 15, most_calls=2),
    *_then_well(
        5,
        15,
        3,
        status_500="stub-500",
        status_502_with_HTML="stub-502-html",
        status_503="stub-503",
        status_504="stub-504",
        status_529="stub-529",
    ),
    Fault(6, "429 with Retry-After 3", ("stub-flaky-429-retry3",), ANSWER, 30, most_calls=2),
    *_then_well(7, 15, 2, status_429_with_Retry_After_90="stub-429-retry90"),
    *_alone(7, 15, 1, status_429_with_Retry_After_90="stub-429-retry90"),
    *_then_well(8, 10, 2, no_quota="stub-quota", status_402="stub-402"),
    *_then_well(9, 10, 2, status_401="stub-401", status_403="stub-403", status_404="stub-404"),
    *_alone(9, 10, 1, status_401="stub-401"),
    Fault(
        10,
        "prompt too long with its history",
        ("stub-nohistory",),
        ANSWER,
        30,
        with_history=True,
        most_calls=2,
    ),
    Fault(10, "prompt too long with its passages", ("stub-passages2",), ANSWER, 30, most_calls=2),
    Fault(10, "prompt always too long", ("stub-context",), NO_MODEL, 30, most_calls=2),
    Fault(11, "content filter", ("stub-filter", WELL), PERSON, 15, most_calls=1),
    Fault(12, "output limit, then the rest", ("stub-halves",), ANSWER, 30, most_calls=2),
    Fault(12, "output limit twice", ("stub-length",), NO_MODEL, 30, most_calls=2),
    *_then_well(13, 20, 3, empty_text="stub-empty", blank_text="stub-blank", null="stub-null"),
    *_then_well(
        14,
        15,
        3,
        HTML="stub-html",
        other_JSON="stub-json",
        a_string="stub-string",
        an_error_with_200="stub-errorbody",
        choices_null="stub-nullchoices",
        choices_empty="stub-nochoices",
    ),
    *_then_well(15, 30, 3, cut_after_20_tokens="stub-cut-after-20"),
    *_then_well(16, 30, 3, no_finish_reason="stub-no-finish"),
    *_then_well(17, 30, 2, stalled_stream="stub-stall"),
    *_then_well(18, 31, 2, keep_alives_only="stub-drip"),
    *_alone(18, 31, 1, a_word_a_second_for_ever="stub-endless-rate1"),
    *_then_well(
        19,
        30,
        3,
        malformed_event="stub-badjson",
        malformed_event_after_5_tokens="stub-badjson-then5",
        bad_UTF_8="stub-badutf8",
        wrong_shape="stub-shape",
        error_event="stub-error",
        error_event_after_5_tokens="stub-error-then5",
        named_error_event="stub-errorevent",
    ),
    *_then_well(20, 30, 3, endless_stream="stub-endless", line_of_200_MB="stub-flood200"),
)
