from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.answering.confidence import ANSWER_FROM, enough, worth
from conversations.answering.evidence import Evidence

FOUND = Evidence(
    best_dense=0.6,
    best_score=0.8,
    margin=0.1,
    covered=1.0,
    agreement=1.0,
    terms=3,
    documents=6,
)


def test_a_page_that_fits_and_leads_is_quoted() -> None:
    assert enough(FOUND)
    assert not enough(replace(FOUND, best_score=0.6))
    assert not enough(replace(FOUND, documents=0))


def test_a_lead_makes_up_for_a_weaker_score_and_many_pages_cost_a_little() -> None:
    weak = replace(FOUND, best_score=ANSWER_FROM - 0.04, margin=0.0)
    assert not enough(weak)
    assert enough(replace(weak, margin=0.15))
    assert not enough(replace(weak, margin=0.15, documents=8))


@pytest.mark.parametrize(("documents", "as_many"), [(1, 6), (3, 6), (8, 12)])
def test_small_knowledge_bases_and_those_of_short_pages_are_no_worse(
    documents: int, as_many: int
) -> None:
    one, other = replace(FOUND, documents=documents), replace(FOUND, documents=as_many)
    assert worth(one) == worth(other)
