"""Every message code a stage may return.

The edge renders them in the customer's language (conversations/texts.py); stages only name them.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Standard replies: `Reply.code`."""

    SAY_MORE = "say_more"
    NAME_THE_TOPIC = "name_the_topic"
    NOTHING_FOUND = "nothing_found"
    HANDED_OVER = "handed_over"
    COULD_NOT_ANSWER = "could_not_answer"
    PAUSED = "paused"
    ASKED_BEFORE = "asked_before"
    RING_LIMIT = "ring_limit"
    FILE_UNREAD = "file_unread"


class Reason(StrEnum):
    """Why the confidence is what it is: `Confidence.reasons`."""

    RULE_MATCHED = "rule_matched"
    EVIDENCE_STRONG = "evidence_strong"
    EVIDENCE_FAIR = "evidence_fair"
    EVIDENCE_WEAK = "evidence_weak"
    NO_EVIDENCE = "no_evidence"
    NOTHING_NEAR = "nothing_near"
    WORDS_MISSING = "words_missing"
    CLAIMS_UNCITED = "claims_uncited"
    NUMBER_UNSUPPORTED = "number_unsupported"
    CLAIMS_UNSUPPORTED = "claims_unsupported"
    CLAIMS_DOUBTFUL = "claims_doubtful"
    HEDGED = "hedged"
    OTHER_PAGE_CITED = "other_page_cited"
    CLAIMS_UNCHECKED = "claims_unchecked"
    PROMISE_UNSUPPORTED = "promise_unsupported"
    SEARCH_DEGRADED = "search_degraded"
    MODEL_FAILED = "model_failed"
    OVER_BUDGET = "over_budget"
    NO_MODEL = "no_model"
    MODEL_FOUND_NO_ANSWER = "model_found_no_answer"
    GUARD_WITHHELD = "guard_withheld"
    LOCAL_ONLY = "local_only"
    QUOTES_ONLY = "quotes_only"
    CONTENT_FILTERED = "content_filtered"
    PAUSED = "paused"
    BANNER = "banner"
    TOPIC = "topic"
    FILE_UNREAD = "file_unread"


REASON_SENTENCES: dict[Reason, str] = {
    Reason.RULE_MATCHED: "A rule answers this.",
    Reason.EVIDENCE_STRONG: "The passages found fit the question well.",
    Reason.EVIDENCE_FAIR: "The passages found fit the question in part.",
    Reason.EVIDENCE_WEAK: "The passages found hardly fit the question.",
    Reason.NO_EVIDENCE: "No passage was found.",
    Reason.NOTHING_NEAR: "No page comes near the question, so no model was asked.",
    Reason.WORDS_MISSING: "Important words of the question are in no passage.",
    Reason.CLAIMS_UNCITED: "Some sentences of the answer name no source.",
    Reason.NUMBER_UNSUPPORTED: "A sentence with a number that is in no passage was taken out.",
    Reason.CLAIMS_UNSUPPORTED: "Sentences that no passage supports were taken out.",
    Reason.CLAIMS_DOUBTFUL: "Some sentences stand in the passages only in part; they are marked.",
    Reason.HEDGED: "The answer is worded as a guess.",
    Reason.OTHER_PAGE_CITED: "The answer does not cite the page that the search put first.",
    Reason.CLAIMS_UNCHECKED: (
        "The answer is in another language than its passages, so they could not be compared."
    ),
    Reason.PROMISE_UNSUPPORTED: "A promise that is in no passage was taken out.",
    Reason.SEARCH_DEGRADED: "Part of the search was not available.",
    Reason.MODEL_FAILED: "The language model failed; the documents are quoted instead.",
    Reason.OVER_BUDGET: "The spending limit is reached; the documents are quoted instead.",
    Reason.NO_MODEL: "No language model is connected; the documents are quoted.",
    Reason.MODEL_FOUND_NO_ANSWER: "The language model found no answer in the passages.",
    Reason.GUARD_WITHHELD: "A safety check held the model's text back.",
    Reason.QUOTES_ONLY: (
        "After several suspicious messages no model writes to this visitor for a day; the "
        "documents are quoted instead."
    ),
    Reason.LOCAL_ONLY: (
        "The best passages are for local models only and the model connected is outside; the "
        "documents are quoted instead."
    ),
    Reason.CONTENT_FILTERED: (
        "The model's provider withheld its text; a person has been asked instead."
    ),
    Reason.PAUSED: "An operator has paused the bot.",
    Reason.BANNER: "The banner about an incident answers this.",
    Reason.FILE_UNREAD: "It came with a file, which the assistant cannot open.",
    Reason.TOPIC: "A topic that the instructions give to a person.",
}


def explain(reasons: tuple[str, ...]) -> str:
    """Return the reasons as English sentences, for operators."""
    return " ".join(REASON_SENTENCES[Reason(r)] for r in reasons if r in list(Reason))
