"""`manage.py serve`: the server, with workers inside when there is no REDIS_URL."""

from __future__ import annotations

import logging.config
import sys
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from knowledge.index_model import other_model_set
from observability.logs import logging_config
from supportbot.embedded import runtime
from supportbot.embedded.runtime import EmbeddedRuntime
from supportbot.embedded.single_server import AnotherServer
from supportbot.first_start import prepare_installation, sign_in_note
from supportbot.given_documents import GivenDocuments, sample_if_empty, usable_paths
from supportbot.process_end import leave
from supportbot.web_server import CannotListen, WebServer, address_of, listen


class Command(BaseCommand):
    """Serve the chat, the admin and the API until Ctrl-C."""

    help = "Serve; read the given files and folders in meanwhile."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the documents to start with."""
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check what can be checked, prepare, then serve."""
        paths, problems = usable_paths(options["paths"])
        for problem in problems:
            self.stderr.write(problem)
        if problems and not paths:
            raise CommandError("None of the given paths exists, so nothing was started.")
        self._log_where_it_is_read()
        embedded, listening = self._take_place()
        password = prepare_installation()
        if not options["paths"]:
            paths = sample_if_empty()
        if embedded:
            embedded.begin(self._address)
        server = WebServer(
            on_serving=lambda: self._serving(paths, password),
            on_stopping=self._stopping,
        )
        self._stop = threading.Event()
        server.run(sockets=[listening])
        leave(0 if server.started else 1)

    def _log_where_it_is_read(self) -> None:
        # Through the settings, because Celery's workers set Django's logging up again.
        settings.LOGGING = logging_config(
            settings.ENV.LOG_LEVEL,
            settings.ENV.LOG_FORMAT,
            file=settings.DATA_DIR / "logs" / "server.log" if settings.EMBEDDED else None,
            for_person=sys.stderr.isatty(),
        )
        logging.config.dictConfig(settings.LOGGING)

    def _take_place(self) -> tuple[EmbeddedRuntime | None, Any]:
        """Get the lock and the port, or say why not."""
        host, port = settings.ENV.HOST, settings.ENV.PORT
        self._address = address_of(host, port)
        try:
            embedded = runtime.create() if settings.EMBEDDED else None
            return embedded, listen(host, port)
        except (AnotherServer, CannotListen) as error:
            raise CommandError(str(error)) from None

    def _serving(self, paths: list[Path], password: str | None) -> None:
        note = sign_in_note(password)
        self.stdout.write(
            f"supportbot is running.\n"
            f"  Chat   {self._address}/\n"
            f"  Admin  {self._address}/admin/{'  ' + note if note else ''}\n"
            f"  API    {self._address}/api/v1/docs/\n"
            f"Stop with Ctrl-C."
        )
        if misfit := other_model_set():
            self.stdout.write(f"Note: {misfit}")
        self.stdout.flush()
        if paths:
            GivenDocuments(paths, self._say, self._stop).run()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _stopping(self) -> None:
        self._say("Stopping. Questions in work are taken up at the next start.")
        self._stop.set()
        embedded = runtime.current()
        if embedded:
            embedded.cancel()
