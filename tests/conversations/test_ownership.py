"""Who may speak: the machine by itself, and a walk over the real actions and rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from benchmarks import Options, ownership_steps, takeovers
from benchmarks._ownership_walk import Walk, doubled_replies
from conversations.actions import messages, thread
from conversations.ownership import (
    TRANSITIONS,
    EndedRequest,
    Owner,
    OwnershipEvent,
    Standing,
    TransitionRefused,
    bot_may_speak,
    broken_invariants,
    may_ask_again,
    next_owner,
)
from knowledge.actions.defaults import ensure_defaults

QUICK = Options(quick=True)
EVENTS = some.lists(some.sampled_from(OwnershipEvent), max_size=40)


def after(events: list[OwnershipEvent], owner: Owner = Owner.BOT) -> Owner:
    for event in events:
        try:
            owner = next_owner(owner, event)
        except TransitionRefused:
            assert (owner, event) not in TRANSITIONS
    return owner


@given(EVENTS)
def test_whatever_happens_an_agent_can_take_the_chat_and_silence_the_bot(
    events: list[OwnershipEvent],
) -> None:
    owner = next_owner(after(events), OwnershipEvent.TAKE)
    assert owner is Owner.AGENT
    assert not bot_may_speak(owner)


@given(EVENTS)
def test_whatever_happens_a_person_can_be_asked_and_the_bot_is_silent_then(
    events: list[OwnershipEvent],
) -> None:
    owner = next_owner(after(events), OwnershipEvent.ESCALATE)
    assert owner in (Owner.WAITING, Owner.AGENT)


@given(EVENTS)
def test_whatever_happens_the_chat_can_be_closed_and_reopens_for_the_bot(
    events: list[OwnershipEvent],
) -> None:
    closed = next_owner(after(events), OwnershipEvent.CLOSE)
    assert closed is Owner.CLOSED
    assert next_owner(closed, OwnershipEvent.REOPEN) is Owner.BOT


@given(EVENTS)
def test_the_customer_cannot_send_an_agent_away(events: list[OwnershipEvent]) -> None:
    customers = (OwnershipEvent.ESCALATE, OwnershipEvent.WITHDRAW, OwnershipEvent.REOPEN)
    taken = next_owner(after(events), OwnershipEvent.TAKE)
    assert after([event for event in events if event in customers], taken) is Owner.AGENT


def test_only_these_events_let_the_bot_speak_again() -> None:
    back = {event for (start, event), end in TRANSITIONS.items() if bot_may_speak(end)}
    assert back == {OwnershipEvent.WITHDRAW, OwnershipEvent.HAND_BACK, OwnershipEvent.REOPEN}


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (Standing(Owner.AGENT, True, 0, 1, 0, replies_out_of_turn=1), "out of turn"),
        (Standing(Owner.WAITING, False, 1, 0, 1), "does not own"),
        (Standing(Owner.WAITING, False, 0, 0, 0), "without one open request"),
        (Standing(Owner.BOT, False, 1, 0, 0), "without one open request"),
        (Standing(Owner.AGENT, True, 1, 0, 0), "without one open request"),
        (Standing(Owner.CLOSED, False, 0, 1, 0), "no agent has"),
        (Standing(Owner.AGENT, True, 0, 2, 0), "more than one"),
        (Standing(Owner.BOT, True, 0, 0, 1), "an agent is named"),
    ],
)
def test_each_broken_invariant_is_named(standing: Standing, says: str) -> None:
    assert says in " ".join(broken_invariants(standing))


def test_what_is_well_is_not_named() -> None:
    well = [
        Standing(Owner.BOT, False, 0, 0, 2),
        Standing(Owner.WAITING, False, 1, 0, 0),
        Standing(Owner.AGENT, True, 0, 1, 0),
        Standing(Owner.AGENT, False, 0, 0, 0),
        Standing(Owner.CLOSED, False, 0, 0, 0),
    ]
    assert [broken_invariants(standing) for standing in well] == [[]] * len(well)


@given(
    some.sampled_from(["failure", "guard"]),
    some.integers(1, 50),
    some.lists(
        some.builds(EndedRequest, some.sampled_from(["failure", "guard"]), some.integers(1, 50))
    ),
)
def test_a_person_is_asked_again_only_for_a_newer_question(
    reason: str, seq: int, ended: list[EndedRequest]
) -> None:
    same = [past.seq for past in ended if past.reason == reason]
    assert may_ask_again(reason, seq, ended) == (not same or max(same) < seq)


@pytest.mark.django_db
@pytest.mark.usefixtures("rung")
@pytest.mark.timeout(120)
def test_random_steps_break_nothing() -> None:
    ensure_defaults()
    walk = Walk(seed=7)
    walk.run(500)
    assert walk.broken == []
    assert doubled_replies() == 0
    assert walk.replies > 10


@pytest.mark.django_db
@pytest.mark.usefixtures("rung")
@pytest.mark.timeout(120)
def test_the_walk_finds_a_bot_that_does_not_ask_whose_turn_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ensure_defaults()
    monkeypatch.setattr(messages, "bot_may_speak", lambda owner: True)
    monkeypatch.setattr(thread, "give_open_questions_to_people", lambda conversation: None)
    walk = Walk(seed=7)
    walk.run(300)
    said = " ".join(walk.broken)
    assert "the bot replied out of turn" in said
    assert "which does not own the chat" in said


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_walk_is_measured_in_a_process_of_its_own() -> None:
    figures = ownership_steps.run(QUICK)
    assert figures["ok"], figures
    assert sum(figures["by_step"].values()) == figures["steps"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_reply_of_the_bot_comes_after_a_takeover() -> None:
    figures = takeovers.run(QUICK)
    assert figures["ok"], figures
    assert figures["takeovers"] > 0
    assert figures["in_mid_stream"] > 0
