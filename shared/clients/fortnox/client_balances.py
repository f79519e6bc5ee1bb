"""What Fortnox says is left: on an account, and of invoices. Read only."""

from collections.abc import AsyncIterator

from shared.clients.fortnox import wire, wire_balances
from shared.clients.fortnox.calls import FortnoxCalls
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire import FortnoxInvoiceHead
from shared.clients.fortnox.wire_balances import AccountBalance
from shared.domain.errors import MissingAccount


class BalanceCalls(FortnoxCalls):
    """Balances of accounts and of the customer ledger."""

    async def balance(self, account: int, year_id: int) -> AccountBalance | None:
        """Of one financial year, by its id; None when the year does not have the account."""
        try:
            return await self._one(
                f"/3/accounts/{account}",
                "Account",
                wire_balances.to_account_balance,
                {"financialyear": str(year_id)},
            )
        except (MissingAccount, NotFound):
            return None

    async def unpaid_invoices(self) -> AsyncIterator[FortnoxInvoiceHead]:
        """Booked invoices with something left; whether credit invoices are among them is not known."""
        async for page in self._pages("/3/invoices", {"filter": "unpaid"}):
            for head in wire.listed(page, "Invoices", wire.to_invoice_head):
                if head.booked and not head.cancelled:
                    yield head
