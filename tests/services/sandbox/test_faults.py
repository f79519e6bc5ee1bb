"""Faults in process: what the client sees, and whether the stand-in has committed."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from services.sandbox.faults import Delay, Drop, FaultRule, Pause, Status, System, When, locate
from services.sandbox.sandbox import Sandbox
from tests.services.sandbox.svea.support import MERCHANT, SveaClient, a_cart


@pytest.fixture
def checkout_id(sandbox: Sandbox) -> int:
    checkout_id = sandbox.svea.create_checkout(MERCHANT, "100000900", a_cart())
    sandbox.svea.finalize(checkout_id)
    return checkout_id


async def deliver(client: SveaClient, checkout_id: int) -> httpx.Response:
    return await client.admin("POST", f"/api/v1/orders/{checkout_id}/deliveries", {"OrderRowIds": []})


def deliveries(sandbox: Sandbox, checkout_id: int) -> int:
    return len(sandbox.svea.order(checkout_id).deliveries)


async def test_a_status_is_answered_instead_and_nothing_happens(
    sandbox: Sandbox, client: SveaClient, checkout_id: int
) -> None:
    sandbox.faults.add(
        FaultRule(System.SVEA_ADMIN, Status(429, b'{"slow":"down"}', {"Retry-After": "3"}), times=1)
    )

    refused = await deliver(client, checkout_id)
    committed = deliveries(sandbox, checkout_id)
    accepted = await deliver(client, checkout_id)

    assert (refused.status_code, refused.content) == (429, b'{"slow":"down"}')
    assert refused.headers["Retry-After"] == "3"
    assert (committed, accepted.status_code) == (0, 202)


@pytest.mark.parametrize(("when", "committed"), [(When.BEFORE, 0), (When.AFTER, 1)])
async def test_a_dropped_request_raises_and_is_committed_or_not(
    sandbox: Sandbox, client: SveaClient, checkout_id: int, when: When, committed: int
) -> None:
    sandbox.faults.add(FaultRule(System.SVEA_ADMIN, Drop(when)))

    with pytest.raises(httpx.RemoteProtocolError):
        await deliver(client, checkout_id)

    assert deliveries(sandbox, checkout_id) == committed


@pytest.mark.parametrize("when", [When.BEFORE, When.AFTER])
async def test_a_delayed_request_is_answered_later(
    sandbox: Sandbox, client: SveaClient, checkout_id: int, when: When
) -> None:
    sandbox.faults.add(FaultRule(System.SVEA_ADMIN, Delay(0.2, when)))
    started = time.monotonic()

    running = asyncio.create_task(deliver(client, checkout_id))
    await asyncio.sleep(0.1)
    committed_meanwhile = deliveries(sandbox, checkout_id)
    answer = await running

    assert answer.status_code == 202
    assert time.monotonic() - started >= 0.2
    assert committed_meanwhile == (0 if when is When.BEFORE else 1)


async def test_a_paused_request_is_committed_and_waits_for_its_release(
    sandbox: Sandbox, client: SveaClient, checkout_id: int
) -> None:
    sandbox.faults.add(FaultRule(System.SVEA_ADMIN, Pause(), method="POST", path="/deliveries$"))

    running = asyncio.create_task(deliver(client, checkout_id))
    (held,) = await sandbox.faults.until_held()
    committed = deliveries(sandbox, checkout_id)
    done_meanwhile = running.done()
    assert sandbox.faults.release(held.number) == 1
    answer = await running

    assert (held.system, held.method, held.when) == (System.SVEA_ADMIN, "POST", When.AFTER)
    assert (committed, done_meanwhile, answer.status_code) == (1, False, 202)
    assert sandbox.faults.held == []


async def test_clearing_the_rules_lets_held_requests_go(
    sandbox: Sandbox, client: SveaClient, checkout_id: int
) -> None:
    sandbox.faults.add(FaultRule(System.SVEA_ADMIN, Pause(When.BEFORE)))
    running = asyncio.create_task(deliver(client, checkout_id))
    await sandbox.faults.until_held()
    committed = deliveries(sandbox, checkout_id)

    sandbox.faults.clear()

    assert (committed, (await running).status_code) == (0, 202)
    assert sandbox.faults.rules == []


async def test_nobody_held_in_time_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(TimeoutError):
        await sandbox.faults.until_held(timeout_seconds=0.01)


async def test_a_rule_skips_the_first_requests_and_stops_after_its_times(
    sandbox: Sandbox, client: SveaClient, checkout_id: int
) -> None:
    active = sandbox.faults.add(FaultRule(System.SVEA_ADMIN, Status(503), times=2, after=1))

    statuses = [(await client.admin("GET", f"/api/v1/orders/{checkout_id}")).status_code for _ in range(5)]

    assert statuses == [200, 503, 503, 200, 200]
    assert (active.seen, active.hits) == (5, 2)


async def test_a_rule_minds_system_method_and_path(
    sandbox: Sandbox, client: SveaClient, checkout_id: int
) -> None:
    sandbox.faults.add(FaultRule(System.SVEA_CHECKOUT, Status(500), method="get", path=r"^/api/orders/\d+$"))

    assert (await client.checkout("GET", f"/api/orders/{checkout_id}")).status_code == 500
    assert (await client.checkout("PUT", f"/api/orders/{checkout_id}", {})).status_code == 400
    assert (await client.admin("GET", f"/api/v1/orders/{checkout_id}")).status_code == 200


async def test_a_removed_rule_strikes_no_more(sandbox: Sandbox, client: SveaClient, checkout_id: int) -> None:
    active = sandbox.faults.add(FaultRule(System.SVEA_ADMIN, Status(500)))

    assert sandbox.faults.remove(active.number)

    assert not sandbox.faults.remove(active.number)
    assert (await client.admin("GET", f"/api/v1/orders/{checkout_id}")).status_code == 200


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/svea/checkout/api/orders/1", (System.SVEA_CHECKOUT, "/api/orders/1")),
        ("/svea/admin/api/v1/orders/1", (System.SVEA_ADMIN, "/api/v1/orders/1")),
        ("/fortnox/3/invoices", (System.FORTNOX, "/3/invoices")),
        ("/fortnox/oauth-v1/token", (System.FORTNOX_OAUTH, "/oauth-v1/token")),
        ("/_control/faults", None),
        ("/fortnoxious", None),
    ],
)
def test_a_path_belongs_to_one_system(path: str, expected: tuple[System, str] | None) -> None:
    assert locate(path) == expected
