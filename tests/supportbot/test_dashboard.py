"""The first page tells which models are not called."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from observability.models import LeftAlone
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db


def test_models_left_alone_stand_on_the_first_page_as_long_as_they_are() -> None:
    client = cast.signed_in(cast.administrator())
    until = timezone.now() + timedelta(minutes=3)
    LeftAlone.objects.create(endpoint="e", model="big-model", why="failing", until=until)
    page = client.get(reverse("admin:index")).content.decode()
    assert "big-model" in page
    assert "is not called until" in page
    LeftAlone.objects.update(until=timezone.now())
    assert "big-model" not in client.get(reverse("admin:index")).content.decode()
