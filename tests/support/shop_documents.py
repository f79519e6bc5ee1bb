"""What journeys from Fortnox' documents to the shop share: who does what, and what can be seen of it."""

from decimal import Decimal
from typing import Any

from services.sandbox.magento.lines import Line
from shared.clients.fortnox.client import FortnoxClient
from shared.ledger.records import IncomingEvent, Subject
from tests.journeys.test_shop_sale import A01_AT_SVEA, MUGS, bought
from tests.support.world import CONNECTION, World, a_row

OF_EVERY_KIND = (
    Line("SKU-SKJORTA-M", "Skjorta", "299.00", quantity=2, kind="configurable"),
    Line(
        "SKU-PAKET-D",
        "Paket",
        "400.00",
        kind="bundle_dynamic",
        children=(Line("SKU-DEL-1", "Del 1", "150.00"), Line("SKU-DEL-2", "Del 2", "250.00")),
    ),
    Line(
        "SKU-PAKET-F",
        "Fast paket",
        "400.00",
        kind="bundle_fixed",
        children=(Line("SKU-DEL-3", "Del 3", "0"), Line("SKU-DEL-4", "Del 4", "0")),
    ),
)
OF_EVERY_KIND_AT_SVEA = (
    a_row("Skjorta", "299.00", pieces=2, article="SKU-SKJORTA-M"),
    a_row("Paket", "400.00", article="SKU-PAKET-D"),
    a_row("Fast paket", "400.00", article="SKU-PAKET-F"),
)


async def delivered_at_svea(world: World, *, payment: str = "INVOICE") -> tuple[int, int, int]:
    """A01, delivered in Svea's own admin: (checkout, order, delivery)."""
    world.on("2026-05-04")
    checkout, order = bought(world, MUGS, at_svea=A01_AT_SVEA, svea_payment=payment)
    await world.works()
    world.on("2026-05-05")
    delivery = world.sandbox.svea.deliver(checkout)
    await world.works()
    return checkout, order, delivery


async def fortnox(world: World) -> FortnoxClient:
    """What a person at Fortnox would do by hand."""
    return (await world.shop.kit(CONNECTION)).fortnox


async def pays(world: World, number: str, amount: str) -> None:
    client = await fortnox(world)
    payment = await client.create_payment(
        {
            "InvoiceNumber": int(number),
            "Amount": Decimal(amount),
            "PaymentDate": world.clock().date(),
            "ModeOfPaymentAccount": 1930,
        }
    )
    await client.bookkeep_payment(payment.number)


async def an_invoice_by_hand(world: World, price: str = "100.00", **more: Any) -> str:
    """Booked, with VAT of 25 % in it; a negative price is a credit invoice that stands alone."""
    client = await fortnox(world)
    customer = more.pop("customer", None)
    if customer is None:
        made = await client.create_customer({"Name": "Kalle Kund", "Type": "PRIVATE"})
        customer = made.number
    row = {
        "Description": more.pop("text", "Konsultation"),
        "DeliveredQuantity": -1 if Decimal(price) < 0 else 1,
        "Price": abs(Decimal(price)),
        "VAT": 25,
        "AccountNumber": more.pop("account", 3001),
    }
    body = {"CustomerNumber": customer, "VATIncluded": True, "InvoiceRows": [*more.pop("rows", ()), row]}
    invoice = await client.create_invoice_document(body | more)
    await client.bookkeep(invoice.number)
    return invoice.number


async def tells(world: World, number: str) -> None:
    """As the listener on Fortnox' events does, and what comes of it."""
    event = IncomingEvent(
        CONNECTION,
        "fortnox",
        "invoice-updated-v1",
        f"{number}|{world.clock()}",
        "shop_document",
        number,
        lane="settle",
    )
    await world.ledger.inbox.accept([event])
    await world.works()


# ── what can be seen ──────────────────────────────────────────────────────────────────────────────


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
    """Of the shop's invoices."""
    return [one.fields["grand_total"] for one in world.magento.sales.invoices.values()]
