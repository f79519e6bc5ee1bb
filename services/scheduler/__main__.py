"""``python -m services.scheduler``: the timetable and the wake sweep."""

import asyncio

from services.scheduler.main import run_scheduler
from shared.settings.service import ServiceSettings
from shared.telemetry.logging import configure_logging
from shared.telemetry.metrics import serve_metrics


def main() -> None:
    service = ServiceSettings()
    configure_logging(process="scheduler", environment=service.environment, level=service.log_level)
    serve_metrics(service.metrics_port)
    asyncio.run(run_scheduler(service))


if __name__ == "__main__":
    main()
