"""Words for operators about how an answer came about."""

from conversations.answer_words import budget_in_words, came_to
from conversations.answering.token_budget import BudgetRecord


def test_a_budget_is_told_with_what_was_left_out() -> None:
    record = BudgetRecord("cl100k_base", 6000, 412, 20, 150, 1800, 2, 0, 0, 1)
    assert budget_in_words(record.row()) == (
        "2,382 of 6,000 by cl100k_base: instructions 412, question 20, earlier turns 150, "
        "passages 1,800; 2 earlier turns left out, 1 passage cut at the end of a sentence"
    )
    whole = BudgetRecord("cl100k_base", 6000, 412, 20)
    assert budget_in_words(whole.row()).endswith("nothing was left out")
    assert budget_in_words({}) == ""


def test_what_an_operator_decided_is_not_called_a_miss_of_the_documents() -> None:
    assert came_to("refuse", "operator") == "Not answered: the bot was paused"
    assert came_to("escalate", "operator") == "Handed to a person as the operator decided"
    assert came_to("refuse", "extract") == "Not found in the documents"
