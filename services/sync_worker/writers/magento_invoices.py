"""Invoices in Magento of what is invoiced in Fortnox; found again by their comment. Nothing is captured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.sync_worker.booking import Numbers, Written
from shared.clients.magento.client_sales import SalesCalls
from shared.domain.shop_documents import ShopInvoiceDraft, mark


@dataclass
class ShopInvoiceWriter:
    client: SalesCalls
    may_exist: bool = False
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = False
    in_doubt_wait: timedelta | None = None  # longer than Fortnox': a shop may be at it for minutes

    async def find(self, draft: ShopInvoiceDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        for invoice in await self.client.invoices_of(draft.order_id):
            if any(mark(draft.ref) in comment for comment in invoice.comments):
                return str(invoice.entity_id)
        return None

    async def create(self, draft: ShopInvoiceDraft, numbers: Numbers) -> Written:
        made = await self.client.invoice_offline(
            draft.order_id,
            dict(draft.quantities),
            comment=draft.text,
            visible=draft.visible,
            notify=draft.notify,
        )
        return Written(str(made))

    async def update(
        self, draft: ShopInvoiceDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("an invoice of the shop cannot be changed")

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("an invoice of the shop cannot be cancelled")

    async def compare(self, draft: ShopInvoiceDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        """Told, and nothing stops: the shop has the whole freight on its first invoice, for example."""
        invoice = await self.client.invoice(int(written.number))
        if invoice is None or invoice.grand_total == draft.amount.amount:
            return ()
        made = f"{invoice.grand_total:.2f} {invoice.currency}"
        return (f"invoice {invoice.increment_id} in Magento is of {made}, Fortnox' of {draft.amount}",)

    async def finalise(self, draft: ShopInvoiceDraft, number: str) -> None:
        """It was final when it was made."""
