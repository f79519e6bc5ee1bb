"""Payments in Fortnox: made, compared, bookkept. They carry no reference of ours but in write-offs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.sync_worker.booking import Numbers, Vanished, Written
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire_payments import FortnoxPayment
from shared.domain.errors import Mismatch, PaymentStands, RefusedByFortnox
from shared.domain.payments import BOOK_CURRENCY, PaymentDraft
from shared.ledger.ledger import Ledger

ONE = Decimal(1)


@dataclass
class PaymentWriter:
    client: FortnoxClient
    ledger: Ledger
    connection: str
    may_exist: bool = False
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = False
    booked: set[str] = field(default_factory=set)

    async def find(self, draft: PaymentDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        """The one of that day that is this payment, and no other of ours: part payments may be equal.

        A list shows neither the amount in a foreign currency nor the write-offs, so each is read.
        """
        for head in await self.client.payments_of(invoice_of(draft, numbers)):
            if (head.paid_on, head.has_write_offs) != (draft.dated, bool(draft.write_offs)):
                continue
            link = await self.ledger.links.by_number(self.connection, "fortnox", "payment", head.number)
            if link is not None and link.reference != draft.ref:
                continue
            payment = await self.client.payment(head.number)
            if payment is not None and _is(draft, payment):
                return head.number
        return None

    async def create(self, draft: PaymentDraft, numbers: Numbers) -> Written:
        invoice = invoice_of(draft, numbers)
        try:
            payment = await self.client.create_payment(payment_payload(draft, invoice))
        except RefusedByFortnox:
            unit = await self._unit(draft, invoice)
            if unit == 1:
                raise
            payment = await self.client.create_payment(payment_payload(draft, invoice, unit=unit))
        return Written(payment.number, payment)

    async def _unit(self, draft: PaymentDraft, invoice: str) -> Decimal:
        """At the rate of one where Fortnox counts in hundreds, write-offs would take more than is left."""
        if draft.amount.currency == BOOK_CURRENCY or not draft.write_offs:
            return ONE
        return (await self.client.invoice(invoice)).currency_unit

    async def update(
        self, draft: PaymentDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("a payment is never revised")

    async def cancel(self, number: str) -> None:
        """Makes sure that somebody has taken it away; a booked one only a person can, in Fortnox."""
        payment = await self.client.payment(number)
        if payment is not None and payment.booked:
            raise PaymentStands(
                f"payment {number} of invoice {payment.invoice_number} is still in the books",
                facts={"payment": number, "invoice": payment.invoice_number},
            )
        if payment is not None:
            await self.client.delete_payment(number)

    async def compare(self, draft: PaymentDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        payment = written.answer or await self.client.payment(written.number)
        if payment is None:
            raise Vanished
        if payment.booked:
            self.booked.add(written.number)
        else:
            payment = await self._at_its_unit(draft, payment)
        _must_match(draft, payment)
        return ()

    async def _at_its_unit(self, draft: PaymentDraft, payment: FortnoxPayment) -> FortnoxPayment:
        """The unit of a payment cannot be chosen, so its rate is told again for as many as it has."""
        if draft.amount.currency == BOOK_CURRENCY or draft.rate is None or payment.unit == 1:
            return payment
        rate = draft.rate * payment.unit
        if payment.rate == rate:
            return payment
        told = {"Amount": draft.amount_sek, "AmountCurrency": draft.amount.amount, "CurrencyRate": rate}
        return await self.client.update_payment(payment.number, told)

    async def finalise(self, draft: PaymentDraft, number: str) -> None:
        if number not in self.booked:
            await self.client.bookkeep_payment(number)


def invoice_of(draft: PaymentDraft, numbers: Numbers) -> str:
    return draft.number or numbers.number_of(draft.document_kind, draft.document)


def payment_payload(draft: PaymentDraft, invoice_number: str, *, unit: Decimal = ONE) -> dict[str, Any]:
    foreign = draft.amount.currency != BOOK_CURRENCY
    return {
        "InvoiceNumber": int(invoice_number),
        "PaymentDate": draft.dated,
        "Amount": draft.amount_sek,
        "AmountCurrency": draft.amount.amount if foreign else None,
        "CurrencyRate": draft.rate * unit if foreign and draft.rate is not None else None,
        "ModeOfPayment": draft.mode_of_payment,
        "ModeOfPaymentAccount": draft.account,
        "WriteOffs": [
            {
                "Amount": one.amount,
                "AccountNumber": one.account,
                "TransactionInformation": one.text or draft.ref,
            }
            for one in draft.write_offs
        ],
    }


def _is(draft: PaymentDraft, payment: FortnoxPayment) -> bool:
    """By our reference where it has one; without write-offs by everything that it says."""
    return any(one.text == draft.ref for one in payment.write_offs) or not _differences(draft, payment)


def _must_match(draft: PaymentDraft, payment: FortnoxPayment) -> None:
    """Raises Mismatch, before it is booked, when Fortnox would pay something else from somewhere else."""
    wrong = _differences(draft, payment)
    if wrong:
        raise Mismatch(
            f"{draft.ref}: Fortnox' payment {payment.number} has {', '.join(wrong)}",
            facts={"payment": payment.number, "invoice": payment.invoice_number},
        )


def _differences(draft: PaymentDraft, payment: FortnoxPayment) -> list[str]:
    foreign = draft.amount.currency != BOOK_CURRENCY
    compared: list[tuple[str, Any, Any]] = [
        ("amount", payment.amount, draft.amount_sek),
        ("account", payment.account, draft.account),
        ("date", payment.paid_on, draft.dated),
        ("currency", payment.currency or draft.amount.currency, draft.amount.currency),
    ]
    if foreign:
        compared.append(("amount in its currency", payment.amount_currency, draft.amount.amount))
    wrong = [f"{what} {found} instead of {wanted}" for what, found, wanted in compared if found != wanted]
    write_offs = sorted((one.account, one.amount) for one in draft.write_offs)
    if sorted((one.account or 0, one.amount) for one in payment.write_offs) != write_offs:
        wrong.append("other write-offs than were asked for")
    return wrong
