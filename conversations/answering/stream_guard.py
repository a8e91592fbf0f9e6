"""Stage: what may be shown while a model writes.

Text is passed on at once, except a tail that could become something that must not be shown: a
link off the list, a marker of no passage, a placeholder, the canary, the word for "no answer". A
stream that begins to repeat the system text is stopped.
Such a tail is a few characters and is decided as soon as it is complete. Whole claims are judged
afterwards by the output guard, and the final text replaces what was streamed.
"""

from __future__ import annotations

import re

from conversations.answering.phrases import first_held
from conversations.answering.values import NO_ANSWER, Progress, Prompt
from guardrails.leaks import Repetition
from guardrails.links import bare

# About eight tokens: a construct that is still open after this is shown as plain text, and a link
# as far as it agrees with one that is allowed.
MOST_HELD = 40
# Of the system text so many words in a row stop the stream; the output guard decides afterwards.
REPEATED_WORDS = 8
# A phrase of the operator's is shorter.
MOST_LOOKED_BACK = 700
_WHOLE_WORDS = re.compile(r".*[\W_]", re.DOTALL)
_OPEN_BRACKET = re.compile(r"\[[^\]\n]*\]?$")
_OPEN_PLACEHOLDER = re.compile(r"<[A-Z]*_?\d*$")
_PLACEHOLDER = re.compile(r"<[A-Z]+_\d+>")
_MARKER = re.compile(r"\[(\d{1,3})\]")
_LINK_START = re.compile(r"(?:https?://|www\.|\]\()", re.IGNORECASE)
_LINK_STARTS = ("https://", "http://", "www.", "](")
_LINK_END = re.compile(r"[\s<>\"'`\]]|\)(?=\W|$)")


class StreamGuard:
    """Stands between the model's stream and what is shown. One per reply."""

    def __init__(
        self, progress: Progress, prompt: Prompt, allowed: frozenset[str], *, withhold: bool = False
    ) -> None:
        """`withhold` shows nothing: the finished text is enough for who may be attacking."""
        self._progress = progress
        self._withhold = withhold
        self._prompt = prompt
        self._allowed = allowed
        self._secrets = {prompt.canary, *prompt.codes}
        self._restart()

    def _restart(self) -> None:
        self._tail = ""
        self._seen = ""
        self._repetition = Repetition(self._prompt.private, REPEATED_WORDS)
        self._shown = False
        # What is left of a link: to be dropped up to its end and this sign, or shown as long as
        # it is the beginning of one that is allowed.
        self._refused = ""
        self._passing = ""
        self._muted = self._withhold

    def delta(self, text: str) -> None:
        """Take the model's next piece and show what is safe of it."""
        if self._muted:
            return
        self._seen += text
        self._tail += text
        secret = self._repetition.grows(text) or any(one in self._seen for one in self._secrets)
        if secret or self._never():
            self._mute()
            return
        if NO_ANSWER.startswith(self._seen.strip()[: len(NO_ANSWER)]):
            self._muted = self._seen.strip().startswith(NO_ANSWER)
            return
        self._show(self._settle(final=False))

    def finish(self) -> None:
        """The stream has ended well: show what was held back, if it may be shown."""
        if not self._muted:
            self._show(self._settle(final=True))

    def retract(self) -> None:
        """The call failed: take everything back and start anew."""
        if self._shown:
            self._progress.retract()
        self._restart()

    def cancelled(self) -> bool:
        """Say whether nobody wants the rest, or it must not be shown anyway."""
        return self._progress.cancelled()

    def _never(self) -> bool:
        """Say whether the words written so far hold what the operator never wants said."""
        if not self._prompt.never_say:
            return False
        # A word may still be going on, and the first one may be half a word.
        words = _WHOLE_WORDS.search(self._seen[-MOST_LOOKED_BACK:])
        return bool(words and first_held(words[0], self._prompt.never_say, inflected=False))

    def _mute(self) -> None:
        if self._shown:
            self._progress.retract()
        self._shown, self._muted, self._tail = False, True, ""

    def _show(self, text: str) -> None:
        if text:
            self._shown = True
            self._progress.delta(text)

    def _settle(self, *, final: bool) -> str:
        """Return the part of the tail that may be shown now and keep the rest."""
        ready = ""
        while self._tail:
            if self._refused or self._passing:
                ready += self._go_on(final=final)
                continue
            start = _LINK_START.search(self._tail)
            if start is None:
                cut = len(self._tail) if final else self._open_from()
                ready, self._tail = ready + self._tail[:cut], self._tail[cut:]
                break
            ready, self._tail = ready + self._tail[: start.start()], self._tail[start.start() :]
            decided = self._decide_link(final=final)
            if decided is None:
                break
            ready += decided
        return self._polish(ready)

    def _go_on(self, *, final: bool) -> str:
        """Take the next piece of a link that is decided, or is being passed on while it fits."""
        end = _LINK_END.search(self._tail)
        cut = end.start() if end else len(self._tail)
        piece, self._tail = self._tail[:cut], self._tail[cut:]
        if self._refused:
            if end:
                self._tail = self._tail.removeprefix(self._refused.strip())
                self._refused = ""
            return ""
        url, whole = self._passing + piece, bool(end) or final
        if bare(url) in self._allowed if whole else self._may_become(url):
            self._passing = "" if whole else url
            return piece
        self._passing, self._refused = "", "" if whole else " "
        return ""

    def _decide_link(self, *, final: bool) -> str | None:
        """Take a link off the front of the tail: the text to show for it, or None to wait."""
        lead = "](" if self._tail.startswith("](") else ""
        body = self._tail[len(lead) :]
        end = _LINK_END.search(body)
        cut = end.start() if end else len(body)
        url, rest = body[:cut], body[cut:]
        if end is None and not final:
            if self._may_become(url) and len(self._tail) <= MOST_HELD:
                return None
            self._tail = ""
            if self._may_become(url):
                self._passing = url
                return lead + url
            # "[words](bad)" becomes "[words]": the words stay, nothing can be clicked.
            self._refused = ")" if lead else " "
            return "]" if lead else ""
        self._tail = rest
        if bare(url) in self._allowed:
            return lead + url
        if lead:
            self._tail = rest.removeprefix(")")
            return "]"
        return ""

    def _may_become(self, url: str) -> bool:
        """Say whether an unfinished address may still become one that is allowed."""
        whole = bare(url)
        return whole in self._allowed or any(known.startswith(url) for known in self._allowed)

    def _open_from(self) -> int:
        """Return where an unfinished construct at the end of the tail begins."""
        tail = self._tail
        starts = [
            match.start()
            for match in (_OPEN_BRACKET.search(tail), _OPEN_PLACEHOLDER.search(tail))
            if match
        ]
        for part in (*_LINK_STARTS, *self._secrets):
            for size in range(min(len(part) - 1, len(tail)), 0, -1):
                if tail[-size:].casefold() == part[:size].casefold():
                    starts.append(len(tail) - size)
                    break
        return min((s for s in starts if len(tail) - s <= MOST_HELD), default=len(tail))

    def _polish(self, text: str) -> str:
        known = len(self._prompt.passages)
        text = _MARKER.sub(lambda m: m[0] if 1 <= int(m[1]) <= known else "", text)
        return self._prompt.masker.unmask(text) if _PLACEHOLDER.search(text) else text
