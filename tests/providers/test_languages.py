"""The gate: which questions are in another language than the documents."""

from pathlib import Path

import pytest
from django.conf import settings
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from providers.languages import (
    LANGUAGES,
    LanguageClassifier,
    document_language,
    is_foreign,
    likeliest,
)

CACHE = Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"])


@pytest.fixture(scope="module")
def classifier() -> LanguageClassifier:
    return LanguageClassifier(CACHE, LANGUAGES)


@pytest.mark.parametrize(
    "question",
    [
        "How do I reset my password?",
        "reset password",
        "login",
        "is it safe to travel to rio de janeiro (is rio de janeiro safe)",
        "ERR-1234",
        "XJ-9000-A",
        "/usr/local/etc/größe.conf",
        "SSO SAML",
        "https://example.com/contraseña",
        "12345",
        "???",
        "😀",
        "",
    ],
)
def test_no_english_question_and_no_code_is_foreign(
    classifier: LanguageClassifier, question: str
) -> None:
    assert not is_foreign(classifier, question, {"en"})


@pytest.mark.parametrize(
    "question",
    [
        "¿Cómo cambio mi contraseña?",
        "Wie ändere ich mein Passwort?",
        "Comment changer mon mot de passe ?",
        "如何更改我的密码",
        "비밀번호",
        "Как изменить пароль?",
    ],
)
def test_other_languages_are_foreign_to_english_documents(
    classifier: LanguageClassifier, question: str
) -> None:
    assert is_foreign(classifier, question, {"en"})


def test_documents_languages_decide_what_is_foreign(classifier: LanguageClassifier) -> None:
    spanish = "¿Cómo cambio mi contraseña?"
    assert not is_foreign(classifier, spanish, {"es"})
    assert not is_foreign(classifier, spanish, {"en", "es"})
    assert is_foreign(classifier, "How do I change my password?", {"es"})


def test_nothing_is_foreign_to_languages_the_model_does_not_know(
    classifier: LanguageClassifier,
) -> None:
    assert not is_foreign(classifier, "¿Cómo cambio mi contraseña?", {"fi"})
    assert not is_foreign(classifier, "¿Cómo cambio mi contraseña?", set())


def test_the_likeliest_of_the_documents_languages(classifier: LanguageClassifier) -> None:
    assert likeliest(classifier, "¿Cómo cambio mi contraseña?", {"en", "es"}) == "es"
    assert likeliest(classifier, "How do I change it?", {"en", "es"}) == "en"
    assert likeliest(classifier, "¿Cómo?", {"en"}) == "en"
    assert likeliest(classifier, "¿Cómo?", set()) == ""


def test_a_documents_language() -> None:
    classifier = LanguageClassifier(CACHE)
    assert document_language(classifier, "Send goods back within 30 days.") == "en"
    assert document_language(classifier, "Devuelva los artículos dentro de 30 días.") == "es"
    assert document_language(classifier, "Palauta tuotteet kolmenkymmenen päivän kuluessa.") == "fi"
    assert document_language(classifier, "12 | 34 | 56") == ""


def test_mapped_tables_give_what_the_package_gives() -> None:
    package = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    package.set_languages(LANGUAGES)
    mine = LanguageClassifier(CACHE, LANGUAGES)
    for text in ["¿Dónde está mi pedido?", "Where is it?", "密码", "x"]:
        assert mine.probabilities(text) == pytest.approx(dict(package.rank(text)), abs=1e-5)
