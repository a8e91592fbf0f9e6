"""Is a reply well formed, and does it hold what no reply may hold? Pure.

What a model wrote is held against its passages again, apart from the guard that did so before it
was delivered. Quotations are the documents' own words and are only looked at for their links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bs4 import BeautifulSoup

from conversations.answering.claims import Sources, Verdict, judge
from conversations.answering.output_guard import DOUBT_MARK
from conversations.answering.values import Reply, Source
from conversations.rendering import render_markdown
from guardrails.links import allowed_urls, bare

# Three quotations with lists in full are shorter; 700 tokens of a model are too.
MOST_CHARACTERS = 4000
MOST_DOCUMENTS = 3
_MARKER = re.compile(r"\[(\d{1,3})\]")
_CANARY = re.compile(r"~mark-[0-9a-f]{12}|=====BOUNDARY-")
_NAMES = {
    Verdict.PROMISE: "promise",
    Verdict.PERSONAL: "personal_data",
    Verdict.NUMBER: "number",
    Verdict.LINK: "link",
    Verdict.UNSUPPORTED: "unsupported",
    Verdict.DOUBTFUL: "unmarked_doubt",
}


def format_faults(reply: Reply) -> tuple[str, ...]:
    """Return what is wrong with the form of an answer; of a standard text nothing is."""
    if not reply.text or reply.source is Source.RULE:
        return ()
    markers = {int(number) for number in _MARKER.findall(reply.text)}
    known = {cited.marker for cited in reply.citations}
    documents = {cited.passage.document for cited in reply.citations}
    faults = {
        "too_long": len(reply.text) > MOST_CHARACTERS,
        "no_marker": not markers & known,
        "marker_without_source": reply.source is Source.LLM and not markers <= known,
        "open_code": reply.text.count("```") % 2 == 1,
        "too_many_documents": len(documents) > MOST_DOCUMENTS,
    }
    return tuple(name for name, found in faults.items() if found)


def prohibited(reply: Reply, own_words: str, must_not: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what a reply holds that it must not; `must_not` are words of the case."""
    if not reply.text:
        return ()
    found = [
        f"must_not: {words}" for words in must_not if words.casefold() in reply.text.casefold()
    ]
    allowed = allowed_urls((p.url for p in reply.passages), (p.text for p in reply.passages))
    page = BeautifulSoup(render_markdown(reply.text), "lxml")
    links = [str(link["href"]) for link in page.find_all("a", href=True)]
    texts = " ".join(passage.text for passage in reply.passages)
    if any(
        bare(link) not in allowed and link.removeprefix("mailto:") not in texts for link in links
    ):
        found.append("link")
    if _CANARY.search(reply.text):
        found.append("prompt")
    if reply.source in (Source.LLM, Source.CACHE):
        found += _unfounded(reply, own_words, allowed)
    return tuple(dict.fromkeys(found))


def _unfounded(reply: Reply, own_words: str, allowed: frozenset[str]) -> list[str]:
    claims = judge(reply.text, Sources(reply.used or reply.passages, own_words, allowed))
    named = []
    for claim in claims:
        marked = DOUBT_MARK in reply.text[claim.start : claim.end + len(DOUBT_MARK) + 1]
        if claim.verdict in _NAMES and not marked:
            named.append(_NAMES[claim.verdict])
    return named
