"""Journeys of a month's end: sold over Svea, less what came of it, is what is left; Fortnox says the same."""

import csv
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.journeys.test_chores import chore
from tests.journeys.test_payouts import (  # noqa: F401 the fixture
    evening,
    fortnox,
    invoiced_by_hand,
    paid_by_hand,
    reports,
    sold,
    three_sales,
    world_with_clearing,
)
from tests.journeys.test_sale_backfill import ask
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import CONNECTION, World


async def tied_out(world: World, on: str) -> dict[str, Any]:
    """The tie-out of a day, whose parts always explain its difference."""
    said: dict[str, Any] = await ask(world, "GET", f"/connections/{CONNECTION}/tie-out?on={on}")
    assert said["unexplained"]["amount"] == "0.00"
    return said


def lines(said: dict[str, Any]) -> dict[str, str]:
    found = {line["code"]: line["amount"]["amount"] for line in said["lines"]}
    return {code: amount for code, amount in found.items() if Decimal(amount)}


def left(said: dict[str, Any]) -> tuple[str, str, str]:
    """Open invoices, open credits, the clearing account of the first market."""
    clearing = next(one["amount"]["amount"] for one in said["clearing"] if one["account"] == 1581)
    return said["open_invoices"]["amount"], said["open_credits"]["amount"], clearing


async def test_a_week_of_sales_refunds_and_payouts_ties_out_to_the_ore(world_with_clearing: World) -> None:  # noqa: F811
    """D01, D06 and D07 in one: a parked row, an open invoice, an open credit, a debt that is carried."""
    world = world_with_clearing
    first, second, third = await three_sales(world)
    world.on("2026-05-07")
    world.sandbox.svea.credit_amount(*first, 54700)
    await world.works()
    world.on("2026-05-08")
    unknown = a_row_of((7709999, 1), "399.00", fee("Credit", "5.99"))
    reports(world, "2026-05-08", a_row_of(second, "199.00", fee("Credit", "2.99")), unknown)
    await evening(world)
    before = await tied_out(world, "2026-05-07")
    after = await tied_out(world, "2026-05-08")

    assert left(before) == ("1996.00", "-547.00", "0.00")
    assert (before["expected"], before["difference"]["amount"]) == (before["found"], "0.00")
    assert left(after) == ("1797.00", "-547.00", "0.00")
    assert lines(after) == {
        "invoiced": "1996.00",
        "credited": "-547.00",
        "fees": "-8.98",
        "paid_out": "-589.02",
        "on_other_accounts": "399.00",
    }
    assert after["difference"]["amount"] == "0.00"
    assert {one["account"]: one["amount"]["amount"] for one in after["accounts"]} == {
        1930: "589.02",
        2999: "-399.00",
        6040: "8.98",
    }

    world.on("2026-05-15")
    reports(
        world,
        "2026-05-15",
        a_row_of(first, "547.00", fee("Credit", "8.21")),
        a_row_of(first, "-547.00", kind="Credit"),
    )
    await evening(world)
    in_debt = await tied_out(world, "2026-05-15")
    assert left(in_debt) == ("1250.00", "0.00", "-8.21")
    assert (in_debt["owed_by_svea"]["amount"], in_debt["difference"]["amount"]) == ("-8.21", "0.00")
    assert [(one["open"]["amount"], one["checkout_id"]) for one in in_debt["items"]] == [
        ("1250.00", str(third[0]))
    ]
    assert await tied_out(world, "2026-05-08") == after


async def test_a_payout_that_is_not_in_the_books_explains_the_difference(world_with_clearing: World) -> None:  # noqa: F811
    world = world_with_clearing
    sale, *_ = await three_sales(world)
    world.on("2026-05-15")
    reports(world, "2026-05-15", a_row_of(sale, "1486.04"), paid="1476.04")
    await evening(world)

    said = await tied_out(world, "2026-05-15")

    assert left(said) == ("1996.00", "0.00", "0.00")
    assert said["difference"]["amount"] == "-1476.04"
    (payout,) = said["not_booked"]
    assert (payout["amount"]["amount"], payout["paid"]["amount"]) == ("-1476.04", "1476.04")
    assert "difference -10.00 SEK" in payout["why"]


async def test_invoices_that_somebody_else_made_are_in_the_sums_as_far_as_svea_paid_them(
    world_with_clearing: World,  # noqa: F811
) -> None:
    world = world_with_clearing
    world.on("2026-05-05")
    await invoiced_by_hand(world, "100000777", "500.00")
    world.on("2026-05-08")
    row = a_row_of(None, "500.00", fee("Credit", "7.50"), externalOrderNo="100000777")
    reports(world, "2026-05-08", row)
    await evening(world)

    said = await tied_out(world, "2026-05-08")

    assert lines(said) == {"invoiced_by_others": "500.00", "fees": "-7.50", "paid_out": "-492.50"}
    assert (left(said), said["difference"]["amount"]) == (("0.00", "0.00", "0.00"), "0.00")


async def test_what_fortnox_says_is_asked_at_night_and_shown_beside(world_with_clearing: World) -> None:  # noqa: F811
    """Somebody paid an invoice by hand, and booked something on the clearing account."""
    world = world_with_clearing
    sale, *_ = await three_sales(world)
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "8.21")))
    await evening(world)
    assert await chore(world, "tie_out") == "done"
    said = (await tied_out(world, "2026-05-31"))["fortnox"]
    clearing = next(one for one in said["accounts"] if one["account"] == 1581)
    assert (clearing["moved"]["amount"], clearing["difference"]["amount"]) == ("0.00", "0.00")
    assert said["invoices"] == []

    by_hand = next(str(one["DocumentNumber"]) for one in world.invoices if one["Total"] == 199)
    await paid_by_hand(world, by_hand, "199.00")
    rows = [
        {"Account": 1581, "Debit": Decimal(25), "Credit": Decimal(0)},
        {"Account": 1930, "Debit": Decimal(0), "Credit": Decimal(25)},
    ]
    voucher = {
        "Description": "by hand",
        "TransactionDate": world.clock().date(),
        "VoucherSeries": "A",
        "VoucherRows": rows,
    }
    year = await (await fortnox(world)).financial_year(world.clock().date())
    assert year is not None
    await (await fortnox(world)).create_voucher(voucher, year=year.id)
    world.later(timedelta(hours=1))
    assert await chore(world, "tie_out") == "done"

    said = (await tied_out(world, "2026-05-31"))["fortnox"]
    clearing = next(one for one in said["accounts"] if one["account"] == 1581)
    assert (clearing["moved"]["amount"], clearing["difference"]["amount"]) == ("25.00", "25.00")
    assert [(one["number"], one["ours"]["amount"], one["fortnox"]["amount"]) for one in said["invoices"]] == [
        (by_hand, "199.00", "0.00")
    ]


async def test_the_tie_out_is_a_table_too(world_with_clearing: World) -> None:  # noqa: F811
    world = world_with_clearing
    world.on("2026-05-05")
    checkout, _ = sold(world, "547.00")
    await world.works()

    key = await bearer(world)
    answer = await world.gateway.get(
        f"/api/v1/connections/{CONNECTION}/tie-out?on=2026-05-31&format=csv", headers=key
    )

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(answer.text.splitlines()))
    sums = {(row["part"], row["what"]): row["sek"] for row in rows}
    assert sums["expected", "sum"] == sums["found", "sum"] == "547.00"
    (item,) = [row for row in rows if row["part"] == "items"]
    assert (item["what"], item["sek"], item["text"]) == ("invoice", "547.00", f"Svea order {checkout}")


async def bearer(world: World) -> dict[str, str]:
    _, key = await world.ledger.api_keys.create("a test", ("read",))
    return {"authorization": f"Bearer {key}"}
