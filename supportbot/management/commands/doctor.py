"""`manage.py doctor`: checks every part of the installation and says what to do."""

from __future__ import annotations

from typing import Any

from knowledge.management.preparing import PreparedCommand
from supportbot.health import everything


class Command(PreparedCommand):
    """Exit 1 when something needs doing."""

    help = "Check the database, the workers, the index, the models, the disk and the settings."

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Run every check."""
        checks = everything()
        status = 0 if all(check.ok for check in checks) else 1
        return {"checks": [check.row() for check in checks]}, status

    def present(self, result: dict[str, Any]) -> None:
        """Print a line for each check, and what to do."""
        for row in result["checks"]:
            mark = "ok  " if row["ok"] else "BAD "
            self.stdout.write(f"{mark} {row['name']:<16} {row['detail']}")
            if row["fix"] and not row["ok"]:
                self.stdout.write(f"     {'':<16} {row['fix']}")
