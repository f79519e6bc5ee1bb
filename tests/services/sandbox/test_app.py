"""The assembly: each stand-in answers below its root, and the fault layer reaches all of them."""

from __future__ import annotations

import httpx
import pytest

from services.sandbox.faults import FaultRule, Status, System
from services.sandbox.sandbox import Sandbox


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/svea/checkout/api/orders/1"),
        ("GET", "/svea/admin/api/v1/orders/1"),
        ("GET", "/fortnox/3/invoices"),
        ("POST", "/fortnox/oauth-v1/token"),
    ],
)
async def test_every_stand_in_is_there_and_lets_no_stranger_in(
    http: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await http.request(method, path)

    assert answer.status_code in (400, 401)


@pytest.mark.parametrize(
    ("system", "method", "path"),
    [
        (System.FORTNOX, "GET", "/fortnox/3/invoices"),
        (System.FORTNOX_OAUTH, "POST", "/fortnox/oauth-v1/token"),
        (System.SVEA_CHECKOUT, "GET", "/svea/checkout/api/orders/1"),
        (System.SVEA_ADMIN, "GET", "/svea/admin/api/v1/orders/1"),
    ],
)
async def test_a_fault_strikes_its_system_and_no_other(
    http: httpx.AsyncClient, sandbox: Sandbox, system: System, method: str, path: str
) -> None:
    sandbox.faults.add(FaultRule(system, Status(418)))

    struck = {other: await _status(http, other) for other in ROOTS}

    assert (await http.request(method, path)).status_code == 418
    assert [other for other, status in struck.items() if status == 418] == [system]


ROOTS = {
    System.FORTNOX: "/fortnox/3/invoices",
    System.FORTNOX_OAUTH: "/fortnox/oauth-v1/revoke",
    System.SVEA_CHECKOUT: "/svea/checkout/api/orders/1",
    System.SVEA_ADMIN: "/svea/admin/api/v1/orders/1",
}


async def _status(http: httpx.AsyncClient, system: System) -> int:
    return (await http.get(ROOTS[system])).status_code


async def test_the_fortnox_control_is_below_the_control_api(
    http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.fortnox.add_company(4711)

    listed = await http.get("/_control/fortnox/companies")

    assert listed.status_code == 200
    assert "4711" in listed.text


async def test_the_fortnox_stand_in_lives_on_the_sandbox_clock(sandbox: Sandbox) -> None:
    assert sandbox.fortnox.clock is sandbox.clock


async def test_the_control_api_describes_itself_without_a_page_from_elsewhere(
    http: httpx.AsyncClient,
) -> None:
    described = await http.get("/_control/openapi.json")

    assert "/svea/orders/{checkout_id}/deliver" in described.json()["paths"]
    assert (await http.get("/_control/docs")).status_code == 404
