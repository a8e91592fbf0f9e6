"""An unknown visitor proves to be a customer of the host site; or a browser forgets who it was.

Locks are taken in one order: the verified visitor, the unknown one, then the chats. Visitors are
locked without their key, which other writes only refer to.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from conversations import tokens
from conversations.models import (
    Block,
    Contact,
    Conversation,
    Feedback,
    IdentityJoin,
    Message,
    MessageState,
    SameCustomer,
    Site,
    SiteIdentity,
    VerifiedCustomer,
    Visitor,
    VisitorToken,
)
from conversations.recording import About, record_incident
from conversations.ringing import ring
from conversations.running import running_answers
from conversations.sites.identity import Claims, Rules, TokenRefused, read_token
from conversations.streaming import look_again_on_commit, tell_desk_on_commit
from knowledge.models import PUBLIC_AUDIENCE, Audience

logger = logging.getLogger(__name__)
REFUSED = "identity_refused"
# The same refusal of a site is one incident in this time: a broken host page repeats it with
# every visitor.
TOLD_ONCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Identified:
    """What came of a token: who it is, the browser's new tokens, and how many chats came along."""

    customer: VerifiedCustomer
    given: tokens.Given
    chats_joined: int


def identify(site: Site, token: str, held: tokens.Held | None) -> Identified:
    """Take a browser in as the customer that a token names; its chats come along.

    `held` is what the browser had: an unknown visitor's chats become the customer's, another
    customer's stay where they are. Doing it again changes nothing more. Raises TokenRefused.
    """
    try:
        claims = read_token(token, _rules(site), timezone.now().timestamp())
    except TokenRefused as refused:
        note_refused(site, refused)
        raise
    return _take_in(site, claims, held)


@transaction.atomic
def forget(held: tokens.Held) -> None:
    """End what this browser was given; its chats stay with whom they belong to."""
    if held.device is None:
        return
    tokens.end_device(held.device)
    look_again_on_commit(_chats_of(held.visitor))


def note_refused(site: Site, refused: TokenRefused) -> None:
    """Log a refusal, and store an incident; never any part of the token."""
    code = refused.refusal.value
    logger.warning("identity.refused", extra={"site": site.pk, "code": code})
    if _first_of_its_kind(f"identity-refused:{site.pk}:{code}"):
        record_incident(REFUSED, f"{site.name}: {code}. {refused.detail}", About())


def _first_of_its_kind(key: str) -> bool:
    try:
        return bool(cache.add(key, 1, timeout=TOLD_ONCE_SECONDS))
    except Exception as error:
        logger.warning("identity.cache_unavailable", extra={"error": type(error).__name__})
        return True


def _rules(site: Site) -> Rules:
    settings = SiteIdentity.objects.select_related("site").filter(site=site).first()
    return settings.rules(timezone.now()) if settings else Rules("", (), site.key)


@transaction.atomic
def _take_in(site: Site, claims: Claims, held: tokens.Held | None) -> Identified:
    customer = _customer(site, claims)
    visitor = customer.visitor
    _take_claims(customer, claims)
    device, joined = None, 0
    if held is not None and held.visitor.confined_to is None:
        if held.visitor.pk == visitor.pk:
            # The same browser goes on: it keeps its renewal token, if that still counts.
            device = held.device if _lives(held) else None
            tokens.replace_soon(held)
        else:
            joined = _bring_over(held, visitor, site)
    return Identified(customer, tokens.issue(visitor, device), joined)


def _customer(site: Site, claims: Claims) -> VerifiedCustomer:
    """Return the one customer of a subject with its visitor locked; of two at once one makes it."""
    rows = VerifiedCustomer.objects.filter(site=site, subject=claims.subject)
    found = rows.first()
    if found is None:
        try:
            with transaction.atomic():
                visitor = Visitor.objects.create(site=site)
                found = VerifiedCustomer.objects.create(
                    visitor=visitor,
                    site=site,
                    subject=claims.subject,
                    verified_at=timezone.now(),
                )
        except IntegrityError:
            found = rows.get()
    if _locked_visitor(found.visitor_id) is None:
        return _customer(site, claims)  # Erased at this moment: begins anew.
    return rows.select_related("visitor").get()


def _locked_visitor(pk: uuid.UUID) -> Visitor | None:
    return Visitor.objects.select_for_update(no_key=True).filter(pk=pk).first()


def _lives(held: tokens.Held) -> bool:
    return held.device is not None and VisitorToken.objects.filter(device=held.device).exists()


def _take_claims(customer: VerifiedCustomer, claims: Claims) -> None:
    """Keep what the token says, unless a newer one has said something else meanwhile."""
    now = timezone.now()
    customer.verified_at = now
    if claims.issued_at is not None and claims.issued_at < (customer.issued_at or 0.0):
        customer.save(update_fields=["verified_at"])
        return
    before = set(customer.visitor.audiences.values_list("slug", flat=True))
    wanted = {PUBLIC_AUDIENCE, *claims.audiences}
    allowed = Audience.objects.filter(slug__in=wanted & {PUBLIC_AUDIENCE, *customer.site.readers()})
    after = {audience.slug for audience in allowed}
    customer.name, customer.email = claims.name, claims.email
    customer.attributes = dict(claims.attributes)
    customer.not_given = sorted(set(claims.audiences) - after)
    customer.issued_at = claims.issued_at
    customer.save()
    customer.visitor.audiences.set(allowed)
    customer.visitor.save(update_fields=["seen_at"])
    if before - after:
        _answer_anew(customer.visitor)


def _answer_anew(visitor: Visitor) -> None:
    """Have open questions answered again, with the fewer documents that may be read now.

    What an attempt under way has made is given up and taken back from the screen: the attempt's
    number no longer fits, here and in every other process.
    """
    open_questions = Message.objects.open_questions().filter(conversation__visitor=visitor)
    for question in open_questions.order_by("conversation", "seq"):
        Conversation.objects.select_for_update().get(pk=question.conversation_id)
        anew = Message.objects.open_questions().filter(pk=question.pk)
        anew.update(
            state=MessageState.PENDING, attempt=F("attempt") + 1, lease_until=None, shown_at=None
        )
        transaction.on_commit(partial(running_answers.cancel, question.pk), robust=True)
        transaction.on_commit(partial(ring, question.pk), robust=True)


def _bring_over(held: tokens.Held, visitor: Visitor, site: Site) -> int:
    """End what the browser had; an unknown visitor's chats on this site become the customer's."""
    former = _locked_visitor(held.visitor.pk)
    if former is None:
        return 0
    if hasattr(former, "verified"):
        # Another customer's: nothing moves. Their other browsers go on.
        if held.device is not None:
            tokens.end_device(held.device)
        look_again_on_commit(_chats_of(former))
        return 0
    if former.merged_into_id is not None or former.site_id != site.pk:
        return 0
    chats = list(
        Conversation.objects.select_for_update(of=("self",)).filter(visitor=former).order_by("pk")
    )
    contacts = Contact.objects.filter(conversation__in=chats)
    stated = dict(contacts.values_list("conversation_id", "email"))
    for chat in chats:
        IdentityJoin.objects.create(
            conversation=chat,
            visitor=visitor,
            former=former.pk,
            after_seq=chat.last_seq,
            stated_email=stated.get(chat.pk, ""),
        )
        tell_desk_on_commit(chat.pk)
    ids = [chat.pk for chat in chats]
    Conversation.objects.filter(pk__in=ids).update(visitor=visitor)
    Feedback.objects.filter(visitor=former).update(visitor=visitor)
    _carry_limits(former, visitor)
    VisitorToken.objects.filter(visitor=former).delete()
    # What agents guessed of a stranger, who is known now.
    SameCustomer.objects.filter(Q(visitor=former) | Q(same_as=former)).delete()
    former.merged_into, former.address = visitor, None
    former.save(update_fields=["merged_into", "address"])
    look_again_on_commit(ids)
    return len(chats)


def _carry_limits(former: Visitor, visitor: Visitor) -> None:
    """Nobody gets rid of a block, or of answers by quotation only, by signing in."""
    block = Block.objects.filter(visitor=former).first()
    if block is not None:
        Block.objects.get_or_create(
            visitor=visitor, defaults={"reason": block.reason, "agent": block.agent}
        )
        block.delete()
    until = [one for one in (former.quotes_only_until, visitor.quotes_only_until) if one]
    if former.quotes_only_until:
        visitor.quotes_only_until = max(until)
        visitor.save(update_fields=["quotes_only_until"])


def _chats_of(visitor: Visitor) -> Iterable[uuid.UUID]:
    rows: QuerySet[Conversation] = visitor.conversations.all()
    return list(rows.values_list("pk", flat=True))
