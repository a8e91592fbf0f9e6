"""What customers are told by the server, in each of the chat's languages."""

import string
from typing import Any

import pytest

from conversations import texts
from conversations.interface import words
from conversations.models import Message
from conversations.sites.languages import LANGUAGES

BERLIN = "Europe/Berlin"
SATURDAY = "2026-11-28T10:00:00+01:00"
VALUES = {
    "name": "Amira",
    "email": "ada@example.com",
    "wait": 4,
    "place": 2,
    "when": {"at": "2026-11-30T09:00:00+01:00", "zone": BERLIN, "told": SATURDAY},
}


def holes(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_with_the_same_values(language: str) -> None:
    own, english = words(language), words("en")
    for part in ("told", "told_errors", "when", "reply_letter", "replies"):
        assert own[part].keys() == english[part].keys()
        for name, sentence in own[part].items():
            assert holes(sentence) == holes(english[part][name]), (part, name)
            assert language == "en" or sentence != english[part][name], (part, name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", words("en")["told"])
def test_every_notice_with_values_can_be_said(language: str, code: str) -> None:
    said = texts.notice(code, VALUES, language)
    assert "{" not in said
    for name in holes(words("en")["told"][code]) & {"name", "email"}:
        assert str(VALUES[name]) in said


@pytest.mark.parametrize(
    ("code", "language", "said"),
    [
        ("wait_expected", "en", "Lately it took about 4 minutes until somebody answered."),
        ("wait_expected", "de", "Zuletzt dauerte es etwa 4 Minuten, bis jemand antwortete."),
        ("wait_in_queue", "ja", "現在の順番は2番目です。最近は、回答までおよそ4分かかっています。"),
        ("outside_hours", "fr", "Personne n'est disponible en ce moment. Nous serons de retour "
         "lundi à 09:00 (Europe/Berlin)."),
        ("outside_hours", "de", "Gerade ist niemand am Platz. Wieder da sind wir am Montag um "
         "09:00 Uhr (Europe/Berlin)."),
        ("outside_hours", "", "Nobody is at the desk right now. Somebody is back on Monday at "
         "09:00 (Europe/Berlin)."),
    ],
)  # fmt: skip
def test_values_are_said_in_the_language(code: str, language: str, said: str) -> None:
    assert texts.notice(code, VALUES, language) == said


@pytest.mark.parametrize(
    ("at", "language", "said"),
    [
        ("2026-11-28T13:30:00+01:00", "en", "today at 13:30 (Europe/Berlin)"),
        ("2026-11-29T09:00:00+01:00", "en", "tomorrow at 09:00 (Europe/Berlin)"),
        ("2026-11-30T09:00:00+01:00", "en", "on Monday at 09:00 (Europe/Berlin)"),
        ("2027-01-04T09:00:00+01:00", "en", "on 4 January at 09:00 (Europe/Berlin)"),
        ("2027-01-04T09:00:00+01:00", "de", "am 4. Januar um 09:00 Uhr (Europe/Berlin)"),
        ("2027-01-04T09:00:00+01:00", "es", "el 4 de enero a las 09:00 (Europe/Berlin)"),
        ("2027-01-04T09:00:00+01:00", "pt", "a 4 de Janeiro às 09:00 (Europe/Berlin)"),
        ("2027-01-04T09:00:00+01:00", "ja", "1月4日の09:00(Europe/Berlin)"),
        ("2026-11-29T09:00:00+01:00", "pt", "amanhã às 09:00 (Europe/Berlin)"),
    ],
)
def test_a_moment_in_words(at: str, language: str, said: str) -> None:
    assert texts.moment({"at": at, "zone": BERLIN, "told": SATURDAY}, language) == said


@pytest.mark.parametrize(
    ("minutes", "language", "said"),
    [
        (1, "en", "1 minute"),
        (60, "de", "1 Stunde"),
        (120, "es", "2 horas"),
        (15, "pt", "15 minutos"),
    ],
)
def test_a_wait_in_words(minutes: int, language: str, said: str) -> None:
    assert texts.duration(minutes, language) == said


@pytest.mark.parametrize(
    ("question", "shown", "language"),
    [
        ("How do I delete my account?", "de", "de"),
        ("Wie kann ich mein Konto löschen?", "en", "de"),
        ("アカウントを削除したい", "ja", "ja"),
        ("asdf", "", "en"),
    ],
)
def test_the_language_of_a_standard_reply(question: str, shown: str, language: str) -> None:
    assert texts.reply_language(question, shown) == language


def test_what_was_kept_before_there_were_values_stays_as_it_is() -> None:
    old: dict[str, Any] = {"code": "wait_expected", "text": "Lately it took about an hour."}
    assert texts.shown_notice(Message(**old), "de") == old["text"]
