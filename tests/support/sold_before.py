"""Sales of yesterday for a payout of today: invoices in the books and links in the ledger, without a run."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert

from services.sandbox.fortnox.customers import Customers
from services.sandbox.fortnox.invoices import Invoices
from shared.domain.references import SaleReference
from shared.ledger.database import open_database
from shared.ledger.ids import Ids, subject_id
from shared.ledger.models import link, subject
from tests.support.processes_world import Shop, now_utc

FIRST_CHECKOUT, FIRST_DELIVERY = 8_000_001, 6_000_001
KRONOR = (547, 199, 1250, 399, 89)
ROWS_PER_STATEMENT = 500


@dataclass(frozen=True)
class Sold:
    """One sale with one booked invoice; ``credit`` is the credit invoice of all of it."""

    checkout_id: int
    delivery_id: int
    amount: Decimal
    invoice: str
    credit: str | None


async def sold_before(shop: Shop, count: int, *, credited: int = 0) -> list[Sold]:
    """The first ``credited`` of them were given back."""
    day = shop.company.today()
    customer = Customers(shop.company).create({"Name": "Kalle Kund", "Type": "PRIVATE"}, {})
    sales = [
        _sold(shop, str(customer["CustomerNumber"]), number, number < credited) for number in range(count)
    ]
    shop.company.calls.clear()
    database = open_database(shop.house.database_url)
    try:
        for start in range(0, count, ROWS_PER_STATEMENT):
            part = sales[start : start + ROWS_PER_STATEMENT]
            await database.write(lambda connection, part=part: _keep(connection, shop.name, part, day))  # type: ignore[misc]
    finally:
        await database.close()
    return sales


def _sold(shop: Shop, customer: str, number: int, is_credited: bool) -> Sold:
    invoices = Invoices(shop.company)
    amount = Decimal(KRONOR[number % len(KRONOR)])
    row = {"Description": "Mugg", "Price": amount, "DeliveredQuantity": 1, "VAT": 0, "AccountNumber": 3004}
    made = str(invoices.create({"CustomerNumber": customer, "InvoiceRows": [row]}, {})["DocumentNumber"])
    invoices.act(made, "PUT bookkeep")
    credit = None
    if is_credited:
        invoices.act(made, "PUT credit")
        credit = str(shop.company.invoices[made]["CreditInvoiceReference"])
        invoices.act(credit, "PUT bookkeep")
    return Sold(FIRST_CHECKOUT + number, FIRST_DELIVERY + number, amount, made, credit)


def _keep(connection: Connection, name: str, sales: list[Sold], day: date) -> None:
    ids = Ids(now_utc)
    connection.execute(insert(subject), [_subject(name, one) for one in sales])
    links = [one for sale in sales for one in _links(name, sale, day)]
    connection.execute(insert(link), [one | {"id": ids.new()} for one in links])


def _subject(name: str, sale: Sold) -> dict[str, Any]:
    now = now_utc()
    return {
        "id": subject_id(name, "sale", str(sale.checkout_id)),
        "connection": name,
        "kind": "sale",
        "key": str(sale.checkout_id),
        "lane": "sale",
        "wanted": 1,
        "done": 1,
        "state": "done",
        "next_try_at": now,
        "attempt": 0,
        "fence": 1,
        "summary": {},
        "created_at": now,
        "updated_at": now,
    }


def _links(name: str, sale: Sold, day: date) -> list[dict[str, Any]]:
    reference = SaleReference.of_checkout(sale.checkout_id).delivery(sale.delivery_id)
    made = [_link(name, sale, day, "invoice", reference, sale.invoice, sale.amount)]
    if sale.credit is not None:
        credit = SaleReference.credit(reference, 1)
        made.append(
            _link(name, sale, day, "credit_invoice", credit, sale.credit, -sale.amount)
            | {"parent": reference}
        )
    return made


def _link(
    name: str, sale: Sold, day: date, kind: str, reference: str, number: str, total: Decimal
) -> dict[str, Any]:
    now, owner = now_utc(), subject_id(name, "sale", str(sale.checkout_id))
    return {
        "connection": name,
        "system": "fortnox",
        "kind": kind,
        "reference": reference,
        "subject_id": owner,
        "intender_id": owner,
        "intender_fence": 1,
        "number": number,
        "state": "final",
        "draft": {},
        "content_hash": reference,
        "parent": None,
        "notes": [],
        "unanswered": False,
        "intended_at": now,
        "created_at": now,
        "finalised_at": now,
        "total": total,
        "currency": "SEK",
        "dated": day,
    }
