"""Does each sentence of a model's text stand in the passages it names? Pure.

A sentence's support is the share of its telling words that one passage holds. Of the sentences of
149 human answers to support questions (351 in the half used for the bounds, 383 in the other) 92
(90) % reach SUPPORTED with a passage of their own page, and 7 (4) % with one of three pages drawn
at random; 97 (98) % reach DOUBTFUL, and 25 (24) % at random. A page on nearly the same subject
holds most words too: what is said wrongly about the right thing is not found by this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conversations.answering.language import language_of
from conversations.answering.stretches import split
from conversations.answering.terms import terms
from guardrails.links import URL, bare, urls_in
from guardrails.personal_data import find_personal_data
from guardrails.promises import Promise, promise_in
from knowledge.retrieval.values import Passage

SUPPORTED = 0.6
DOUBTFUL = 0.4
# A promise must stand in one sentence of a page, nearly word for word.
PROMISED = 0.8
# One telling word claims nothing.
FEWEST_TERMS = 2
MARKER = re.compile(r"\s?\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_END = re.compile(
    r"[.!?…。！？][\"'”’)\]*_]*(?:\s?\[\d{1,3}\])*(?:\s+(?=[\"'“‘(\[*_]*[^\Wa-z_])|(?<=[。！？]))"
)
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")
_RULE_LINE = re.compile(r"^[\s|:=_*-]*$")
_PREFIX = re.compile(r"^\s*(?:>\s*|#{1,6}\s+|[-*+•]\s+|\d{1,3}[.)]\s+)*")
_STEP = re.compile(r"^\s*(?:>\s*)?\d{1,3}[.)]\s")
_NUMBER = re.compile(r"\d+(?:[.,:’'\u00a0 ]\d+)*")
_GROUPING = re.compile(r"(?<=\d)[,.’'\u00a0 ](?=\d{3}(?!\d))")
_DOMAIN = re.compile(r"(?<![\w@./-])(?:[^\W_][\w-]{0,62}\.)+[^\W\dA-Z_]{2,24}(?![\w(-])")
_LINK_TARGET = re.compile(r"\]\([^)\s]*\)")
_NUMBER_WORDS = {
    "1": "one ein eine un une uno una", "2": "two zwei deux dos twice zweimal",
    "3": "three drei trois tres", "4": "four vier quatre cuatro", "5": "five fünf cinq cinco",
    "6": "six sechs seis", "7": "seven sieben sept siete", "8": "eight acht huit ocho",
    "9": "nine neun neuf nueve", "10": "ten zehn dix diez", "12": "twelve zwölf douze doce",
    "24": "twenty-four", "30": "thirty dreißig trente treinta", "100": "hundred hundert cent cien",
}  # fmt: skip
_BY_WORD = {word: digits for digits, words in _NUMBER_WORDS.items() for word in words.split()}
# Words an answer is framed with; they claim nothing.
_FRAME = frozenset(
    terms(
        "yes no sure hope help happy glad thanks thank sorry welcome please question answer ask "
        "contact know follow following below above here step steps page pages passage passages "
        "source sources information again first next then finally also note however further "
        "details support team find found see read everything anything"
    )
)
_SAYS_NOTHING = re.compile(
    r"\b(?:do(?:es)?n?['’]?t?(?: not)?|no) (?:say|state|mention|specify|cover|contain|provide|"
    r"describe|give|include|information|details?|answer)\b|\bnot (?:mentioned|stated|specified|"
    r"covered|described)\b|\b(?:sagen|steht) [^.]{0,40}\bnicht|\bne (?:disent|précisent)|"
    r"\bno (?:dicen|mencionan|especifican)",
    re.IGNORECASE,
)


class Verdict(StrEnum):
    """What a sentence is worth. The last four name what stands in no source."""

    NO_CLAIM = "no_claim"
    SUPPORTED = "supported"
    DOUBTFUL = "doubtful"
    UNCHECKED = "unchecked"
    UNSUPPORTED = "unsupported"
    NUMBER = "number"
    LINK = "link"
    PROMISE = "promise"
    PERSONAL = "personal"


STANDS = frozenset({Verdict.NO_CLAIM, Verdict.SUPPORTED, Verdict.UNCHECKED, Verdict.DOUBTFUL})


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of a draft: its place, and what it is worth. `is_step`: an item of a procedure."""

    start: int
    end: int
    verdict: Verdict
    is_step: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """What a draft may rest on: passages by number from 1, the customer's own words, and links.

    `ordered`: lines that the operator wants said; they need no passage.
    """

    passages: Sequence[Passage]
    own_words: str
    links: frozenset[str] = frozenset()
    ordered: Sequence[str] = ()


def judge(text: str, sources: Sources) -> list[Claim]:
    """Return every sentence of a draft with its verdict."""
    bench = _Bench(text, sources)
    claims = []
    for start, end in sentence_spans(text):
        line = text[text.rfind("\n", 0, start) + 1 : end]
        claims.append(Claim(start, end, bench.verdict(text[start:end]), bool(_STEP.match(line))))
    return claims


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, list item, table row and block of code."""
    spans: list[tuple[int, int]] = []
    position, fence = 0, -1
    for line in text.splitlines(keepends=True):
        start, position = position, position + len(line)
        if _FENCE.match(line):
            if fence >= 0:
                spans.append((fence, start + len(line.rstrip())))
            fence = start if fence < 0 else -1
        elif fence < 0 and not _RULE_LINE.match(line):
            spans.extend(_in_line(line.rstrip(), start))
    if fence >= 0:
        spans.append((fence, len(text)))
    return spans


def _in_line(line: str, start: int) -> Iterable[tuple[int, int]]:
    prefix = _PREFIX.match(line)
    at = prefix.end() if prefix else 0
    for end in _END.finditer(line, at):
        yield start + at, start + end.end()
        at = end.end()
    if line[at:].strip():
        yield start + at, start + len(line)


class _Bench:
    """What the sentences of one draft are held against."""

    def __init__(self, text: str, sources: Sources) -> None:
        self._texts = [f"{p.title}\n{p.heading}\n{p.text}" for p in sources.passages]
        self._terms = [frozenset(terms(text)) for text in self._texts]
        everything = "\n".join(self._texts)
        self._ordered = [frozenset(terms(line)) for line in sources.ordered]
        facts = "\n".join([everything, sources.own_words, *sources.ordered])
        self._numbers = _numbers(facts) | _numbers_in_words(facts)
        self._links = _links(facts) | {link.casefold() for link in sources.links}
        self._closed_up = _closed_up(facts)
        self._comparable = _comparable(text, everything)

    def verdict(self, sentence: str) -> Verdict:
        """Judge a sentence with its markers."""
        plain = MARKER.sub("", sentence)
        strange = self._strange(plain)
        if strange:
            return strange
        named = self._named(sentence)
        said = frozenset(terms(_without_facts(plain))) - _FRAME
        if said and any(len(said & line) >= PROMISED * len(said) for line in self._ordered):
            return Verdict.SUPPORTED
        promise = promise_in(plain)
        if promise and not self._is_promised(promise, said, named):
            return Verdict.PROMISE
        if len(said) < FEWEST_TERMS or _SAYS_NOTHING.search(plain):
            return Verdict.NO_CLAIM
        if not self._comparable:
            return Verdict.UNCHECKED
        held = max((len(said & self._terms[n]) / len(said) for n in named), default=0.0)
        if held >= SUPPORTED:
            return Verdict.SUPPORTED
        return Verdict.DOUBTFUL if held >= DOUBTFUL else Verdict.UNSUPPORTED

    def _strange(self, plain: str) -> Verdict | None:
        """Return what in a sentence stands neither in a passage nor in the customer's words."""
        if not _links(plain) <= self._links:
            return Verdict.LINK
        for found in find_personal_data(plain):
            if _closed_up(plain[found.start : found.end]) not in self._closed_up:
                return Verdict.PERSONAL
        return None if _numbers(plain) <= self._numbers else Verdict.NUMBER

    def _named(self, sentence: str) -> list[int]:
        """Return which passages, from 0, a sentence names; all when it names none."""
        numbers = [int(n) - 1 for marker in MARKER.findall(sentence) for n in marker.split(",")]
        known = range(len(self._texts))
        return [number for number in numbers if number in known] or list(known)

    def _is_promised(self, promise: Promise, said: frozenset[str], named: Sequence[int]) -> bool:
        for text in (self._texts[number] for number in named):
            for piece in split(text):
                sentence = text[piece.start : piece.end]
                held = len(said & set(terms(sentence)))
                if promise is Promise.ACTION and held >= SUPPORTED * len(said) > 0:
                    return True
                if promise_in(sentence) and held >= PROMISED * len(said):
                    return True
        return False


def _without_facts(plain: str) -> str:
    """Return a sentence without what was looked at by itself: numbers, links, personal data."""
    for found in reversed(find_personal_data(plain)):
        plain = plain[: found.start] + plain[found.end :]
    return re.sub(r"\d\S*", "", _words_of(plain))


def _words_of(plain: str) -> str:
    return URL.sub("", _LINK_TARGET.sub("]", plain))


def _numbers(text: str) -> frozenset[str]:
    """Return the numbers in digits, cut at their signs: 1,000 is 1000, and 10:30 is 10 and 30."""
    found = (_GROUPING.sub("", number) for number in _NUMBER.findall(_words_of(text)))
    return frozenset(part.lstrip("0") or "0" for one in found for part in re.split(r"\D", one))


def _numbers_in_words(text: str) -> frozenset[str]:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return frozenset(_BY_WORD[word] for word in words if word in _BY_WORD)


def _links(text: str) -> frozenset[str]:
    domains = {match[0].rstrip("./").casefold() for match in _DOMAIN.finditer(text)}
    return frozenset(bare(url).casefold() for url in urls_in(text)) | domains


def _closed_up(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _comparable(text: str, everything: str) -> bool:
    ours, theirs = language_of(text, ""), language_of(everything, "")
    if ours and theirs:
        return ours == theirs
    return _is_latin(text) == _is_latin(everything)


def _is_latin(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(char < "\u0250" for char in letters) >= len(letters)
