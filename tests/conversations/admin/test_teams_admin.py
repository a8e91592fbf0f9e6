"""Teams, hours by site, and who may change them."""

import pytest
from django.urls import reverse

from conversations.models import Site, Team, WorkingHours
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Audience
from supportbot.roles import AGENT
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
ADD = reverse("admin:conversations_team_add")
LIST = reverse("admin:conversations_team_changelist")


def test_an_operator_makes_a_team_of_those_who_answer() -> None:
    amira, otto = cast.agent(), cast.operator()
    client = cast.signed_in(otto)
    page = client.get(ADD).content.decode()
    assert "Amira" in page
    assert f'value="{otto.pk}"' not in page
    sent = {"name": "Billing", "members": [amira.pk], "reasons": ["sensitive", "guard"]}
    assert client.post(ADD, sent).status_code == 302
    team = Team.objects.get()
    assert (list(team.members.all()), team.reasons) == ([amira], ["sensitive", "guard"])
    Site.objects.create(name="Shop", team=team)
    page = client.get(LIST).content.decode()
    for words in ("Billing", "Amira", "A sensitive topic", "Shop"):
        assert words in page


def test_a_team_of_somebody_who_may_not_answer_is_refused() -> None:
    otto = cast.operator()
    page = cast.signed_in(otto).post(ADD, {"name": "Billing", "members": [otto.pk]})
    assert page.status_code == 200
    assert not Team.objects.exists()


def test_an_agent_neither_makes_nor_sees_teams_in_the_admin() -> None:
    client = cast.signed_in(cast.person("bea", AGENT))
    assert client.get(LIST).status_code == 403
    assert client.post(ADD, {"name": "Billing"}).status_code == 403


def test_a_site_gets_its_team_and_its_hours_in_its_form() -> None:
    team = Team.objects.create(name="Billing")
    WorkingHours.objects.create(name="Office")
    tokyo = WorkingHours.objects.create(name="Tokyo", time_zone="Asia/Tokyo")
    site = Site.objects.create(name="Shop")
    ensure_defaults()
    site.audiences.set(Audience.objects.all())
    client = cast.signed_in(cast.administrator())
    address = reverse("admin:conversations_site_change", args=[site.pk])
    form = client.get(address).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    sent |= {"team": team.pk, "hours": tokyo.pk}
    sent = {name: value for name, value in sent.items() if value not in (None, False)}
    answer = client.post(address, sent)
    assert answer.status_code == 302, answer.context["errors"]
    site.refresh_from_db()
    assert (site.team, site.hours) == (team, tokyo)
    hours = client.get(reverse("admin:conversations_workinghours_changelist")).content.decode()
    assert "everything without hours of its own" in hours
    assert "Shop" in hours


def test_hours_that_cannot_be_read_do_not_break_their_list() -> None:
    WorkingHours.objects.create(name="Far away", time_zone="Mars/Olympus")
    client = cast.signed_in(cast.operator())
    page = client.get(reverse("admin:conversations_workinghours_changelist"))
    assert page.status_code == 200
    assert "cannot be read" in page.content.decode()
