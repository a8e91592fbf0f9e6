"""A day of a support chat, put together from the evaluation data by a fixed recipe. Pure.

Of SIZE questions 20 % repeat an opening question of that day word for word, in another chat; 20 %
are people's paraphrases of one (`stackfaq`: those of one FAQ thread); the rest are distinct:

- mtrag_cloud: every turn of its conversations, asked in them one after the other, so that later
  turns have the history that they came with;
- stackfaq: one question of each thread;
- login_gov_xling: one question for each article, in Spanish, French or Chinese;
- banking77: one question of each intent;
- clinc150: one question of each intent, then questions that it calls out of scope, until there are
  enough. Nearly all of these ask for what no document says.

Who asks when is drawn with a fixed seed: chats begin at random moments, a conversation's turns
follow each other, and a repeat or paraphrase comes at a random moment after what it repeats.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SIZE = 1000
REPEATED_SHARE = PARAPHRASED_SHARE = 0.2
SEED = 20261128
TURN_GAP = 1e-4
Kind = Literal["distinct", "repeat", "paraphrase"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the day. Questions of one `chat` are asked in it in the day's order.

    `topic`: those with the same one may get the same answer, all others may not. `opens`: nothing
    was said before it.
    """

    kind: Kind
    source: str
    text: str
    topic: str
    chat: str
    opens: bool = True


@dataclass(frozen=True, slots=True)
class Sources:
    """The rows of the data that the recipe takes from, as they stand in the files."""

    conversations: Sequence[Row]
    threads: Sequence[Row]
    articles: Sequence[Row] = ()
    bank: Sequence[Row] = ()
    others: Sequence[Row] = ()


def day(sources: Sources, size: int = SIZE, seed: int = SEED) -> list[Asked]:
    """Return the day's questions in the order in which they are asked."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    repeats, paraphrases = round(REPEATED_SHARE * size), round(PARAPHRASED_SHARE * size)
    firsts, reworded = _threads(sources.threads, chance)
    chats = [*conversations(sources.conversations), *([first] for first in firsts)]
    chats += [[one] for one in _others(sources, chance)]
    distinct = _limited(chats, size - repeats - paraphrases)
    timed = [
        (start + number * TURN_GAP, one)
        for chat in distinct
        for start in [chance.random()]
        for number, one in enumerate(chat)
    ]
    begun = {one.topic: when for when, one in timed}
    asked = [one for one in reworded if one.topic in begun]
    chosen = chance.sample(asked, paraphrases)
    timed += [(chance.uniform(begun[one.topic], 1), one) for one in chosen]
    openers = [(when, one) for when, one in timed if one.opens]
    timed += _repeats(openers, repeats, chance)
    return [one for _, one in sorted(timed, key=lambda pair: (pair[0], pair[1].chat))]


def _repeats(
    openers: Sequence[tuple[float, Asked]], number: int, chance: random.Random
) -> list[tuple[float, Asked]]:
    made = []
    for n in range(number):
        when, one = chance.choice(openers)
        again = Asked("repeat", one.source, one.text, one.topic, f"again {n}")
        made.append((chance.uniform(when, 1), again))
    return made


def _limited(chats: Iterable[list[Asked]], most: int) -> list[list[Asked]]:
    """Return whole chats with no text twice, as many as `most` questions; the last may be cut."""
    taken: list[list[Asked]] = []
    known: set[str] = set()
    left = most
    for chat in chats:
        new = [one for one in chat if one.text.casefold() not in known][:left]
        known.update(one.text.casefold() for one in new)
        left -= len(new)
        if new:
            taken.append(new)
    if left:
        raise ValueError(f"the data has {left} distinct questions too few")
    return taken


def conversations(rows: Sequence[Row]) -> list[list[Asked]]:
    """Return each conversation as its longest history says, with its last turn."""
    longest: dict[str, list[str]] = {}
    for row in rows:
        name = row["id"].split("<::>")[0]
        turns = [_said(turn) for turn in row.get("history", ())]
        turns = [text for text in turns if text] + [row.get("last_turn", row["query"])]
        if len(turns) > len(longest.get(name, ())):
            longest[name] = turns
    return [
        [
            Asked("distinct", "mtrag_cloud", text, f"{name} {n}", name, opens=n == 0)
            for n, text in enumerate(turns)
        ]
        for name, turns in longest.items()
    ]


def _said(turn: Any) -> str:
    if isinstance(turn, str):
        return turn
    return str(turn["text"]) if turn["role"] == "customer" else ""


def _threads(rows: Sequence[Row], chance: random.Random) -> tuple[list[Asked], list[Asked]]:
    """Return one question of each thread, and all others."""
    by_thread: dict[str, list[str]] = {}
    for row in rows:
        by_thread.setdefault(row["relevant"][0], []).append(row["query"])
    firsts, others = [], []
    for thread, texts in by_thread.items():
        first = chance.choice(texts)
        firsts.append(Asked("distinct", "stackfaq", first, thread, thread))
        others += [
            Asked("paraphrase", "stackfaq", text, thread, f"{thread} {n}")
            for n, text in enumerate(texts)
            if text.casefold() != first.casefold()
        ]
    return firsts, others


def _others(sources: Sources, chance: random.Random) -> list[Asked]:
    articles = _one_of_each(sources.articles, lambda row: str(row["relevant"][0]), chance)
    bank = _one_of_each(sources.bank, lambda row: str(row["intent"]), chance)
    inside = [row for row in sources.others if not row.get("oos")]
    outside = [row for row in sources.others if row.get("oos")]
    scoped = _one_of_each(inside, lambda row: str(row["intent"]), chance)
    chance.shuffle(outside)
    named = (
        *(("login_gov_xling", row["query"]) for row in articles),
        *(("banking77", row["text"]) for row in bank),
        *(("clinc150", row["text"]) for row in (*scoped, *outside)),
    )
    return [
        Asked("distinct", source, text, f"{source} {n}", f"{source} {n}")
        for n, (source, text) in enumerate(named)
    ]


def _one_of_each(rows: Sequence[Row], key: Any, chance: random.Random) -> list[Row]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [chance.choice(group) for group in groups.values()]
