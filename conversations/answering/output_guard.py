"""Stage: is a model's text safe, grounded and cited? What cannot be delivered says why.

No citation means no claim: a text that cites nothing is not delivered, the documents are quoted
instead. What the text rests on is decided here and not by the model: a marker counts only when it
is the number of a passage that was in the prompt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conversations.answering.phrases import first_held
from conversations.answering.telling import best_stretch
from conversations.answering.terms import rarity
from conversations.answering.values import NO_ANSWER, Cited, Finding, Prompt
from guardrails.leaks import repeats
from guardrails.links import strip_links

MOST_DOCUMENTS = 3
QUOTE_CHARACTERS = 320
_MARKER = re.compile(r"\s?\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LIST_NUMBER = re.compile(r"^\s*\d{1,3}[.)]\s", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
# Shorter sentences introduce or close; they claim nothing that needs a source.
CLAIM_WORDS = 6


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A judged text. `deliverable` is False when the documents must be quoted instead."""

    text: str
    citations: tuple[Cited, ...]
    findings: tuple[Finding, ...]
    deliverable: bool
    no_answer: bool = False


def review(text: str, prompt: Prompt, question: str, allowed: frozenset[str]) -> Reviewed:
    """Judge a finished text of a model."""
    leak = _leak(text, prompt)
    if leak:
        return Reviewed("", (), (leak,), False)
    if NO_ANSWER in text:
        return Reviewed("", (), (Finding("model_found_no_answer"),), False, no_answer=True)
    word = first_held(text, prompt.never_say, inflected=False)
    if word:
        return Reviewed("", (), (Finding("never_said", "block", word),), False)
    findings: list[Finding] = []
    text, removed = strip_links(text, allowed)
    if removed:
        findings.append(Finding("links_removed", "warn", str(removed)))
    text, used, unknown = _keep_known_markers(text, prompt)
    if unknown:
        findings.append(Finding("markers_removed", "warn", str(unknown)))
    if not used:
        findings.append(Finding("uncited", "block"))
        return Reviewed("", (), tuple(findings), False)
    findings.extend(_doubts(text, prompt, question))
    text = prompt.masker.unmask(text).strip()
    return Reviewed(text, _cite(text, used, prompt), tuple(findings), True)


def _leak(text: str, prompt: Prompt) -> Finding | None:
    if prompt.canary in text or prompt.boundary in text:
        return Finding("canary_leaked", "block")
    if repeats(text, prompt.private):
        return Finding("prompt_repeated", "block")
    return None


def _keep_known_markers(text: str, prompt: Prompt) -> tuple[str, list[int], int]:
    """Keep markers of known passages of at most three documents, split "[1, 2]" into "[1][2]"."""
    used: list[int] = []
    documents: set[str] = set()
    unknown = 0

    def judge(match: re.Match[str]) -> str:
        nonlocal unknown
        kept = []
        for number in (int(part) for part in match[1].split(",")):
            document = (
                prompt.passages[number - 1].document if 1 <= number <= len(prompt.passages) else ""
            )
            if not document or (document not in documents and len(documents) == MOST_DOCUMENTS):
                unknown += 1
                continue
            documents.add(document)
            kept.append(number)
        used.extend(n for n in kept if n not in used)
        return (" " if kept and match[0][0].isspace() else "") + "".join(f"[{n}]" for n in kept)

    return _MARKER.sub(judge, text), used, unknown


def _doubts(text: str, prompt: Prompt, question: str) -> list[Finding]:
    sources = " ".join(
        [
            question,
            prompt.operator_text,
            *(f"{p.title} {p.heading} {p.text}" for p in prompt.passages),
        ]
    )
    known = set(_NUMBER.findall(sources))
    said = _NUMBER.findall(_LIST_NUMBER.sub("", _MARKER.sub("", text)))
    strange = [number for number in said if number not in known]
    doubts = [Finding("number_unsupported", "warn", str(len(strange)))] if strange else []
    claims = [part for part in _SENTENCE.split(text) if len(part.split()) >= CLAIM_WORDS]
    bare = sum(not _MARKER.search(claim) for claim in claims)
    if claims and bare * 2 > len(claims):
        doubts.append(Finding("claims_uncited", "warn", f"{bare} of {len(claims)}"))
    return doubts


def _cite(text: str, used: list[int], prompt: Prompt) -> tuple[Cited, ...]:
    weights = rarity([passage.text for passage in prompt.passages])
    cited = []
    for number in used:
        passage = prompt.passages[number - 1]
        claim = " ".join(part for part in _SENTENCE.split(text) if f"[{number}]" in part)
        cited.append(
            Cited(number, passage, best_stretch(claim, passage, weights, QUOTE_CHARACTERS)[1].quote)
        )
    return tuple(cited)
