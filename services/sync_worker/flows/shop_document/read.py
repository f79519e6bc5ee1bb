"""An invoice or credit invoice in Fortnox: whose it is, and what the shop has of its order now."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

from services.sync_worker.booked import to_booked
from services.sync_worker.context import FlowContext
from services.sync_worker.flows.shop_document.observed import (
    Invoiced,
    ObservedCredit,
    ObservedInvoice,
    Unconcerned,
)
from services.sync_worker.flows.shop_document.parts import parts_of_draft, parts_of_rows
from services.sync_worker.flows.shop_document.source import Source, find_original, source_of
from services.sync_worker.shop_documents_since import CREDITS_SINCE, INVOICES_SINCE, told_from
from shared.clients.fortnox.wire import FortnoxInvoice
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.wire_sales import Order
from shared.domain.errors import UnknownShopOrder
from shared.domain.shop_documents import fortnox_reference
from shared.ledger.records import Link, Subject
from shared.settings.magento import MagentoSettings

Seen = ObservedInvoice | ObservedCredit | Unconcerned


async def read(subject: Subject, ctx: FlowContext) -> Seen:
    """By the number in Fortnox; writes nothing. What the ledger knows to be told costs no call."""
    shop = ctx.settings.magento
    if ctx.magento is None or shop is None:
        return Unconcerned("the connection has no shop that it may write to")
    links, name, number = ctx.ledger.links, ctx.settings.name, subject.key
    if await links.by_number(name, "fortnox", "credit_invoice", number) is not None:
        return Unconcerned(f"credit invoice {number} is of a refund that the shop or Svea told of")
    if _is_all_told(number, ctx.links, shop):
        return Unconcerned(f"the shop has been told of invoice {number} and of its payment")
    invoice = await ctx.fortnox.invoice_if_any(number)
    if invoice is None or invoice.cancelled:
        return Unconcerned(f"Fortnox has no invoice {number}, or it is cancelled")
    if not invoice.booked:
        return Unconcerned(f"{number} is not booked yet")
    if invoice.total > 0:
        return await _invoice(invoice, ctx, ctx.magento, shop)
    if invoice.total < 0:
        return await _credit(invoice, ctx, ctx.magento, shop)
    return Unconcerned(f"invoice {number} is of 0.00")


def _is_too_old(invoice: FortnoxInvoice, since: date) -> bool:
    return invoice.invoice_date is not None and invoice.invoice_date < since


# ── an invoice ────────────────────────────────────────────────────────────────────────────────────


async def _invoice(
    invoice: FortnoxInvoice, ctx: FlowContext, client: MagentoClient, shop: MagentoSettings
) -> Seen:
    if not ctx.settings.sync.shop_invoices:
        return Unconcerned("the shop is not told of invoices")
    source = await source_of(invoice, ctx)
    if isinstance(source, Unconcerned):
        return source
    if not ctx.links and _is_too_old(invoice, await told_from(ctx, INVOICES_SINCE)):
        return Unconcerned(f"invoice {invoice.number} is older than what the shop is told of")
    booked = tuple(to_booked(link) for link in ctx.links)
    told = _is_final(f"{fortnox_reference(invoice.number)}-N", ctx.links)
    order = None if told else await _order(source.order_id, client)
    return ObservedInvoice(
        settings=shop.documents,
        invoice=invoice,
        this=source.this(invoice),
        others=tuple(
            Invoiced(one.number or "", source.delivery_of(one), parts_of_draft(one.draft))
            for one in source.invoices
            if one.number != invoice.number
        ),
        delivered_by_shop_invoice=source.by_shop
        and (shop.invoice_at == "invoice" or (order is not None and order.is_virtual)),
        order_id=source.order_id,
        order=order,
        shop_invoices=() if order is None else await client.invoices_of(order.entity_id),
        is_paid=await _is_paid(invoice, source, ctx),
        wait=timedelta(0) if source.by_shop else _wait(ctx, shop),
        booked=booked,
    )


def _is_all_told(number: str, links: Sequence[Link], shop: MagentoSettings) -> bool:
    if shop.documents.paid_comment is None:
        return False
    reference = fortnox_reference(number)
    return all(_is_final(f"{reference}-{end}", links) for end in ("N", "P"))


def _is_final(reference: str, links: Sequence[Link]) -> bool:
    """The comment of that name is made; the first one is made once the shop has the invoice."""
    return any((link.reference, link.state) == (reference, "final") for link in links)


def _wait(ctx: FlowContext, shop: MagentoSettings) -> timedelta:
    """Svea is asked to deliver before the shop has stored the invoice that it captures."""
    return ctx.subject.created_at + shop.documents.wait - ctx.clock()


async def _is_paid(invoice: FortnoxInvoice, source: Source, ctx: FlowContext) -> bool:
    """Nothing may be left of an invoice because it was credited: then money must have come, too."""
    if invoice.balance != 0 or invoice.total <= 0:
        return False
    if invoice.credit_invoice_reference is None and not source.is_credited(invoice.number):
        return True
    return any(payment.booked for payment in await ctx.fortnox.payments_of(invoice.number))


# ── a credit invoice ──────────────────────────────────────────────────────────────────────────────


async def _credit(
    credit: FortnoxInvoice, ctx: FlowContext, client: MagentoClient, shop: MagentoSettings
) -> Seen:
    if not ctx.settings.sync.credit_notes:
        return Unconcerned("the shop is not told of credit invoices")
    if not ctx.links and _is_too_old(credit, await told_from(ctx, CREDITS_SINCE)):
        return Unconcerned(f"credit invoice {credit.number} is older than what the shop is told of")
    found = await find_original(credit, ctx)
    if isinstance(found, Unconcerned):
        return found
    number, source = found
    order = await _order(source.order_id, client)
    invoices, memos = await asyncio.gather(
        client.invoices_of(order.entity_id), client.credit_memos_of(order.entity_id)
    )
    parts = parts_of_rows(credit, source.link.draft)
    return ObservedCredit(
        settings=shop.documents,
        credit=credit,
        original=number,
        parts=parts,
        order=order,
        shop_invoices=invoices,
        memos=memos,
        ships_with_vat=await _ships_with_vat(ctx, client)
        if any(part.kind == "freight" for part in parts)
        else None,
        paid_through_svea=not source.by_shop,
        booked=tuple(to_booked(link) for link in ctx.links),
    )


async def _ships_with_vat(ctx: FlowContext, client: MagentoClient) -> bool | None:
    ask = client.shows_shipping_with_vat_only
    return await (ctx.shop_facts.remembered("shipping_display", ask) if ctx.shop_facts else ask())


async def _order(order_id: int, client: MagentoClient) -> Order:
    order = await client.order(order_id)
    if order is None:
        raise UnknownShopOrder(f"the shop has no order {order_id}", facts={"entity_id": str(order_id)})
    return order
