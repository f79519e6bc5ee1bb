"""The books of a whole year, in calls whose number does not grow with the vouchers' rows. Read only."""

from collections.abc import AsyncIterator

from shared.clients.fortnox import wire, wire_vouchers
from shared.clients.fortnox.calls import FortnoxCalls
from shared.clients.fortnox.wire_vouchers import FortnoxVoucherHead


class BookCalls(FortnoxCalls):
    """What is booked in a financial year."""

    async def sie(self, year_id: int) -> bytes:
        """The year as a SIE file of type 4; empty where Fortnox has none.

        The OpenAPI document calls the parameter `financialYear`, the guide `financialyear`: both are sent.
        """
        params = {"financialyear": str(year_id), "financialYear": str(year_id)}
        return (await self._call("GET", "/3/sie/4", params=params)).body

    async def vouchers_of(self, year_id: int) -> AsyncIterator[FortnoxVoucherHead]:
        """All of them without rows, 500 for a call: the list says what each was made from."""
        async for page in self._pages("/3/vouchers", {"financialyear": str(year_id)}):
            for head in wire.listed(page, "Vouchers", wire_vouchers.to_voucher_head):
                yield head
