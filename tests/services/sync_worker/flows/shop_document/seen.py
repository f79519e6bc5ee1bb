"""What the plans see, made from a stand-in's shop and a few rows of Fortnox."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.sandbox.clock import SandboxClock
from services.sandbox.magento.refunding import Arguments
from services.sandbox.magento.shop import Shop
from services.sandbox.magento.show_orders import show_order
from services.sandbox.sandbox import Sandbox
from services.sync_worker.booked import Booked
from services.sync_worker.flows.shop_document.observed import (
    Invoiced,
    ObservedCredit,
    ObservedInvoice,
    Part,
)
from shared.clients.fields import Fields
from shared.clients.fortnox.wire import FortnoxInvoice, to_invoice
from shared.clients.magento import read_sales
from shared.clients.magento.wire_sales import CreditMemo, Order, ShopInvoice
from shared.domain.items import RowKind
from shared.domain.shop_documents import ShopRefundDraft
from shared.settings.shop_documents import ShopDocuments
from tests.support.world import SHOP_KEYS

NOON = datetime(2026, 5, 5, 10, tzinfo=UTC)


def a_shop() -> Shop:
    return Sandbox(SandboxClock(source=lambda: NOON)).magento.add_shop("default", **SHOP_KEYS)


def a_part(article: str = "SKU-MUGG", pieces: str = "1", total: str = "249.00", **more: Any) -> Part:
    kind: RowKind = more.pop("kind", "goods")
    return Part(kind, article, more.pop("text", ""), Decimal(pieces), Decimal(total))


def a_fortnox_invoice(total: str, *, number: str = "1", currency: str = "SEK", **more: Any) -> FortnoxInvoice:
    """Booked; a negative total is a credit invoice."""
    head = {
        "DocumentNumber": number,
        "Total": Decimal(total),
        "Balance": Decimal(total),
        "Booked": True,
        "Currency": currency,
        "InvoiceDate": "2026-05-05",
        "DueDate": "2026-06-04",
        "OCR": "1",
        "YourOrderNumber": "100000101",
        "VATIncluded": True,
    }
    return to_invoice(Fields(head | more, of="invoice"))


def order_in(shop: Shop, order: int) -> Order:
    return read_sales.to_order(Fields(show_order(shop.sales.order(order)), of="order"))


def invoices_in(shop: Shop, order: int) -> tuple[ShopInvoice, ...]:
    made = [one for one in shop.sales.invoices.values() if one.order_id == order]
    return tuple(read_sales.to_invoice(Fields(one.show(), of="invoice")) for one in made)


def memos_in(shop: Shop, order: int) -> tuple[CreditMemo, ...]:
    made = [one for one in shop.sales.memos.values() if one.order_id == order]
    return tuple(read_sales.to_credit_memo(Fields(one.show(), of="memo")) for one in made)


def an_invoice_seen(
    shop: Shop,
    order: int,
    total: str,
    *parts: Part,
    number: str = "1",
    delivery: str = "",
    others: Sequence[Invoiced] = (),
    **more: Any,
) -> ObservedInvoice:
    return ObservedInvoice(
        settings=more.pop("settings", ShopDocuments()),
        invoice=a_fortnox_invoice(total, number=number, currency=more.pop("currency", "SEK")),
        this=Invoiced(number, delivery, parts),
        others=tuple(others),
        delivered_by_shop_invoice=more.pop("delivered_by_shop_invoice", False),
        order_id=order,
        order=order_in(shop, order),
        shop_invoices=invoices_in(shop, order),
        is_paid=more.pop("is_paid", False),
        wait=more.pop("wait", timedelta(0)),
        booked=more.pop("booked", ()),
    )


def a_credit_seen(shop: Shop, order: int, *parts: Part, total: str = "", **more: Any) -> ObservedCredit:
    """Of the parts' sum, unless the test says another total."""
    amount = Decimal(total) if total else sum((part.total for part in parts), Decimal(0))
    booked: tuple[Booked, ...] = more.pop("booked", ())
    return ObservedCredit(
        settings=more.pop("settings", ShopDocuments()),
        credit=a_fortnox_invoice(f"{-amount}", number="2", currency=more.pop("currency", "SEK")),
        original="1",
        parts=parts,
        order=order_in(shop, order),
        shop_invoices=invoices_in(shop, order),
        memos=memos_in(shop, order),
        ships_with_vat=more.pop("ships_with_vat", shop.pages.shipping_display == 2),
        paid_through_svea=more.pop("paid_through_svea", False),
        booked=booked,
    )


def makes(shop: Shop, draft: ShopRefundDraft) -> Decimal:
    """The stand-in makes the memo; what it comes to."""
    arguments = Arguments(draft.freight, draft.adjustment, draft.fee, given=True)
    memo = shop.sales.refund(draft.order_id, dict(draft.quantities), arguments)
    return Decimal(memo.fields["grand_total"])
