"""How the server's process ends."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn


def leave(status: int) -> NoReturn:
    """End the process now.

    Python would wait for the worker's threads, and one of them may still wait for a model. What
    they hold was given back before, and nothing they could still write would count.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
