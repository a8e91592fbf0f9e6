"""The database and the index are held against each other, point by point."""

import uuid

import pytest

from knowledge.actions.defaults import ensure_generation
from knowledge.models import Chunk
from knowledge.reconciliation import check, repair
from knowledge.wiring import vector_store
from providers.vector_store.base import Point, SparseVector
from tests.knowledge.library import ingest_shop, titles

pytestmark = pytest.mark.usefixtures("own_index")


def test_what_agrees_has_no_differences() -> None:
    ingest_shop()
    found = check(ensure_generation())
    assert (found.expected, found.found, found.number) == (3, 3, 0)


def test_missing_surplus_and_differing_points_are_found_and_repaired() -> None:
    documents = ingest_shop()
    store = vector_store()
    lost = Chunk.objects.get(version__document=documents["returns.md"])
    store.delete_points([str(lost.pk)])
    store.set_audiences([str(documents["invoices.md"].pk)], ["internal"])
    stranger = str(uuid.uuid4())
    sparse = SparseVector((1,), (1.0,))
    store.upsert([Point(stranger, "gone", "default", ("public",), [0.1] * 384, sparse)])

    found = check(ensure_generation())
    assert found.missing == [str(lost.pk)]
    assert found.surplus == [stranger]
    assert len(found.differing) == 1

    assert repair(ensure_generation(), found) == 1
    assert check(ensure_generation()).number == 0
    assert titles("how do I send goods back")[0] == "Returns"
    assert titles("when are invoices sent")[0] == "Invoices"
