"""Who owns a chat after 20,000 random steps: broken invariants (the bar: none).

Customers write, stop, ring and withdraw; workers claim, record late and die; agents take, reply,
hand back, pass on, give to teams and close, come and go, and lose their accounts; a team gives its
requests out; the sweeper hands over: all through the actions that
the application uses, on a real database. After each step the rows are compared with what
`conversations/ownership.py` promises.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks import Options
from benchmarks._own_process import measured_apart

STEPS, QUICK_STEPS = 20_000, 600


def run(options: Options) -> dict[str, Any]:
    """Walk in a process of its own with an empty data folder, from a seed that is told."""
    seed = time.time_ns() % 2**31
    figures = measured_apart("_ownership_walked", QUICK_STEPS if options.quick else STEPS, seed)
    return {**figures, "ok": not figures["broken_invariants"] and not figures["doubled_replies"]}
