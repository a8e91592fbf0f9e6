"""The few words an extract needs around its quotations, by language."""

from __future__ import annotations

from collections.abc import Mapping

# {title} is the page's title in emphasis.
FIRST: Mapping[str, str] = {
    "en": "This is what our help page {title} says:",
    "de": "Das steht auf unserer Hilfeseite {title}:",
    "fr": "Voici ce que dit notre page d'aide {title} :",
    "es": "Esto dice nuestra página de ayuda {title}:",
    "pt": "Isto é o que diz a nossa página de ajuda {title}:",
    "ja": "ヘルプページ {title} には次のように書かれています：",
}
FURTHER: Mapping[str, str] = {
    "en": "From {title}:",
    "de": "Aus {title}:",
    "fr": "Extrait de {title} :",
    "es": "De {title}:",
    "pt": "De {title}:",
    "ja": "{title} より：",
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
    "pt": (
        "Atenção: esta é uma informação geral das nossas páginas de ajuda e não um aconselhamento "
        "profissional. Numa emergência, ligue para o número de emergência local."
    ),
    "ja": (
        "ご注意：これはヘルプページにもとづく一般的な情報であり、専門家の助言ではありません。"
        "緊急の場合は、お住まいの地域の緊急通報番号に電話してください。"
    ),
}

# Said alone, where the question is about the file.
FILE_UNREAD: Mapping[str, str] = {
    "en": "I cannot open files. Tell me in words what it is about, or ask a colleague, who can "
    "look at it.",
    "de": "Ich kann keine Dateien öffnen. Schreiben Sie mir in Worten, worum es geht, oder fragen "
    "Sie einen Menschen, der sie ansehen kann.",
    "fr": "Je ne peux pas ouvrir de fichiers. Dites-moi avec des mots de quoi il s'agit, ou "
    "demandez à une personne, qui pourra le regarder.",
    "es": "No puedo abrir archivos. Dígame con palabras de qué se trata, o pregunte a una persona, "
    "que sí puede verlo.",
    "pt": "Não consigo abrir ficheiros. Diga-me por palavras do que se trata, ou pergunte a uma "
    "pessoa, que o pode ver.",
    "ja": "ファイルを開くことができません。内容を言葉で教えていただくか、"
    "ファイルを確認できる担当者にお尋ねください。",
}
# Said below an answer that a file came with.
FILE_NOTE: Mapping[str, str] = {
    "en": "I could not open what you attached; this rests on your words alone. A person can look "
    "at it.",
    "de": "Ihren Anhang konnte ich nicht öffnen; dies beruht nur auf Ihren Worten. Ein Mensch kann "
    "ihn ansehen.",
    "fr": "Je n'ai pas pu ouvrir votre pièce jointe ; ceci repose seulement sur vos mots. Une "
    "personne peut la regarder.",
    "es": "No pude abrir lo que adjuntó; esto se basa solo en sus palabras. Una persona puede "
    "verlo.",
    "pt": "Não consegui abrir o que anexou; isto baseia-se apenas nas suas palavras. Uma pessoa "
    "pode vê-lo.",
    "ja": "添付ファイルを開くことができませんでした。この回答は文章のみにもとづいています。"
    "担当者であれば確認できます。",
}


def file_unread(language: str) -> str:
    """Return what is said where a question is about a file."""
    return FILE_UNREAD.get(language, FILE_UNREAD["en"])


def file_note(language: str) -> str:
    """Return the note of an answer to a question that a file came with."""
    return FILE_NOTE.get(language, FILE_NOTE["en"])


def high_stakes(language: str) -> str:
    """Return the notice of a reply on a topic where a wrong answer does harm."""
    return HIGH_STAKES.get(language, HIGH_STAKES["en"])


def first(language: str, title: str) -> str:
    """Return the sentence that leads in the first quotation."""
    return FIRST.get(language, FIRST["en"]).format(title=title)


def further(language: str, title: str) -> str:
    """Return the words that lead in another quotation."""
    return FURTHER.get(language, FURTHER["en"]).format(title=title)
