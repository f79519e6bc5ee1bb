"""Credit invoices in Fortnox: the first is made from its invoice, later ones stand alone and name it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.sync_worker.booking import Numbers, Vanished, Written
from services.sync_worker.writers.fortnox_compare import must_match
from services.sync_worker.writers.fortnox_invoices import rate_changes, read_invoice, wanted_changes
from services.sync_worker.writers.fortnox_payload import (
    document_payload,
    invoice_row,
    rate_payload,
    reference_payload,
    text_row,
)
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire import FortnoxInvoice
from shared.domain.documents import CreditDraft
from shared.domain.errors import OverCredited, RefusedByFortnox


@dataclass
class CreditWriter:
    client: FortnoxClient
    may_exist: bool = False
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = False
    booked: set[str] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)  # made from an invoice just now: rows not trimmed yet

    async def find(self, draft: CreditDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        alone = await self.client.find_invoices(external_reference=draft.ref)
        for found in alone:
            if not found.cancelled:
                return found.number
        return await self._linked(draft, numbers) if draft.linked else None

    async def _linked(self, draft: CreditDraft, numbers: Numbers) -> str | None:
        """The credit that Fortnox made from the invoice, unless a person has made it for another reason."""
        original = await self.client.invoice(numbers.number_of("invoice", draft.invoice))
        if original.credit_invoice_reference is None:
            return None
        credit = await self.client.invoice(original.credit_invoice_reference)
        ours = credit.external_reference1 in ("", draft.ref, original.external_reference1)
        return credit.number if ours and not credit.booked and not credit.cancelled else None

    async def create(self, draft: CreditDraft, numbers: Numbers) -> Written:
        if draft.linked:
            number = await self._credit_invoice(draft, numbers)
            if number is not None:
                self.fresh.add(number)
                return Written(number)
        invoice = await self.client.create_invoice_document(_alone(draft, numbers))
        return Written(invoice.number, invoice)

    async def _credit_invoice(self, draft: CreditDraft, numbers: Numbers) -> str | None:
        """The new credit's number; None when the invoice has been credited before, by hand."""
        original = numbers.number_of("invoice", draft.invoice)
        try:
            return (await self.client.credit(original)).credit_invoice_reference
        except RefusedByFortnox:
            invoice = await self.client.invoice(original)
            if invoice.credit_invoice_reference is None:
                raise
            await self._must_fit_beside(invoice.credit_invoice_reference, draft, invoice)
            return None

    async def _must_fit_beside(self, credit: str, draft: CreditDraft, invoice: FortnoxInvoice) -> None:
        """OverCredited when a person's credit and ours are together more than the invoice."""
        by_hand = await self.client.invoice(credit)
        credited = -by_hand.total - draft.total.amount
        if credited > invoice.total:
            raise OverCredited(
                f"invoice {invoice.number} of {invoice.total} was credited by hand with {by_hand.number} of "
                f"{by_hand.total}; {draft.total} more would be too much",
                facts={
                    "invoice": f"{invoice.total} {invoice.currency}",
                    "credited": f"{credited} {invoice.currency}",
                    "by_hand": by_hand.number,
                },
            )

    async def update(
        self, draft: CreditDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("a credit invoice is never revised")

    async def cancel(self, number: str) -> None:
        await self.client.cancel_invoice(number)

    async def compare(self, draft: CreditDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        invoice = await self._as_drafted(draft, written, numbers)
        if invoice.cancelled:
            raise Vanished
        if invoice.booked:
            self.booked.add(written.number)
        alone = invoice.invoice_reference is None
        return must_match(draft, invoice, rows=len(draft.rows) + (1 if alone else 0))

    async def _as_drafted(self, draft: CreditDraft, written: Written, numbers: Numbers) -> FortnoxInvoice:
        if written.number in self.fresh:
            return await self._trim(draft, written.number)
        invoice = written.answer or await read_invoice(self.client, written.number)
        if invoice.booked:
            return invoice
        if invoice.invoice_reference is not None:
            return await self._trim(draft, written.number)
        changes = wanted_changes(draft, invoice, references=(draft.ref,))
        return await self.client.update_invoice(written.number, changes) if changes else invoice

    async def _trim(self, draft: CreditDraft, number: str) -> FortnoxInvoice:
        if draft.clear_first:
            await self.client.update_invoice(number, {"InvoiceRows": []})
        invoice = await self.client.update_invoice(number, _trimmed(draft))
        changes = rate_changes(draft, invoice)
        return await self.client.update_invoice(number, changes) if changes else invoice

    async def finalise(self, draft: CreditDraft, number: str) -> None:
        if number not in self.booked:
            await self.client.bookkeep(number)


def _trimmed(draft: CreditDraft) -> dict[str, Any]:
    """What turns Fortnox' credit of everything into the credit of this refund."""
    return {
        "InvoiceDate": draft.dated,
        **reference_payload(draft, draft.ref),
        **rate_payload(draft),
        "InvoiceRows": [invoice_row(row) for row in draft.rows],
    }


def _alone(draft: CreditDraft, numbers: Numbers) -> dict[str, Any]:
    original = numbers.number_of("invoice", draft.invoice)
    names_the_invoice = text_row(f"Kreditering av faktura {original}", like=draft.rows[0])
    return {
        **document_payload(
            draft, customer_number=numbers.number_of("customer", draft.customer), reference=draft.ref
        ),
        "InvoiceDate": draft.dated,
        "Remarks": "\n".join(filter(None, (f"Kreditfaktura. Avser faktura {original}.", draft.remarks))),
        "InvoiceRows": [*(invoice_row(row) for row in draft.rows), names_the_invoice],
    }
