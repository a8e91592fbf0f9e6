"""Makes replies: what each source says, how sure it is, and what stands beside it."""

from __future__ import annotations

from conversations.answering import confidence, disposition, related, rules, wording
from conversations.answering.codes import Reason
from conversations.answering.disposition import Situation
from conversations.answering.run import Run
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import (
    Confidence,
    ConfidenceLevel,
    Draft,
    Finding,
    Reply,
    Source,
)

# A query with fewer telling words, and no whole question around them, is asked back about.
SPECIFIC_TERMS = 2
SENTENCE_WORDS = 4


def unreadable(run: Run, toolbox: Toolbox) -> Reply:
    """Ask for words: there was nothing to read."""
    decision = disposition.decide(Situation(readable=False))
    return run.reply(decision, Source.RULE, confidence.of_rule(toolbox.thresholds))


def about_file(run: Run, toolbox: Toolbox) -> Reply:
    """Say that no file can be opened, and offer a person, who can."""
    sure = confidence.of_rule(toolbox.thresholds, Reason.FILE_UNREAD)
    text = wording.file_unread(run.language)
    return run.reply(disposition.decide(Situation(about_file=True)), Source.RULE, sure, text=text)


def by_rule(fired: rules.RuleMatch, run: Run, toolbox: Toolbox) -> Reply:
    """Say what the operator's rule says."""
    rule = fired.rule
    text = rule.text
    if rule.action == "link" and rule.link_url:
        text = f"{text}\n\n[{rule.link_label or rule.link_url}]({rule.link_url})".strip()
    return run.reply(
        disposition.decide(Situation(rule=rule.action)),
        Source.RULE,
        confidence.of_rule(toolbox.thresholds),
        text=text,
        rule_id=rule.id,
        form_fields=rule.form_fields,
    )


def by_operator(situation: Situation, reason: Reason, run: Run, toolbox: Toolbox) -> Reply:
    """Do what an operator's switch or topic leaves no choice about."""
    sure = confidence.of_rule(toolbox.thresholds, reason)
    return run.reply(disposition.decide(situation), Source.OPERATOR, sure)


def filtered(run: Run, toolbox: Toolbox) -> Reply:
    """A person answers what the endpoint's own filter withheld: the documents may be at fault."""
    run.findings += (Finding("content_filtered", "warn"),)
    sure = confidence.of_extract(run.evidence, toolbox.thresholds, run.found.degraded)
    return run.reply(disposition.decide(Situation(filtered=True)), Source.LLM, sure)


def by_model(draft: Draft | None, run: Run, toolbox: Toolbox) -> Reply:
    """Say what a model drafted, or that it found no answer; None: it found none."""
    if draft is None:
        run.doubts += (Reason.MODEL_FOUND_NO_ANSWER,)
    sure = confidence.of_model(
        run.evidence,
        run.findings,
        toolbox.thresholds,
        run.found.degraded,
        drafted=draft is not None,
    )
    situation = Situation(
        enough=confidence.enough(run.evidence),
        drafted=draft is not None,
        found_no_answer=draft is None,
        unsure=sure.level is ConfidenceLevel.LOW,
        high_stakes=bool(run.high_stakes),
    )
    return _told(situation, Source.LLM, sure, draft, run)


def by_extract(draft: Draft | None, run: Run, toolbox: Toolbox) -> Reply:
    """Quote the documents, or ask back, or say that they do not tell."""
    sure = confidence.of_extract(run.evidence, toolbox.thresholds, run.found.degraded)
    situation = Situation(
        specific=_is_specific(run),
        enough=confidence.enough(run.evidence),
        quotable=draft is not None,
        model_failed=bool(run.error),
        unsure=sure.level is ConfidenceLevel.LOW,
        high_stakes=bool(run.high_stakes),
    )
    return _told(situation, Source.EXTRACT, sure, draft, run)


def _told(
    situation: Situation, source: Source, sure: Confidence, draft: Draft | None, run: Run
) -> Reply:
    """Make the reply of a draft or of its lack; other pages stand by when it may not be enough."""
    decision = disposition.decide(situation)
    text, citations = (draft.text, draft.citations) if draft and not decision.code else ("", ())
    if text and run.high_stakes:
        text = f"{text}\n\n*{wording.high_stakes(run.language)}*"
    shown = {cited.passage.document for cited in citations}
    other = related.others(run.found.passages, shown) if situation.unsure or not text else ()
    return run.reply(
        decision,
        source,
        sure,
        text=text,
        citations=citations,
        alternatives=tuple(dict.fromkeys(passage.title for passage in other)),
        related=other,
    )


def _is_specific(run: Run) -> bool:
    telling = run.evidence.terms
    return telling >= SPECIFIC_TERMS or (telling == 1 and len(run.query.split()) >= SENTENCE_WORDS)
