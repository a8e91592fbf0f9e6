"""Operators edit the list of topics on which a wrong answer does harm."""

from __future__ import annotations

import pytest
from django.urls import reverse

from conversations import operator_settings, wiring
from conversations.actions.starter import ensure_starter_topics
from conversations.answering.toolbox import Thresholds
from conversations.models import Calibration, SensitiveTopic
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
ADD = "admin:conversations_sensitivetopic_add"


def test_a_new_installation_has_four_and_changes_stay() -> None:
    assert ensure_starter_topics() == 4
    SensitiveTopic.objects.filter(name="Money").delete()
    SensitiveTopic.objects.filter(name="Law").update(enabled=False)
    assert ensure_starter_topics() == 0
    assert {topic.name for topic in operator_settings.now().topics} == {"Medicine", "Safety"}


def test_an_operator_adds_one_and_answers_know_it_at_once() -> None:
    client = cast.signed_in(cast.operator())
    fields = {"name": "Boats", "enabled": "on", "phrases": " anchor* \n\nlife vest\nlife vest\n"}
    assert client.post(reverse(ADD), fields).status_code == 302
    (topic,) = operator_settings.now().topics
    assert (topic.name, topic.phrases, topic.always) == ("Boats", ("anchor*", "life vest"), False)


def test_a_phrase_that_fits_everything_is_refused() -> None:
    client = cast.signed_in(cast.operator())
    page = client.post(reverse(ADD), {"name": "All", "enabled": "on", "phrases": "a*"})
    assert page.status_code == 200
    assert "fits nearly everything" in page.content.decode()


def test_agents_cannot_edit_them() -> None:
    assert cast.signed_in(cast.agent()).get(reverse(ADD)).status_code == 403


def test_the_newest_calibration_is_in_force() -> None:
    assert _thresholds().confidence_slope == 1.0
    for slope in (2.0, 0.5):
        Calibration.objects.create(
            slope=slope, intercept=0.1, rated_answers=60, error_before=0.2, error_after=0.1
        )
    assert (_thresholds().confidence_slope, _thresholds().confidence_intercept) == (0.5, 0.1)


def _thresholds() -> Thresholds:
    return wiring.thresholds(operator_settings.now().calibration)
