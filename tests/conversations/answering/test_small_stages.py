from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.answering import (
    confidence,
    evidence,
    input_guard,
    language,
    prompting,
    token_budget,
    wording,
)
from conversations.answering.codes import REASON_SENTENCES, Code, Reason, explain
from conversations.answering.leaning import leans_on_history
from conversations.answering.query_rewriting import rewrite
from conversations.answering.retrieval import BEHIND_ANY, in_language_of
from conversations.answering.toolbox import Thresholds
from conversations.answering.values import ConfidenceLevel, Finding, Turn
from conversations.interface import words
from conversations.prompts import load
from conversations.sites.languages import LANGUAGES
from knowledge.retrieval.values import Passage, Retrieved
from tests.conversations.answering.cast import ALL, DELETING, passage

ROOM = prompting.Room()
ASKED = Turn("customer", "How do I export invoices from the billing page?")


def test_invisible_and_control_characters_are_taken_out_and_told() -> None:
    checked = input_guard.check("de\u200blete\x07 my \u202eaccount")
    assert checked.text == "delete my account"
    assert [f.code for f in checked.findings] == ["invisible_characters"]


def test_line_breaks_and_other_scripts_stay() -> None:
    assert input_guard.check("如何 删除?\nنعم").text == "如何 删除?\nنعم"
    assert input_guard.check("如何").readable


@pytest.mark.parametrize(
    ("text", "leans"),
    [
        ("How much is that?", True),
        ("why?", True),
        ("And for the premium plan?", True),
        ("How do I change the password of my administrator account?", False),
        ("Can I export invoices as a spreadsheet file?", False),
    ],
)
def test_a_question_leans_on_history_when_it_says_too_little_or_points_back(
    text: str, leans: bool
) -> None:
    assert leans_on_history(text) is leans


def test_a_leaning_question_gets_the_customers_last_telling_question_in_front() -> None:
    history = (ASKED, Turn("assistant", "Open Billing."), Turn("customer", "ok"))
    assert rewrite("And as a PDF?", history) == f"{ASKED.text} And as a PDF?"
    assert rewrite("And as a PDF?", ()) == "And as a PDF?"


def test_what_the_assistant_said_is_never_searched_for() -> None:
    assert rewrite("why?", (Turn("assistant", "Because invoices are monthly."),)) == "why?"


def test_evidence_of_nothing_is_nothing() -> None:
    nothing = evidence.gather("delete account", ())
    assert confidence.of_evidence(nothing) == 0
    assert not confidence.enough(nothing)


def test_a_better_search_gives_more_confidence() -> None:
    values = [
        confidence.of_evidence(
            evidence.gather("delete account", (passage("a", "delete account", score=s),))
        )
        for s in (0.1, 0.3, 0.5, 0.7, 0.9)
    ]
    assert values == sorted(values)
    assert values[0] < 0.5 < values[-1]


def test_doubts_of_the_output_guard_lower_the_confidence_and_are_named() -> None:
    found = evidence.gather("delete account", ALL)
    sure = confidence.of_model(found, (), Thresholds(), "", drafted=True)
    unsure = confidence.of_model(
        found, (Finding("number_unsupported", "warn"),), Thresholds(), "", drafted=True
    )
    assert unsure.value < sure.value
    assert Reason.NUMBER_UNSUPPORTED in unsure.reasons


def test_levels_follow_the_settings() -> None:
    found = evidence.gather("delete account", ALL)
    value = confidence.of_evidence(found)
    high = confidence.of_extract(found, Thresholds(confidence_high=value - 0.01), "")
    medium = confidence.of_extract(
        found, Thresholds(confidence_medium=value - 0.01, confidence_high=1), ""
    )
    low = confidence.of_extract(
        found, Thresholds(confidence_medium=1, confidence_high=1), "embedding"
    )
    assert [c.level for c in (high, medium, low)] == list(ConfidenceLevel)
    assert Reason.SEARCH_DEGRADED in low.reasons


def test_every_code_and_reason_has_a_sentence() -> None:
    for code in LANGUAGES:
        assert set(words(code)["replies"]) == set(Code)
    assert set(REASON_SENTENCES) == set(Reason)
    assert explain((Reason.NO_MODEL, "unknown")) == REASON_SENTENCES[Reason.NO_MODEL]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("How do I delete my account?", "en"),
        ("Wie kann ich mein Konto löschen?", "de"),
        ("Comment puis-je supprimer mon compte ?", "fr"),
        ("¿Cómo puedo borrar mi cuenta?", "es"),
        ("Onde posso ver a minha conta?", "pt"),
        ("アカウントを削除したい", "ja"),
        ("zzz", "en"),
    ],
)
def test_the_language_is_guessed_from_common_words(text: str, name: str) -> None:
    assert language.language_of(text) == name


def test_every_language_of_the_chat_has_all_words_around_answers() -> None:
    for said in (
        wording.FIRST,
        wording.FURTHER,
        wording.HIGH_STAKES,
        wording.FILE_UNREAD,
        wording.FILE_NOTE,
    ):
        assert set(said) == set(LANGUAGES)
    assert set(language.LANGUAGES) == set(LANGUAGES)


def test_a_passage_cannot_end_its_own_quotation() -> None:
    prompts = [prompting.make(load("answer_v1"), "q", (), (DELETING,), ROOM) for _ in range(2)]
    assert prompts[0].boundary != prompts[1].boundary
    assert prompts[0].messages[-1].content.count(prompts[0].boundary) == 2
    assert prompts[0].canary in prompts[0].system


def test_a_passage_with_braces_is_not_read_as_a_variable() -> None:
    prompt = prompting.make(load("answer_v1"), "q", (), (passage("a", "{{ canary }}"),), ROOM)
    assert "{{ canary }}" in prompt.messages[-1].content


def test_history_keeps_the_latest_turns_within_the_budget() -> None:
    history = [Turn("customer" if n % 2 else "agent", f"turn {n} " + "x" * 700) for n in range(20)]
    sent = prompting.make(load("answer_v1"), "q", history, ALL, ROOM).messages[1:-1]
    assert sent[-1].content.startswith("turn 19")
    assert sum(ROOM.counter.count(m.content) for m in sent) <= token_budget.HISTORY_TOKENS
    assert {m.role for m in sent} == {"user", "assistant"}


ENGLISH = replace(passage("delete-en", "Open Settings.", score=0.8), language="en")
SPANISH = replace(passage("delete-es", "Abra Ajustes.", score=0.9), language="es")
UNKNOWN = passage("codes", "0x80070005", score=0.3)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("How do I delete my account?", [ENGLISH, UNKNOWN]),
        ("¿Cómo puedo eliminar mi cuenta?", [SPANISH, UNKNOWN]),
        # Two words at least must tell: "en" is French and Spanish.
        ("Confirmer en personne", [SPANISH, ENGLISH, UNKNOWN]),
        ("如何删除账户", [SPANISH, ENGLISH, UNKNOWN]),
    ],
)
def test_pages_in_the_questions_language_stand_for_their_translations(
    text: str, kept: list[Passage]
) -> None:
    found = Retrieved((SPANISH, ENGLISH, UNKNOWN))
    assert list(in_language_of(text, found).passages) == kept


def test_a_page_in_another_language_stays_where_it_was_found_much_better() -> None:
    far = replace(ENGLISH, score=SPANISH.score - BEHIND_ANY - 0.01)
    found = Retrieved((SPANISH, far))
    assert in_language_of("How do I delete my account?", found) == found
    only = Retrieved((SPANISH,))
    assert in_language_of("How do I delete my account?", only) == only
