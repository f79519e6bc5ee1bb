"""The acceptance cases of payouts once more: heard of in another order, twice, and previewed (D01-D07, E07).

Svea's report may be read before the house has heard of a sale at all. The row is parked then, and settles
when the sale is told of: by account the books are those of the case, and no invoice is paid twice.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sync_worker.preview import preview
from shared.ledger.records import IncomingEvent
from tests.journeys.test_payouts import evening, heard_of, payout_of, reports, sold, world_with_clearing
from tests.journeys.test_payouts_by_hand import looks_again, problem_of
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import CONNECTION, World, kronor

__all__ = ["world_with_clearing"]

Sale = tuple[int, int]
CASES: dict[str, "Case"] = {}


@dataclass(frozen=True)
class Case:
    """``given`` makes sales and refunds at Svea; ``settled`` are the days of its reports, in order.

    ``books`` are the accounts of the payouts in the end, ``unpaid`` what is left open of which invoices.
    """

    given: Callable[[World], list[Sale]]
    settled: Callable[[list[Sale]], list[tuple[str, list[dict[str, Any]], str]]]
    books: dict[int, Decimal]
    unpaid: list[Decimal]


def case(name: str, *unpaid: str, **books: str) -> Callable[[type], type]:
    def keep(found: type) -> type:
        left = [Decimal(amount) for amount in unpaid]
        CASES[name] = Case(found.given, found.settled, kronor(**books), left)  # type: ignore[attr-defined]
        return found

    return keep


@case("D01", _1930="1966.05", _6040="29.95")
class D01:
    @staticmethod
    def given(world: World) -> list[Sale]:
        return [sold(world, amount, number=amount) for amount in ("547.00", "199.00", "1250.00")]

    @staticmethod
    def settled(sales: list[Sale]) -> Any:
        fees = zip(sales, ("547.00", "199.00", "1250.00"), ("8.21", "2.99", "18.75"), strict=True)
        return [
            ("2026-05-08", [a_row_of(sale, amount, fee("Credit", cost)) for sale, amount, cost in fees], "0")
        ]


@case("D02", _1930="508.07", _6064="31.14", _2641="7.79")
class D02:
    @staticmethod
    def given(world: World) -> list[Sale]:
        return [sold(world, "547.00", payment="INVOICE")]

    @staticmethod
    def settled(sales: list[Sale]) -> Any:
        fees = (fee("Credit", "16.14", "4.04"), fee("Admin", "15.00", "3.75"))
        return [("2026-05-20", [a_row_of(sales[0], "547.00", *fees, payment="Invoice")], "0")]


@case("D03", _1930="1486.04", _6040="54.96", _2641="7.00")
class D03:
    @staticmethod
    def given(world: World) -> list[Sale]:
        first, second = sold(world, "547.00", number="1"), sold(world, "1250.00", number="2")
        world.sandbox.svea.credit_amount(*first, 24900)
        return [first, second]

    @staticmethod
    def settled(sales: list[Sale]) -> Any:
        rows = [
            a_row_of(sales[0], "547.00", fee("Credit", "8.21")),
            a_row_of(sales[1], "1250.00", fee("Credit", "18.75")),
            a_row_of(sales[0], "-249.00", kind="Credit"),
            a_row_of(None, "0", fee("Service", "28.00", "7.00"), kind="Manual", comment="chargeback"),
        ]
        return [("2026-05-15", rows, "0")]


@case("D06", _1930="931.80", _6040="14.20")
class D06:
    @staticmethod
    def given(world: World) -> list[Sale]:
        return [sold(world, "547.00", number="1"), sold(world, "399.00", number="2")]

    @staticmethod
    def settled(sales: list[Sale]) -> Any:
        rows = [
            a_row_of(sales[0], "547.00", fee("Credit", "8.21")),
            a_row_of(sales[1], "399.00", fee("Credit", "5.99")),
        ]
        return [("2026-05-15", rows, "0")]


@case("D07", "547.00", _1930="634.01", _6040="17.99")
class D07:
    """The sale that is given back was paid out long before."""

    @staticmethod
    def given(world: World) -> list[Sale]:
        sales = [sold(world, amount, number=amount) for amount in ("199.00", "547.00", "1000.00")]
        world.sandbox.svea.credit_amount(*sales[1], 54700)
        return sales

    @staticmethod
    def settled(sales: list[Sale]) -> Any:
        small, refunded, later = sales
        first = [
            a_row_of(small, "199.00", fee("Credit", "2.99")),
            a_row_of(refunded, "-547.00", kind="Credit"),
        ]
        return [
            ("2026-05-15", first, "0"),
            ("2026-05-16", [a_row_of(later, "1000.00", fee("Credit", "15.00"))], "-350.99"),
        ]


def paid_accounts(world: World) -> dict[int, Decimal]:
    """Without what the sales themselves left: revenue, VAT, and claims that are looked at one by one."""
    return {account: amount for account, amount in world.books().items() if account not in SALES}


SALES = (1510, 3001, 2611)


def must_have_settled(world: World, one: Case) -> None:
    assert paid_accounts(world) == one.books
    assert sorted(invoice["Balance"] for invoice in world.invoices if invoice["Balance"]) == one.unpaid


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.parametrize("order", ["sales first", "reports first", "last day first"])
async def test_a_case_in_another_order_has_the_same_books(
    world_with_clearing: World, name: str, order: str
) -> None:
    world, one = world_with_clearing, CASES[name]
    mode = type(world.sandbox.svea.delivery_mode)
    world.on("2026-05-05")
    if order == "reports first":
        world.sandbox.svea.delivery_mode = mode(lose=-1)
    sales = one.given(world)
    await world.works()
    days = one.settled(sales)
    world.on(days[-1][0])
    if order == "last day first":
        for day, rows, opening in reversed(days):
            reports(world, day, *rows, opening=opening)
            await evening(world)
            world.later(timedelta(hours=1))
    else:
        for day, rows, opening in days:
            reports(world, day, *rows, opening=opening)
        await evening(world)
    for sale, _ in reversed(sales) if order == "reports first" else ():
        world.later(timedelta(hours=1))
        await heard_of(world, sale)

    must_have_settled(world, one)
    await looks_again(world)


@pytest.mark.parametrize("name", sorted(CASES))
async def test_e07_a_preview_of_each_case_is_what_is_booked(world_with_clearing: World, name: str) -> None:
    world, one = world_with_clearing, CASES[name]
    world.on("2026-05-05")
    sales = one.given(world)
    await world.works()
    for day, rows, opening in one.settled(sales):
        world.on(day)
        reports(world, day, *rows, opening=opening)
        await _must_book_what_it_shows(world, day)


async def _must_book_what_it_shows(world: World, day: str) -> None:
    svea = (await world.shop.kit(CONNECTION)).svea["se"]
    ((payout, report),) = await svea.payouts(date.fromisoformat(day), market="se")
    await world.ledger.payouts.store(CONNECTION, payout, report)
    told = IncomingEvent(CONNECTION, "schedule", "payout_report", day, "payout", payout.key, lane="settle")
    await world.ledger.inbox.accept([told])
    expected, writes = world.books_by_date(), world.writes()
    said = await preview(world.shop, await payout_of(world, day))
    assert world.writes() == writes, "a preview wrote"

    await world.works()

    for line in said["postings"]:
        key = (line["date"], line["account"])
        expected[key] = expected.get(key, Decimal(0)) + Decimal(line["debit"]) - Decimal(line["credit"])
    assert {key: amount for key, amount in expected.items() if amount} == world.books_by_date()


async def test_d15_the_other_way_round_keeps_what_was_booked_first(world_with_clearing: World) -> None:
    """The dearer report is booked; that Svea takes less afterwards is told, with both numbers."""
    world = world_with_clearing
    world.on("2026-05-05")
    sales = D01.given(world)
    await world.works()
    world.on("2026-05-08")
    ((day, rows, _),) = D01.settled(sales)
    dearer = [rows[0], a_row_of(sales[1], "199.00", fee("Credit", "3.99")), rows[2]]
    reports(world, day, *dearer)
    await evening(world)
    for again in (dearer, list(reversed(dearer)), rows, rows):
        world.later(timedelta(hours=1))
        reports(world, day, *again)
        await evening(world)

    assert paid_accounts(world) == kronor(_1930="1965.05", _6040="30.95")
    assert await problem_of(world, day) == "payout_changed"
    problem = (await payout_of(world, day)).problem
    assert problem is not None
    assert problem.facts["correction"] == "fee -1.00 SEK, fee VAT 0.00 SEK, paid 1.00 SEK"

    world.later(timedelta(hours=1))
    reports(world, day, *dearer)
    await evening(world)
    world.later(timedelta(hours=2))
    await world.works()
    assert await problem_of(world, day) is None, "it says what was booked again"


async def test_d16_is_booked_once_svea_has_put_it_right(world_with_clearing: World) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    sales = D03.given(world)
    await world.works()
    ((day, rows, _),) = D03.settled(sales)
    world.on(day)
    for _ in range(2):
        reports(world, day, *rows, paid="1476.04")
        await evening(world)
        world.later(timedelta(hours=1))
        assert (await problem_of(world, day), world.books(day)) == ("unbalanced", {})

    reports(world, day, *rows)
    await evening(world)

    must_have_settled(world, CASES["D03"])
    await looks_again(world)


def test_the_cases_are_written_as_svea_prints_them() -> None:
    rows = [
        row for one in CASES.values() for _, rows, _ in one.settled([(1, 1), (2, 2), (3, 3)]) for row in rows
    ]
    assert json.loads(json.dumps(rows)) == rows
