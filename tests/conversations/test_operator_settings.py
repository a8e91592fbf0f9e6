"""What operators set is read once, and again after every kind of edit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from conversations import operator_settings
from conversations.actions.instructions import make_version, put_into_use
from conversations.actions.starter import ensure_starter_rules, ensure_starter_topics
from conversations.models import Calibration, OperatorEdit, Rule, SensitiveTopic, ServiceState
from conversations.operator_settings import OperatorSettings
from knowledge.models import Audience

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def installed() -> None:
    ensure_starter_rules()
    ensure_starter_topics()
    operator_settings.now()


def test_while_nobody_edits_it_costs_one_query() -> None:
    with CaptureQueriesContext(connection) as queries:
        first, second = operator_settings.now(), operator_settings.now()
    assert first is second
    assert len(queries) == 2


def _calibrate() -> None:
    Calibration.objects.create(
        slope=2.0, intercept=0.0, rated_answers=60, error_before=0.2, error_after=0.1
    )


def _delete_an_audience() -> None:
    Audience.objects.get(slug="staff").delete()


EDITS: dict[str, Callable[[], object]] = {
    "a rule is saved": lambda: Rule.objects.create(name="New", text="Hello", phrases="yo"),
    "rules are switched off": lambda: Rule.objects.update(enabled=False),
    "rules are added": lambda: Rule.objects.bulk_create([Rule(name="New", text="a", phrases="b")]),
    "a rule is deleted": lambda: Rule.objects.filter(pk=Rule.objects.all()[0].pk).delete(),
    "a rule gets a reader": lambda: Rule.objects.all()[0].audiences.add(
        Audience.objects.get(slug="staff")
    ),
    "an audience is deleted": _delete_an_audience,
    "a topic is deleted": lambda: SensitiveTopic.objects.all().delete(),
    "answers are calibrated": _calibrate,
    "instructions are used": lambda: put_into_use(make_version(None, name="Robin"), None),
    "the bot is paused": lambda: ServiceState.objects.update_or_create(
        pk=1, defaults={"paused": True}
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_every_edit_counts_at_once(edit: Callable[[], object]) -> None:
    staff, _ = Audience.objects.get_or_create(slug="staff")
    Rule.objects.all()[1].audiences.add(staff)
    before = operator_settings.now()
    edit()
    after = operator_settings.now()
    assert after is not before
    assert _content(after) == _content(operator_settings._read())


def _content(settings: OperatorSettings) -> tuple[object, ...]:
    use, state = settings.use.current, settings.state.paused
    return settings.rules, settings.topics, settings.calibration, use, state


def test_an_edit_that_is_rolled_back_leaves_what_was() -> None:
    before = operator_settings.now()
    with transaction.atomic():
        Rule.objects.all().delete()
        assert operator_settings.now().rules == ()
        transaction.set_rollback(True)
    assert operator_settings.now().rules == before.rules


def test_without_the_row_it_is_made() -> None:
    OperatorEdit.objects.all().delete()
    operator_settings.now()
    assert OperatorEdit.objects.count() == 1
