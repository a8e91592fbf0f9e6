"""Documents that somebody should read again: who owns them, by when, and the reminder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Document, DocumentStatus
from knowledge.models.document import DocumentQuerySet

logger = logging.getLogger(__name__)
EXPIRY_NOTICE_DAYS = 14
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"


def to_review(now: datetime) -> DocumentQuerySet:
    """Return the documents whose review is due, by the calendar of TIME_ZONE, oldest first."""
    due = Document.objects.filter(review_by__lte=timezone.localdate(now))
    return due.exclude(status=DocumentStatus.WITHDRAWN).order_by("review_by", "title")


def expiring(now: datetime) -> DocumentQuerySet:
    """Return the documents that soon answer no more, the next one first."""
    end = now + timedelta(days=EXPIRY_NOTICE_DAYS)
    soon = Document.objects.filter(valid_until__gt=now, valid_until__lte=end)
    return soon.exclude(status=DocumentStatus.WITHDRAWN).order_by("valid_until", "title")


def set_review(document: Document, owner: AbstractBaseUser | None, review_by: date | None) -> None:
    """Say who looks after a document, and by when it is to be read again.

    Another day, or another owner, is reminded of anew.
    """
    stored = Document.objects.filter(pk=document.pk)
    new_owner = owner.pk if owner else None
    stored.exclude(review_by=review_by, owner=new_owner).update(
        owner=new_owner, review_by=review_by, reminded_at=None, updated_at=timezone.now()
    )


def remind_reviews(now: datetime) -> int:
    """Write to each owner about the documents that are due; return how many were written about.

    At most once for a document and a day: it is marked first, by compare-and-swap, and the mark is
    taken back when the mail cannot be sent. Without EMAIL_URL nothing is sent or marked.
    """
    owners = list(_owners(now)) if settings.EMAIL_BACKEND != NO_MAIL else []
    if not owners:
        return 0
    connection = get_connection()
    try:
        connection.open()
        return sum(_remind(owner, now, connection) for owner in owners)
    # Whatever a mail server does: the documents stay in the admin's list.
    except Exception as error:
        logger.warning("reviews.no_mail_server", extra={"error": type(error).__name__})
        return 0
    finally:
        connection.close()


def _unreminded(now: datetime) -> DocumentQuerySet:
    return to_review(now).filter(reminded_at=None)


def _owners(now: datetime) -> QuerySet[User]:
    owners = User.objects.filter(pk__in=_unreminded(now).values("owner"), is_active=True)
    return owners.exclude(email="").order_by("pk")


def _remind(owner: User, now: datetime, connection: BaseEmailBackend) -> int:
    claimed = [row for row in _unreminded(now).filter(owner=owner) if _mark(row, now)]
    if not claimed:
        return 0
    try:
        _message(owner, claimed, connection).send()
    # One person's address must not keep the others from being written to.
    except Exception as error:
        logger.warning(
            "reviews.mail_failed", extra={"error": type(error).__name__, "owner": owner.pk}
        )
        marked = Document.objects.filter(pk__in=[row.pk for row in claimed], reminded_at=now)
        marked.update(reminded_at=None)
        return 0
    return len(claimed)


def _mark(document: Document, now: datetime) -> bool:
    unchanged = Document.objects.filter(
        pk=document.pk,
        reminded_at=None,
        review_by=document.review_by,
        owner=document.owner_id,
    )
    return bool(unchanged.update(reminded_at=now))


def _message(
    owner: User, documents: Sequence[Document], connection: BaseEmailBackend
) -> EmailMessage:
    number = len(documents)
    subject = "A document to review" if number == 1 else f"{number} documents to review"
    lines = [
        f"- {' '.join(document.title.split())} (by {document.review_by:%d %B %Y})\n"
        f"  {_address(document)}"
        for document in documents
    ]
    text = (
        f"Hello {owner.get_short_name() or owner.get_username()},\n\n"
        "you look after these documents of our customer support, and the day has come by which "
        "they were to be read again:\n\n" + "\n".join(lines) + "\n\n"
        "If a document is still right, give it a new day. If not, upload a new version or "
        "withdraw it. We write once for each document and day.\n"
    )
    return EmailMessage(subject, text, to=[owner.email], connection=connection)


def _address(document: Document) -> str:
    path = reverse("admin:knowledge_document_change", args=[document.pk])
    return f"{settings.SITE_URL}{path}"
