"""Invoices in Fortnox: made of their order, patched where they are not as drafted, compared, booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.sync_worker.booking import Numbers, Vanished, Written
from services.sync_worker.writers.fortnox_compare import must_match
from services.sync_worker.writers.fortnox_payload import rate_payload, reference_payload, second_reference
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.encode import clean_text
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire import FortnoxInvoice
from shared.domain.documents import CreditDraft, InvoiceDraft
from shared.domain.errors import InvoiceCancelled, RefusedByFortnox


@dataclass
class InvoiceWriter:
    client: FortnoxClient
    may_exist: bool = False
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = False
    booked: set[str] = field(default_factory=set)

    async def find(self, draft: InvoiceDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        """An order is invoiced once, so its invoice is ours, whatever reference it has got yet."""
        order = await self.client.order(numbers.number_of("order", draft.order))
        return order.invoice_reference

    async def create(self, draft: InvoiceDraft, numbers: Numbers) -> Written:
        try:
            number, invoice = await self.client.create_invoice(numbers.number_of("order", draft.order))
        except RefusedByFortnox:
            made_before = await self.find(draft, numbers)
            if made_before is None:
                raise
            return Written(made_before, await self._must_stand(draft, made_before))
        return Written(number, invoice)

    async def _must_stand(self, draft: InvoiceDraft, number: str) -> FortnoxInvoice:
        try:
            return await read_invoice(self.client, number)
        except Vanished as gone:
            raise InvoiceCancelled(
                f"{draft.ref}: its invoice {number} was cancelled in Fortnox, whose order is invoiced once",
                facts={"invoice": number},
            ) from gone

    async def update(
        self, draft: InvoiceDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("an invoice is made of its order and never revised")

    async def cancel(self, number: str) -> None:
        await self.client.cancel_invoice(number)

    async def compare(self, draft: InvoiceDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        """Total, VAT and rows as drafted; date, references and rate are put right while it is unbooked."""
        invoice = written.answer or await read_invoice(self.client, written.number)
        if not invoice.booked:
            patch = wanted_changes(draft, invoice, references=draft.references)
            if patch:
                invoice = await self.client.update_invoice(written.number, patch)
        else:
            self.booked.add(written.number)
        return must_match(draft, invoice, rows=len(draft.rows))

    async def finalise(self, draft: InvoiceDraft, number: str) -> None:
        if number not in self.booked:
            await self.client.bookkeep(number)


async def read_invoice(client: FortnoxClient, number: str) -> FortnoxInvoice:
    """Raises Vanished when it was cancelled, or is not there at all."""
    try:
        invoice = await client.invoice(number)
    except NotFound as gone:
        raise Vanished from gone
    if invoice.cancelled:
        raise Vanished
    return invoice


def wanted_changes(
    draft: InvoiceDraft | CreditDraft, invoice: FortnoxInvoice, *, references: Sequence[str]
) -> dict[str, Any]:
    """The fields of an unbooked invoice that are not yet as drafted.

    Any of ``references`` may stay where it stands; a call that is made anyway sets the first.
    """
    changes: dict[str, Any] = {}
    if invoice.invoice_date != draft.dated:
        changes["InvoiceDate"] = draft.dated
    changes |= rate_changes(draft, invoice)
    changes |= _remarks_missing(draft, invoice)
    accepted = references[:1] if changes or not _order_number_is_read(draft) else references
    if invoice.external_reference1 not in accepted or _copy_lost(draft, invoice):
        changes |= reference_payload(draft, references[0])
    return changes


def rate_changes(draft: InvoiceDraft | CreditDraft, invoice: FortnoxInvoice) -> dict[str, Any]:
    """The rate as drafted, for as many units as the invoice has it for."""
    rate = rate_payload(draft, unit=invoice.currency_unit)
    return rate if rate and invoice.currency_rate != rate["CurrencyRate"] else {}


def _remarks_missing(draft: InvoiceDraft | CreditDraft, invoice: FortnoxInvoice) -> dict[str, Any]:
    """Orders are asked to hand theirs on; what a person has written there stays."""
    ours = clean_text(draft.remarks, lines=True)
    if not ours or ours in invoice.remarks:
        return {}
    return {"Remarks": "\n".join(text for text in (invoice.remarks, ours) if text)}


def _copy_lost(draft: InvoiceDraft | CreditDraft, invoice: FortnoxInvoice) -> bool:
    if invoice.external_reference2 != (second_reference(draft) or ""):
        return True
    return _order_number_is_read(draft) and invoice.your_order_number != draft.order_number


def _order_number_is_read(draft: InvoiceDraft | CreditDraft) -> bool:
    """Whether we would see that ``createinvoice`` did not copy it; else it is written to be sure."""
    return draft.order_number_field == "YourOrderNumber"
