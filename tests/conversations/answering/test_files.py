"""Questions that came with files: what is asked about them is not guessed at."""

from collections.abc import Callable

import pytest

from conversations.answering.codes import Code
from conversations.answering.files import admitted, are_meant
from conversations.answering.values import Disposition, Reply


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What is this?",
        "Please help",
        "See the attached screenshot",
        "What does the error on the picture mean?",
        "Was bedeutet die Meldung im Anhang?",
        "Können Sie mir dieses Bild erklären?",
        "Voir la pièce jointe",
        "Que dit le message dans cette capture ?",
        "Mire la captura de pantalla",
        "Veja o anexo",
        "添付をご覧ください",
        "このファイルが開けません",
    ],
)
def test_asked_about_the_file(text: str) -> None:
    assert are_meant(text, 1)
    assert not are_meant(text, 0)


@pytest.mark.parametrize(
    "text",
    [
        "How do I delete my account?",
        "I cannot sign in, the password is refused",
        "How do I upload pictures to my profile?",
        "Wie lösche ich mein Konto?",
        "Comment changer de mot de passe ?",
        "パスワードを変更したい",
    ],
)
def test_a_question_that_stands_by_itself(text: str) -> None:
    assert not are_meant(text, 2)


def test_an_answer_says_that_the_file_was_not_read(reply: Callable[..., Reply]) -> None:
    told = admitted(reply("Within 30 days."), "en")
    assert told.text.startswith("Within 30 days.\n\n*I could not open what you attached")
    assert told.human_offered
    none = admitted(reply("", code=Code.NOTHING_FOUND), "de")
    assert "Ihren Anhang" in none.text
    handed = reply("A person comes.", disposition=Disposition.ESCALATE)
    assert admitted(handed, "en") is handed
