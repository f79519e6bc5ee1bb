"""``python -m services.event_listener``: hears from Fortnox what changed there."""

import asyncio

from services.event_listener.main import run_listener
from shared.settings.service import ServiceSettings
from shared.telemetry.logging import configure_logging
from shared.telemetry.metrics import serve_metrics


def main() -> None:
    service = ServiceSettings()
    configure_logging(process="listener", environment=service.environment, level=service.log_level)
    serve_metrics(service.metrics_port)
    asyncio.run(run_listener(service))


if __name__ == "__main__":
    main()
