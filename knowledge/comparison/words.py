"""The words of a statement, brought to concepts: one for words that mean the same to customers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

_STEMMERS = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}
FUNCTION_WORDS = frozenset(
    """
    a about after again all also am an and any are as at be because been before being both but by
    billed money can cannot could did do does doing done during each either else ever every for from get gets
    getting give given gives go goes going got had has have having he her here his how however i
    if in into is it its just let like made make makes many may me might more most much must my
    need needs needed no nor not now of off on once one only onto or other our out over own per
    please same shall she should since so some such take takes taking than that the their them
    then there these they this those through thus to too under until up upon us use used uses
    using very via want was we well were what when where which while who whom whose why will with
    within without would yet you your yours don't can't won't isn't aren't doesn't didn't you'll
    we'll you're we're it's i'm costs cost lasts last comes come includes include
    long later newer older less fewer higher lower limit limited daily weekly monthly yearly
    annually hourly ago each least exactly minimum maximum min max approximately around currently usually always
    aber als am an auf aus bei bis das dass dem den der des die durch ein eine einem einen einer
    es für hat haben ich ihr ihre ihren im in ist kann können man mein mit nach nicht noch oder
    sich sie sind so um und uns unser von vor war was wenn wer werden wie wir wird wo zu zum zur
    au aux avec ce ces cette dans de des du elle en est et il ils je la le les leur mais ne nous
    on ou où par pas peut plus pour pouvez que qui sa se ses si son sont sur un une vos votre vous
    al ab sous como con cuando de del el ella en es esta este la las lo los más no o para pero por puede
    que se si sin su sus tu un una y
    """.split()  # noqa: SIM905 - one word after the other is easier to read than a list
)
# What customers and help pages call the same. The first of each line stands for all; a blank in
# a term is any blank. Meant for support in general, not for one company's pages.
_SAME = """
refund: money back, reimburse, reimbursement, repay, repayment, pay back, paid back, refunded
return: send back, sent back, sends back, give back, bring back
item: product, goods, merchandise, items, article
deliver: delivery, ship, shipping, shipment, dispatch, arrive, arrival, parcel, package
receive: receipt, received, obtain
order: purchase, buy, bought
cancel: cancellation, terminate, termination, unsubscribe
subscription: membership, subscribe
price: cost, fee, charge, charged, tariff
valid: expire, expiry, expiration, validity, good for, can be used, lapse, run out, runs out, lasts, last, remain active, stays active
keep: goes back, go back, retain, retention, store, stored, preserve, kept, hold
lock: locked, block, blocked, suspend, suspended, freeze
attempt: try, tries, tried, retry, attempts, trial and error
wrong: fail, failed, unsuccessful, incorrect, incorrectly, invalid, mistyped
signin: sign in, signing in, sign-in, log in, log-in, login, log on, logon, signs in, logging in
signout: sign out, signed out, log out, logout, logged out, signs out, signing out
signup: sign up, signs up, sign-up, register, registration, enroll, enrol, join, open an account, opening an account, create an account, creating an account
password: passcode, passphrase
reply: respond, response, answer, get back to you, write back
support: help desk, helpdesk, customer service, customer care, customer support, support team, service team, contact center, contact centre, call center, call centre, service desk, hotline
phone: telephone, call, dial
email: e-mail, e-mails, emails
sms: text message, text messages, text messaging, texts
securitycode: one-time code, one-time codes, one-time passcode, one-time password, one time code, security code, security codes, otp
delete: remove, removal, deletion, erase, erasure
warranty: guarantee
invoice: bill, billing
discount: rebate, off, reduction, reduced
open: opening, available, availability, reach, reachable, staffed, opening hours, business hours, hours
photo: picture, image, photograph
free: free of charge, no charge, without charge, at no cost, gratis
begin: start, commence
baggage: luggage, suitcase
founded: in business since, established, been around since, founded in, exist since, started in, in business
renew: renewal, renewed
invite: invitation, invited
member: teammate, members, user, seat
customer: client, buyer, shopper
change: modify, update, edit, changed
choose: select, pick
send: submit, sends, sent
allow: permit, let
notice: notice period
mistake: error
file: document
attach: attachment, attached
upload: uploaded, uploading
inactive: inactivity, idle, without activity, no activity
overdue: late, past due
wait: waiting, waits, hold
withdraw: withdrawal, cash out
atm: cash machine, cash machines
bonus: reward
friend: referral, refer
old: age, years old
computer: laptop, desktop
post: mail, letter, postal
zone: region, area
"""
# Words of which each excludes the other: statements with different ones are about other things.
_CONTRASTS = """
standard normal regular ordinary | express priority overnight expedited premium | economy
domestic national inland | international foreign abroad overseas worldwide
business corporate company commercial | private personal consumer individual
student | senior | child children kid infant junior | adult
basic | starter | free trial | plus | pro professional | team | premium | enterprise | business
gold | silver | platinum | bronze | diamond
new first-time | existing loyal
android | ios iphone ipad | windows | mac macos | linux
public | private
"""
# The same between two sentences, but too common in headings to tell subjects apart.
_LOOSE_CONTRASTS = """
first primary | second secondary | third | fourth
upload | download
import | export
deposit | withdraw
incoming inbound | outgoing outbound
before prior | after afterward
chrome | firefox | safari | edge | opera
mobile | desktop
photo | video | audio
credit | debit | paypal | prepaid
minimum lowest | maximum highest | average
online | in-person
start begin | end
phone | email | chat | sms | post
breakfast | lunch | dinner
weekday | weekend
used refurbished | new
small | medium | large
left | right
front | back | rear
partial | full
save saving | checking
buyer | seller
sale | support
internal | external
read | write
"""
# Of these, one side naming it is enough: express delivery is not just delivery.
_MARKED = frozenset(
    """express priority overnight expedit premium economi intern foreign abroad oversea busi corpor
    commerci student senior child children kid infant junior starter enterpris gold silver platinum bronz
    second third fourth video prepaid debit weekend refurbish averag partial video""".split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=8)
def _stemmer_name(language: str) -> str:
    return _STEMMERS.get(language[:2], "english")


@lru_cache(maxsize=50_000)
def _stem(word: str, language: str) -> str:
    # A Stemmer object must not be used by two threads at once; making one costs microseconds.
    return str(Stemmer.Stemmer(_stemmer_name(language)).stemWord(word))


def _single_words() -> dict[str, str]:
    table = {}
    for line in _SAME.strip().splitlines():
        name, _, terms = line.partition(":")
        for term in (name, *terms.split(",")):
            if " " not in term.strip() and "-" not in term:
                table[_stem(term.strip(), "en")] = name
    return table


def _phrases() -> tuple[re.Pattern[str], dict[str, str]]:
    table = {}
    for line in _SAME.strip().splitlines():
        name, _, terms = line.partition(":")
        for term in terms.split(","):
            if " " in term.strip() or "-" in term:
                table[term.strip()] = name
    longest_first = sorted(table, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b(?!\.\w)"), table


_CONCEPTS = _single_words()
_PHRASES, _PHRASE_NAMES = _phrases()
# "send the goods back", "pay you back": the verb and its particle apart.
_BACK = re.compile(r"\b(send|sends|sent|sending|bring|give|pay|paid|get)\s((?:\S+\s){1,3}?)back\b")
_BACK_NAMES = {"pay": "refund", "paid": "refund", "get": "refund"}
_OUT = re.compile(r"\b(?:sign|log)(?:s|ged)?\s(\S+\s){1,2}?out\b")


def concept(word: str, language: str = "en") -> str:
    """Return what a word stands for: its stem, or the name of its group of synonyms."""
    stem = _stem(word.casefold().replace("’", "'").removesuffix("'s"), language)
    return _CONCEPTS.get(stem, stem)


def concepts(text: str, language: str = "en") -> list[str]:
    """Return the concepts of a text in order, without words that carry no meaning."""
    return list(_concepts(text, language))


def _concepts(text: str, language: str) -> Iterator[str]:
    folded = _SPACES.sub(" ", text.casefold().replace("’", "'"))
    if language[:2] == "en":
        folded = _BACK.sub(
            lambda found: f"{_BACK_NAMES.get(found[1], 'return')} {found[2]}", folded
        )
        folded = _OUT.sub(r"signout \1", folded)
        folded = _PHRASES.sub(lambda found: _PHRASE_NAMES[found.group()], folded)
    for word in _WORD.findall(folded):
        if word not in FUNCTION_WORDS:
            yield concept(word, language)


Sides = dict[str, list[tuple[int, int]]]


def _sides(lines: str) -> Sides:
    """Return for each word the sets it belongs to and its side there."""
    table: Sides = {}
    for number, line in enumerate(lines.strip().splitlines()):
        for side, words in enumerate(line.split("|")):
            for word in words.split():
                table.setdefault(concept(word), []).append((number, side))
    return table


_STRICT_SIDES, _LOOSE_SIDES = _sides(_CONTRASTS), _sides(_LOOSE_CONTRASTS)


def exclude(first: frozenset[str], second: frozenset[str]) -> bool:
    """Say whether two sets of concepts are about customers, plans or places that differ."""
    return _exclude(_STRICT_SIDES, first, second)


def exclude_loosely(first: frozenset[str], second: frozenset[str]) -> bool:
    """Say whether two sentences' concepts exclude each other: upload and download."""
    return _exclude(_LOOSE_SIDES, first, second)


def _exclude(table: Sides, first: frozenset[str], second: frozenset[str]) -> bool:
    one, other = _touched(table, first), _touched(table, second)
    return any(not (sides & other[number]) for number, sides in one.items() if number in other)


def _touched(table: Sides, words: frozenset[str]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for word in words:
        for number, side in table.get(word, ()):
            found.setdefault(number, set()).add(side)
    return found


def marked(words: frozenset[str]) -> frozenset[str]:
    """Return the words that tell a special case from the ordinary one."""
    return words & _MARKED
