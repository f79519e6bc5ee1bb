"""Valid by default; a test sets only what it is about."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent, Intent, Lease
from shared.settings.connections import ConnectionDeclaration
from tests.support.paths import REPOSITORY

KEY = "bGVkZ2VyLXRlc3RzLW9ubHktbm90LWEtc2VjcmV0ISE="
OTHER_KEY = "YW5vdGhlci1rZXktZm9yLWxlZGdlci10ZXN0cy1vbmw="
LEASE = timedelta(seconds=10)


def wall_clock() -> datetime:
    return datetime.now(UTC)


async def an_open_ledger(url: str) -> Ledger:
    """By the wall clock, for tests with several processes."""
    return await Ledger.open(url, keys=[KEY], clock=wall_clock, migrate=True)


def an_event(key: str | None = "9300101", **changed: Any) -> IncomingEvent:
    values: dict[str, Any] = {
        "connection": "acme",
        "source": "svea",
        "name": "CheckoutOrder.Delivered",
        "dedupe_key": f"CheckoutOrder.Delivered|{key}",
        "subject_kind": None if key is None else "sale",
        "subject_key": key,
        "body": b'{"CheckoutOrderId": 9300101}',
    }
    return IncomingEvent(**values | changed)


async def a_subject(ledger: Ledger, key: str = "9300101", **changed: Any) -> str:
    """A subject that is due; its id."""
    (accepted,) = await ledger.inbox.accept([an_event(key, **changed)])
    assert accepted.subject is not None
    return accepted.subject.subject_id


async def a_lease(ledger: Ledger, key: str = "9300101", owner: str = "worker-1") -> Lease:
    lease = await ledger.subjects.lease(await a_subject(ledger, key), owner, lease_for=LEASE)
    assert lease is not None
    return lease


async def intends(ledger: Ledger, lease: Lease, reference: str = "order:9300101", **changed: Any) -> Intent:
    values: dict[str, Any] = {
        "system": "fortnox",
        "kind": "order",
        "reference": reference,
        "draft": {"rows": 1},
        "content_hash": "h1",
    }
    return await ledger.links.intend(lease, **values | changed)


def a_declaration(name: str = "acme", **changed: Any) -> ConnectionDeclaration:
    return ConnectionDeclaration.model_validate(a_raw_declaration(name, **changed))


def a_raw_declaration(name: str = "acme", **changed: Any) -> dict[str, Any]:
    markets = [a_raw_market("se", "SE", "SEK"), a_raw_market("de", "DE", "EUR")]
    fortnox = {"client_id": "cid", "client_secret": "fortnox-secret", "tenant_id": 1}
    return {"name": name, "fortnox": fortnox, "markets": markets, "active_from": "2026-05-01"} | changed


def a_raw_market(name: str, country: str, currency: str) -> dict[str, Any]:
    svea = {
        "merchant_id": 100,
        "secret": f"{name}-secret",
        "callback_token": f"{name}-token",
        "previous_secrets": [f"{name}-old"],
    }
    return {"name": name, "country": country, "currency": currency, "svea": svea}


def in_another_process(*arguments: str) -> "subprocess.Popen[str]":
    """Runs tests/shared/ledger/other_process.py, which says on its standard output what it did."""
    command = [sys.executable, "-m", "tests.shared.ledger.other_process", *arguments]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]") -> Any:
    """The next line that it said, as JSON."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the other process ended with {process.wait()}"
    return json.loads(line)


def finished(process: "subprocess.Popen[str]") -> int:
    with process:
        return process.wait(timeout=60)
