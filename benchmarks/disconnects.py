"""Random disconnects of chatting browsers: seconds until each shows what is stored (bar: 5).

The chat page itself runs in Chromium, sixteen customers at once, each through a TCP proxy that cuts
its connections while somebody writes: resets, half of a frame, a close by the server, a stall, and
the server killed with -9 and started again. For some time each has no WebSockets and goes on over
plain requests. An agent replies, edits and withdraws meanwhile. Equal means: the page's own code,
given the rows, draws what the page shows. Counted from the cut, the last change of the rows or the
server's return, whichever comes last.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks import Options
from benchmarks._own_process import measured_apart

CUTS, QUICK_CUTS = 2000, 60
MOST_SECONDS = 5.0


def run(options: Options) -> dict[str, Any]:
    """Cut in a process of its own."""
    number = QUICK_CUTS if options.quick else CUTS
    seed = time.time_ns() % 2**31
    found = measured_apart("_disconnects_played", number, seed)
    whole = not (
        found["lost"] + found["doubled"] + found["doubled_replies"] + found["doubled_in_view"]
    )
    return {
        "seed": seed,
        **found,
        "ok": whole and found["seconds_until_equal"]["worst"] <= MOST_SECONDS,
    }
