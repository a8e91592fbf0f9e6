"""From a PDF's lines to Markdown: headings, paragraphs, words that were cut at a line's end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import regex

from knowledge.ingestion.parsing.pdf_layout import Piece
from knowledge.ingestion.parsing.pdf_page import CUT, Line

# A heading is set at least this much larger than the file's usual type, in a short line.
HEADING_RATIO = 1.18
LARGE_HEADING_RATIO = 1.5
HEADING_CHARACTERS = 120
BOLD_HEADING_CHARACTERS = 80
MAX_HEADING_LINES = 3
# Where most is bold, bold heads nothing.
MAX_BOLD_SHARE = 0.3
# A gap of this many heights of type begins a paragraph.
PARAGRAPH_GAP = 1.0
EDGE_LINES = 2
MIN_REPEATING_PAGES = 4
REPEATING_SHARE = 0.5
MAX_PAGE_NUMBER_CHARACTERS = 40
_CUT = regex.compile(rf"(\w*){CUT}(\w*)")
_HYPHENATED = regex.compile(r"\w+-\w+")
_NUMBER = regex.compile(r"\d+")
_ACCIDENT = regex.compile(r"^(#{1,6} )", regex.M)


def without_repeats(pages: list[list[Piece]]) -> list[list[Piece]]:
    """Return the pages without the heads and feet that most repeat; the first of each stays."""
    if len(pages) < MIN_REPEATING_PAGES:
        return pages
    counts: Counter[tuple[str, int]] = Counter()
    for number, page in enumerate(pages):
        counts.update({key for line in _edges(page) for key in _keys(line, number)})
    least = max(MIN_REPEATING_PAGES, len(pages) * REPEATING_SHARE)
    repeated = {key for key, count in counts.items() if count >= least}
    seen: set[tuple[str, int]] = set()
    kept = []
    for number, page in enumerate(pages):
        dropped = set()
        for line in _edges(page):
            keys = repeated & set(_keys(line, number))
            if keys & seen:
                dropped.add(id(line))
            seen |= keys
        kept.append([piece for piece in page if id(piece) not in dropped])
    return kept


def _edges(page: Sequence[Piece]) -> list[Line]:
    lines = [piece for piece in page if isinstance(piece, Line)]
    # On a page of few lines these may be all it says.
    return [] if len(lines) <= 2 * EDGE_LINES else lines[:EDGE_LINES] + lines[-EDGE_LINES:]


def _keys(line: Line, page: int) -> list[tuple[str, int]]:
    """Return what makes a line the same on other pages: its words, or a page number that counts."""
    text = line.text
    keys = [(text, 0)] if any(character.isalpha() for character in text) else []
    numbers = [int(number[:9]) for number in _NUMBER.findall(text)]
    if numbers and len(text) <= MAX_PAGE_NUMBER_CHARACTERS:
        pattern = _NUMBER.sub("#", text)
        keys += [(pattern, number - page) for number in {numbers[0], numbers[-1]}]
    return keys


def page_markdown(pages: Sequence[Sequence[Piece]]) -> Iterator[str]:
    """Yield each page's Markdown."""
    lines = [piece for page in pages for piece in page if isinstance(piece, Line)]
    usual = _usual_size(lines)
    characters = sum(len(line.text) for line in lines)
    bold = sum(len(line.text) for line in lines if line.bold)
    bold_heads = bold <= characters * MAX_BOLD_SHARE
    hyphenated = {
        found.lower() for line in lines for found in _HYPHENATED.findall(line.text.lower())
    }
    for page in pages:
        yield _uncut(_page(page, usual, bold_heads), hyphenated)


def largest_line(pages: Sequence[Sequence[Piece]]) -> str:
    """Return the first page's line in the largest type, a likely title; empty without one."""
    lines = [piece for piece in (pages[0] if pages else []) if isinstance(piece, Line)]
    likely = [line for line in lines if 3 < len(line.text) < 150 and not _sideways(line)]
    if not likely:
        return ""
    return _uncut(max(likely, key=lambda line: line.size).text, set())


def _sideways(line: Line) -> bool:
    """Whether a line runs along the edge of the page, as archives mark their copies."""
    longest = max(line.words, key=lambda word: len(word.text))
    return longest.top - longest.bottom > longest.right - longest.left


def _page(page: Sequence[Piece], usual: float, bold_heads: bool) -> str:
    parts: list[str] = []
    former: Line | None = None
    for group in _groups(page, usual, bold_heads):
        if isinstance(group, str):
            parts.append(f"\n{group}\n")
            former = None
            continue
        level = _level(group, usual, bold_heads)
        if level:
            parts.append(f"\n{level} {' '.join(line.text for line in group)}\n")
            former = None
            continue
        for line in group:
            gap = former.bottom - line.top if former is not None else 0.0
            if gap > PARAGRAPH_GAP * max(line.size, 1.0):
                parts.append("")
            parts.append(_ACCIDENT.sub(r"\\\1", line.text))
            former = line
    return "\n".join(parts)


def _groups(page: Sequence[Piece], usual: float, bold_heads: bool) -> Iterator[list[Line] | str]:
    """Yield tables, and lines of like type that stand after each other."""
    group: list[Line] = []
    for piece in page:
        if isinstance(piece, str):
            if group:
                yield group
                group = []
            yield piece
        elif group and _alike(group[-1], piece, usual, bold_heads):
            group.append(piece)
        else:
            if group:
                yield group
            group = [piece]
    if group:
        yield group


def _alike(former: Line, line: Line, usual: float, bold_heads: bool) -> bool:
    heads = [_heads(one, usual, bold_heads) for one in (former, line)]
    return heads[0] == heads[1] and (not heads[0] or abs(former.size - line.size) < 0.5)


def _heads(line: Line, usual: float, bold_heads: bool) -> bool:
    """Whether a line is set like a heading."""
    if usual <= 0 or not any(character.isalpha() for character in line.text):
        return False
    if line.size >= usual * HEADING_RATIO:
        return len(line.text) > 2
    return bold_heads and line.bold and line.size >= usual * 0.95 and len(line.text) > 2


def _level(group: Sequence[Line], usual: float, bold_heads: bool) -> str:
    """Return the marks of a heading; empty for text."""
    text = " ".join(line.text for line in group)
    if not _heads(group[0], usual, bold_heads) or len(group) > MAX_HEADING_LINES:
        return ""
    size = group[0].size
    if size >= usual * HEADING_RATIO and len(text) <= HEADING_CHARACTERS:
        return "##" if size >= usual * LARGE_HEADING_RATIO else "###"
    ends_sentence = text.endswith((".", ",", ";"))
    return "" if ends_sentence or len(text) > BOLD_HEADING_CHARACTERS else "###"


def _usual_size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _uncut(text: str, hyphenated: set[str]) -> str:
    """Put words together that were cut at a line's end; a hyphen of their own stays."""

    def joined(found: regex.Match[str]) -> str:
        before, after = found.groups()
        with_hyphen = f"{before}-{after}"
        own = not after[:1].islower() or with_hyphen.lower() in hyphenated
        return with_hyphen if own else before + after

    return _CUT.sub(joined, text)
