"""Booked sales with their VAT in the gateway's ledger, without a worker."""

from datetime import date
from decimal import Decimal

from shared.domain.documents import to_plain
from shared.domain.items import Row
from shared.domain.vat_books import Difference, VatAccount, VatSeen
from tests.services.webhook_gateway.payouts_support import ends, has_document, has_lease, is_told_of
from tests.services.webhook_gateway.support import Gateway
from tests.support.vat_documents import a_row

ACCOUNTS = (
    VatAccount(2611, None, ("MP1",)),
    VatAccount(2671, None, ("DE19",)),
    VatAccount(3001, "MP1"),
    VatAccount(3161, "DE19"),
)


async def has_booked(gateway: Gateway, key: str, *rows: Row, on: str = "2026-05-04", rate: str = "") -> str:
    """The sale's id; an invoice, or a credit of the invoice of the same key without its ``C``."""
    sale = await is_told_of(gateway, "sale", key)
    lease = await has_lease(gateway, sale)
    total = sum((row.total.amount for row in rows), Decimal(0))
    draft = {"rows": to_plain(rows), "rate": rate}
    credit = key.endswith("C")
    await has_document(
        gateway,
        lease,
        "credit_invoice" if credit else "invoice",
        f"S{key}",
        key,
        total=str(total),
        parent=f"S{key[:-1]}" if credit else None,
        draft=draft,
        on=on,
        currency=rows[0].price.currency,
    )
    await ends(gateway, lease)
    return sale


async def has_a_quarter(gateway: Gateway) -> None:
    """1000.00 SEK domestic and 119.00 EUR to Germany, and 11.90 EUR of the quarter before given back."""
    await has_booked(gateway, "9300101", a_row("1250.00", "SE", "25", "SEK"))
    await has_booked(gateway, "9300102", a_row("119.00"), rate="11.2")
    await has_booked(gateway, "9300103", a_row("119.00"), rate="11", on="2026-03-31")
    await has_booked(gateway, "9300103C", a_row("-11.90"), rate="11", on="2026-05-05")


async def fortnox_said(gateway: Gateway, *differences: Difference, **moved: str) -> None:
    """``_2611="250.00"``: what moved on 2026-05-04 by the nightly look, which was an hour from now."""
    seen_at = gateway.clock()
    sums = {(date(2026, 5, 4), int(name[1:])): Decimal(amount) for name, amount in moved.items()}
    year = VatSeen(date(2026, 1, 1), date(2026, 12, 31), seen_at, ACCOUNTS, sums, differences)
    await gateway.ledger.vat_seen.put("acme", year)
