"""Prints how much the largest memory of this process grows by one line of 200 MB: MB as JSON."""

from __future__ import annotations

import json
import resource
import sys

from providers.errors import ProviderError
from providers.llm.base import ChatMessage
from providers.llm.openai_compatible import OpenAICompatible

ASKED = [ChatMessage("user", "Hello")]


def _most_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Make ordinary calls, then the one with the flood."""
    url = sys.argv[1]
    OpenAICompatible(models=["stub"], base_url=url).complete(ASKED, purpose="warm")
    before = _most_megabytes()
    outcome = "answered"
    try:
        OpenAICompatible(models=["stub-flood200"], base_url=url).complete(ASKED, purpose="flood")
    except ProviderError as error:
        outcome = type(error).__name__
    print(json.dumps({"megabytes": round(_most_megabytes() - before, 1), "outcome": outcome}))


if __name__ == "__main__":
    main()
