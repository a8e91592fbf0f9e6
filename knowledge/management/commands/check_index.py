"""`manage.py check_index`: do the database and the index agree?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from knowledge.actions.defaults import ensure_generation
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.management.preparing import PreparedCommand
from knowledge.reconciliation import Differences, check, repair
from knowledge.working import preparation
from providers.errors import ProviderError

SHOWN = 100


class Command(PreparedCommand):
    """Compare every point with its row; `--repair` brings the index in line."""

    help = "Compare the index with the database, point by point."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--repair`."""
        super().add_arguments(parser)
        parser.add_argument("--repair", action="store_true", help="make the index right")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Check the generation in use, repair it when asked to, and say what differs."""
        generation = ensure_generation()
        result: dict[str, Any] = {"generation": generation.number, "error": ""}
        try:
            differences = check(generation)
            result |= _rows(differences)
            if options["repair"] and differences.number:
                result["documents_made_again"] = repair(generation, differences)
                result["repaired"] = differences.number
                differences = check(generation)
                result["differences_left"] = differences.number
        except (ProviderError, DocumentUnreadable) as error:
            return {**result, "error": str(error)}, 1
        finally:
            if preparation.made:
                preparation().stop()
                preparation.cache_clear()
        return result, 1 if differences.number else 0

    def present(self, result: dict[str, Any]) -> None:
        """Print the counts, and what to do."""
        if result["error"]:
            self.stdout.write(f"The index could not be checked: {result['error']}")
            return
        self.stdout.write(
            f"Generation {result['generation']}: {result['expected']} passages in the database, "
            f"{result['found']} in the index; {result['differences']} differences."
        )
        if result["in_hand"]:
            self.stdout.write(
                f"{result['in_hand']} documents are waiting or being worked on; they are left out."
            )
        if "repaired" in result:
            self.stdout.write(f"Repaired; {result['differences_left']} differences are left.")
        elif result["differences"]:
            self.stdout.write("Run manage.py check_index --repair.")


def _rows(differences: Differences) -> dict[str, Any]:
    return {
        "expected": differences.expected,
        "found": differences.found,
        "differences": differences.number,
        "in_hand": differences.in_hand,
        "missing": differences.missing[:SHOWN],
        "surplus": differences.surplus[:SHOWN],
        "differing": differences.differing[:SHOWN],
        **({"sentences": _rows(differences.sentences)} if differences.sentences else {}),
    }
