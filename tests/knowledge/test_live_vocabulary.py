"""An operator's words count in the next search, whoever wrote them."""

import pytest

from knowledge.actions.vocabulary import import_entries
from knowledge.live_vocabulary import current_rows, expander
from knowledge.models import VocabularyEntry
from knowledge.wiring import searcher
from tests.knowledge.library import PUBLIC, ingest

REFILL = (
    b"# Refill\n\nA Refill adds credit to a prepaid account. Buy one at the till of a supermarket."
)
BATTERY = b"# Batteries\n\nThe top of the phone may get warm when it is up on the charger at night."


@pytest.mark.usefixtures("own_index")
def test_a_new_word_is_used_in_the_next_search() -> None:
    ingest("refill.md", REFILL)
    ingest("battery.md", BATTERY)
    question = "where can I top up"
    assert searcher().retrieve(question, PUBLIC).passages[0].title == "Batteries"
    entry = VocabularyEntry.objects.create(term="Refill", synonyms="top up")
    assert searcher().retrieve(question, PUBLIC).passages[0].title == "Refill"
    entry.delete()
    assert searcher().retrieve(question, PUBLIC).passages[0].title == "Batteries"


@pytest.mark.django_db
def test_an_edit_that_leaves_no_other_trace_counts_too() -> None:
    first = VocabularyEntry.objects.create(term="Refill", synonyms="top up")
    assert expander(current_rows())("top up").kept == ("Refill",)
    # As another process with a slow clock, or a hand in the database, would.
    VocabularyEntry.objects.filter(pk=first.pk).update(synonyms="recharge")
    assert expander(current_rows())("top up").kept == ()
    assert expander(current_rows())("recharge").kept == ("Refill",)


@pytest.mark.django_db
def test_a_csv_file_adds_and_completes_entries() -> None:
    VocabularyEntry.objects.create(term="Refill", synonyms="top up")
    rows = "Refill,recharge,TOP-UP\nSign-in Plus\n\nrefill,recharge\nthe,a\nPIN,pin\n"
    result = import_entries(rows)
    assert (result.added, result.changed, result.unchanged) == (1, 1, 1)
    assert [problem.split(":")[0] for problem in result.problems] == ["Row 5", "Row 6"]
    kept = dict(VocabularyEntry.objects.values_list("term", "synonyms"))
    assert kept == {"Refill": "top up\nrecharge", "Sign-in Plus": ""}


@pytest.mark.django_db
def test_a_file_with_semicolons_is_read_and_one_that_is_no_csv_says_so() -> None:
    assert import_entries("Refill;top up;recharge\n").added == 1
    assert VocabularyEntry.objects.get().others == ["top up", "recharge"]
    # A quotation mark that is never closed: found whatever limit other readers set for a cell.
    problems = import_entries('"' + "x" * 200_000).problems
    assert "not a CSV file" in problems[0]
    assert "not a CSV file" in import_entries('Refill,"top up\n').problems[0]
