"""Stage: is a model's text safe, grounded and cited? What cannot be delivered says why.

No citation means no claim: a text that cites nothing is not delivered, the documents are quoted
instead. What the text rests on is decided here and not by the model: a marker counts only when it
is the number of a passage that was in the prompt, and a sentence only when a passage holds it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from conversations.answering.claims import MARKER, STANDS, Claim, Sources, Verdict, judge
from conversations.answering.phrases import first_held
from conversations.answering.telling import best_stretch
from conversations.answering.terms import rarity
from conversations.answering.values import NO_ANSWER, Cited, Finding, Prompt
from guardrails.hidden_characters import without_hidden
from guardrails.leaks import repeats, reveals
from guardrails.links import strip_links

MOST_DOCUMENTS = 3
QUOTE_CHARACTERS = 320
# For each sentence that stands so many may fall: a shred of a draft misleads more than a quotation.
MOST_FALLEN = 2
# Stands after a sentence that the passages hold only in part.
DOUBT_MARK = "[?]"
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
# Shorter sentences introduce or close; they claim nothing that needs a source.
CLAIM_WORDS = 6
# Marks of citations as other products write them.
_FOREIGN_MARKER = re.compile(r"\s?【[^】\n]{0,80}】")
# No word is as long; an address may be. It breaks the layout of where it is shown.
_ENDLESS = re.compile(r"(?<![^\s(<])(?!https?://)[^\s]{200,}")
_EMPTY_ITEM = re.compile(r"^[ \t]*(?:>[ \t]*)*(?:[-*+•]|\d{1,3}[.)]|#{1,6})?[ \t]*$")
_HEDGE = re.compile(
    r"\b(?:i think|i believe|i am not sure|i'm not sure|not certain|probably|presumably|perhaps|"
    r"maybe|it seems|might be|could be that|i assume|i guess|vermutlich|wahrscheinlich|vielleicht|"
    r"ich glaube|peut-être|probablement|je crois|quizás|probablemente|creo que)\b",
    re.IGNORECASE,
)
_FINDING_OF = {
    Verdict.NUMBER: "number_unsupported",
    Verdict.LINK: "link_unsupported",
    Verdict.PROMISE: "promise_unsupported",
    Verdict.PERSONAL: "personal_data_unknown",
    Verdict.UNSUPPORTED: "claims_unsupported",
    Verdict.DOUBTFUL: "claims_doubtful",
    Verdict.UNCHECKED: "claims_unchecked",
}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A judged text. `deliverable` is False when the documents must be quoted instead."""

    text: str
    citations: tuple[Cited, ...]
    findings: tuple[Finding, ...]
    deliverable: bool
    no_answer: bool = False


def review(
    text: str, prompt: Prompt, question: str, allowed: frozenset[str], *, strict: bool = False
) -> Reviewed:
    """Judge a finished text of a model; `strict` lets nothing pass that is not supported."""
    text, hidden = without_hidden(text)
    leak = _leak(text, prompt)
    if leak:
        return Reviewed("", (), (leak,), False)
    if NO_ANSWER in text:
        return Reviewed("", (), (Finding("model_found_no_answer"),), False, no_answer=True)
    word = first_held(text, prompt.never_say, inflected=False)
    if word:
        return Reviewed("", (), (Finding("never_said", "block", word),), False)
    findings = [Finding("hidden_characters_removed", "warn", str(hidden))] if hidden else []
    text, removed = strip_links(_FOREIGN_MARKER.sub("", text), allowed)
    text = _ENDLESS.sub(_cut, text)
    if removed:
        findings.append(Finding("links_removed", "warn", str(removed)))
    text, used, unknown = _keep_known_markers(text, prompt)
    if unknown:
        findings.append(Finding("markers_removed", "warn", str(unknown)))
    if not used:
        return Reviewed("", (), (*findings, Finding("uncited", "block")), False)
    findings += _uncited(text) + _manner(text, used, prompt)
    ordered = prompt.operator_text.splitlines()
    claims = judge(text, Sources(prompt.passages, _own_words(prompt, question), allowed, ordered))
    findings += _findings_of(claims)
    text, used = _corrected(text, claims, used)
    if not used or _is_ruined(claims, strict=strict):
        return Reviewed("", (), (*findings, Finding("draft_unsupported", "block")), False)
    text = prompt.masker.unmask(text).strip()
    return Reviewed(text, _cite(text, used, prompt), tuple(findings), True)


def unreviewed(text: str, prompt: Prompt) -> Reviewed:
    """Let a text pass as it is: what the evaluation of the guards compares with."""
    no_answer = text.strip().startswith(NO_ANSWER)
    used = [int(number) for number in re.findall(r"\[(\d{1,3})\]", text)]
    known = [n for n in dict.fromkeys(used) if 1 <= n <= len(prompt.passages)][:MOST_DOCUMENTS]
    text = prompt.masker.unmask(text)
    return Reviewed(text, _cite(text, known, prompt), (), not no_answer, no_answer)


def _cut(word: re.Match[str]) -> str:
    return f"{word[0][:40]}…"


def _own_words(prompt: Prompt, question: str) -> str:
    # The last message holds the passages too; what was masked in it is the customer's own.
    # A summary of older turns, between boundary lines, holds ours as well.
    earlier = [
        message.content
        for message in prompt.messages[:-1]
        if message.role == "user" and prompt.boundary not in message.content
    ]
    return "\n".join([question, *earlier, *prompt.masker.placeholders])


def _findings_of(claims: Sequence[Claim]) -> list[Finding]:
    counted = Counter(claim.verdict for claim in claims)
    return [
        Finding(code, "warn", f"{counted[verdict]} of {len(claims)}")
        for verdict, code in _FINDING_OF.items()
        if counted[verdict]
    ]


def _is_ruined(claims: Sequence[Claim], *, strict: bool) -> bool:
    """Say whether too little is left: far more fell than stands, or a step of a procedure."""
    fallen = [claim for claim in claims if claim.verdict not in STANDS]
    standing = [claim for claim in claims if claim.verdict in STANDS - {Verdict.NO_CLAIM}]
    if strict:
        unsure = {Verdict.DOUBTFUL, Verdict.UNCHECKED}
        return bool(fallen) or any(claim.verdict in unsure for claim in standing)
    return len(fallen) > MOST_FALLEN * len(standing) or any(claim.is_step for claim in fallen)


def _corrected(text: str, claims: Sequence[Claim], used: list[int]) -> tuple[str, list[int]]:
    """Take out the sentences that fell and mark the doubtful ones. Returns (text, markers left)."""
    for claim in reversed(claims):
        sentence = text[claim.start : claim.end]
        if claim.verdict not in STANDS:
            text = text[: claim.start] + text[claim.end :]
        elif claim.verdict is Verdict.DOUBTFUL:
            end = claim.start + len(sentence.rstrip())
            text = f"{text[:end]} {DOUBT_MARK}{text[end:]}"
    if any(claim.verdict not in STANDS for claim in claims):
        lines = [line.rstrip() for line in text.split("\n")]
        kept = [line for line in lines if not line or not _EMPTY_ITEM.match(line)]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept))
    return text, [number for number in used if f"[{number}]" in text]


def _leak(text: str, prompt: Prompt) -> Finding | None:
    if reveals(text, prompt.canary) or reveals(text, prompt.boundary):
        return Finding("canary_leaked", "block")
    if any(reveals(text, code) for code in prompt.codes):
        return Finding("secret_leaked", "block")
    if repeats(text, prompt.private):
        return Finding("prompt_repeated", "block")
    return None


def _keep_known_markers(text: str, prompt: Prompt) -> tuple[str, list[int], int]:
    """Keep markers of known passages of at most three documents, split "[1, 2]" into "[1][2]"."""
    used: list[int] = []
    documents: set[str] = set()
    unknown = 0

    def keep(match: re.Match[str]) -> str:
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

    return MARKER.sub(keep, text), used, unknown


def _manner(text: str, used: Sequence[int], prompt: Prompt) -> list[Finding]:
    """Return what says something about how sure a text is, and is no fault."""
    hedges = len(_HEDGE.findall(text))
    first = prompt.passages[0].document
    disagrees = all(prompt.passages[number - 1].document != first for number in used)
    found = [Finding("hedged", "info", str(hedges))] if hedges else []
    return found + ([Finding("other_page_cited")] if disagrees else [])


def _uncited(text: str) -> list[Finding]:
    claims = [part for part in _SENTENCE.split(text) if len(part.split()) >= CLAIM_WORDS]
    bare = sum(not MARKER.search(claim) for claim in claims)
    if not claims or bare * 2 <= len(claims):
        return []
    return [Finding("claims_uncited", "warn", f"{bare} of {len(claims)}")]


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
