"""Runs commands given as JSON one after the other, and prints a line of JSON for each."""

import contextlib
import io
import json
import logging
import os
import runpy
import sys
import traceback

from django.core.management import execute_from_command_line


def status_of(words: list[str]) -> int:
    """Run one command and return its exit status."""
    try:
        if words[0] == "-m":
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            execute_from_command_line(words)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Run them all."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
    for words in json.load(sys.stdin):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            status = status_of(words)
        # A command makes the log quiet, or loud.
        logging.getLogger().setLevel(logging.WARNING)
        print(json.dumps({"status": status, "output": printed.getvalue()}), flush=True)
    # Threads that wait for more work do not hold the end up.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
