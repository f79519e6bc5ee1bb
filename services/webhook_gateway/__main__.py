"""`python -m services.webhook_gateway`: opens the ledger, finds Redis if it is there, serves.

Starts without Redis: callbacks are stored, and the doorbell looks for Redis again by itself. Does not start
without the ledger: a callback that cannot be stored must not find anybody at home.
"""

import asyncio
import gc
from datetime import UTC, datetime

import structlog
import uvicorn

from services.webhook_gateway.app import create_app
from shared.ledger.ledger import Ledger
from shared.queue import Queue
from shared.settings.service import ServiceSettings
from shared.telemetry.logging import configure_logging

KEEP_ALIVE_SECONDS = 75  # longer than callers keep idle connections, so that none dies under a request
SHUTDOWN_SECONDS = 15

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def now() -> datetime:
    return datetime.now(UTC)


async def serve(service: ServiceSettings) -> None:
    embedded = service.database_url.startswith("sqlite")
    ledger = await Ledger.open(
        service.database_url, keys=service.encryption_key_list, clock=now, migrate=embedded
    )
    try:
        if plain := service.bootstrap_key.get_secret_value():
            await ledger.api_keys.ensure_bootstrap(plain)
        app = create_app(ledger=ledger, queue=await _queue(service), service=service, clock=now)
        await uvicorn.Server(_configuration(app, service)).serve()
    finally:
        await ledger.close()


async def _queue(service: ServiceSettings) -> Queue | None:
    try:
        return await Queue.connect(service, patient=False)
    except Exception as problem:  # noqa: BLE001 whatever is wrong with Redis, the gateway starts
        log.warning("doorbell.absent", error=f"{type(problem).__name__}: {problem}")
        return None


def _configuration(app: object, service: ServiceSettings) -> uvicorn.Config:
    """No access log: the addresses of callbacks contain tokens, and that of the consent a code."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=service.host,
        port=service.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        proxy_headers=bool(service.trusted_proxies),
        forwarded_allow_ips=service.trusted_proxies or None,
    )


def event_loop() -> asyncio.AbstractEventLoop:
    """uvloop where there is one: not on Windows."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def main() -> None:
    service = ServiceSettings()
    configure_logging(process="gateway", environment=service.environment, level=service.log_level)
    gc.freeze()  # what was imported stays; looking through it again and again finds nothing
    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(serve(service))


if __name__ == "__main__":
    main()
