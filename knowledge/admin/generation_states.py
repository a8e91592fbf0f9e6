"""How a generation of the index is shown: its state, its progress, and what it was compared on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypedDict

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from knowledge.actions.generations import previous_generation
from knowledge.golden import is_worse
from knowledge.models import Activation, GenerationState, IndexGeneration

MOST_SHOWN = 50
# A worker takes a generation up within seconds; later than this nobody seems to be there.
PATIENCE_SECONDS = 60.0
# Icon (a name in the Material Symbols font) and tone (see static/admin/supportbot.css).
_LOOKS: dict[str, tuple[str, str]] = {
    GenerationState.BUILDING: ("construction", "busy"),
    GenerationState.READY: ("inventory_2", "warning"),
    GenerationState.CURRENT: ("check_circle", "good"),
    GenerationState.RETIRED: ("history", "plain"),
    GenerationState.FAILED: ("error", "bad"),
}


class State(TypedDict):
    """What the page and its live updates show. `stamp` changes with what only a reload shows."""

    label: str
    icon: str
    tone: str
    detail: str
    done: int
    total: int
    passages: int
    busy: bool
    stamp: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of a comparison, in percent of the questions or as it is."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose document has another rank. `worse` says in which direction."""

    question: str
    document: str
    before: str
    after: str
    worse: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A generation against the one that answered when they were compared."""

    questions: int
    golden: bool
    against: int
    worse: bool
    compared_at: Any
    figures: tuple[Figure, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A generation as a page shows it, with what may be done about it."""

    row: IndexGeneration
    state: State
    size: str
    comparison: Comparison | None
    is_previous: bool

    @property
    def may_use(self) -> bool:
        """Say whether it can be put into use, at once or when it is up to date."""
        return self.row.state in (GenerationState.READY, GenerationState.RETIRED)

    @property
    def may_compare(self) -> bool:
        """Say whether it holds something to compare."""
        return self.may_use

    @property
    def may_continue(self) -> bool:
        """Say whether it stopped half-way."""
        return self.row.state == GenerationState.FAILED

    @property
    def may_drop(self) -> bool:
        """Say whether it can go."""
        return self.row.state != GenerationState.CURRENT


def shown_generations() -> list[Shown]:
    """Return all generations, the newest first."""
    previous = previous_generation()
    rows = IndexGeneration.objects.all()[:MOST_SHOWN]
    return [_shown(row, previous) for row in rows]


def shown_generation(number: int) -> Shown | None:
    """Return one of them."""
    row = IndexGeneration.objects.filter(number=number).first()
    return _shown(row, previous_generation()) if row else None


def _shown(row: IndexGeneration, previous: IndexGeneration | None) -> Shown:
    return Shown(
        row=row,
        state=state_of(row),
        size=size_of(row),
        comparison=comparison_of(row),
        is_previous=previous is not None and row.pk == previous.pk,
    )


def state_of(generation: IndexGeneration) -> State:
    """Return how its state is shown."""
    icon, tone = _LOOKS[generation.state]
    label = str(generation.get_state_display())
    if generation.state == GenerationState.BUILDING and generation.ready_at is not None:
        label = "Being brought up to date"
    return State(
        label=label,
        icon=icon,
        tone=tone,
        detail=_detail(generation),
        done=generation.progress_done,
        total=generation.progress_total,
        passages=generation.count_passages(),
        busy=generation.state == GenerationState.BUILDING,
        stamp=f"{generation.state} {generation.comparison.get('compared_at', '')}".strip(),
    )


def size_of(generation: IndexGeneration) -> str:
    """Return the size of its chunks in words."""
    if generation.chunk_tokens:
        return f"at most {generation.chunk_tokens} tokens"
    return "as many tokens as the model takes"


def comparison_of(generation: IndexGeneration) -> Comparison | None:
    """Return its comparison in words; None when there was none or nothing to compare."""
    found = generation.comparison
    if not found.get("questions"):
        return None
    return Comparison(
        questions=found["questions"],
        golden=found["source"] == "golden questions",
        against=found["against"],
        worse=is_worse(found),
        compared_at=parse_datetime(found.get("compared_at", "")),
        figures=tuple(_figures(found["before"], found["after"])),
        changes=tuple(_change(row) for row in found["changed"]),
    )


def _figures(before: dict[str, float], after: dict[str, float]) -> list[Figure]:
    names = {"first": "Right document first", "in_first_five": "Among the first five"}
    shares = [
        Figure(name, f"{before[key]:.0%}", f"{after[key]:.0%}") for key, name in names.items()
    ]
    rank = Figure("Mean of 1 / rank", f"{before['mrr_at_10']:.3f}", f"{after['mrr_at_10']:.3f}")
    return [*shares, rank]


def _change(row: dict[str, Any]) -> Change:
    before, after = int(row["before"]), int(row["after"])
    worse = after == 0 or (0 < before < after)
    return Change(row["question"], row["document"], _rank(before), _rank(after), worse)


def _rank(rank: int) -> str:
    return str(rank) if rank else "not found"


def _detail(generation: IndexGeneration) -> str:
    match generation.state:
        case GenerationState.BUILDING:
            return _work(generation)
        case GenerationState.READY if is_worse(generation.comparison):
            return "Complete. It compares worse, so it waits for your decision."
        case GenerationState.READY:
            return "Complete. It answers when you put it into use."
        case GenerationState.CURRENT:
            return "Customers' questions are answered from it."
        case GenerationState.RETIRED:
            return "Kept, so that you can go back to it."
        case _:
            return generation.error


def _work(generation: IndexGeneration) -> str:
    documents = f"{generation.progress_done} of {generation.progress_total} documents."
    if _nobody_works(generation):
        return f"{documents} No worker has taken it up yet. Is the server, or a worker, running?"
    match generation.activation:
        case Activation.ALWAYS:
            return f"{documents} It comes into use when it holds them all."
        case Activation.UNLESS_WORSE:
            return f"{documents} Then it is compared, and put into use unless it is worse."
        case _:
            return f"{documents} Then it waits for you to put it into use."


def _nobody_works(generation: IndexGeneration) -> bool:
    since = timezone.now() - timedelta(seconds=PATIENCE_SECONDS)
    if generation.lease_until is not None:
        return generation.lease_until < since
    return generation.attempt == 0 and generation.created_at < since
