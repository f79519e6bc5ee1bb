"""Journeys of invoices from Fortnox to the shop: its own invoice, comments and status, each once."""

from decimal import Decimal
from typing import Any

from shared.ledger.records import Subject
from tests.journeys.test_shop_sale import A01_AT_SVEA, MUGS, bought
from tests.support.world import CONNECTION, World


async def document(world: World, number: Any) -> Subject:
    """The subject of one of Fortnox' invoices."""
    found = await world.ledger.subjects.find(CONNECTION, "shop_document", str(number))
    assert found is not None, f"the shop was not told of {number}"
    return found


def comments(world: World, order: int) -> list[str]:
    """Of the order, the first one first; without what Magento notes itself."""
    histories = reversed(world.magento.sales.order(order).histories)
    return [one["comment"] for one in histories if "[F" in one["comment"]]


def totals(world: World) -> list[Decimal]:
    return [one.fields["grand_total"] for one in world.magento.sales.invoices.values()]


async def delivered_at_svea(world: World) -> tuple[int, int, int]:
    """A01, delivered in Svea's own admin: (checkout, order, delivery). The shop has no invoice of it."""
    world.on("2026-05-04")
    checkout, order = bought(world, MUGS, at_svea=A01_AT_SVEA)
    await world.works()
    world.on("2026-05-05")
    delivery = world.sandbox.svea.deliver(checkout)
    await world.works()
    return checkout, order, delivery


async def test_an_invoice_gives_the_order_its_invoice_and_a_comment(shop_world: World) -> None:
    world = shop_world
    _, order, _ = await delivered_at_svea(world)

    (invoice,) = world.invoices
    number = invoice["DocumentNumber"]
    assert totals(world) == [547]
    due, ocr = invoice["DueDate"], invoice["OCR"]
    said = f"Faktura {number} av 2026-05-05: 547,00 SEK. Förfaller {due}. OCR {ocr}. [F{number}-N]"
    assert comments(world, order) == [said]
    assert world.shop_writes() == [f"POST /V1/order/{order}/invoice", f"POST /V1/orders/{order}/comments"]
    assert (await document(world, number)).state == "done"
