"""Orders in Fortnox: made, reduced at a partial delivery, cancelled. They have no ledger effect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.sync_worker.booking import Numbers, Vanished, Written
from services.sync_worker.writers.fortnox_compare import must_match
from services.sync_worker.writers.fortnox_payload import document_payload, order_row
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire import FortnoxOrder
from shared.domain.documents import OrderDraft, rows_from
from shared.domain.errors import ChangedAfterBooking, RefusedByFortnox
from shared.domain.items import would_leak


@dataclass
class OrderWriter:
    client: FortnoxClient
    may_exist: bool = False
    revisable: bool = True
    kept_open: bool = True
    done_when_made: bool = False

    async def find(self, draft: OrderDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        found = await self.client.find_orders(external_reference=draft.ref)
        return next((order.number for order in found if not order.cancelled), None)

    async def create(self, draft: OrderDraft, numbers: Numbers) -> Written:
        order = await self.client.create_order(_payload(draft, numbers))
        return Written(order.number, order)

    async def update(
        self, draft: OrderDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        payload = _payload(draft, numbers)
        payload.pop("CustomerNumber")
        if would_leak(rows_from(before, draft.currency), draft.rows):
            await self.client.update_order(number, {"OrderRows": []})
        return Written(number, await self.client.update_order(number, payload))

    async def cancel(self, number: str) -> None:
        """Safe to repeat. An order that was invoiced by hand cannot be cancelled: a person is told."""
        try:
            await self.client.cancel_order(number)
        except RefusedByFortnox:
            order = await self.client.order(number)
            if order.invoice_reference:
                raise ChangedAfterBooking(
                    f"order {number} is cancelled at Svea, but has invoice {order.invoice_reference}",
                    facts={"order": number, "invoice": order.invoice_reference},
                ) from None
            if not order.cancelled:
                raise

    async def compare(self, draft: OrderDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        order: FortnoxOrder = written.answer or await self.client.order(written.number)
        if order.cancelled:
            raise Vanished
        return must_match(draft, order, rows=len(draft.rows))

    async def finalise(self, draft: OrderDraft, number: str) -> None:
        """An order becomes final by its invoice."""


def _payload(draft: OrderDraft, numbers: Numbers) -> dict[str, Any]:
    return {
        **document_payload(
            draft, customer_number=numbers.number_of("customer", draft.customer), reference=draft.ref
        ),
        "OrderDate": draft.ordered_on,
        "CopyRemarks": True if draft.remarks else None,
        "OrderRows": [order_row(row) for row in draft.rows],
    }
