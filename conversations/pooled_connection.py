"""Before a long wait: the thread's connection to the database goes back to the pool."""

from __future__ import annotations

from django.db import connection as database


def give_back() -> None:
    """Let others use this thread's connection; the next query takes one again."""
    # The next step may wait half a minute for a model. With a pool of connections that many
    # waiting threads would leave none for the others.
    if database.vendor == "postgresql" and not database.in_atomic_block:
        database.close()
