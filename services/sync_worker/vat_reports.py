"""The nightly look at Fortnox' VAT accounts: every voucher of the year beside what we booked.

The lists are made of our own documents, which the gateway reads from the ledger. That Fortnox' books say
the same can only be asked over there, so a worker asks and what differs is kept. The number of calls is
the same for any sale: accounts, predefined accounts, one SIE file, and a page for each 500 vouchers.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from services.sync_worker.context import FlowContext
from services.sync_worker.workshop import Workshop
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire_company import FinancialYear
from shared.clients.fortnox.wire_sie import read_vouchers
from shared.clients.fortnox.wire_vouchers import FortnoxVoucherHead, VoucherName
from shared.domain.outcomes import Done, Skipped
from shared.domain.vat_books import Difference, VatAccount, VatAccounts, VatSeen
from shared.domain.vat_boxes import VAT_BOX_OF_ACCOUNT
from shared.domain.vat_compare import Compared, SeenVoucher, shortened
from shared.ledger.records import Subject
from shared.settings.connections import ConnectionDeclaration
from shared.settings.mapping import DEFAULT_SALES

OUTPUT_VAT, INPUT_VAT = "OUTVAT_", "INVAT"
BY_HAND = "MANUAL"
SETTLEMENT_CODES = ("R1", "R2")  # where VAT is settled: it is no VAT of anything
OLD_YEAR_FOR = timedelta(days=120)  # its last return is filed in the new year
TOGETHER = 500  # vouchers between two moments for others
ASKED_ABOUT = 50  # documents without a voucher that Fortnox is asked about, one by one


async def vat_tie_out(shop: Workshop, subject: Subject) -> Done | Skipped:
    """Today's year, that before it while its last return is made, or that of a day somebody asked for."""
    asked = await shop.ledger.runs.jobs(subject.connection, subject.kind)
    days = [date.fromisoformat(run.request["date"]) for run in asked if run.request.get("date")]
    async with shop.context(subject) as ctx:
        years = await _years(ctx, days or [ctx.today])
        if not years:
            return Skipped(f"Fortnox has no financial year for {ctx.today}")
        notes = []
        for year in years:
            seen = await _seen(shop, ctx, year)
            await shop.ledger.vat_seen.put(subject.connection, seen)
            notes.append(_told(seen))
    return Done(notes=tuple(notes))


def _told(seen: VatSeen) -> str:
    documents = {one.reference for one in seen.differences if one.reference}
    others = {one.voucher for one in seen.differences if not one.reference}
    return (
        f"{seen.first} to {seen.last}: {len(documents)} documents are booked otherwise, "
        f"{len(others)} vouchers are not ours"
    )


async def _years(ctx: FlowContext, days: Iterable[date]) -> list[FinancialYear]:
    found: dict[int, FinancialYear] = {}
    for day in days:
        year = await ctx.fortnox.financial_year(day)
        if year is None:
            continue
        found[year.id] = year
        if ctx.today - year.from_date < OLD_YEAR_FOR and year.covers(ctx.today):
            before = await ctx.fortnox.financial_year(year.from_date - timedelta(days=1))
            found |= {} if before is None else {before.id: before}
    return sorted(found.values(), key=lambda one: one.from_date)


async def _seen(shop: Workshop, ctx: FlowContext, year: FinancialYear) -> VatSeen:
    """Ours are read last: whatever of them is in Fortnox' books is then known here, too."""
    seen_at = shop.clock()
    accounts = await _accounts(ctx, year)
    vouchers = [one async for one in _vouchers(ctx.fortnox, year)]
    unfinished = await shop.ledger.vat_documents.unfinished(ctx.settings.name)
    compared = Compared(frozenset(one.number for one in accounts), unfinished=unfinished)
    first, last = year.from_date, year.to_date
    known = VatAccounts.of(ctx.settings.vat_accounts, [VatSeen(first, last, seen_at, accounts)])
    later = set()
    async for document in shop.ledger.vat_documents.between(ctx.settings, first, last, known):
        compared.expect(document)
        later |= {document.reference} if document.finalised_at and document.finalised_at > seen_at else set()
    async for settled in shop.ledger.vat_documents.settlements(ctx.settings.name, first, last):
        compared.expect(settled)
        later |= {settled.reference} if settled.finalised_at and settled.finalised_at > seen_at else set()
    for place, voucher in enumerate(vouchers):
        if place % TOGETHER == 0:
            await asyncio.sleep(0)
        compared.take(voucher)
    missing = [one for one in compared.missing() if one.reference not in later]
    found = [*compared.differences, *await _asked_about(ctx.fortnox, missing)]
    return VatSeen(first, last, seen_at, accounts, compared.moved, shortened(found))


async def _accounts(ctx: FlowContext, year: FinancialYear) -> tuple[VatAccount, ...]:
    """Those with a VAT code, those that take VAT, and those of the mapping, whatever code they carry."""
    chart = {one.number: one.vat_code for one in await ctx.fortnox.accounts(year.id)}
    predefined = await ctx.fortnox.predefined_accounts()
    takes: dict[int, list[str]] = {}
    for name, account in sorted(predefined.items()):
        if name.startswith(OUTPUT_VAT):
            takes.setdefault(account, []).append(name.removeprefix(OUTPUT_VAT))
    for code, account in ctx.settings.vat_accounts.items():
        if code not in takes.setdefault(account, []):
            takes[account].append(code)
    input_vat = predefined.get(INPUT_VAT)
    wanted = {number for number, code in chart.items() if code and code not in SETTLEMENT_CODES}
    wanted |= {number for number in chart if str(number) in VAT_BOX_OF_ACCOUNT}
    wanted |= {*takes, *_mapped(ctx.settings), ctx.settings.payout_accounts.fee_vat}
    wanted |= set() if input_vat is None else {input_vat}
    inputs = {input_vat, ctx.settings.payout_accounts.fee_vat}
    return tuple(
        VatAccount(one, chart.get(one), tuple(takes.get(one, ())), is_input=one in inputs)
        for one in sorted(wanted)
    )


def _mapped(settings: ConnectionDeclaration) -> set[int]:
    lines = [*settings.sales, *DEFAULT_SALES]
    found = {one for line in lines for one in (line.goods, line.services, line.freight, line.fee)}
    return {one for one in found if one is not None}


async def _vouchers(client: FortnoxClient, year: FinancialYear) -> AsyncIterator[SeenVoucher]:
    """The rows are in the SIE file; what it lacks is read voucher by voucher."""
    body = await client.sie(year.id)
    heads = await _heads(client, year)
    for place, one in enumerate(read_vouchers(body)):
        if place % TOGETHER == 0:
            await asyncio.sleep(0)  # a year of them takes seconds, and leases are renewed in between
        name = VoucherName(one.series, one.number, year.id)
        yield _voucher(name, heads.pop((one.series, one.number), None), one.dated, one.text, one.amounts)
    for head in heads.values():
        voucher = await client.voucher(replace(head.name, year=year.id))
        if voucher is not None and voucher.dated is not None:
            rows = [(row.account, row.amount) for row in voucher.rows]
            yield _voucher(voucher.name, head, voucher.dated, voucher.description, rows)


async def _heads(client: FortnoxClient, year: FinancialYear) -> dict[tuple[str, int], FortnoxVoucherHead]:
    """By series and number; what each was made from is in the list of vouchers, else in that of invoices."""
    heads = {(head.name.series, head.name.number): head async for head in client.vouchers_of(year.id)}
    if all(head.made_from == BY_HAND or head.made_from_number for head in heads.values()):
        return heads
    async for invoice in client.invoices_dated_since(year.from_date):
        if invoice.voucher is None or invoice.invoice_date is None or not year.covers(invoice.invoice_date):
            continue
        name = invoice.voucher.series, invoice.voucher.number
        if name in heads:
            heads[name] = replace(heads[name], made_from="INVOICE", made_from_number=invoice.number)
    return heads


def _voucher(
    name: VoucherName,
    head: FortnoxVoucherHead | None,
    dated: date,
    text: str,
    rows: Iterable[tuple[int, Decimal]],
) -> SeenVoucher:
    amounts: dict[int, Decimal] = {}
    for account, debit in rows:
        amounts[account] = amounts.get(account, Decimal("0.00")) - debit
    return SeenVoucher(
        name=str(name),
        dated=dated,
        text=text,
        made_from=head.made_from if head is not None else "",
        number=head.made_from_number if head is not None else "",
        amounts=amounts,
    )


async def _asked_about(client: FortnoxClient, missing: list[Difference]) -> list[Difference]:
    """Why the documents have no voucher, for as many of them as a night can ask about."""
    said: dict[str, str] = {}
    for one in missing:
        is_invoice = one.document in ("invoice", "credit_invoice")
        if is_invoice and one.number not in said and len(said) < ASKED_ABOUT:
            said[one.number] = await _state_of(client, one.number)
    return [replace(one, text=said.get(one.number, "")) for one in missing]


async def _state_of(client: FortnoxClient, number: str) -> str:
    try:
        invoice = await client.invoice(number)
    except NotFound:
        return "Fortnox has no such invoice"
    if invoice.cancelled:
        return "cancelled in Fortnox"
    if not invoice.booked:
        return "not booked in Fortnox"
    return f"booked in Fortnox on {invoice.invoice_date}, in no voucher of this year"
