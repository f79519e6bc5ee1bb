"""One call each way: from a line at the bank to the orders in it, from an order to the lines that paid it."""

from typing import Any

import pytest

from tests.services.webhook_gateway.payouts_support import a_payout, a_row, has_payout, has_sale
from tests.services.webhook_gateway.routes.test_payouts import is_booked
from tests.services.webhook_gateway.support import Gateway, problem_of

TRACE = "/connections/acme/trace"


async def trace(gateway: Gateway, **params: Any) -> dict[str, Any]:
    answer = await gateway.call("GET", TRACE, **params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_line_at_the_bank_leads_to_its_orders(gateway: Gateway) -> None:
    await gateway.knows()
    sale = await has_sale(gateway)
    payout = await is_booked(gateway)
    await has_payout(gateway, a_payout(a_row(nominal="100.00"), on="2026-05-05"))

    found = await trace(gateway, amount="931.80", date="2026-05-06")

    (line,) = found["payouts"]
    assert (line["id"], line["bank"], line["vouchers"]) == (
        payout,
        {"amount": "931.80", "currency": "SEK"},
        ["S-12-2"],
    )
    assert [(row["checkout_id"], row["state"], row["sale_id"] == sale) for row in line["items"]] == [
        ("9300101", "matched", True),
        ("7709999", "parked", False),
    ]
    assert [row["number"] for row in line["items"][0]["documents"]] == ["4711"]
    (order,) = found["sales"]
    assert (order["id"], order["key"]) == (sale, "9300101")
    assert [(one["number"], one["total"]) for one in order["documents"]] == [("4711", "547.00")]
    assert await trace(gateway, amount="931.81", date="2026-05-06") == {"payouts": [], "sales": []}


@pytest.mark.parametrize("number", ["9300101", "4711", "100000101"])
async def test_an_order_leads_back_to_the_line_at_the_bank(gateway: Gateway, number: str) -> None:
    """By its checkout id, by the number of its invoice, by the shop's order number."""
    await gateway.knows()
    sale = await has_sale(gateway)
    await gateway.ledger.aliases.add("acme", "order_number", "100000101", sale)
    payout = await is_booked(gateway)

    found = await trace(gateway, number=number)

    (line,) = found["payouts"]
    assert (line["id"], line["bank"]["amount"], line["vouchers"]) == (payout, "931.80", ["S-12-2"])
    assert [(row["row"], [one["number"] for one in row["payments"]]) for row in line["items"]] == [
        ("one-1", ["31"])
    ]
    assert [one["id"] for one in found["sales"]] == [sale]


async def test_a_number_that_nobody_has_leads_nowhere(gateway: Gateway) -> None:
    await gateway.knows()
    await is_booked(gateway)

    assert await trace(gateway, number="471") == {"payouts": [], "sales": []}


async def test_what_cannot_be_traced_is_refused(gateway: Gateway) -> None:
    await gateway.knows()

    assert problem_of(await gateway.call("GET", TRACE)) == (422, "invalid")
    assert problem_of(await gateway.call("GET", TRACE, amount="1.00")) == (422, "invalid")
    both = await gateway.call("GET", TRACE, amount="1.00", date="2026-05-06", number="1")
    assert problem_of(both) == (422, "invalid")
    assert problem_of(await gateway.call("GET", TRACE, amount="1.001", date="2026-05-06")) == (422, "invalid")
    assert problem_of(await gateway.call("GET", "/connections/nobody/trace", number="1")) == (
        404,
        "not_found",
    )
    assert problem_of(await gateway.call("GET", TRACE, number="1", scopes=("operate",))) == (403, "forbidden")
