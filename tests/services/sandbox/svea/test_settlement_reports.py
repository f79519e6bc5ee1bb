"""Reports over HTTP: what Svea does not say about them is a switch, and another process can steer them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.sandbox.keeping import KeptState
from services.sandbox.sandbox import Sandbox
from services.sandbox.svea.merchants import DayWithoutPayout, ReportsAccess
from services.sandbox.svea.settlement_extras import Extra, ExtraKind
from services.sandbox.svea.stand_in import SandboxSvea
from tests.services.sandbox.svea.support import MERCHANT, SveaClient
from tests.services.sandbox.svea.test_settlement import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    at,
    rows,
    sold,
    sums,
)

BOOK = f"/_control/svea/settlements/{MERCHANT}"


async def ask(client: SveaClient, day: date, *, withholding: str = "true") -> httpx.Response:
    return await client.admin("GET", f"/api/v2/reports?date={day}&includeWithholding={withholding}")


async def control(http: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await http.request(method, path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def test_a_settled_day_is_the_merchants_report_of_that_day(
    svea: SandboxSvea, client: SveaClient
) -> None:
    at(svea, THURSDAY)
    sold(svea, 54700)

    settled = svea.settle_day(MERCHANT, FRIDAY)

    assert (await ask(client, FRIDAY)).json() == settled
    assert (await ask(client, MONDAY)).json() == {"totalNrOfRows": 0, "clientReports": []}


@pytest.mark.parametrize(
    "access, status", [(ReportsAccess.UNAUTHORIZED, 401), (ReportsAccess.FORBIDDEN, 403)]
)
async def test_reports_that_are_not_activated_are_refused(
    svea: SandboxSvea, client: SveaClient, access: ReportsAccess, status: int
) -> None:
    svea.merchant(MERCHANT).reports_access = access

    assert (await ask(client, FRIDAY)).status_code == status


@pytest.mark.parametrize(
    "how, status, body",
    [
        (DayWithoutPayout.EMPTY, 200, b'{"totalNrOfRows":0,"clientReports":[]}'),
        (DayWithoutPayout.MISSING, 200, b'{"totalNrOfRows":0}'),
        (DayWithoutPayout.NO_CONTENT, 204, b""),
    ],
)
async def test_a_day_without_a_payout_is_told_in_several_ways(
    svea: SandboxSvea, client: SveaClient, how: DayWithoutPayout, status: int, body: bytes
) -> None:
    svea.merchant(MERCHANT).day_without_payout = how

    answer = await ask(client, FRIDAY)

    assert (answer.status_code, answer.content) == (status, body)


async def test_a_day_without_a_payout_may_be_unknown(svea: SandboxSvea, client: SveaClient) -> None:
    svea.merchant(MERCHANT).day_without_payout = DayWithoutPayout.NOT_FOUND

    assert (await ask(client, FRIDAY)).status_code == 404


async def test_rows_come_in_another_order_each_time(svea: SandboxSvea, client: SveaClient) -> None:
    at(svea, THURSDAY)
    deliveries = [sold(svea, 1000 * number, number=f"1000008{number:02d}") for number in range(1, 9)]
    svea.settle_day(MERCHANT, FRIDAY)
    svea.merchant(MERCHANT).shuffles_reports = True

    answers = [(await ask(client, FRIDAY)).json()["clientReports"][0]["rows"] for _ in range(3)]

    orders = [[row["deliveryId"] for row in answer] for answer in answers]
    assert [sorted(order) for order in orders] == [deliveries] * 3
    assert len({tuple(order) for order in orders}) == 3
    assert [row["deliveryId"] for row in svea.book(MERCHANT).report(FRIDAY)["clientReports"][0]["rows"]] == (
        deliveries
    )


async def test_balance_rows_are_left_out_unless_asked_for_when_the_switch_says_so(
    svea: SandboxSvea, client: SveaClient
) -> None:
    svea.book(MERCHANT).extras.append(Extra(ExtraKind.MONTHLY_FEE, 100))
    svea.settle_day(MERCHANT, FRIDAY)

    assert len(rows((await ask(client, FRIDAY, withholding="false")).json())) == 2
    svea.merchant(MERCHANT).hides_balances = True

    without = (await ask(client, FRIDAY, withholding="false")).json()
    assert (rows(without), sums(without)) == ([("Manual", 0, -125)], (0, 0, 125))
    assert without["totalNrOfRows"] == 1
    assert len(rows((await ask(client, FRIDAY)).json())) == 2


async def test_svea_settles_by_the_clock_when_a_report_is_asked_for(
    svea: SandboxSvea, client: SveaClient
) -> None:
    svea.merchant(MERCHANT).settles_itself = True
    at(svea, THURSDAY)
    sold(svea, 54700)
    assert (await ask(client, FRIDAY)).json()["clientReports"] == []

    at(svea, MONDAY)
    sold(svea, 20000, number="100000802")
    assert (await ask(client, TUESDAY)).json()["clientReports"] == []
    assert rows((await ask(client, FRIDAY)).json()) == [("Order", 54700, 53879)]

    at(svea, TUESDAY)
    assert rows((await ask(client, TUESDAY)).json()) == [("Order", 20000, 19700)]
    assert (await ask(client, MONDAY)).json()["clientReports"] == []


async def test_a_report_put_there_by_hand_comes_first(
    svea: SandboxSvea, client: SveaClient, http: httpx.AsyncClient
) -> None:
    at(svea, THURSDAY)
    sold(svea, 54700)
    svea.settle_day(MERCHANT, FRIDAY)

    await http.put(f"/_control/svea/reports/{MERCHANT}/{FRIDAY}", content=b"not a report")

    assert (await ask(client, FRIDAY)).content == b"not a report"
    assert svea.settle_day(MERCHANT, MONDAY)["clientReports"] == []


async def test_another_process_settles_and_changes_what_was_settled(
    svea: SandboxSvea, http: httpx.AsyncClient, client: SveaClient
) -> None:
    at(svea, THURSDAY)
    delivery_id = sold(svea, 54700)
    order = next(iter(svea.orders.values()))

    await control(
        http,
        "PATCH",
        BOOK + "/terms",
        {"client_ids": {"Card": 81003}, "destination_currency": "NOK", "exchange_rate": "1.05"},
    )
    about = {"checkout_id": order.checkout_id, "delivery_id": delivery_id}
    await control(http, "POST", BOOK + "/extras", {"kind": "correction", "amount": 100, **about})
    fees = {"Card": [{"type": "Credit", "percent": 200}]}
    settled = await control(http, "POST", f"{BOOK}/days/{FRIDAY}", {"fees": fees, "amounts": {}})
    assert rows(settled) == [("Order", 54700, 53606), ("Manual", 0, -100)]
    assert settled["clientReports"][0]["rows"][1]["deliveryId"] == delivery_id
    assert settled["clientReports"][0]["clientId"] == 81003

    await control(http, "POST", f"{BOOK}/days/{FRIDAY}/reissue", {"delivery_id": delivery_id, "fee": 1000})
    await control(http, "POST", f"{BOOK}/days/{FRIDAY}/misstate", {"name": "nominalAmount", "by": 1})
    report = (await ask(client, FRIDAY)).json()

    assert report == await control(http, "GET", f"{BOOK}/days/{FRIDAY}")
    assert report["clientReports"][0]["paymentReport"]["sveaPaidAmountIncludingWithholding"] == 53600
    assert report["clientReports"][0]["paymentReport"]["nominalAmount"] == 54701
    assert report["clientReports"][0]["rows"][0]["exchangeRate"] == 1.05
    shown = await control(http, "GET", BOOK)
    assert (shown["days"], shown["debts"]) == (
        ["2026-05-15"],
        [{"client_id": 81003, "currency": "SEK", "debt": 0}],
    )


async def test_a_refused_change_of_a_settlement_says_why(http: httpx.AsyncClient) -> None:
    await control(http, "POST", f"{BOOK}/days/{MONDAY}")

    answer = await http.post(f"{BOOK}/days/{FRIDAY}")

    assert (answer.status_code, answer.json()["field"]) == (400, "date")


def test_what_was_settled_is_known_by_the_next_process(
    svea: SandboxSvea, sandbox: Sandbox, tmp_path: Path
) -> None:
    at(svea, THURSDAY)
    sold(svea, 54700)
    report = svea.settle_day(MERCHANT, FRIDAY)
    KeptState(sandbox, tmp_path / "state").save()

    after = Sandbox()
    KeptState(after, tmp_path / "state").restore()

    assert after.svea.book(MERCHANT).report(FRIDAY) == report
    assert after.svea.settle_day(MERCHANT, MONDAY)["clientReports"] == []
