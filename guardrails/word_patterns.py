"""Patterns over classes of words: a sentence becomes one character a word, a pattern a regex.

A pattern is a row of items, one for each word or sign of a sentence:

    name            a word of that class of the vocabulary
    'word'          that very word
    a|b|'c'         a word of any of these
    -name           a word that is not of that class
    ~3              up to three words of any kind; ~3-name: none of that class among them
    !name           none of the two words before is of that class
    ^               the sentence begins here
    ( a b / c )     either row; `?` after an item or a group: may be missing
    @name           a row that has a name of its own

Matching takes time in proportion to the sentence: gaps are bounded, and nothing else repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from guardrails.disguises import ciphered, folded, guesses

# A word or a sign that patterns ask for; an apostrophe inside a word is no sign.
_TOKEN_ASCII = re.compile(r"[a-z0-9]+(?:'t\b)?|[,:?\"`<{\[]|(?<!\w)'|'(?!\w)")
# Indic vowel signs belong to their words, and are no word characters to the engine.
_TOKEN = re.compile(
    "(?:[^\\W_]|[\u0900-\u0d7f])+(?:'t\\b)?|[,，、:?\"`“”„「：？<{\\[]|(?<!\\w)'|'(?!\\w)"
)
# Scripts that put no spaces between words: Thai, kana, Han.
_UNSEGMENTED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_LATIN_RUN = re.compile("([a-z0-9]+)")
_SIGNS_FOR_LETTERS = str.maketrans("@$", "as")
_ITEM = re.compile(
    r"~(?P<gap>\d+)(?:-(?P<but>\w+))?|(?P<sign>[()/?^])|(?P<prefix>[!-]?)(?P<name>@?[^\s()/?^~!-]+)"
)

PLAIN = "·"
# Classes of words by their form: what a cipher makes of a word of an order, what may be base64 or
# digits for letters.
CIPHERED, BLOB, BYTE = "ciphered", "blob", "byte"
_BYTE = re.compile(r"0?x?[0-9a-f]{2}|[01]{8}")
_SHORTEST_BLOB = 16
# Written together these make words of their own: `systemprompt`, `Systemanweisungen`.
_COMPOUNDED = frozenset({"dismiss", "earlier", "instructions", "prompt", "system"})
_SHORTEST_COMPOUND, _SHORTEST_PART = 11, 6
# Too frequent in any text to be worth trying a pattern for.
_COMMON_TEXT = """
act all another be colon comma configuration customer disclose dont earlier every exact files give
given joint limits material message_noun must not now open order please question quote say
standing task text the this told we what without you your authority power initial fixed
'a' 'all' 'an' 'any' 'as' 'before' 'by' 'can' 'd' 'do' 'does' 'every' 'for' 'from' 'had' 'have'
'how' 'i' 'if' 'in' 'is' 'it' 'like' 'make' 'more' 'must' 'my' 'need' 'no' 'not' 'now' 'of' 'on'
'only' 'or' 'order' 'part' 'points' 's' 'section' 'summary' 'text' 'that' 'the' 'this' 'to' 'us'
'using' 'want' 'what' 'when' 'while' 'with' 'word' 'words' 'would' 'you'
"""
_COMMON = frozenset(_COMMON_TEXT.split())
_MAX_REMEMBERED, _LONGEST_REMEMBERED = 50_000, 40


@dataclass(frozen=True, slots=True)
class _Piece:
    """A compiled piece of a pattern.

    Of each of `needs` a sentence must have a character; the first is the rarest as far as known.
    """

    regex: str
    needs: tuple[frozenset[str], ...] = ()
    rare: bool = False


class Vocabulary(dict[str, str]):
    """Words by class, as the characters that stand for words in codes, learned as they come."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        """Take words by class; a star stands for any end, or any beginning, of a word."""
        super().__init__()
        self._exact: dict[str, set[str]] = {}
        self._stems: dict[str, set[str]] = {}
        self._endings: dict[str, set[str]] = {}
        for name, members in words.items():
            for member in members:
                self._book(member).setdefault(folded(member).strip("*"), set()).add(name)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})
        known = [*self._exact, *self._stems]
        combinations = {frozenset(self._classes(word)) for word in known}
        combinations |= {frozenset(classes) for classes in self._endings.values()}
        combinations |= {frozenset({form}) for form in (CIPHERED, BLOB, BYTE)}
        self._code = {
            classes: chr(0xE000 + at) for at, classes in enumerate(sorted(combinations, key=sorted))
        }
        self._code[frozenset()] = PLAIN
        self._characters: dict[str, set[str]] = {}
        for classes, code in self._code.items():
            for name in classes:
                self._characters.setdefault(name, set()).add(code)
        self._terms = _any_of(word for word in known if _UNSEGMENTED.search(word))
        self._parts = _any_of(
            word
            for word in known
            if len(word) >= _SHORTEST_PART and self._classes(word) & _COMPOUNDED
        )

    def __missing__(self, word: str) -> str:
        """Work out a word's code and remember it."""
        code = self._encode(word)
        if len(word) <= _LONGEST_REMEMBERED:
            if len(self) >= _MAX_REMEMBERED:
                self.clear()
            self[word] = code
        return code

    def characters(self, name: str) -> frozenset[str]:
        """Return the characters that words of a class may get. Raises KeyError for no class."""
        return frozenset(self._characters[name])

    def encoded(self, tokens: Iterable[str]) -> str:
        """Return the code of words."""
        return "".join(map(self.__getitem__, tokens))

    def _book(self, member: str) -> dict[str, set[str]]:
        if member.startswith("*"):
            return self._endings
        return self._stems if member.endswith("*") else self._exact

    def _encode(self, word: str) -> str:
        if classes := self._classes(word):
            return self._code[frozenset(classes)]
        if _UNSEGMENTED.search(word):
            runs = _LATIN_RUN.split(word)
            codes = (self[run] if run.isascii() else self._apart(run, self._terms) for run in runs)
            return "".join(codes) or PLAIN
        if ciphered(word):
            return self._code[frozenset({CIPHERED})]
        if _BYTE.fullmatch(word):
            return self._code[frozenset({BYTE})]
        for guess in guesses(word):
            if classes := self._classes(guess):
                return self._code[frozenset(classes)]
        for ending, classes in self._endings.items():
            if word.endswith(ending):
                return self._code[frozenset(classes)]
        apart = self._apart(word, self._parts)
        if apart and len(word) >= _SHORTEST_COMPOUND:
            return apart
        return self._code[frozenset({BLOB} if len(word) >= _SHORTEST_BLOB else ())]

    def _apart(self, word: str, parts: re.Pattern[str]) -> str:
        """Return the codes of the parts found in a word; one character for what is between."""
        codes, end = [], 0
        for match in parts.finditer(word):
            if match.start() > end:
                codes.append(PLAIN)
            codes.append(self._code[frozenset(self._classes(match[0]))])
            end = match.end()
        return "".join(codes)

    def _classes(self, word: str) -> set[str]:
        classes = set(self._exact.get(word, ()))
        for length in self._stem_lengths:
            if length > len(word):
                break
            classes |= self._stems.get(word[:length], set())
        return classes


def tokens_of(text: str) -> list[str]:
    """Return a folded sentence's words and signs."""
    if "@" in text or "$" in text:
        text = text.translate(_SIGNS_FOR_LETTERS)
    return (_TOKEN_ASCII if text.isascii() else _TOKEN).findall(text)


class Patterns:
    """Patterns over the classes of a vocabulary."""

    def __init__(
        self, words: Mapping[str, str], patterns: Sequence[str], macros: Mapping[str, str]
    ) -> None:
        """Prepare them. Raises KeyError for a name that is neither a class nor a macro."""
        classes = {name: members.split() for name, members in words.items()}
        for text in (*patterns, *macros.values()):
            for item in _ITEM.finditer(text):
                for name in (item["name"] or "").split("|"):
                    if name.startswith("'"):
                        classes[name] = [name.strip("'")]
        self.vocabulary = Vocabulary(classes)
        (self.ciphered,) = self.vocabulary.characters(CIPHERED)
        (self.blob,) = self.vocabulary.characters(BLOB)
        (self.byte,) = self.vocabulary.characters(BYTE)
        self._macros = macros
        self._pieces = [self._row(list(_ITEM.finditer(pattern))) for pattern in patterns]
        self._woken_by: dict[str, list[int]] = {}
        for index, piece in enumerate(self._pieces):
            for char in piece.needs[0]:
                self._woken_by.setdefault(char, []).append(index)
        self._waking = re.compile(f"[{''.join(sorted(self._woken_by))}]")
        # Compiled when first needed: most patterns never are, and all of them take a while.
        self._compiled: dict[int, re.Pattern[str]] = {}

    def run_of(self, names: str, fewest: int = 1) -> re.Pattern[str]:
        """Return what finds so many words in a row of classes, written `a|b`, in a code."""
        return re.compile(f"[{self._any(names)}]{{{fewest},}}")

    def matching(self, code: str) -> list[int]:
        """Return which patterns, by index, match a sentence's code."""
        waking = set(self._waking.findall(code))
        if not waking:
            return []
        present = set(code)
        woken = {index for char in waking for index in self._woken_by[char]}
        return [index for index in sorted(woken) if self._matches(index, code, present)]

    def _matches(self, index: int, code: str, present: set[str]) -> bool:
        for need in self._pieces[index].needs:
            if need.isdisjoint(present):
                return False
        pattern = self._compiled.get(index)
        if pattern is None:
            pattern = self._compiled[index] = re.compile(self._pieces[index].regex, re.S)
        return pattern.search(code) is not None

    def _row(self, items: list[re.Match[str]]) -> _Piece:
        """Compile a row up to the end of its group, taking its items off the list."""
        regexes: list[str] = []
        rare: list[frozenset[str]] = []
        common: list[frozenset[str]] = []
        while items and items[0]["sign"] not in {")", "/"}:
            piece = self._piece(items)
            if items and items[0]["sign"] == "?":
                items.pop(0)
                piece = _Piece(f"(?:{piece.regex})?")
            regexes.append(piece.regex)
            (rare if piece.rare else common).extend(piece.needs)
        return _Piece("".join(regexes), (*rare, *common), bool(rare))

    def _piece(self, items: list[re.Match[str]]) -> _Piece:
        item = items.pop(0)
        if item["gap"]:
            any_word = f"[^{self._any(item['but'])}]" if item["but"] else "."
            return _Piece(f"{any_word}{{0,{item['gap']}}}?")
        if item["sign"] == "^":
            return _Piece("^")
        if item["sign"] == "(":
            return self._group(items)
        if item["name"].startswith("@"):
            return self._row(list(_ITEM.finditer(self._macros[item["name"][1:]])))
        names = item["name"].split("|")
        one_of = f"[{self._any(item['name'])}]"
        if item["prefix"] == "!":
            return _Piece(f"(?<!{one_of})(?<!{one_of}.)")
        if item["prefix"] == "-":
            return _Piece(f"[^{one_of[1:]}")
        return _Piece(one_of, (frozenset(one_of[1:-1]),), rare=not set(names) & _COMMON)

    def _any(self, names: str) -> str:
        """Return the characters of classes, as they stand between brackets."""
        chars = map(self.vocabulary.characters, names.split("|"))
        return "".join(sorted(frozenset[str]().union(*chars)))

    def _group(self, items: list[re.Match[str]]) -> _Piece:
        rows = [self._row(items)]
        while items.pop(0)["sign"] == "/":
            rows.append(self._row(items))
        regex = f"(?:{'|'.join(row.regex for row in rows)})"
        if not all(row.needs for row in rows):
            return _Piece(regex)
        chars = frozenset[str]().union(*(row.needs[0] for row in rows))
        return _Piece(regex, (chars,), all(row.rare for row in rows))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds the longest of some words."""
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))))
