"""Invoices and credit invoices whoever made them: what changed, what was paid, and one that may be gone."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime

from shared.clients.fortnox import wire
from shared.clients.fortnox.calls import FortnoxCalls, path_part
from shared.clients.fortnox.wire import FortnoxInvoice, FortnoxInvoiceHead


class DocumentCalls(FortnoxCalls):
    """Reads only. Lists are walked by number, since rows that change meanwhile would move between pages."""

    async def invoice_if_any(self, number: str) -> FortnoxInvoice | None:
        """An invoice or credit invoice that somebody told of; None when Fortnox has none of this number."""
        return await self._one_or_none(f"/3/invoices/{path_part(number)}", "Invoice", wire.to_invoice)

    def invoices_changed_since(self, when: datetime) -> AsyncIterator[FortnoxInvoiceHead]:
        """And perhaps some more: the zone of `lastmodified` is not documented, and our UTC digits are early
        under either reading. Whether a payment moves it is not known."""
        return self._heads({"lastmodified": when.astimezone(UTC).strftime("%Y-%m-%d %H:%M")})

    def invoices_paid_since(self, day: date) -> AsyncIterator[FortnoxInvoiceHead]:
        """Those of which nothing is left, by the day on which that came about; this day too."""
        return self._heads({"filter": "fullypaid", "fromfinalpaydate": day.isoformat()})

    def invoices_dated_since(self, day: date) -> AsyncIterator[FortnoxInvoiceHead]:
        """By their own date; this day too. Credit invoices are among them."""
        return self._heads({"fromdate": day.isoformat()})

    async def _heads(self, params: Mapping[str, str]) -> AsyncIterator[FortnoxInvoiceHead]:
        async for page in self._pages("/3/invoices", {"sortby": "documentnumber", **params}):
            for head in wire.listed(page, "Invoices", wire.to_invoice_head):
                yield head
