"""``python -m services.sync_worker``: one worker process."""

import asyncio
import gc

import uvloop

from services.sync_worker.worker import run_worker
from shared.settings.service import ServiceSettings
from shared.telemetry.logging import configure_logging
from shared.telemetry.metrics import serve_metrics


def main() -> None:
    service = ServiceSettings()
    configure_logging(process="worker", environment=service.environment, level=service.log_level)
    serve_metrics(service.metrics_port)
    gc.freeze()  # what was imported stays; looking through it again and again finds nothing
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_worker(service))


if __name__ == "__main__":
    main()
