"""Cuts Markdown into chunks that fit the embedding model, at headings, paragraphs and sentences.

No overlap: the heading path and title are embedded with each chunk, which gives it its context.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

import regex
from semantic_text_splitter import MarkdownSplitter

from knowledge.ingestion.values import ChunkDraft

SPECIAL_TOKENS = 2
# Room for the heading path; a long path is cut, never the text.
HEADING_TOKENS = 24
TITLE_TOKENS = 32
MIN_TEXT_TOKENS = 64
# Shorter pieces are headings and lead-ins, which belong to what follows them.
LEAD_IN_TOKENS = 32
_HEADING = regex.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$", regex.M)
_LINE_END = regex.compile(r"\n")
_FENCE = regex.compile(r"^(```|~~~).*?^\1[ \t]*$", regex.M | regex.S)


class Chunker:
    """Cuts to the budget of one embedding model.

    `count` gives a text's tokens by that model's own tokenizer, without special ones.
    """

    def __init__(self, count: Callable[[str], int], max_tokens: int) -> None:
        self.count = count
        self._max_tokens = max_tokens

    def chunks(
        self, title: str, markdown: str, page_starts: Sequence[tuple[int, int]] = ()
    ) -> list[ChunkDraft]:
        """Return the chunks of a document in reading order."""
        title_tokens = min(self.count(title), TITLE_TOKENS)
        capacity = self._max_tokens - SPECIAL_TOKENS - title_tokens - HEADING_TOKENS
        capacity = max(capacity, MIN_TEXT_TOKENS)
        # A splitter that is given the tokenizer itself copies it: 6 MB for each capacity.
        splitter = MarkdownSplitter.from_callback(self.count, capacity)
        outline = Outline(markdown)
        page_offsets = [offset for offset, _ in page_starts]
        drafts: list[ChunkDraft] = []
        spans = [(start, start + len(text)) for start, text in splitter.chunk_indices(markdown)]
        for start, end in self._with_lead_ins(markdown, spans, capacity):
            text = markdown[start:end]
            if not _says_something(text):
                continue
            page = None
            if page_starts:
                page = page_starts[max(bisect_right(page_offsets, start) - 1, 0)][1]
            drafts.append(
                ChunkDraft(len(drafts), outline.path_at(start), page, text, self.count(text), start)
            )
        return drafts

    def _with_lead_ins(
        self, markdown: str, spans: Sequence[tuple[int, int]], capacity: int
    ) -> list[tuple[int, int]]:
        """Keep a short lead-in ("Follow these steps:") with what it leads to.

        The splitter puts a list that fills a chunk into one of its own. A lead-in alone is found
        easily and says nothing. It takes as many of the following lines along as fit.
        """
        joined: list[tuple[int, int]] = []
        waiting = list(reversed(spans))
        while waiting:
            start, end = waiting.pop()
            if waiting and self.count(markdown[start:end]) <= LEAD_IN_TOKENS:
                following = waiting.pop()
                cut = self._last_fitting_line(markdown, start, end, following[1], capacity)
                if cut < following[1]:
                    waiting.append((cut + _blank_length(markdown, cut), following[1]))
                end = cut
            joined.append((start, end))
        return joined

    def _last_fitting_line(
        self, markdown: str, start: int, least: int, most: int, capacity: int
    ) -> int:
        """Return the furthest line end up to `most` with which the text from `start` fits."""
        best = least
        ends = [match.start() for match in _LINE_END.finditer(markdown, least, most)] + [most]
        for end in ends:
            if self.count(markdown[start:end]) > capacity:
                break
            best = end
        return best


class Outline:
    """The headings of a Markdown text and where they stand."""

    def __init__(self, markdown: str) -> None:
        code = [found.span() for found in _FENCE.finditer(markdown)]
        self._offsets: list[int] = []
        self._paths: list[tuple[str, ...]] = []
        path: list[tuple[int, str]] = []
        for found in _HEADING.finditer(markdown):
            if any(start <= found.start() < end for start, end in code):
                continue
            level = len(found.group(1))
            path = [entry for entry in path if entry[0] < level]
            path.append((level, found.group(2).strip("*_` ")))
            self._offsets.append(found.start())
            self._paths.append(tuple(text for _, text in path))

    def path_at(self, offset: int) -> tuple[str, ...]:
        """Return the heading path at an offset, a heading that starts there included."""
        index = bisect_right(self._offsets, offset) - 1
        return self._paths[index] if index >= 0 else ()


def embedding_text(title: str, headings: Sequence[str], text: str) -> str:
    """Return what is embedded and indexed for a chunk: title, heading path, text."""
    above = [heading for heading in headings if heading.strip() and heading != title]
    # The chunk's own first line often is its innermost heading already.
    first_line = text.split("\n", 1)[0].lstrip("# ").strip("*_` ")
    if above and above[-1] == first_line:
        above.pop()
    return "\n".join(part for part in (title, " > ".join(above), text) if part)


def _blank_length(markdown: str, start: int) -> int:
    """Return how many line ends stand at an offset; the indent of a list item is kept."""
    rest = markdown[start:]
    return len(rest) - len(rest.lstrip("\n"))


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)
