"""`manage.py rehearse`: every fault of a language model's endpoint, played on this machine."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from tqdm import tqdm

from conversations import wiring
from evaluation.faults import FAULTS
from evaluation.rehearsal import rehearse
from knowledge.management.preparing import PreparedCommand

SHORTEST_SCALE = 0.05


class Command(PreparedCommand):
    """Exit 1 when a fault does not end as it should. No customer and no real model is involved."""

    help = "Play every fault of a language model's endpoint and see what a customer would get."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the choice of rows and the scale."""
        super().add_arguments(parser)
        parser.add_argument("--row", type=int, action="append", help="repeatable; default: all")
        parser.add_argument(
            "--scale", type=float, default=1.0, help="all budgets times this; 0.1 is quick"
        )

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Play the faults."""
        rows, scale = options["row"], options["scale"]
        known = sorted({fault.row for fault in FAULTS})
        if rows and not set(rows) <= set(known):
            raise self.wrong_usage(f"There are rows {known[0]} to {known[-1]}.")
        if not SHORTEST_SCALE <= scale <= 1:
            raise self.wrong_usage(f"--scale is from {SHORTEST_SCALE} to 1.")
        faults = [fault for fault in FAULTS if not rows or fault.row in rows]
        with tqdm(total=len(faults), unit="fault", disable=not sys.stderr.isatty()) as bar:
            played = rehearse(faults, wiring.toolbox(), factor=scale, told=lambda one: _moved(bar))
        failed = sum(bool(one.problems) for one in played)
        result = {"rows": [one.row() for one in played], "failed": failed, "scale": scale}
        return result, 1 if failed else 0

    def present(self, result: dict[str, Any]) -> None:
        """Print a line for each fault."""
        for row in result["rows"]:
            mark = "ok  " if row["ok"] else "BAD "
            self.stdout.write(
                f"{mark} {row['row']:>2}  {row['fault']:<50} {row['outcome']:<9} "
                f"{row['seconds']:6.2f} s of {row['limit_seconds']:g} s"
            )
            for problem in row["problems"]:
                self.stdout.write(f"        {problem}")


def _moved(bar: Any) -> None:
    bar.update()
