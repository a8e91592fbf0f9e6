"""The few words an extract needs around its quotations, by language."""

from __future__ import annotations

from collections.abc import Mapping

# {title} is the page's title in emphasis.
FIRST: Mapping[str, str] = {
    "en": "This is what our help page {title} says:",
    "de": "Das steht auf unserer Hilfeseite {title}:",
    "fr": "Voici ce que dit notre page d'aide {title} :",
    "es": "Esto dice nuestra página de ayuda {title}:",
}
FURTHER: Mapping[str, str] = {
    "en": "From {title}:",
    "de": "Aus {title}:",
    "fr": "Extrait de {title} :",
    "es": "De {title}:",
}


def first(language: str, title: str) -> str:
    """Return the sentence that leads in the first quotation."""
    return FIRST.get(language, FIRST["en"]).format(title=title)


def further(language: str, title: str) -> str:
    """Return the words that lead in another quotation."""
    return FURTHER.get(language, FURTHER["en"]).format(title=title)
