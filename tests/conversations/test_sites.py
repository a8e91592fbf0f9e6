"""What a site may read, and what belongs to which site."""

import uuid

import pytest
from django.db.models import ProtectedError

from conversations.actions import conversations as starting
from conversations.answering.cached import Scope
from conversations.loading import reader_of
from conversations.models import Conversation, Site
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Audience, Collection
from knowledge.retrieval.values import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    ensure_defaults()
    made = Site.objects.create(name="Shop")
    made.audiences.set(Audience.objects.filter(slug="public"))
    return made


def chat(site: Site | None, *audiences: str) -> Conversation:
    made, _ = starting.start(None, "192.0.2.1", site)
    if audiences:
        made.visitor.audiences.set(Audience.objects.filter(slug__in=audiences))
    return Conversation.objects.get(pk=made.pk)


def test_our_own_page_is_limited_by_the_visitor_alone(site: Site) -> None:
    assert reader_of(chat(None)) == Reader(frozenset({"public"}))
    assert reader_of(chat(None, "public", "internal")).audiences == {"public", "internal"}


def test_a_site_takes_away_and_never_gives(site: Site) -> None:
    assert reader_of(chat(site, "public", "internal")).audiences == {"public"}
    site.audiences.set(Audience.objects.filter(slug="internal"))
    assert reader_of(chat(site)).reads_nothing
    assert reader_of(chat(site, "internal")).audiences == {"internal"}


def test_a_site_reads_only_its_collections(site: Site) -> None:
    shop = Collection.objects.create(slug="shop", name="Shop")
    site.all_collections = False
    site.save()
    assert reader_of(chat(site)).reads_nothing, "none ticked is none, not all"
    site.collections.add(shop)
    assert reader_of(chat(site)).within == frozenset({"shop"})
    shop.delete()
    assert reader_of(chat(site)).reads_nothing, "a deleted collection does not open the others"


def test_a_site_without_audiences_or_switched_off_reads_nothing(site: Site) -> None:
    begun = chat(site)
    Site.objects.update(enabled=False)
    assert reader_of(Conversation.objects.get(pk=begun.pk)).reads_nothing
    Site.objects.update(enabled=True)
    site.audiences.clear()
    assert reader_of(Conversation.objects.get(pk=begun.pk)).reads_nothing


def test_kept_answers_are_not_shared_between_limits() -> None:
    def key(reader: Reader) -> str:
        return Scope(reader.audiences, reader.shelf, "en", "p", "m").key

    everybody = frozenset({"public"})
    limits = [None, frozenset(), frozenset({"a"}), frozenset({"b"}), frozenset({"a", "b"})]
    shelves = [None, "a", "b"]
    readers = [Reader(everybody, shelf, within=limit) for limit in limits for shelf in shelves]

    assert len({key(reader) for reader in readers}) == len(readers)


def test_a_token_counts_on_its_own_site(site: Site) -> None:
    other = Site.objects.create(name="Other")
    mine = chat(site).visitor

    assert starting.start(mine, "", site)[0].site == site
    for wrong in (other, None):
        with pytest.raises(starting.OtherSite):
            starting.start(mine, "", wrong)


def test_a_site_with_chats_is_not_deleted_which_would_lift_its_limits(site: Site) -> None:
    chat(site)
    with pytest.raises(ProtectedError):
        site.delete()


def test_keys_are_told_apart(site: Site) -> None:
    assert Site.objects.by_key(site.key) == site
    assert Site.objects.by_key(site.test_key) == site
    assert site.is_test(site.test_key)
    assert not site.is_test(site.key)
    for wrong in ("", "site_", str(uuid.uuid4()), "a\0b"):
        assert Site.objects.by_key(wrong) is None
