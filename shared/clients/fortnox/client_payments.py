"""Invoice payments, call by call. A payment moves the books when it is bookkept, not before."""

from collections.abc import Mapping
from typing import Any

from shared.clients.fortnox import wire_payments
from shared.clients.fortnox.calls import FortnoxCalls, path_part
from shared.clients.fortnox.wire_payments import FortnoxPayment, ModeOfPayment

PAYMENT = "InvoicePayment"


class PaymentCalls(FortnoxCalls):
    """What is paid of invoices and credit invoices."""

    async def payment(self, number: str) -> FortnoxPayment | None:
        return await self._one_or_none(_path(number), PAYMENT, wire_payments.to_payment)

    async def payments_of(self, invoice_number: str) -> list[FortnoxPayment]:
        """Booked and not; without their write-offs."""
        params = {"invoicenumber": invoice_number}
        found = await self._list("/3/invoicepayments", params, "InvoicePayments", wire_payments.to_payment)
        return [payment for payment in found if payment.invoice_number == invoice_number]

    async def create_payment(self, payload: Mapping[str, Any]) -> FortnoxPayment:
        """Raises AlreadyPaid when nothing is left of the invoice."""
        return await self._write("POST", "/3/invoicepayments", PAYMENT, payload, wire_payments.to_payment)

    async def update_payment(self, number: str, payload: Mapping[str, Any]) -> FortnoxPayment:
        """Only while it is not booked; safe to repeat."""
        return await self._write(
            "PUT", _path(number), PAYMENT, payload, wire_payments.to_payment, idempotent=True
        )

    async def bookkeep_payment(self, number: str) -> FortnoxPayment:
        return await self._act(f"{_path(number)}/bookkeep", PAYMENT, wire_payments.to_payment)

    async def delete_payment(self, number: str) -> None:
        """Only while it is not booked."""
        await self._call("DELETE", _path(number), idempotent=True)

    async def modes_of_payment(self) -> list[ModeOfPayment]:
        return await self._list("/3/modesofpayments", {}, "ModesOfPayments", wire_payments.to_mode_of_payment)


def _path(number: str) -> str:
    return f"/3/invoicepayments/{path_part(number)}"
