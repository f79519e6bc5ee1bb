"""The listener: any number of replicas, of which one listens and the others stand by."""

import asyncio
import os
import signal
import socket
from datetime import UTC, datetime

import structlog

from services.event_listener.desk import Bell, Desk
from services.event_listener.leadership import Leadership
from services.event_listener.listener import Listener
from services.event_listener.roster import Roster
from shared.ledger.ledger import Ledger
from shared.settings.service import ServiceSettings

log = structlog.get_logger()


def now_utc() -> datetime:
    return datetime.now(UTC)


def listener_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(3).hex()}"


async def run_listener(service: ServiceSettings) -> None:
    """Listen, or stand by, until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    ledger = await Ledger.open(service.database_url, keys=service.encryption_key_list, clock=now_utc)
    bell = Bell(service)
    roster = Roster(ledger, service, now_utc)
    listener = Listener(ledger, Desk(ledger, bell), roster, now_utc)
    leadership = Leadership(ledger, listener_name(), lease=service.lease, heartbeat=service.lease_heartbeat)
    running = asyncio.create_task(leadership.run(listener.lead))
    stopping = asyncio.create_task(stopped.wait())
    log.info("listener.started")
    try:
        await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (running, stopping):
            task.cancel()
        ended, _ = await asyncio.gather(running, stopping, return_exceptions=True)
        await roster.close()
        await bell.close()
        await ledger.close()
        log.info("listener.stopped")
    if isinstance(ended, Exception):
        raise ended
