"""Whose a document in Fortnox is: the sale booked here, its order in the shop, and what it credits."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.shop_document.observed import Invoiced, Unconcerned
from services.sync_worker.flows.shop_document.parts import parts_of_draft, parts_of_rows
from shared.clients.fortnox.wire import FortnoxInvoice
from shared.domain.sale import shop_order_of
from shared.domain.shop_documents import CreditUnmatched
from shared.ledger.records import Link, Subject

NAMED_INVOICE = re.compile(
    r"\b(?:kredit)?(?:faktura|fakturan|invoice)\b[\s.:#]*(?:nr|nummer|no|number)?[\s.:#]*(\d{1,12})\b",
    re.IGNORECASE,
)
OUR_CREDIT = re.compile(r"-D[^-]+-C\d+$")


@dataclass(frozen=True)
class Source:
    """``link`` is our invoice, or the order that a person has invoiced; ``links`` are all of its sale's."""

    sale: Subject
    link: Link
    links: tuple[Link, ...]
    order_id: int

    @property
    def by_shop(self) -> bool:
        """The sale was paid outside Svea: the shop's own documents are its deliveries."""
        return shop_order_of(self.sale.key) is not None

    @property
    def invoices(self) -> Sequence[Link]:
        found = (link for link in self.links if link.kind == "invoice" and link.number is not None)
        return [link for link in found if link.state != "cancelled"]

    def this(self, invoice: FortnoxInvoice) -> Invoiced:
        if self.link.kind == "invoice":
            return Invoiced(invoice.number, self.delivery_of(self.link), parts_of_draft(self.link.draft))
        return Invoiced(invoice.number, "", parts_of_rows(invoice, self.link.draft))

    def delivery_of(self, link: Link) -> str:
        """The id behind ``-D`` in an invoice's reference."""
        return link.reference.rpartition("-D")[2]

    def is_credited(self, number: str) -> bool:
        references = {link.reference for link in self.invoices if link.number == number}
        credits = (link for link in self.links if link.kind == "credit_invoice" and link.number is not None)
        return any(link.parent in references for link in credits)


async def source_of(invoice: FortnoxInvoice, ctx: FlowContext) -> Source | Unconcerned:
    """Of an invoice that we booked, or that a person made of an order which we booked."""
    link = await _link(invoice.number, "invoice", ctx)
    if link is None and invoice.order_reference is not None:
        link = await _link(invoice.order_reference, "order", ctx)
    if link is None:
        return Unconcerned(f"invoice {invoice.number} is of no sale that was booked here")
    return await _with_its_sale(link, ctx)


async def find_original(credit: FortnoxInvoice, ctx: FlowContext) -> tuple[str, Source] | Unconcerned:
    """The number of the invoice that a credit invoice of a person credits, and whose it is.

    Raises CreditUnmatched when it is a buyer of ours who is credited, and nothing says which invoice.
    """
    if OUR_CREDIT.search(credit.external_reference1):
        return Unconcerned(f"credit invoice {credit.number} bears our name for a refund")
    async for link in _originals(credit, ctx):
        source = await _with_its_sale(link, ctx)
        if isinstance(source, Unconcerned):
            return source
        return link.number or "", source
    buyer = await _link(credit.customer_number, "customer", ctx)
    if buyer is None or credit.invoice_reference is not None:
        return Unconcerned(f"credit invoice {credit.number} is of no sale that was booked here")
    raise CreditUnmatched(
        f"credit invoice {credit.number} of {-credit.total:.2f} {credit.currency} names no invoice",
        facts={"credit": credit.number, "customer": credit.customer_number, "amount": f"{-credit.total:.2f}"},
    )


async def _originals(credit: FortnoxInvoice, ctx: FlowContext) -> AsyncIterator[Link]:
    """By Fortnox' own reference; else by a number in its text, by our reference, by the order's number."""
    if credit.invoice_reference is not None:
        link = await _invoiced(credit.invoice_reference, ctx)
        if link is not None:
            yield link
        return
    for number in _named_numbers(credit):
        link = await _invoiced(number, ctx)
        if link is not None and await _is_of_the_same_buyer(link, credit, ctx):
            yield link
    for link in await _by_our_names(credit, ctx):
        yield link


async def _invoiced(number: str, ctx: FlowContext) -> Link | None:
    """Our link of the invoice, or of our order that a person made it of, under the invoice's number."""
    link = await _link(number, "invoice", ctx)
    if link is not None:
        return link
    invoice = await ctx.fortnox.invoice_if_any(number)
    if invoice is None or invoice.order_reference is None:
        return None
    order = await _link(invoice.order_reference, "order", ctx)
    return None if order is None else replace(order, number=number)


async def _is_of_the_same_buyer(link: Link, credit: FortnoxInvoice, ctx: FlowContext) -> bool:
    """A number in a text may be anything."""
    reference = str(link.draft.get("customer") or "")
    buyer = await ctx.ledger.links.get(ctx.settings.name, "fortnox", "customer", reference)
    return buyer is not None and buyer.number == credit.customer_number


def _named_numbers(credit: FortnoxInvoice) -> Iterator[str]:
    for text in (credit.remarks, *(row.description for row in credit.rows)):
        for found in NAMED_INVOICE.finditer(text):
            if found[1] != credit.number:
                yield found[1]


async def _by_our_names(credit: FortnoxInvoice, ctx: FlowContext) -> list[Link]:
    """A credit may carry what its invoice did; it counts where one invoice only can be meant."""
    name, reference = ctx.settings.name, credit.external_reference1
    if reference:
        found = await ctx.ledger.links.get(name, "fortnox", "invoice", reference)
        if found is not None and found.number is not None:
            return [found]
    number = credit.your_order_number
    sale = await ctx.ledger.aliases.resolve(name, "order_number", number) if number else None
    if sale is None:
        return []
    links = await ctx.ledger.links.for_subject(sale)
    invoices = [
        link for link in links if link.kind == "invoice" and link.number and link.state != "cancelled"
    ]
    return invoices if len(invoices) == 1 else []


async def _link(number: str, kind: str, ctx: FlowContext) -> Link | None:
    return await ctx.ledger.links.by_number(ctx.settings.name, "fortnox", kind, number) if number else None


async def _with_its_sale(link: Link, ctx: FlowContext) -> Source | Unconcerned:
    sale = await ctx.ledger.subjects.get(link.subject_id)
    order_id = None if sale is None else await _order_in_the_shop(sale, ctx)
    if sale is None or order_id is None:
        return Unconcerned(f"the sale of {link.kind} {link.number} has no order in the shop")
    return Source(sale, link, tuple(await ctx.ledger.links.for_subject(sale.id)), order_id)


async def _order_in_the_shop(sale: Subject, ctx: FlowContext) -> int | None:
    own = shop_order_of(sale.key)
    if own is not None:
        return own
    names = await ctx.ledger.aliases.for_subject(sale.id)
    found = (shop_order_of(value) for name, value in names if name == "sale")
    return next((one for one in found if one is not None), None)
