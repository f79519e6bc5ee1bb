"""Which reference stands on an invoice, and what it costs to put it there."""

from datetime import timedelta

import pytest

from services.sandbox.faults import FaultRule, Status, System
from tests.journeys.test_sale import A01, A01_BOOKS
from tests.support.world import World

ORDERED, DELIVERED = "2026-05-04", "2026-05-05"
WITHOUT_PATCH = ["POST /3/orders", "PUT /3/orders/N/createinvoice", "PUT /3/invoices/N/bookkeep"]
WITH_PATCH = [*WITHOUT_PATCH[:2], "PUT /3/invoices/N", WITHOUT_PATCH[2]]


async def a_known_customer(world: World) -> None:
    """Who has bought before, so that tokens, articles and facts of the company are read too."""
    world.on("2026-04-01")
    world.sandbox.svea.deliver(world.buys(*A01))
    await world.works()
    world.company.calls.clear()


async def calls_of_a_sale(world: World, *, seen_on: str = DELIVERED) -> tuple[int, int, list[str]]:
    """Ordered, then delivered on the next day; (checkout id, delivery id, calls to Fortnox)."""
    world.on(ORDERED)
    sale = world.buys(*A01)
    await world.works()
    world.on(DELIVERED)
    delivery = world.sandbox.svea.deliver(sale)
    world.on(seen_on)
    await world.works()
    return sale, delivery, ["/".join(_numbered(part) for part in call.split("/")) for call in world.calls()]


def _numbered(part: str) -> str:
    return "N" if part.isdecimal() and part != "3" else part


def reference_of_last(world: World) -> str:
    reference: str = world.invoices[-1]["ExternalInvoiceReference1"]
    return reference


def writes_in(calls: list[str]) -> list[str]:
    return [call for call in calls if not call.startswith("GET")]


async def test_an_invoice_that_needs_no_patch_keeps_its_orders_reference_and_costs_three_calls(
    world: World,
) -> None:
    await a_known_customer(world)

    sale, _, calls = await calls_of_a_sale(world)

    assert writes_in(calls) == WITHOUT_PATCH
    assert reference_of_last(world) == f"S{sale}-O"
    assert world.books(DELIVERED) == A01_BOOKS


async def test_an_invoice_that_is_dated_another_day_gets_its_own_reference_in_the_same_call(
    world: World,
) -> None:
    await a_known_customer(world)

    sale, delivery, calls = await calls_of_a_sale(world, seen_on="2026-05-06")

    assert writes_in(calls) == WITH_PATCH
    assert reference_of_last(world) == f"S{sale}-D{delivery}"
    assert world.books(DELIVERED) == A01_BOOKS


@pytest.mark.parametrize(("choice", "calls"), [("delivery", WITH_PATCH), ("order", WITHOUT_PATCH)])
async def test_a_merchant_may_choose_one_reference_for_every_invoice(
    world: World, choice: str, calls: list[str]
) -> None:
    await world.declare(invoice_reference=choice)
    await a_known_customer(world)

    sale, delivery, made = await calls_of_a_sale(world)

    own = {"delivery": f"S{sale}-D{delivery}", "order": f"S{sale}-O"}
    assert writes_in(made) == calls
    assert reference_of_last(world) == own[choice]


async def test_with_the_orders_reference_chosen_a_patched_date_leaves_it_alone(world: World) -> None:
    await world.declare(invoice_reference="order")

    sale, _, _ = await calls_of_a_sale(world, seen_on="2026-05-06")

    assert world.invoices[-1]["InvoiceDate"] == DELIVERED
    assert reference_of_last(world) == f"S{sale}-O"


async def test_a_reference_that_fortnox_did_not_copy_is_written(world: World) -> None:
    world.company.change(copies_references=False)

    sale, delivery, _ = await calls_of_a_sale(world)

    invoice = world.invoices[-1]
    assert reference_of_last(world) == f"S{sale}-D{delivery}"
    assert (invoice["ExternalInvoiceReference2"], invoice["YourOrderNumber"]) == (str(sale), "100000101")


async def test_an_order_number_in_another_field_is_written_since_we_cannot_see_it_copied(
    world: World,
) -> None:
    await world.declare(order_number_field="OurReference")

    sale, delivery, _ = await calls_of_a_sale(world)

    assert reference_of_last(world) == f"S{sale}-D{delivery}"
    assert world.invoices[-1]["OurReference"] == "100000101"


@pytest.mark.parametrize("seen_on", [DELIVERED, "2026-05-06"], ids=["kept", "patched"])
async def test_an_invoice_met_again_before_it_was_booked_is_booked_as_it_stands(
    world: World, seen_on: str
) -> None:
    unavailable = FaultRule(System.FORTNOX, Status(503), "PUT", "/bookkeep$", times=1)
    world.sandbox.faults.add(unavailable)
    sale, _, _ = await calls_of_a_sale(world, seen_on=seen_on)
    reference = reference_of_last(world)
    world.company.calls.clear()

    world.later(timedelta(minutes=1))
    await world.retry(sale)

    assert world.writes() == ["PUT /3/invoices/1/bookkeep"]
    assert reference_of_last(world) == reference
    assert world.books(DELIVERED) == A01_BOOKS
