"""The language a text is compared in."""

import pytest

from knowledge.comparison.languages import SHORT_CHARACTERS, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Items can be returned within 14 days of delivery.", "en"),
        ("Die Rückgabefrist beträgt 14 Tage ab Erhalt der Ware.", "de"),
        ("Le service client répond sous 24 heures.", "fr"),
        ("El servicio responde en 24 horas.", "es"),
        ("14 / 30", ""),
    ],
)
def test_of_a_short_text_its_small_words_tell_the_language(text: str, language: str) -> None:
    assert language_of(text, "la") == language


def test_of_a_long_text_the_detector_is_believed() -> None:
    assert language_of("x" * SHORT_CHARACTERS, "pt") == "pt"
