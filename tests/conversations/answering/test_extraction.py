from __future__ import annotations

from conversations.answering.extraction import extract
from conversations.answering.stretches import split
from conversations.answering.values import Source
from tests.conversations.answering.cast import ALL, DELETING, STEPS, passage


def test_steps_are_quoted_whole_in_order_with_the_line_that_introduces_them() -> None:
    draft = extract("How do I delete my account?", ALL)
    assert draft is not None
    assert draft.source is Source.EXTRACT
    assert draft.citations[0].quote == (
        "To delete your account:\n\n"
        "1. Open Settings.\n2. Choose Delete account.\n3. Confirm with your password."
    )
    assert "This is what our help page *Deleting your account* says:" in draft.text


def test_every_quote_is_verbatim_and_every_marker_in_the_text() -> None:
    draft = extract("invoice each month e-mail", ALL)
    assert draft is not None
    for cited in draft.citations:
        assert cited.quote in cited.passage.text
        assert f"[{cited.marker}]" in draft.text


def test_at_most_three_documents_are_cited_one_marker_each() -> None:
    second = passage("deleting", "You can delete your account later.", chunk="deleting-2")
    draft = extract("delete account", (DELETING, second, *ALL[1:]))
    assert draft is not None
    assert [c.passage.document for c in draft.citations] == ["deleting", "signing-in", "billing"]


def test_a_sentence_is_chosen_that_shares_rare_words_with_the_question() -> None:
    draft = extract("how long do you keep invoices", (DELETING,))
    assert draft is not None
    assert draft.citations[0].quote == "We keep invoices for 10 years."


def test_the_words_around_quotations_are_in_the_customers_language() -> None:
    draft = extract("Konto löschen", (DELETING,), "de")
    assert draft is not None
    assert draft.text.startswith("Das steht auf unserer Hilfeseite *Deleting your account*:")


def test_nothing_found_gives_no_draft() -> None:
    assert extract("anything", ()) is None


def test_a_very_long_list_is_cut_around_the_item_that_fits() -> None:
    items = "\n".join(f"- Item number {n} about topic{n}" for n in range(200))
    draft = extract("topic150", (passage("list", items),))
    assert draft is not None
    assert "topic150" in draft.citations[0].quote
    assert len(draft.citations[0].quote) < 900


def test_headings_are_not_quoted_and_abbreviations_in_lists_stay_whole() -> None:
    pieces = [STEPS[p.start : p.end] for p in split(STEPS)]
    assert "1. Open Settings." in pieces
    assert split("## Heading\nText here.")[0].start == len("## Heading\n")


def test_a_text_without_sentences_is_still_quoted() -> None:
    draft = extract("x", (passage("odd", "## Only a heading"),))
    assert draft is not None
    assert draft.citations[0].quote == "## Only a heading"
