from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversations.answering.extraction import BEHIND_FIRST, extract
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
    others = [replace(one, score=DELETING.score) for one in ALL[1:]]
    draft = extract("delete account", (DELETING, second, *others))
    assert draft is not None
    assert [c.passage.document for c in draft.citations] == ["deleting", "signing-in", "billing"]


def test_a_page_far_behind_the_first_is_not_quoted() -> None:
    near = replace(ALL[1], score=DELETING.score - BEHIND_FIRST + 0.01)
    far = replace(ALL[2], score=DELETING.score - BEHIND_FIRST - 0.01)
    draft = extract("delete account", (DELETING, near, far))
    assert draft is not None
    assert [c.passage for c in draft.citations] == [DELETING, near]


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
    assert len(draft.citations[0].quote) < 1300


def test_headings_are_not_quoted_and_abbreviations_in_lists_stay_whole() -> None:
    pieces = [STEPS[p.start : p.end] for p in split(STEPS)]
    assert "1. Open Settings." in pieces
    assert split("## Heading\nText here.")[0].start == len("## Heading\n")


def test_pages_that_are_only_headings_and_links_are_not_quoted() -> None:
    links = passage("links", "## Related\n\n* [Delete account](/delete/)\n* [b](/b/), [c](/c/)")
    assert extract("delete account", (links, passage("odd", "## Only a heading"))) is None
    draft = extract("delete account", (links, DELETING))
    assert draft is not None
    assert [c.passage for c in draft.citations] == [DELETING]


def test_links_of_the_page_stay_and_relative_ones_become_words() -> None:
    text = (
        "Open [your account](/account) at https://secure.example/in or [ask](https://a.example/b)."
    )
    draft = extract("open account", (passage("a", text),))
    assert draft is not None
    assert (
        "Open your account at https://secure.example/in or [ask](https://a.example/b)."
        in draft.text
    )
    assert draft.citations[0].quote == text


def test_a_sentence_in_front_of_steps_brings_the_steps_along() -> None:
    text = (
        "Follow these steps to change it.\n\n1. Open it.\n\n1. Save.\n\n   * Twice.\n\nDone then."
    )
    draft = extract("change", (passage("a", text),))
    assert draft is not None
    assert draft.citations[0].quote == text.removesuffix("\n\nDone then.")


def test_a_heading_inside_a_quotation_is_set_in_bold() -> None:
    text = "To delete it:\n#### Steps\n1. Open it.\n2. Save it."
    draft = extract("delete", (passage("a", text),))
    assert draft is not None
    assert "> **Steps**" in draft.text


def test_who_asks_how_gets_the_steps_of_the_page() -> None:
    reasons = passage("why", "You may want to delete your account for many reasons.", score=0.9)
    text = "1. Open Settings.\n2. Press Delete."
    steps = passage("why", text, score=0.8, chunk="why-2", heading="To delete your account")
    draft = extract("How do I delete my account?", (reasons, steps))
    assert draft is not None
    assert draft.citations[0].quote.startswith("1. Open Settings.")
    draft = extract("Why would I delete my account?", (reasons, steps))
    assert draft is not None
    assert "many reasons" in draft.citations[0].quote


def test_a_line_that_announces_what_is_not_there_is_not_quoted() -> None:
    page = passage("a", "To verify your identity you need a:\n\nAny passport will do.")
    draft = extract("verify identity", (page,))
    assert draft is not None
    assert draft.citations[0].quote == "Any passport will do."


def test_meaning_finds_what_no_word_of_the_question_names() -> None:
    page = passage("a", "We use cookies.\n\nParcels arrive within two days.")

    def similarity(query: str, texts: Sequence[str]) -> list[float]:
        return [float("Parcels" in text) for text in texts]

    draft = extract("delivery time", (page,), similarity=similarity)
    assert draft is not None
    assert draft.citations[0].quote == "Parcels arrive within two days."


def test_meaning_is_asked_for_once_an_answer() -> None:
    pages = (passage("a", "One.\n\nTwo."), passage("b", "Three."), passage("b", "Four."))
    asked: list[Sequence[str]] = []

    def similarity(query: str, texts: Sequence[str]) -> list[float]:
        asked.append(texts)
        return [float("Four" in text) for text in texts]

    draft = extract("which number", pages, similarity=similarity)
    assert draft is not None
    assert [cited.quote for cited in draft.citations] == ["One.", "Four."]
    assert len(asked) == 1
    assert len(set(asked[0])) == len(asked[0])


def test_the_list_of_the_next_section_is_not_part_of_the_steps() -> None:
    text = "To delete it:\n\n1. Open it.\n2. Delete it.\n\n## Related\n\n* Manage my account"
    draft = extract("How do I delete it?", (passage("a", text),))
    assert draft is not None
    assert draft.citations[0].quote == "To delete it:\n\n1. Open it.\n2. Delete it."


ACCEPTED = """## What ID can I use?

### We accept these:

* Passport book or card
* Driver's license of any state

### We do not accept:

* Military IDs
* Expired IDs
"""


def test_a_list_is_quoted_under_its_heading_and_never_with_the_list_before_it() -> None:
    draft = extract("Do you accept a military ID?", (passage("ids", ACCEPTED),))
    assert draft is not None
    assert draft.citations[0].quote == "* Military IDs\n* Expired IDs"
    assert "> **We do not accept:**\n>\n> * Military IDs" in draft.text


def test_a_heading_that_the_passage_begins_below_is_known_all_the_same() -> None:
    page = passage("ids", "* Military IDs\n* Expired IDs", heading="We do not accept")
    draft = extract("military ID", (page,))
    assert draft is not None
    assert "> **We do not accept**\n>\n> * Military IDs" in draft.text


def test_a_heading_that_is_the_title_is_not_said_twice() -> None:
    page = passage("ids", "* Military IDs\n* Expired IDs", heading="IDs we do not accept")
    draft = extract("military ID", (replace(page, title="IDs we do not accept"),))
    assert draft is not None
    assert "**" not in draft.text


def test_a_list_cut_at_its_beginning_keeps_the_line_that_introduces_it() -> None:
    items = "\n".join(f"- Item number {n} about topic{n}" for n in range(200))
    draft = extract("topic150", (passage("list", f"We never sell:\n\n{items}"),))
    assert draft is not None
    assert "> We never sell:\n>\n> …\n>\n> - Item number" in draft.text
    assert "- Item number 150 about topic150" in draft.citations[0].quote


def test_a_yes_or_no_is_quoted_with_the_question_above_it() -> None:
    page = passage("a", "## Can I verify by phone?\n\nNo. Use a browser to verify your identity.")
    draft = extract("verify by phone", (page,))
    assert draft is not None
    assert "> **Can I verify by phone?**\n>\n> No. Use a browser" in draft.text
    other = passage("b", "## Phones\n\nUse a browser to verify your identity. No phone will do.")
    draft = extract("verify by phone", (other,))
    assert draft is not None
    assert "**" not in draft.text


def test_a_sentence_before_the_next_heading_does_not_introduce_the_list_below_it() -> None:
    text = "We verify identities.\n\n## Never accepted\n\n* Military IDs\n* Expired IDs"
    draft = extract("military", (passage("a", text),))
    assert draft is not None
    assert draft.citations[0].quote == "* Military IDs\n* Expired IDs"
    assert "> **Never accepted**" in draft.text
