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


HIGH_STAKES: Mapping[str, str] = {
    "en": (
        "Please note: this is general information from our help pages and no professional advice. "
        "In an emergency call your local emergency number."
    ),
    "de": (
        "Bitte beachten Sie: Dies ist eine allgemeine Auskunft aus unseren Hilfeseiten und keine "
        "fachliche Beratung. Wählen Sie im Notfall den Notruf."
    ),
    "fr": (
        "À noter : ceci est une information générale tirée de nos pages d'aide et non un conseil "
        "professionnel. En cas d'urgence, appelez les secours."
    ),
    "es": (
        "Tenga en cuenta: esto es información general de nuestras páginas de ayuda y no un consejo "
        "profesional. En una emergencia llame al servicio de emergencias."
    ),
}


def high_stakes(language: str) -> str:
    """Return the notice of a reply on a topic where a wrong answer does harm."""
    return HIGH_STAKES.get(language, HIGH_STAKES["en"])


def first(language: str, title: str) -> str:
    """Return the sentence that leads in the first quotation."""
    return FIRST.get(language, FIRST["en"]).format(title=title)


def further(language: str, title: str) -> str:
    """Return the words that lead in another quotation."""
    return FURTHER.get(language, FURTHER["en"]).format(title=title)
