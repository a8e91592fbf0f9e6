"""What every command does first: an empty data folder is made ready to use."""

from __future__ import annotations

import fcntl
import json
import logging
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from knowledge.actions.defaults import ensure_defaults


def prepare_data_dir() -> None:
    """Migrate the database when needed and make the default rows. Two at once are fine."""
    lock = settings.DATA_DIR / "prepare.lock"
    with lock.open("a") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        ensure_defaults()


class PreparedCommand(BaseCommand):
    """A command for people and scripts: `--json`, exit 0, 1 (asked for and failed) or 2 (usage)."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--json`; subclasses add their own and call this."""
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, run, print, and exit with the status that `run` returned."""
        logging.getLogger().setLevel(logging.WARNING)
        prepare_data_dir()
        result, status = self.run(**options)
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))
        else:
            self.present(result)
        if status:
            sys.exit(status)

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Do the work; return the JSON result and the exit status."""
        raise CommandError(f"{type(self).__name__} defines no run()")

    def present(self, result: dict[str, Any]) -> None:
        """Print the result for eyes; the default is indented JSON."""
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2, default=str))

    def wrong_usage(self, message: str) -> CommandError:
        """Return the error that ends the command with status 2."""
        return CommandError(message, returncode=2)
