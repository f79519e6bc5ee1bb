"""Payouts in the ledger as a worker leaves them, without a worker."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from shared.domain.money import Money
from shared.domain.payouts import Payout, PayoutRow
from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, Lease, Link
from tests.services.webhook_gateway.support import Gateway


def kr(amount: str) -> Money:
    return Money(Decimal(amount), "SEK")


def a_row(name: str = "one", nominal: str = "547.00", fee: str = "8.21", **changes: Any) -> PayoutRow:
    values: dict[str, Any] = {
        "key": f"{name}-1",
        "kind": "Order",
        "payment_type": "Card",
        "nominal": kr(nominal),
        "paid": kr(nominal) - kr(fee),
        "fee": kr(fee),
        "fee_vat": kr("0.00"),
        "checkout_id": 9300101,
        "delivery_id": 7200501,
    }
    return PayoutRow(**values | changes)


def a_payout(*rows: PayoutRow, on: str = "2026-05-04", **changes: Any) -> Payout:
    rows = rows or (a_row(),)
    zero = kr("0.00")
    paid = sum((row.paid for row in rows), zero)
    values: dict[str, Any] = {
        "market": "se",
        "client_id": "79021",
        "on": date.fromisoformat(on),
        "rows": rows,
        "nominal": sum((row.nominal for row in rows), zero),
        "fee": sum((row.fee for row in rows), zero),
        "fee_vat": zero,
        "paid_excluding": paid,
        "paid": paid,
        "opening_debt": zero,
        "closing_debt": zero,
    }
    return Payout(**values | changes)


async def is_told_of(gateway: Gateway, kind: str, key: str) -> str:
    event = IncomingEvent("acme", "schedule", "told", f"told|{key}", kind, key, market="se", lane="settle")
    await gateway.ledger.inbox.accept([event])
    return subject_id("acme", kind, key)


async def has_payout(gateway: Gateway, payout: Payout | None = None) -> str:
    """Its id. Known, not looked at yet."""
    payout = payout or a_payout()
    await gateway.ledger.payouts.store("acme", payout, {"report": "as Svea sent it"})
    return await is_told_of(gateway, "payout", payout.key)


async def has_lease(gateway: Gateway, subject: str) -> Lease:
    lease = await gateway.ledger.subjects.lease(subject, "a worker", lease_for=timedelta(seconds=10))
    assert lease is not None
    return lease


async def has_document(
    gateway: Gateway,
    lease: Lease,
    kind: str,
    reference: str,
    number: str,
    *,
    total: str = "547.00",
    parent: str | None = None,
    draft: dict[str, Any] | None = None,
    on: str = "2026-05-04",
    currency: str = "SEK",
) -> Link:
    links = gateway.ledger.links
    intent = await links.intend(
        lease,
        system="fortnox",
        kind=kind,
        reference=reference,
        draft=draft or {},
        content_hash="x",
        parent=parent,
        total=Decimal(total),
        currency=currency,
        dated=date.fromisoformat(on),
    )
    return await links.final(lease, await links.created(lease, intent.link, number))


async def ends(gateway: Gateway, lease: Lease, state: str = "done", **how: Any) -> None:
    await gateway.ledger.subjects.finish(lease, state=state, settled=state in ("done", "skipped"), **how)


async def has_sale(gateway: Gateway, key: str = "9300101", *invoices: tuple[str, str, str]) -> str:
    """Its id; with an invoice 4711 over 547.00, or those given as (reference, number, total)."""
    sale = await is_told_of(gateway, "sale", key)
    lease = await has_lease(gateway, sale)
    for reference, number, total in invoices or ((f"S{key}-D7200501", "4711", "547.00"),):
        kind = "credit_invoice" if Decimal(total) < 0 else "invoice"
        await has_document(gateway, lease, kind, reference, number, total=total)
    await ends(gateway, lease)
    return sale
