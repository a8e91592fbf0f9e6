"""From a question to a reply that may be delivered: the stages, in order."""

from __future__ import annotations

from conversations.answering import (
    answer_cache,
    confidence,
    evidence,
    extraction,
    files,
    generation,
    incident_banner,
    input_guard,
    local_only,
    output_guard,
    prompting,
    query_rewriting,
    replies,
    retrieval,
    rewriting_by_model,
    routing,
    rules,
    stream_guard,
)
from conversations.answering.codes import Reason
from conversations.answering.disposition import Situation
from conversations.answering.language import language_of
from conversations.answering.phrases import first_held
from conversations.answering.run import Run
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import (
    Draft,
    Finding,
    Progress,
    Question,
    Reply,
    Source,
)
from guardrails.high_stakes import topics_in
from guardrails.links import allowed_urls
from knowledge.retrieval.spelling import respelled
from knowledge.retrieval.values import Query
from providers.errors import ProviderError
from providers.llm.base import ChatModel
from providers.llm.purposes import Purpose


def answer(question: Question, toolbox: Toolbox, progress: Progress) -> Reply:
    """Make the reply. Never raises for a failing provider: that is `Reply.error`.

    When `progress.cancelled()` turns true the model's call is given up and the function returns
    within moments; the caller throws the reply away.
    """
    run = Run(question, toolbox.clock)
    if toolbox.instructions:
        run.instructions_version = toolbox.instructions.version
    with run.timed("input_guard"):
        checked = input_guard.check(question.text)
    run.findings += checked.findings
    run.suspected = checked.suspected and toolbox.guarded
    run.high_stakes = topics_in(checked.text, toolbox.topics)
    run.findings += tuple(Finding("high_stakes", "info", name) for name in run.high_stakes)
    if not checked.readable and not question.attachments:
        return replies.unreadable(run, toolbox)
    run.language = question.language[:2] or language_of(checked.text, question.shown_in or "en")

    asks_person = _says_banner(checked.text, run, toolbox)
    fired = _rule_for(checked.text, run, toolbox, inside=False)
    ordered = _ordered(checked.text, run, toolbox, fired, banner_to_person=asks_person)
    if ordered:
        return ordered
    if fired:
        return replies.by_rule(fired, run, toolbox)

    if files.are_meant(checked.text, question.attachments):
        return replies.about_file(run, toolbox)

    progress.stage("searching")
    with run.timed("query_rewriting"):
        run.query = query_rewriting.rewrite(checked.text, question.history)
    with run.timed("retrieval"):
        _search(retrieval.query_of(checked.text, question.history), run, toolbox)
    query = _query_by_model(checked.text, run, toolbox, progress)
    if query:
        with run.timed("retrieval_again"):
            _search(query, run, toolbox)

    reply = answer_cache.through(
        checked.text,
        run,
        toolbox,
        progress,
        lambda: _anew(checked.text, run, toolbox, progress),
    )
    return files.admitted(reply, run.language) if question.attachments else reply


def _anew(text: str, run: Run, toolbox: Toolbox, progress: Progress) -> Reply:
    draft, no_answer = _write(text, run, toolbox, progress)
    if draft or no_answer:
        return replies.by_model(draft, run, toolbox)
    if run.filtered:
        return replies.filtered(run, toolbox)

    fired = _rule_for(text, run, toolbox, inside=True)
    if fired:
        return replies.by_rule(fired, run, toolbox)
    if not confidence.enough(run.evidence):
        # Nothing would be quoted: looking for the sentences costs the most of such a reply.
        return replies.by_extract(None, run, toolbox)
    with run.timed("extraction"):
        draft = _sayable(_extract(run, toolbox), run, toolbox)
    return replies.by_extract(draft, run, toolbox)


def _search(query: Query, run: Run, toolbox: Toolbox) -> None:
    found = retrieval.find(query, run.question.reader, toolbox.retrieve)
    run.found = retrieval.in_language_of(query.text, found)
    # Quotations are chosen by the words that were found, not by misspelt ones.
    run.searched = respelled(run.query, run.found.corrected)
    run.evidence = evidence.gather(run.searched, run.found.passages)


def _query_by_model(text: str, run: Run, toolbox: Toolbox, progress: Progress) -> Query | None:
    """Return a model's question where the rules are unsure and their search found little."""
    history = run.question.history
    if toolbox.rewriting_prompt is None or run.question.quotes_only:
        return None
    found_well = confidence.worth(run.evidence) >= query_rewriting.FOUND_WELL_FROM
    if found_well or not query_rewriting.unsure(text, history):
        return None
    sendable = local_only.choose(text, (), history, toolbox.model, toolbox.local_model)
    if sendable.model is None or not toolbox.within_budget():
        return None
    with run.timed("rewriting_by_model"):
        made = rewriting_by_model.rewrite(text, sendable.history, sendable.model, toolbox, progress)
    if made.completion:
        run.spent(made.completion)
    if not made.query:
        return None
    run.query = made.query
    return Query(made.query)


def _extract(run: Run, toolbox: Toolbox) -> Draft | None:
    passages = run.found.passages
    try:
        return extraction.extract(run.searched, passages, run.language, toolbox.similarity)
    except ProviderError:
        # The words alone do nearly as well, and need nothing that can fail.
        return extraction.extract(run.searched, passages, run.language)


def _sayable(draft: Draft | None, run: Run, toolbox: Toolbox) -> Draft | None:
    """Return the draft unless it holds what the operator never wants said."""
    never = toolbox.instructions.never_say if toolbox.instructions else ()
    word = first_held(draft.text, never, inflected=False) if draft else ""
    if word:
        run.findings += (Finding("never_said", "block", word),)
    return None if word else draft


def _write(text: str, run: Run, toolbox: Toolbox, progress: Progress) -> tuple[Draft | None, bool]:
    """Let the model answer. Returns its checked draft, or None and whether it found no answer."""
    sendable = local_only.choose(
        text, run.found.passages, run.question.history, toolbox.model, toolbox.local_model
    )
    hindrance = _hindrance(text, run, toolbox, sendable)
    if hindrance or sendable.model is None:
        run.doubts += (hindrance or Reason.LOCAL_ONLY,)
        return None, False
    run.findings += sendable.findings
    with run.timed("prompting"):
        limits = toolbox.thresholds
        room = prompting.Room(limits.passages, limits.max_input_tokens, toolbox.counter)
        prompt = prompting.make(
            toolbox.prompt,
            text,
            sendable.history,
            prompting.worth_sending(sendable.passages),
            room,
            toolbox.instructions,
            _earlier(run, toolbox, sendable.model),
        )
        run.prompted, run.budget = prompt.passages, prompt.budget
        texts = [prompt.operator_text, *(p.text for p in prompt.passages)]
        allowed = allowed_urls((p.url for p in prompt.passages), texts)
    run.findings += tuple(Finding(f"masked_{kind.lower()}") for kind in prompt.masker.kinds())
    progress.stage("writing")
    guard = stream_guard.StreamGuard(progress, prompt, allowed, withhold=run.suspected)
    purpose = _purpose(text, run, toolbox)
    with run.timed("generation"):
        made = generation.generate(prompt, sendable.model, toolbox, guard, purpose)
    prompt, run.prompted = made.prompt, made.prompt.passages
    if made.completion is None:
        guard.retract()
        run.error, run.filtered = made.error, made.filtered
        run.doubts += (Reason.CONTENT_FILTERED if made.filtered else Reason.MODEL_FAILED,)
        return None, False
    run.spent(made.completion, prompt.label)
    progress.stage("checking")
    with run.timed("output_guard"):
        if toolbox.guarded:
            reviewed = output_guard.review(
                made.completion.text, prompt, text, allowed, strict=run.suspected
            )
        else:
            reviewed = output_guard.unreviewed(made.completion.text, prompt)
    run.findings += reviewed.findings
    if reviewed.deliverable:
        return Draft(reviewed.text, Source.LLM, reviewed.citations), False
    guard.retract()
    return None, _no_answer(reviewed, run, saw_all=sendable.passages == run.found.passages)


def _earlier(run: Run, toolbox: Toolbox, model: ChatModel) -> prompting.Earlier | None:
    """Return the summary of turns that are too old for the prompt, where the model may get it."""
    if toolbox.earlier_prompt is None:
        return None
    asked = run.question
    text = local_only.sendable_summary(
        asked.summary, run.found.passages, asked.history, model, toolbox.local_model
    )
    return prompting.Earlier(toolbox.earlier_prompt, text) if text else None


def _purpose(text: str, run: Run, toolbox: Toolbox) -> Purpose:
    """Choose what the model is asked for, which chooses the model, and note why."""
    if not toolbox.cheaper_model:
        return Purpose.ANSWER
    fit = confidence.of_evidence(run.evidence)
    chosen = routing.route(text, run.question.history, run.evidence, fit, toolbox.budget_used())
    run.findings += (chosen.finding(),)
    return chosen.purpose


def _no_answer(reviewed: output_guard.Reviewed, run: Run, *, saw_all: bool) -> bool:
    """Say whether a model's word that there is no answer counts."""
    if not reviewed.no_answer:
        run.doubts += (Reason.GUARD_WITHHELD,)
    elif not saw_all:
        # The answer may stand in what it was not given.
        run.doubts += (Reason.MODEL_FOUND_NO_ANSWER, Reason.LOCAL_ONLY)
    return reviewed.no_answer and saw_all


def _hindrance(
    text: str, run: Run, toolbox: Toolbox, sendable: local_only.Sendable
) -> Reason | None:
    """Return why no model is asked, or None."""
    if run.question.quotes_only:
        return Reason.QUOTES_ONLY
    if toolbox.model is None and toolbox.local_model is None:
        return Reason.NO_MODEL
    if not run.found.passages:
        return Reason.NO_EVIDENCE
    if _nothing_near(text, run):
        return Reason.NOTHING_NEAR
    if sendable.model is None:
        return Reason.LOCAL_ONLY
    return None if toolbox.within_budget() else Reason.OVER_BUDGET


def _nothing_near(text: str, run: Run) -> bool:
    """Say whether a model would only find that nothing answers: the customer hears it at once."""
    # What leans on earlier turns may be answered from them; the bounds were fitted on English.
    english = language_of(text, default="") == "en"
    alone = not run.question.history and not run.found.degraded
    return alone and english and confidence.nothing_near(run.evidence)


def _rule_for(text: str, run: Run, toolbox: Toolbox, *, inside: bool) -> rules.RuleMatch | None:
    question = run.question
    with run.timed("rules_again" if inside else "rules"):
        return rules.match(text, toolbox.rules, question.reader, question.language, inside=inside)


def _says_banner(text: str, run: Run, toolbox: Toolbox) -> bool:
    """Say the banner if it answers this question; return whether it asks for a person."""
    banner = toolbox.banner
    if not banner or not incident_banner.answers(text, banner, said=run.question.banner_said):
        return False
    run.banner = banner.text
    toolbox.say_banner(banner.text)
    return banner.then == "person"


def _ordered(
    text: str,
    run: Run,
    toolbox: Toolbox,
    fired: rules.RuleMatch | None,
    *,
    banner_to_person: bool,
) -> Reply | None:
    """Return the reply that the operator's switches and topics leave no choice about."""
    topics = toolbox.instructions.person_topics if toolbox.instructions else ()
    if banner_to_person:
        return replies.by_operator(Situation(banner_to_person=True), Reason.BANNER, run, toolbox)
    if fired and fired.rule.action in ("person", "form"):
        return replies.by_rule(fired, run, toolbox)
    topic = first_held(text, topics)
    if topic:
        run.findings += (Finding("person_topic", "info", topic),)
        return replies.by_operator(Situation(topic=True), Reason.TOPIC, run, toolbox)
    if toolbox.paused:
        return replies.by_operator(Situation(paused=True), Reason.PAUSED, run, toolbox)
    return None
