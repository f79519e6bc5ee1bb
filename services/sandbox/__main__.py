"""`python -m services.sandbox`: the stand-ins as one process."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from services.sandbox.app import create_sandbox_app
from services.sandbox.keeping import Keeping, KeptState
from services.sandbox.sandbox import Sandbox
from services.sandbox.svea.samples import load_samples

KEEP_ALIVE_SECONDS = 75
"""Longer than the clients keep idle connections, so that the server is never the first to close one."""
SHUTDOWN_SECONDS = 2


def main(arguments: list[str] | None = None) -> None:
    wanted = _parser().parse_args(arguments)
    uvicorn.run(
        _app(wanted.samples, wanted.state),
        host=wanted.host,
        port=wanted.port,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        log_level=wanted.log_level,
    )


def _app(samples: str | None, state: Path | None) -> ASGIApp:
    sandbox = Sandbox()
    kept = KeptState(sandbox, state) if state is not None else None
    if (kept is None or not kept.restore()) and samples is not None:
        load_samples(sandbox.svea, samples)
    app = create_sandbox_app(sandbox)
    return app if kept is None else Keeping(app, kept)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--log-level", default="warning", choices=("debug", "info", "warning", "error"))
    parser.add_argument(
        "--samples",
        nargs="?",
        const="last",
        choices=("none", "first", "last"),
        help="load the sample merchants and reports, and the orders in their first or last state",
    )
    parser.add_argument("--state", type=Path, help="file that keeps what the stand-ins know")
    return parser


if __name__ == "__main__":
    main()
