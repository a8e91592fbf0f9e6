"""Finds links in Markdown and decides which may stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'`\]]+", re.IGNORECASE)
_MARKDOWN_LINK = re.compile(r"!?\[([^\]\n]*)\]\(\s*<?([^)\s>]*)>?(?:\s+\"[^\"]*\")?\s*\)")
_AUTOLINK = re.compile(r"<((?:[a-z][a-z0-9+.-]{1,20}:)[^\s>]*)>", re.IGNORECASE)
_SENTENCE_END = ".,;:!?*_)"


def bare(url: str) -> str:
    """Return a URL without the punctuation of the sentence it stands in and a final slash."""
    return url.rstrip(_SENTENCE_END).rstrip("/")


def urls_in(text: str) -> frozenset[str]:
    """Return every web address in a text, bare."""
    return frozenset(bare(match[0]) for match in URL.finditer(text))


def allowed_urls(addresses: Iterable[str], texts: Iterable[str]) -> frozenset[str]:
    """Return what may be linked: addresses of documents, and links their texts hold."""
    found = {bare(address) for address in addresses if address}
    for text in texts:
        found |= urls_in(text)
    return frozenset(found)


def strip_links(text: str, allowed: frozenset[str]) -> tuple[str, int]:
    """Take out links that are not allowed, keeping their words. Returns (text, how many)."""
    removed = 0

    def judge(
        replacement: Callable[[re.Match[str]], str], group: int
    ) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            nonlocal removed
            if bare(match[group]) in allowed:
                return match[0]
            removed += 1
            return replacement(match)

        return replace

    text = _MARKDOWN_LINK.sub(judge(lambda m: m[1], 2), text)
    text = _AUTOLINK.sub(judge(lambda m: "", 1), text)
    text = URL.sub(judge(lambda m: "", 0), text)
    return text, removed
