"""Marked places with their surroundings."""

from typing import Any

from knowledge.admin.marked import AROUND_CHARACTERS, MOST_EXCERPTS, excerpts, places_in

TEXT = "First words here. " * 100 + "BAD ONE. " + "Middle words here. " * 100 + "BAD TWO. End."


def finding(sentence: str, **more: Any) -> dict[str, Any]:
    start = TEXT.index(sentence)
    return {"holds": True, "start": start, "end": start + len(sentence), **more}


def joined(found: Any) -> str:
    return "".join(segment.text for segment in found.segments)


def test_each_place_is_marked_once_with_words_around_it() -> None:
    places = places_in([finding("BAD TWO."), finding("BAD ONE.")], len(TEXT))
    first, second = excerpts(TEXT, places)
    assert [(s.text, s.number) for s in first.segments if s.number] == [("BAD ONE.", 1)]
    assert [(s.text, s.number) for s in second.segments if s.number] == [("BAD TWO.", 2)]
    assert (first.cut_before, first.cut_after) == (True, True)
    assert (second.cut_before, second.cut_after) == (True, False)
    assert joined(first) in TEXT
    assert len(joined(first)) <= 2 * AROUND_CHARACTERS + len("BAD ONE.")
    assert not joined(first).startswith(" ")


def test_near_and_overlapping_places_share_an_excerpt() -> None:
    places = places_in([finding("BAD ONE. Middle"), finding("ONE. Middle words here.")], len(TEXT))
    assert len(places) == 1
    places = [*places, (places[0][1] + 100, places[0][1] + 110)]
    (found,) = excerpts(TEXT, places)
    assert [segment.number for segment in found.segments if segment.number] == [1, 2]
    assert joined(found) in TEXT


def test_findings_that_hold_nothing_are_not_marked() -> None:
    assert places_in([finding("BAD ONE.", holds=False)], len(TEXT)) == []


def test_hundreds_of_places_are_cut_short() -> None:
    places = [(number * 10, number * 10 + 5) for number in range(170)]
    found = excerpts(TEXT, places)
    numbers = [s.number for excerpt in found for s in excerpt.segments if s.number]
    assert numbers == list(range(1, MOST_EXCERPTS + 1))
