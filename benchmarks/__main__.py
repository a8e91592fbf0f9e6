"""Runs benchmarks by name: `scripts/bench [NAME ...] [--json] [--quick]`."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import sys
import time
from pathlib import Path
from typing import Any

import benchmarks
from benchmarks import DataMissing, Options


def names() -> list[str]:
    """Return every benchmark there is."""
    found = pkgutil.iter_modules([str(Path(benchmarks.__file__).parent)])
    return sorted(module.name for module in found if not module.name.startswith("_"))


def measured(name: str, options: Options) -> dict[str, Any]:
    """Run one benchmark; its figures with the machine's load before and after."""
    module = importlib.import_module(f"benchmarks.{name}")
    load_before = os.getloadavg()[0]
    started = time.monotonic()
    figures = module.run(options)
    return {
        "name": name,
        **figures,
        "seconds": round(time.monotonic() - started, 1),
        "load": {"before": load_before, "after": os.getloadavg()[0], "cpus": os.cpu_count()},
    }


def main() -> int:
    """Run what is asked for, all without a name. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help="a small form, as the tests run it")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(names()))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(names())}")
    results = []
    for name in arguments.names or names():
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            results.append(measured(name, Options(quick=arguments.quick)))
        except DataMissing as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
    indent = None if arguments.json else 2
    print(json.dumps({"benchmarks": results}, indent=indent, ensure_ascii=False, default=str))
    return 0 if all(result.get("ok", True) for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
