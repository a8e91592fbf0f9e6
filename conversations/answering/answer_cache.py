"""Stage: was this asked before, with the same evidence, for the same readers, prompt and model?

Runs after retrieval, so that an entry's evidence is compared with what is found just now, and the
passages shown are those that this reader was just allowed to see. Only what the model wrote is
kept, and nothing personal, nothing that leans on the conversation or on the day.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

from conversations.answering import related
from conversations.answering.cache_decision import Refusal, decide, evidence_of, normal
from conversations.answering.cached import (
    Ages,
    AnswerCache,
    Entry,
    Flight,
    KeptCitation,
    Layer,
    Scope,
    Served,
)
from conversations.answering.disposition import Decision
from conversations.answering.leaning import leans_on_history
from conversations.answering.question_reading import about_now
from conversations.answering.run import Run
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import (
    Cited,
    Confidence,
    ConfidenceLevel,
    Disposition,
    Progress,
    Reply,
    Source,
    Turn,
)
from guardrails.pii import Masker
from knowledge.retrieval.values import Passage

# Who waits longer asks the model itself. That may take 30 s when the model is failing, and both
# together must not pass the 35 s within which a customer gets a reply.
WAIT_SECONDS = 5.0
WAIT_STEP_SECONDS = 0.25
# Findings with which an answer is kept for the very same question: its text bears the mark of the
# doubt, or was put right.
DOUBTS = frozenset({"claims_doubtful", "claims_uncited", "links_removed", "markers_removed"})
# "My order 4711", "ticket #A-12", "account ending 0042": about one customer's own things.
_OWN_NUMBER = re.compile(
    r"\b(?:order|ticket|case|invoice|account|customer|booking|reservation|reference|tracking|policy|claim"
    r"|contract|transaction|payment|shipment|parcel|package|serial|member(?:ship)?|request|ref|no|nr|number|id"
    r"|bestellung|auftrag|rechnung|kunden\w*|commande|facture|pedido|factura)\b"
    r"[\s:#.-]{0,3}(?:(?:number|no|nr|id|nummer|numéro|número|is|ending|in|with)\b[\s:#.-]{0,3}){0,3}"
    r"(?=[\w-]*\d)[\w-]{2,}",
    re.IGNORECASE,
)
_HASH_NUMBER = re.compile(r"#\s?\d{2,}|\b\d{6,}\b")
_ABOUT_ME = re.compile(
    r"\b(?:my name is|i am called|i live (?:in|at)|i was born|ich heiße|je m'appelle|me llamo)\b",
    re.IGNORECASE,
)


def through(
    text: str, run: Run, toolbox: Toolbox, progress: Progress, make: Callable[[], Reply]
) -> Reply:
    """Return a kept answer where one may serve, else what `make` makes, and say what to keep."""
    cache = toolbox.cache
    if cache is None or not run.found.passages or not _may_be_served(text, run):
        return make()
    scope = _scope(run, toolbox, cache)
    with run.timed("answer_cache"):
        served = _served(text, run, cache, scope)
    if served:
        return reply_from(served, run)
    if run.question.history:
        # Turns before it go into the prompt, and may have shaped the answer.
        return make()
    if toolbox.model_fails():
        # Who asks the model now tries whether it is back, and nobody waits for that one.
        return make()
    seat = cache.join(f"{scope.key} {normal(text)}")
    if not seat.first:
        with run.timed("answer_cache_wait"):
            shared = _waited(text, seat, run, cache.ages, progress, toolbox.model_fails)
        return reply_from(shared, run) if shared else make()
    return _first(text, seat, scope, run, make)


def personal(text: str) -> bool:
    """Say whether a question is about one customer's own data or things."""
    masker = Masker()
    masker.mask(text)
    return bool(
        masker.kinds()
        or _OWN_NUMBER.search(text)
        or _HASH_NUMBER.search(text)
        or _ABOUT_ME.search(text)
    )


def shareable(text: str, history: Sequence[Turn]) -> bool:
    """Say whether the answer to a question may be kept for others.

    Turns before it go into the prompt, and may have shaped the answer.
    """
    return not history and not personal(text) and not about_now(text)


def _may_be_served(text: str, run: Run) -> bool:
    question = run.question
    if question.reader.previews or question.quotes_only or run.found.degraded:
        return False
    if run.suspected or run.high_stakes:
        return False
    if question.history and (leans_on_history(text) or run.query != text):
        return False
    return not personal(text) and not about_now(text)


def _scope(run: Run, toolbox: Toolbox, cache: AnswerCache) -> Scope:
    reader, made_by = run.question.reader, toolbox.prompt.label
    if toolbox.instructions:
        made_by += f", instructions {toolbox.instructions.version}"
    return cache.scope_of(reader.audiences, reader.shelf, run.language, made_by)


def _served(text: str, run: Run, cache: AnswerCache, scope: Scope) -> Served | None:
    for entry, cosine in cache.nominate(scope, text):
        layer, _ = layer_of(text, entry, cosine, run.found.passages, cache.ages)
        if layer:
            return Served(entry, layer)
    return None


def layer_of(
    text: str, entry: Entry, cosine: float, passages: Sequence[Passage], ages: Ages
) -> tuple[Layer | None, Refusal | None]:
    """Return the layer through which an entry serves what is asked now, or why it does not.

    `passages` is what this reader's search found for `text` just now.
    """
    if not _all_found(entry, passages):
        return None, Refusal.EVIDENCE_GONE
    page = next(iter(passages), None)
    now = evidence_of(passages)
    verdict = decide(entry.question, text, cosine, entry.evidence, now, page)
    if verdict.layer is Layer.EXACT and entry.age_seconds < ages.exact_seconds:
        return verdict.layer, None
    if verdict.layer and entry.doubtful:
        # Asked anew in the same words it would be as doubtful; other words may find a better one.
        return None, Refusal.DOUBTFUL
    # An exact repeat is also one in other words, for which the longer time holds.
    if verdict.layer and entry.age_seconds < ages.semantic_seconds:
        return Layer.SEMANTIC, None
    return None, verdict.refusal or Refusal.TOO_OLD


def _all_found(entry: Entry, passages: Sequence[Passage]) -> bool:
    """Say whether everything the answer cites was found just now, in the same version."""
    found = {(passage.chunk, passage.version) for passage in passages}
    return all((cited.chunk, cited.version) in found for cited in entry.citations)


def _waited(
    text: str,
    seat: Flight,
    run: Run,
    ages: Ages,
    progress: Progress,
    in_vain: Callable[[], bool],
) -> Served | None:
    """Wait for who asked first. Those behind us in this process need not wait for us."""
    progress.stage("writing")
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until and not progress.cancelled() and not in_vain():
        entry = seat.wait(WAIT_STEP_SECONDS)
        if entry:
            fits, _ = layer_of(text, entry, 1.0, run.found.passages, ages)
            return Served(entry, Layer.IN_FLIGHT) if fits else None
        if seat.over:
            return None
    return None


def _first(text: str, seat: Flight, scope: Scope, run: Run, make: Callable[[], Reply]) -> Reply:
    entry = None
    try:
        reply = make()
        entry = entry_of(text, reply, scope, run)
    finally:
        seat.land(entry)
    return replace(reply, to_keep=entry) if entry else reply


def entry_of(text: str, reply: Reply, scope: Scope, run: Run) -> Entry | None:
    """Return what to keep of a reply, or None for one that is not worth it."""
    good = (
        reply.source is Source.LLM
        and reply.disposition is Disposition.ANSWER
        and reply.citations
        and not reply.high_stakes
        # Later turns must know that a reply rests on these, and one served may not find them all.
        and not any(passage.local_only for passage in reply.used)
        # Where a claim fell, another try may do better.
        and all(f.severity == "info" or f.code in DOUBTS for f in reply.findings)
    )
    if not good:
        return None
    low = reply.confidence.level is ConfidenceLevel.LOW
    return Entry(
        id=str(uuid4()),
        scope=scope,
        question=text,
        evidence=evidence_of(run.found.passages),
        text=reply.text,
        citations=tuple(_kept(cited) for cited in reply.citations),
        used=tuple((passage.chunk, passage.version) for passage in reply.used),
        confidence=reply.confidence.value,
        confidence_level=reply.confidence.level.value,
        reasons=tuple(map(str, reply.confidence.reasons)),
        human_offered=reply.human_offered,
        model=reply.model,
        prompt_version=reply.prompt_version,
        usage=reply.usage,
        cost_usd=reply.cost_usd,
        doubtful=low or any(finding.code in DOUBTS for finding in reply.findings),
    )


def _kept(cited: Cited) -> KeptCitation:
    return KeptCitation(cited.marker, cited.passage.chunk, cited.passage.version, cited.quote)


def reply_from(served: Served, run: Run) -> Reply:
    """Return a kept answer as the reply to what is asked now, its passages as found just now."""
    entry = served.entry
    found = {(passage.chunk, passage.version): passage for passage in run.found.passages}
    citations = tuple(
        Cited(kept.marker, found[kept.chunk, kept.version], kept.quote) for kept in entry.citations
    )
    sure = Confidence(entry.confidence, ConfidenceLevel(entry.confidence_level), entry.reasons)
    decision = Decision(Disposition.ANSWER, human_offered=entry.human_offered)
    shown = {cited.passage.document for cited in citations}
    unsure = sure.level is ConfidenceLevel.LOW
    other = related.others(run.found.passages, shown) if unsure else ()
    reply = run.reply(
        decision,
        Source.CACHE,
        sure,
        text=entry.text,
        citations=citations,
        alternatives=tuple(dict.fromkeys(passage.title for passage in other)),
        related=other,
    )
    return replace(
        reply,
        used=tuple(found[key] for key in entry.used if key in found),
        model=entry.model,
        prompt_version=entry.prompt_version,
        cost_usd=reply.cost_usd if run.completions else Decimal(0),
        served=served,
    )
