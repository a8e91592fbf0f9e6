"""Questions that came with a file: nothing here can open one, and that is said."""

from __future__ import annotations

from dataclasses import replace

import regex

from conversations.answering import wording
from conversations.answering.terms import terms
from conversations.answering.values import Disposition, Reply
from conversations.interface import words

# Words for what was attached: whoever attaches something and speaks of it asks about it.
_NAMED = regex.compile(
    r"""\b(?:
        attach(?:ed|ment|ments)? | enclosed | screen\s?shots? | screen\s?captures?
        | anhang | angehängte?[nrs]? | beigefügte?[nrs]? | bildschirmfotos?
        | pièces?\s+jointes? | ci-joint(?:e|s|es)? | captures?\s+d['’]écran
        | adjunt[oa]s? | capturas?\s+de\s+pantalla
        | anexos? | capturas?\s+de\s+(?:tela|ecrã)
        | (?:this|that|these|those|my|in\s+the|on\s+the|see\s+the)\s+
          (?:pictures?|photos?|images?|pdfs?|files?|scans?|documents?|log)
        | (?:dieses|diese|dieser|diesem|mein|meine|auf\s+dem|in\s+der|im)\s+
          (?:bild(?:ern?)?|fotos?|datei(?:en)?|pdf|scan)
        | (?:cette|ces|ce|mon|ma|mes|sur\s+la|dans\s+le)\s+
          (?:images?|photos?|fichiers?|captures?|pdf)
        | (?:esta|este|estas|estos|mi|mis|en\s+la|en\s+el)\s+
          (?:im[aá]gen(?:es)?|fotos?|archivos?|capturas?|pdf)
        | (?:esta|este|estas|estes|minha|meu|na|no)\s+
          (?:imagem|imagens|fotos?|arquivos?|ficheiros?|capturas?|pdf)
    )\b | 添付 | スクリーンショット | スクショ | (?:この|その)(?:画像|写真|ファイル)""",
    regex.X | regex.I,
)
_SPACELESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")


def are_meant(text: str, attachments: int) -> bool:
    """Say whether a question with files is about them, so that its words alone do not tell."""
    if not attachments:
        return False
    # "What is this?" and "Please help" say nothing by themselves.
    return bool(_NAMED.search(text)) or not (terms(text) or _SPACELESS.search(text))


def admitted(reply: Reply, language: str) -> Reply:
    """Return a reply that says that the files were not read, and offers a person."""
    if reply.disposition is Disposition.ESCALATE:
        return reply
    said = reply.text or words(language)["replies"][reply.code]
    note = f"\n\n*{wording.file_note(language)}*"
    return replace(reply, text=f"{said}{note}", human_offered=True)
