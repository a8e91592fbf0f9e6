"""Finds questions on topics where a wrong answer does harm: medicine, law, money, safety."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_ADVICE = re.compile(
    r"\b(?:should (?:i|we|my|he|she|they)|(?:can|could|may|must) (?:i|we|my \w+)"
    r"(?! (?:see|find|get to|log|sign|change|update))|"
    r"is it (?:safe|legal|ok|okay|allowed|normal|dangerous|wise|worth)|"
    r"am i|are we|do i have to|what (?:should|can|could|do) i do|what happens if|"
    r"how (?:much|many|often|long) (?:\w+ ){0,3}(?:should|can|may)|advi[cs]e|recommend\w*|"
    r"(?:would|do|can|could) you (?:recommend|advise|suggest)|best way to|good idea|"
    r"soll(?:te)? ich|darf ich|muss ich|ist es (?:sicher|legal|erlaubt)|raten sie|empfehlen|"
    r"dois-je|puis-je|devrais-je|est-ce (?:sûr|légal|dangereux)|conseil\w*|"
    r"debo|debería|puedo|es (?:seguro|legal|peligroso)|consejo|recomienda\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and its words; `dia*` stands for every word that begins so.

    `always`: also when nobody asks for advice, as in an emergency.
    """

    name: str
    phrases: tuple[str, ...]
    always: bool = False


def topics_in(text: str, topics: Iterable[Topic]) -> tuple[str, ...]:
    """Return the names of the topics that a question seeks advice on."""
    advice = bool(_ADVICE.search(text))
    return tuple(
        topic.name
        for topic in topics
        if (advice or topic.always) and topic.phrases and _pattern(topic.phrases).search(text)
    )


@lru_cache(maxsize=256)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    words = (r"\s+".join(map(re.escape, phrase.split())) for phrase in phrases)
    either = "|".join(word.replace(r"\*", r"\w*") for word in words)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
