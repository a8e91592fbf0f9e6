"""What may serve what. Evidence is the same unless a test says otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.answering.cache_decision import (
    Refusal,
    Verdict,
    agreement,
    decide,
    evidence_of,
    frame,
)
from conversations.answering.cached import Evidence, Layer
from knowledge.retrieval.values import Passage

HERE = Evidence((("c1", "v1"), ("c2", "v1"), ("c3", "v1")))


def verdict(
    stored: str, asked: str, cosine: float = 0.9, before: Evidence = HERE, now: Evidence = HERE
) -> Verdict:
    return decide(stored, asked, cosine, before, now)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("How do I delete my account?", "how do I delete my account"),
        ("How do I delete my account?", "How do I   delete MY account???"),
    ],
)
def test_the_same_words_are_an_exact_repeat(stored: str, asked: str) -> None:
    assert verdict(stored, asked, cosine=0.1) == Verdict(Layer.EXACT)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("How do I delete my account?", "Please tell me how to remove my account"),
        ("How can I export my contacts?", "Is it possible to export the contacts?"),
        ("What does delivery to Austria cost?", "How much does shipping to Austria cost?"),
        ("How do I move 20 GB from Dropbox to Drive?", "Can I move 20 GB from Dropbox to Drive?"),
    ],
)
def test_the_same_in_other_words_is_served(stored: str, asked: str) -> None:
    assert verdict(stored, asked) == Verdict(Layer.SEMANTIC)


@pytest.mark.parametrize(
    ("stored", "asked", "refusal"),
    [
        ("Can I return it after 14 days?", "Can I return it after 30 days?", "figures"),
        ("Can I return it within two weeks?", "Can I return it within three weeks?", "figures"),
        ("Can I upload files of 20 MB?", "Can I upload files of 20 GB?", "figures"),
        ("Is the plan billed monthly?", "Is the plan billed yearly?", "figures"),
        ("Do you deliver on Saturday?", "Do you deliver on Sunday?", "figures"),
        ("What changes on 1 March?", "What changes on 1 April?", "figures"),
        ("Does the X200 have Bluetooth?", "Does the X300 have Bluetooth?", "figures"),
        ("What does it cost in USD?", "What does it cost in EUR?", "figures"),
        ("Can I pay with Visa at the till?", "Can I pay with Amex at the till?", "names"),
        ("Do you deliver to Austria?", "Do you deliver to Spain?", "names"),
        ("Why can I log in?", "Why can't I log in?", "negation"),
        ("Can I order with an account?", "Can I order without an account?", "negation"),
        ("How do I enable reminders?", "How do I disable reminders?", "opposite"),
        ("How do I upload a backup file?", "How do I download a backup file?", "opposite"),
        ("What is in the basic plan?", "What is in the premium plan?", "opposite"),
        ("How do I use the app on android?", "How do I use the app on iphone?", "opposite"),
        ("How do I upgrade to Pro from Team?", "How do I upgrade to Team from Pro?", "direction"),
        ("How do I turn on the alarm?", "How do I turn off the alarm?", "direction"),
        ("How do I change Pro to Team?", "How do I change Team to Pro?", "direction"),
        ("Can I cancel before delivery?", "Can I cancel after delivery?", "opposite"),
        ("Can friends invite me?", "Can I invite friends?", "direction"),
        ("How do I reset it?", "Why do I reset it?", "another_kind"),
        ("How long is a parcel on its way?", "How much is a parcel on its way?", "another_kind"),
        ("Can admins remove owners?", "Can owners remove admins?", "order"),
        ("How do I clean the kettle?", "How do I clean the toaster?", "word_replaced"),
        ("How do I cancel a booking?", "How do I cancel a flight booking?", "word_replaced"),
        ("How do I do it?", "How can I do this?", "nothing_said"),
        ("May I link two phones to one tablet?", "May I link one phone to two tablets?", "figures"),
        ("Can I book only one seat?", "Can I book more than one seat?", "figures"),
        (
            "I was charged for a tour I did not book",
            "I was not charged for the tour I did book",
            "negation",
        ),
        (
            "How do I get the songs onto the stick?",
            "How do I get the songs off the stick?",
            "direction",
        ),
        ("Can I move notes out of Evernote?", "Can I move notes into Evernote?", "direction"),
        ("The buyer to whom I sent the box", "The buyer who sent the box to me", "order"),
        ("Can I show it to everyone but Ann?", "Can I show it to Ann alone?", "negation"),
        ("Is it hidden from guests?", "Is it hidden from guests of guests?", "order"),
        ("Is a van bigger than a car?", "May the car be bigger than your van?", "direction"),
        ("What do shared rooms cost?", "What do dedicated rooms cost?", "opposite"),
        ("Is a song put in an album?", "Is an album put in a song?", "order"),
        ("How do I stop the oven beeping?", "The oven stopped beeping, what now?", "another_kind"),
    ],
)
def test_what_an_answer_may_hang_on_is_not_served_over(
    stored: str, asked: str, refusal: str
) -> None:
    found = verdict(stored, asked, cosine=0.97)
    assert found.layer is None
    assert found.refusal == Refusal(refusal)
    # Neither the other way round.
    assert verdict(asked, stored, cosine=0.97).layer is None


def test_far_vectors_are_not_even_looked_at() -> None:
    found = verdict("How can I export my contacts?", "Is an export of contacts possible?", 0.3)
    assert found.refusal is Refusal.FAR


OTHER_FIRST = Evidence((("c9", "v1"), ("c8", "v1"), ("c1", "v1")))
NEW_VERSION = Evidence((("c1", "v2"), ("c2", "v1"), ("c3", "v1")))


@pytest.mark.parametrize("now", [OTHER_FIRST, NEW_VERSION, Evidence()])
def test_other_evidence_ends_it_even_for_the_same_words(now: Evidence) -> None:
    same = verdict("How do I delete my account?", "how do I delete my account", now=now)
    assert same.refusal is Refusal.OTHER_EVIDENCE
    reworded = verdict("How do I delete my account?", "How to remove my account", now=now)
    assert reworded.refusal is Refusal.OTHER_EVIDENCE


def test_without_any_evidence_only_an_exact_repeat_is_served() -> None:
    none = Evidence()
    stored = "How do I delete my account?"
    assert verdict(stored, stored, before=none, now=none).layer is Layer.EXACT
    refused = verdict(stored, "How to remove my account", before=none, now=none)
    assert refused.refusal is Refusal.OTHER_EVIDENCE


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Wie lösche ich mein Konto?", "Wie kann ich mein Konto löschen?"),
        ("Como cancelo mi cuenta", "Como puedo yo cancelar mi cuenta"),
        ("验证我的身份", "我无法进行身份证实"),
        ("How do I delete my account?", "Comment supprimer mon compte ?"),
    ],
)
def test_other_words_are_only_read_in_english(stored: str, asked: str) -> None:
    assert verdict(stored, asked).refusal is Refusal.OTHER_LANGUAGE
    assert verdict(stored, stored).layer is Layer.EXACT


def test_a_comparison_is_no_question_of_the_things_compared() -> None:
    found = verdict("Is the annual plan better than others?", "Is the annual plan for others?")
    assert found.refusal in (Refusal.ANOTHER_KIND, Refusal.DIRECTION)


def test_the_frame_counts_small_words_and_their_order() -> None:
    assert frame("How do I clean the kettle?", "how do I clean the toaster") == pytest.approx(5 / 6)
    assert frame("a b", "c d") == 0.0


def test_agreement_weighs_the_first_passages() -> None:
    assert agreement(HERE, HERE) == pytest.approx(1.0)
    assert agreement(HERE, Evidence()) == 0.0
    turned = Evidence((("c2", "v1"), ("c1", "v1"), ("c3", "v1")))
    assert 0.5 < agreement(HERE, turned) < 1.0
    assert agreement(HERE, OTHER_FIRST) < 0.3


PAGE = Passage(
    chunk="c1",
    document="d1",
    version="v1",
    title="Sending attachments",
    headings=("Attachments",),
    text="The warranty covers theft and water damage. Programs cannot be attached; zip them first.",
    url="",
    page=None,
    score=0.9,
    dense_score=0.9,
    sparse_score=0.9,
)
LEADING = Evidence(HERE.passages, lead=0.2)
CLOSE = Evidence(HERE.passages, lead=0.06)
BARELY = Evidence(HERE.passages, lead=0.02)
SENDING = "Sending programs over mail."
EXECUTABLES = "I'd like to mail executable software to a friend, is this possible?"


@pytest.mark.parametrize(
    ("before", "now", "cosine", "served"),
    [
        (LEADING, LEADING, 0.55, True),
        (LEADING, CLOSE, 0.55, False),
        (CLOSE, LEADING, 0.55, False),
        (CLOSE, CLOSE, 0.72, True),
        (BARELY, LEADING, 0.9, False),
        (LEADING, LEADING, 0.45, False),
    ],
)
def test_other_words_need_one_page_that_leads_in_both_searches(
    before: Evidence, now: Evidence, cosine: float, served: bool
) -> None:
    found = decide(SENDING, EXECUTABLES, cosine, before, now, PAGE)
    assert (found.layer is Layer.SEMANTIC) is served
    assert served or found.refusal is Refusal.FAR


def test_words_for_different_parts_of_a_page_are_told_apart() -> None:
    stored = "How do I claim water damage from the warranty?"
    asked = "Claiming theft, what do I do with the warranty?"
    found = decide(stored, asked, 0.9, LEADING, LEADING, PAGE)
    assert found.refusal is Refusal.POINTS_ELSEWHERE
    # A page that knows only one of the words is the same for both.
    silent = replace(PAGE, text="The warranty covers theft.")
    assert decide(stored, asked, 0.9, LEADING, LEADING, silent).layer is Layer.SEMANTIC
    # Without the page any word may stand there.
    assert decide(stored, asked, 0.9, LEADING, LEADING).refusal is Refusal.POINTS_ELSEWHERE


def test_two_words_of_a_title_are_two_topics() -> None:
    stored = "Does the warranty cover water damage?"
    asked = "Is theft something that my warranty would cover?"
    titled = replace(PAGE, title="Water damage and theft", text="It is covered.")
    found = decide(stored, asked, 0.9, LEADING, LEADING, titled)
    assert found.refusal is Refusal.POINTS_ELSEWHERE


def test_the_lead_is_over_the_next_document() -> None:
    second = replace(PAGE, chunk="c2", score=0.8)
    third = replace(PAGE, chunk="c3", document="d2", version="v9", score=0.65)
    found = evidence_of((PAGE, second, third))
    assert found.passages == (("c1", "v1"), ("c2", "v1"), ("c3", "v9"))
    assert found.lead == pytest.approx(0.25)
    assert found.document == "v1"
    assert evidence_of(()).document == ""


def test_the_same_pages_with_another_one_first_are_other_evidence() -> None:
    one = Evidence((("c1", "v1"), ("c2", "v2")), lead=0.2)
    other = Evidence((("c2", "v2"), ("c1", "v1")), lead=0.2)
    assert agreement(one, other) > 0.7
    found = decide("How do I delete my account?", "How to remove my account", 0.9, one, other)
    assert found.refusal is Refusal.OTHER_EVIDENCE
