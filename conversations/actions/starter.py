"""The rules and topics a new installation starts with. What an operator changes stays so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from conversations.models import Rule, RuleAction, SensitiveTopic

TOPICS_FILE = Path(__file__).resolve().parent.parent / "sensitive_topics.yaml"
STARTER_FILE = Path(__file__).resolve().parent.parent / "starter_rules.yaml"
USUAL_PRIORITY = 50


def starter_rules() -> list[Rule]:
    """Return the starter set as unsaved rows."""
    entries = yaml.safe_load(STARTER_FILE.read_text(encoding="utf-8"))
    return [_row(entry) for entry in entries]


def ensure_starter_rules() -> int:
    """Add starter rules of sets newer than those already here. Returns how many were added.

    A rule that an operator changed, switched off or deleted is left as it is: only a newer set
    adds rows. (Deleting every starter rule brings the set back at the next start; switch them off
    instead.)
    """
    held = Rule.objects.exclude(starter_key="").values_list("starter_key", flat=True)
    newest = max((_set_number(key) for key in held), default=0)
    taken = set(Rule.objects.values_list("name", flat=True))
    wanted = [
        rule
        for rule in starter_rules()
        if _set_number(rule.starter_key) > newest and rule.name not in taken
    ]
    Rule.objects.bulk_create(wanted, ignore_conflicts=True)
    return len(wanted)


def ensure_starter_topics() -> int:
    """Add the starter topics where there are none. Returns how many were added.

    (Deleting every topic brings them back at the next start; switch them off instead.)
    """
    if SensitiveTopic.objects.exists():
        return 0
    entries = yaml.safe_load(TOPICS_FILE.read_text(encoding="utf-8"))
    rows = [
        SensitiveTopic(
            name=entry["name"],
            always=entry.get("always", False),
            phrases="\n".join(entry["phrases"]),
        )
        for entry in entries
    ]
    SensitiveTopic.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _set_number(key: str) -> int:
    return int(key.rpartition("@")[2])


def _row(entry: dict[str, Any]) -> Rule:
    return Rule(
        name=entry["name"],
        priority=entry.get("priority", USUAL_PRIORITY),
        phrases="\n".join(entry["phrases"]),
        action=entry.get("action", RuleAction.TEXT.value),
        text=entry["text"],
        language=entry.get("language", ""),
        starter_key=f"{entry['key']}@{entry['since']}",
    )
