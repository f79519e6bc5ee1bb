"""The business week of demo, bench and journeys: what it promises is in it."""

from __future__ import annotations

from datetime import date

import httpx
import pytest

from services.sandbox.svea.refusals import Refused
from services.sandbox.svea.settlement_rows import Json
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.week import Evening, a_payout, a_week, play_day
from shared.clients.svea.wire_reports import groups_of
from shared.domain.payouts import Payout, must_hold
from tests.services.sandbox.svea.support import MERCHANT

MONDAY = date(2026, 5, 4)


def payouts(report: Json) -> dict[str, Payout]:
    found = {one.client_id: one for one, _ in groups_of(report, market="SE", asked=MONDAY)}
    for payout in found.values():
        must_hold(payout)
    return found


@pytest.fixture
def week(svea: SandboxSvea) -> list[Evening]:
    return list(a_week(svea, MERCHANT, MONDAY))


def test_a_week_has_a_payout_each_banking_day_and_settles_all_that_was_sold(
    svea: SandboxSvea, week: list[Evening]
) -> None:
    paid = {
        evening.day: {client: str(one.paid.amount) for client, one in payouts(evening.report).items()}
        for evening in week
    }

    assert paid == {
        date(2026, 5, 4): {},
        date(2026, 5, 5): {"79021": "1467.48", "79022": "299.00", "79023": "2509.78"},
        date(2026, 5, 6): {"79021": "4571.04", "79023": "819.52"},
        date(2026, 5, 7): {"79021": "1500.24", "79023": "0.00"},
        date(2026, 5, 8): {"79022": "446.00", "79023": "2706.62"},
        date(2026, 5, 11): {"79021": "3063.06", "79023": "417.64"},
    }
    assert sum(svea.book(MERCHANT).debts().values()) == 0
    assert all(order.order_status == "Delivered" for order in svea.orders.values())


def test_a_week_has_a_partial_delivery_two_partial_refunds_and_a_negative_day(
    svea: SandboxSvea, week: list[Evening]
) -> None:
    orders = [svea.order(number) for evening in week for number in evening.checkout_ids.values()]
    orders = list({order.checkout_id: order for order in orders}.values())
    credits = [one for order in orders for delivery in order.deliveries for one in delivery.credits]
    rates = {row.vat_percent for order in orders for delivery in order.deliveries for row in delivery.rows}

    assert sorted(len(order.deliveries) for order in orders) == [1] * 11 + [2]
    assert [one.amount for one in credits] == [-24900, -254800, -8900]
    assert rates == {600, 1200, 2500}
    assert {order.admin_type for order in orders} == {"Invoice", "PaymentPlan", "Card", "Swish"}
    assert str(payouts(week[3].report)["79023"].closing_debt) == "2391.74 SEK"
    assert str(payouts(week[4].report)["79023"].opening_debt) == "-2391.74 SEK"


def test_two_weeks_follow_each_other(svea: SandboxSvea, week: list[Evening]) -> None:
    first, *_ = a_week(svea, MERCHANT, date(2026, 5, 11))

    assert first.day == week[-1].day
    assert first.report == week[-1].report


def test_a_day_out_of_turn_is_refused(svea: SandboxSvea) -> None:
    for monday, number in ((date(2026, 5, 5), 0), (MONDAY, 6), (MONDAY, 2)):
        with pytest.raises(Refused):
            play_day(svea, MERCHANT, monday, number)


async def test_another_process_plays_the_week_day_by_day(svea: SandboxSvea, http: httpx.AsyncClient) -> None:
    path = f"/_control/svea/weeks/{MERCHANT}/{MONDAY}"

    days = [(await http.post(f"{path}/{number}")).json() for number in range(6)]

    assert [evening["day"] for evening in days][-2:] == ["2026-05-08", "2026-05-11"]
    assert set(days[0]["checkout_ids"]) == {"mixed", "in parts", "tent", "swish"}
    assert days[1]["report"] == svea.book(MERCHANT).report(date(2026, 5, 5))


def test_a_payout_has_as_many_rows_as_it_was_asked_for(svea: SandboxSvea) -> None:
    report = a_payout(svea, MERCHANT, MONDAY, rows=500)

    (payout,) = payouts(report).values()
    assert (len(payout.rows), report["totalNrOfRows"]) == (500, 500)
    assert len({row.key for row in payout.rows}) == 500
