"""What the plans for the shop are made from: a document in Fortnox, and the order in the shop."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from services.sync_worker.booked import Booked
from shared.clients.fortnox.wire import FortnoxInvoice
from shared.clients.magento.wire_sales import CreditMemo, Order, ShopInvoice
from shared.domain.items import RowKind
from shared.domain.money import Money
from shared.domain.shop_documents import fortnox_reference
from shared.settings.shop_documents import ShopDocuments


@dataclass(frozen=True)
class Unconcerned:
    """The shop need not hear of this document, and why."""

    reason: str


@dataclass(frozen=True)
class Part:
    """One row of an invoice, or of a credit invoice with its signs turned: VAT is included."""

    kind: RowKind
    article: str
    text: str
    quantity: Decimal
    total: Decimal


@dataclass(frozen=True)
class Invoiced:
    """One invoice of the sale. ``delivery`` is the id of the delivery that it was made of, as its source
    names it: Svea's delivery, or the shop's invoice or shipment; empty when a person made it."""

    number: str
    delivery: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class ObservedInvoice:
    """``others`` are the sale's other invoices; ``is_paid`` is true once money has paid all of it."""

    settings: ShopDocuments
    invoice: FortnoxInvoice
    this: Invoiced
    others: tuple[Invoiced, ...]
    delivered_by_shop_invoice: bool
    order_id: int
    order: Order | None  # None when all has been told that needs it
    shop_invoices: tuple[ShopInvoice, ...]
    is_paid: bool
    wait: timedelta = timedelta(0)  # for which the shop may still be about to store an invoice of its own
    booked: tuple[Booked, ...] = ()

    @property
    def ref(self) -> str:
        return fortnox_reference(self.invoice.number)

    @property
    def amount(self) -> Money:
        return Money(self.invoice.total, self.invoice.currency)


@dataclass(frozen=True)
class ObservedCredit:
    """``original`` is the number of the invoice it credits. ``ships_with_vat`` is how the shop takes freight
    that is given back; None where nobody can tell, or where it need not be known."""

    settings: ShopDocuments
    credit: FortnoxInvoice
    original: str
    parts: tuple[Part, ...]
    order: Order
    shop_invoices: tuple[ShopInvoice, ...]
    memos: tuple[CreditMemo, ...]
    ships_with_vat: bool | None
    paid_through_svea: bool
    booked: tuple[Booked, ...] = ()

    @property
    def ref(self) -> str:
        return fortnox_reference(self.credit.number)

    @property
    def amount(self) -> Money:
        return Money(-self.credit.total, self.credit.currency)


def begun(booked: tuple[Booked, ...], kind: str, ref: str) -> Booked | None:
    """What an earlier run has made or may have made; nothing where the shop has refused."""
    found = next((one for one in booked if (one.kind, one.ref) == (kind, ref)), None)
    return found if found is not None and found.state != "refused" else None
