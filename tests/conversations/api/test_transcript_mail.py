"""The chat by e-mail: sent once, in the customer's words; it fills nobody's mailbox."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache

from conversations import limits
from conversations.actions.messages import claim, record_reply
from conversations.actions.outbox import claim_due
from conversations.answering.values import Reply
from conversations.delivering import deliver
from conversations.models import Conversation, Notice
from knowledge.actions.defaults import ensure_defaults
from tests.conversations.api.test_visits_api import Visit

pytestmark = pytest.mark.django_db
TO = "iris@example.com"


@pytest.fixture(autouse=True)
def _fresh(rung: list[str], settings: LazySettings) -> None:
    cache.clear()
    ensure_defaults()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://help.example.com"


@pytest.fixture
def talk(reply: Callable[[str], Reply]) -> Callable[[], Visit]:
    def begin() -> Visit:
        visit = Visit()
        question = claim(visit.say("How do I return a <b>lamp</b>?").pk)
        assert question is not None
        record_reply(question.pk, question.attempt, reply("Within 30 days."))
        return visit

    return begin


def ask(visit: Visit, email: str = TO, language: str = "") -> Any:
    body = {"email": email, "language": language}
    return visit.call("post", visit.here("transcript/mail/"), body)


def send_all() -> list[Any]:
    for pk, rung in claim_due():
        deliver(pk, rung)
    return mail.outbox


def test_it_goes_out_once_and_the_address_is_forgotten(talk: Callable[[], Visit]) -> None:
    visit = talk()
    assert [ask(visit).status_code for _ in range(3)] == [202, 202, 202]
    (letter,) = send_all()
    assert letter.to == [TO]
    assert letter.subject.startswith("Your chat of 20")
    assert "You, " in letter.body
    assert "How do I return a <b>lamp</b>?" in letter.body
    assert "Within 30 days." in letter.body
    assert "https://help.example.com" in letter.body
    assert "#chat=" not in letter.body
    notice = Notice.objects.get()
    assert (notice.state, notice.email) == ("sent", "")
    assert send_all() == [letter]


def test_its_words_are_the_customers(talk: Callable[[], Visit]) -> None:
    visit = talk()
    ask(visit, language="de")
    (letter,) = send_all()
    assert letter.subject.startswith("Ihr Chat vom")
    assert "KI-Assistent" in letter.body
    download = visit.get(visit.here("transcript/?lang=fr")).content.decode()
    assert download.startswith("Chat du ")


def test_without_a_choice_its_words_are_in_the_language_of_the_chat(
    talk: Callable[[], Visit],
) -> None:
    visit = talk()
    Conversation.objects.update(words_language="fr")
    ask(visit)
    (letter,) = send_all()
    assert letter.subject.startswith("Votre chat du")
    assert visit.get(visit.here("transcript/")).content.decode().startswith("Chat du ")


@pytest.mark.parametrize("address", ["", "iris", "iris@example.com\nBcc: all@example.com", "a@b c"])
def test_a_bad_address_is_told(talk: Callable[[], Visit], address: str) -> None:
    refused = ask(talk(), address)
    assert refused.status_code == 400
    assert Notice.objects.count() == 0


def test_without_a_reply_or_without_mail_there_is_nothing_to_send(settings: LazySettings) -> None:
    visit = Visit()
    visit.say("My own words for a stranger")
    assert ask(visit).json()["code"] == "nothing_to_mail"
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert ask(visit).json()["code"] == "no_mail"


def codes(answers: list[Any]) -> list[int]:
    send_all()
    return [answer.status_code for answer in answers]


def ask_and_send(visit: Visit, email: str = TO) -> Any:
    answer = ask(visit, email)
    send_all()
    return answer


def test_a_mailbox_gets_three_a_day_whoever_asks(talk: Callable[[], Visit]) -> None:
    answers = [ask_and_send(talk(), TO.upper() if n % 2 else TO) for n in range(4)]
    assert codes(answers) == [202, 202, 202, 429]
    assert answers[-1].json()["code"] == "mail_limit"
    assert len(mail.outbox) == 3


def test_a_chat_and_an_address_have_limits_that_deleting_does_not_lift(
    talk: Callable[[], Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = talk()
    answers = [ask_and_send(visit, f"{n}@example.com") for n in range(4)]
    assert codes(answers) == [202, 202, 202, 429]
    monkeypatch.setattr(limits, "MAILS_OF_AN_ADDRESS", 4)
    visit.call("delete", visit.here())
    more = [ask_and_send(talk(), f"{n}@example.org") for n in range(2)]
    assert codes(more) == [202, 429]


def test_without_a_cache_nothing_goes(
    talk: Callable[[], Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = talk()

    def away(*args: object, **options: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(cache, "add", away)
    assert ask(visit).status_code == 429


def test_only_its_own_visitor_may(talk: Callable[[], Visit]) -> None:
    visit, other = talk(), Visit()
    visit.token = other.token
    assert ask(visit).status_code == 404
