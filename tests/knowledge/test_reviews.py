"""Owners are written to once for a document and a day, and never twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.test import override_settings

from knowledge.actions.defaults import ensure_defaults
from knowledge.actions.reviews import (
    NO_MAIL,
    expiring,
    remind_reviews,
    set_review,
    to_review,
)
from knowledge.models import Collection, Document, DocumentStatus

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = date(2026, 3, 10)


@pytest.fixture
def ada() -> User:
    ensure_defaults()
    return User.objects.create_user("ada", "ada@example.org", first_name="Ada", is_staff=True)


def make(title: str, owner: User | None, review_by: date | None, **fields: Any) -> Document:
    return Document.objects.create(
        collection=Collection.objects.get(slug="default"),
        path=f"{title}.md",
        title=title,
        owner=owner,
        review_by=review_by,
        **{"status": DocumentStatus.INDEXED, **fields},
    )


@override_settings(SITE_URL="https://chat.example.org")
def test_an_owner_gets_one_mail_with_titles_and_links(
    ada: User, mailoutbox: list[EmailMessage]
) -> None:
    returns = make("Returns\nand refunds", ada, TODAY)
    make("Prices", ada, TODAY - timedelta(days=40))
    make("Hours", ada, TODAY + timedelta(days=1))
    make("Old", ada, TODAY, status=DocumentStatus.WITHDRAWN)
    assert remind_reviews(NOW) == 2
    (mail,) = mailoutbox
    assert mail.to == ["ada@example.org"]
    assert mail.subject == "2 documents to review"
    assert "Hello Ada" in str(mail.body)
    assert "Returns and refunds (by 10 March 2026)" in str(mail.body)
    assert f"https://chat.example.org/admin/knowledge/document/{returns.pk}/change/" in str(
        mail.body
    )
    assert "Hours" not in str(mail.body)
    assert "Old" not in str(mail.body)


def test_nobody_is_written_to_twice_until_there_is_a_new_day(
    ada: User, mailoutbox: list[EmailMessage]
) -> None:
    document = make("Returns", ada, TODAY)
    assert [remind_reviews(NOW + timedelta(hours=hour)) for hour in range(30)] == [1] + 29 * [0]
    set_review(document, ada, TODAY)
    assert remind_reviews(NOW + timedelta(days=2)) == 0
    set_review(document, ada, TODAY + timedelta(days=7))
    assert remind_reviews(NOW + timedelta(days=6)) == 0
    assert remind_reviews(NOW + timedelta(days=7)) == 1
    assert len(mailoutbox) == 2


def test_a_new_owner_is_reminded_of_what_the_former_one_left(
    ada: User, mailoutbox: list[EmailMessage]
) -> None:
    document = make("Returns", ada, TODAY)
    remind_reviews(NOW)
    set_review(document, User.objects.create_user("bo", "bo@example.org"), TODAY)
    assert remind_reviews(NOW) == 1
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"], ["bo@example.org"]]


def test_without_an_owner_or_an_address_only_the_list_shows_it(
    ada: User, mailoutbox: list[EmailMessage]
) -> None:
    gone = User.objects.create_user("gone", "gone@example.org", is_active=False)
    for title, owner in (("A", None), ("B", User.objects.create_user("quiet")), ("C", gone)):
        make(title, owner, TODAY)
    assert remind_reviews(NOW) == 0
    assert mailoutbox == []
    assert [document.title for document in to_review(NOW)] == ["A", "B", "C"]


@override_settings(EMAIL_BACKEND=NO_MAIL)
def test_without_a_mail_server_nothing_counts_as_sent(ada: User) -> None:
    make("Returns", ada, TODAY)
    assert remind_reviews(NOW) == 0
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        assert remind_reviews(NOW) == 1


def test_a_mail_server_that_is_away_is_tried_again(ada: User) -> None:
    make("Returns", ada, TODAY)
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=smtp, EMAIL_HOST="127.0.0.1", EMAIL_PORT=9):
        assert remind_reviews(NOW) == 0
    assert remind_reviews(NOW) == 1


def test_an_address_that_cannot_be_written_to_does_not_stop_the_others(
    ada: User, mailoutbox: list[EmailMessage]
) -> None:
    strange = User.objects.create_user("aaron")
    User.objects.filter(pk=strange.pk).update(email="aaron@example.org\nBcc: all@example.org")
    User.objects.filter(pk=ada.pk).update(date_joined=NOW)
    make("Returns", strange, TODAY)
    make("Prices", ada, TODAY)
    assert remind_reviews(NOW) == 1
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"]]
    assert Document.objects.get(title="Returns").reminded_at is None


def test_the_day_is_that_of_the_admins_calendar(ada: User) -> None:
    make("Returns", ada, TODAY)
    late = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
    assert not to_review(late)
    with override_settings(TIME_ZONE="Europe/Berlin"):
        assert to_review(late)


def test_what_ends_within_two_weeks_is_listed(ada: User) -> None:
    for title, days in (("Sale", 3), ("Later", 20), ("Over", -1)):
        make(title, None, None, valid_until=NOW + timedelta(days=days))
    make("Gone", None, None, valid_until=NOW + timedelta(days=1), status="withdrawn")
    assert [document.title for document in expiring(NOW)] == ["Sale"]
