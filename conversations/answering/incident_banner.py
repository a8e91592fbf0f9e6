"""Stage: does the operator's banner about an incident answer first? Pure."""

from __future__ import annotations

from conversations.answering.phrases import first_held
from conversations.answering.values import Banner


def answers(text: str, banner: Banner, *, said: bool) -> bool:
    """Say whether the banner is said to this question.

    With phrases: to each question that holds one. Without: once, to a conversation's first
    question since it stands.
    """
    if not banner.text:
        return False
    return bool(first_held(text, banner.phrases)) if banner.phrases else not said
