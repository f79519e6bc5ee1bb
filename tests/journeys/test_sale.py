"""Journeys of a sale: webhook in, ledger effect out (acceptance A01, A02, A06, A08)."""

from decimal import Decimal

from tests.support.world import World, a_row, freight, kronor

A01 = (a_row("Mugg", "249.00", pieces=2), freight("49.00"))
A01_BOOKS = kronor(_1510="547.00", _3001="-398.40", _3520="-39.20", _2611="-109.40")


async def test_a01_a_delivered_sale_becomes_one_booked_invoice_of_its_order(world: World) -> None:
    world.on("2026-05-04")
    sale = world.buys(*A01)
    await world.works()
    assert [order["Total"] for order in world.orders] == [Decimal("547.00")]
    assert world.books() == {}

    world.on("2026-05-05")
    delivery = world.sandbox.svea.deliver(sale)
    await world.works()

    assert (await world.sale(sale)).state == "done"
    assert world.books("2026-05-05") == A01_BOOKS
    (invoice,) = world.invoices
    assert invoice["Booked"] is True
    assert invoice["Total"] == Decimal("547.00")
    assert invoice["InvoiceDate"] == "2026-05-05"
    assert invoice["ExternalInvoiceReference1"] == f"S{sale}-D{delivery}"
    assert invoice["ExternalInvoiceReference2"] == str(sale)
    assert invoice["YourOrderNumber"] == "100000101"
    assert len(world.orders) == 1
