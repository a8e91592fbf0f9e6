"""The record of how a final reply came about."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from conversations.answering.values import Reply
from conversations.models import Answer, Citation, Message
from knowledge.models import Document
from knowledge.retrieval.values import Passage
from observability.tracing import current_trace_id


def unsaved_answer(question: str, reply: Reply) -> Answer:
    """Return the record of a reply without storing it: of no message, in this trace."""
    usage = reply.usage
    return Answer(
        question=question,
        query=reply.query,
        disposition=reply.disposition.value,
        source=reply.source.value,
        confidence=reply.confidence.value,
        confidence_level=reply.confidence.level.value,
        reasons=[str(reason) for reason in reply.confidence.reasons],
        explanation=reply.explanation,
        human_offered=reply.human_offered,
        high_stakes=reply.high_stakes,
        degraded=reply.degraded,
        findings=[asdict(finding) for finding in reply.findings],
        passages=[_passage_row(passage, reply) for passage in reply.passages],
        alternatives=list(reply.alternatives),
        related=[{"title": passage.title, "url": passage.url} for passage in reply.related],
        form_fields=list(reply.form_fields),
        rule_id=reply.rule_id,
        model=reply.model,
        prompt_version=reply.prompt_version,
        instructions_version=reply.instructions_version,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        cost_usd=reply.cost_usd,
        budget=dict(reply.budget),
        timings_ms=dict(reply.timings_ms),
        error=reply.error[:500],
        trace_id=current_trace_id(),
    )


def create_answer(final: Message, question: str, reply: Reply, attempt: int) -> Answer:
    """Store the answer record and its citations."""
    answer = unsaved_answer(question, reply)
    answer.message, answer.attempt = final, attempt
    answer.save(force_insert=True)
    citations = unsaved_citations(reply)
    for citation in citations:
        citation.answer = answer
    Citation.objects.bulk_create(citations)
    return answer


def unsaved_citations(reply: Reply) -> list[Citation]:
    """Return a reply's citations without storing them: of no answer."""
    ids = {cited.passage.document for cited in reply.citations}
    # A document may have been deleted while the answer was being written.
    present = {str(pk) for pk in Document.objects.filter(pk__in=ids).values_list("pk", flat=True)}
    return [
        Citation(
            marker=cited.marker,
            document_id=UUID(cited.passage.document) if cited.passage.document in present else None,
            chunk=UUID(cited.passage.chunk),
            title=cited.passage.title[:500],
            heading=cited.passage.heading[:1000],
            url=cited.passage.url,
            quote=cited.quote,
        )
        for cited in reply.citations
    ]


def _passage_row(passage: Passage, reply: Reply) -> dict[str, Any]:
    return {
        "document": passage.document,
        "version": passage.version,
        "chunk": passage.chunk,
        "title": passage.title,
        "heading": passage.heading,
        "text": passage.text,
        "score": passage.score,
        "dense_score": passage.dense_score,
        "sparse_score": passage.sparse_score,
        "local_only": passage.local_only,
        "used": passage in reply.used,
    }
