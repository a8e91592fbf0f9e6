"""Markdown cut into what it states."""

from knowledge.comparison.sentences import plain, sentences_of


def texts(markdown: str) -> list[str]:
    return [sentence.text for sentence in sentences_of(markdown)]


def test_wrapped_lines_are_one_paragraph_and_sentences_end_where_they_end() -> None:
    found = texts("Open from 9 a.m.\nto 5 p.m. on weekdays. Closed on Sundays.\n\nCall us.")
    assert found == ["Open from 9 a.m. to 5 p.m. on weekdays.", "Closed on Sundays.", "Call us."]


def test_headings_and_code_state_nothing() -> None:
    assert texts("# Limit: 10 MB\n\n```\nlimit = 20\n```\n\nThe limit is 30 MB.") == [
        "The limit is 30 MB."
    ]


def test_items_know_what_announces_them_and_that_they_belong_together() -> None:
    found = list(sentences_of("You can pay:\n\n* by card, 2%\n* by transfer, free\n"))
    assert [sentence.text for sentence in found[1:]] == ["by card, 2%", "by transfer, free"]
    assert {sentence.lead for sentence in found[1:]} == {"You can pay:"}
    assert found[1].group == found[2].group != found[0].group


def test_a_cell_is_named_by_its_row_and_column() -> None:
    found = list(sentences_of("| Plan | Price |\n| --- | --- |\n| Basic | $5 |\n| Pro | $15 |"))
    assert [sentence.text for sentence in found] == ["Basic, Price: $5", "Pro, Price: $15"]
    assert found[0].row == "basic, price"


def test_marks_links_and_entities_are_read_as_people_see_them() -> None:
    line = "Call **(844)&nbsp;875&#8209;6446**, see [*Contact*](/contact){:class='x'} <b>now</b>."
    assert plain(line) == "Call (844) 875-6446, see Contact now ."


def test_a_sentence_knows_the_one_before() -> None:
    found = list(sentences_of("We send you a code. It expires after 10 minutes."))
    assert found[1].before == "We send you a code."
