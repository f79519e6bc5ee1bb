"""Fortnox, call by call: one method is one request (lists: one per page), nothing is hidden.

Payloads are dicts with Fortnox' names and our values; ``encode`` cleans them. What is missing is None
for registers (customer, article, account, currency, year) and ``NotFound`` for documents. How a call is
made is in ``calls``; articles and prices are in ``client_catalogue``, payments, vouchers and files
in ``client_payments``, ``client_vouchers`` and ``client_files``, what is looked at before the first sale
in ``client_settings``, invoices that other people made or paid in ``client_documents``.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from shared.clients.fields import Fields
from shared.clients.fortnox import wire, wire_company
from shared.clients.fortnox.calls import WroteAlready, path_part, read_json
from shared.clients.fortnox.client_balances import BalanceCalls
from shared.clients.fortnox.client_books import BookCalls
from shared.clients.fortnox.client_catalogue import CatalogueCalls
from shared.clients.fortnox.client_documents import DocumentCalls
from shared.clients.fortnox.client_files import FileCalls
from shared.clients.fortnox.client_payments import PaymentCalls
from shared.clients.fortnox.client_settings import SettingsCalls
from shared.clients.fortnox.client_stock import StockCalls
from shared.clients.fortnox.client_vouchers import VoucherCalls
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire import (
    FortnoxCustomer,
    FortnoxCustomerHead,
    FortnoxInvoice,
    FortnoxInvoiceHead,
    FortnoxOrder,
    FortnoxOrderHead,
)
from shared.clients.fortnox.wire_company import (
    CompanyInformation,
    Currency,
    FinancialYear,
    FortnoxAccount,
)
from shared.domain.errors import MissingAccount, MissingCurrency, UnreadableAnswer

SEARCHABLE = ("externalinvoicereference1", "externalinvoicereference2", "yourordernumber", "ocr")


class FortnoxClient(
    CatalogueCalls,
    PaymentCalls,
    VoucherCalls,
    FileCalls,
    SettingsCalls,
    BalanceCalls,
    StockCalls,
    DocumentCalls,
    BookCalls,
):
    """One Fortnox company, in one lane of its rate limit."""

    # ── the company ───────────────────────────────────────────────────────────────────────────────

    async def company(self) -> CompanyInformation:
        return await self._one("/3/companyinformation", "CompanyInformation", wire_company.to_company)

    async def locked_until(self) -> date | None:
        """The last locked day, or None when nothing is locked."""
        return await self._one("/3/settings/lockedperiod", "LockedPeriod", wire_company.to_locked_until)

    async def financial_year(self, on: date) -> FinancialYear | None:
        years = await self._list(
            "/3/financialyears", {"date": on.isoformat()}, "FinancialYears", wire_company.to_financial_year
        )
        return next((year for year in years if year.covers(on)), None)

    async def currency(self, code: str) -> Currency | None:
        try:
            return await self._one(f"/3/currencies/{path_part(code)}", "Currency", wire_company.to_currency)
        except (MissingCurrency, NotFound):
            return None

    async def currencies(self) -> list[Currency]:
        return await self._list("/3/currencies", {}, "Currencies", wire_company.to_currency)

    async def predefined_accounts(self) -> dict[str, int]:
        """Account by Fortnox' name of it, such as OUTVAT_MP1."""
        return dict(
            await self._list("/3/predefinedaccounts", {}, "PreDefinedAccounts", wire_company.to_predefined)
        )

    async def account(self, number: int, year_id: int | None = None) -> FortnoxAccount | None:
        params = {} if year_id is None else {"financialyear": str(year_id)}
        try:
            return await self._one(f"/3/accounts/{number}", "Account", wire_company.to_account, params)
        except (MissingAccount, NotFound):
            return None

    async def accounts(self, year_id: int | None = None) -> list[FortnoxAccount]:
        params = {} if year_id is None else {"financialyear": str(year_id)}
        return await self._list("/3/accounts", params, "Accounts", wire_company.to_account)

    # ── customers ─────────────────────────────────────────────────────────────────────────────────

    async def customer(self, number: str) -> FortnoxCustomer | None:
        try:
            return await self._one(f"/3/customers/{path_part(number)}", "Customer", wire.to_customer)
        except NotFound:
            return None

    async def find_customers(self, **search: str) -> list[FortnoxCustomerHead]:
        """Fortnox' own search (substring, any case): the caller compares what it is about."""
        return await self._list("/3/customers", search, "Customers", wire.to_customer_head)

    async def customers_changed_since(self, when: datetime | None) -> AsyncIterator[FortnoxCustomerHead]:
        """All customers, page by page; with ``when`` those changed since, and perhaps some more.

        The zone of `lastmodified` is not documented. Read as Swedish time, our UTC digits are an hour or
        two early: nothing is missed under either reading.
        """
        params = {"sortby": "customernumber"}
        if when is not None:
            params["lastmodified"] = when.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        async for page in self._pages("/3/customers", params):
            for customer in wire.listed(page, "Customers", wire.to_customer_head):
                yield customer

    async def create_customer(self, payload: Mapping[str, Any]) -> FortnoxCustomer:
        return await self._write("POST", "/3/customers", "Customer", payload, wire.to_customer)

    async def update_customer(self, number: str, payload: Mapping[str, Any]) -> FortnoxCustomer:
        path = f"/3/customers/{path_part(number)}"
        return await self._write("PUT", path, "Customer", payload, wire.to_customer, idempotent=True)

    # ── orders ────────────────────────────────────────────────────────────────────────────────────

    async def order(self, number: str) -> FortnoxOrder:
        return await self._one(f"/3/orders/{path_part(number)}", "Order", wire.to_order)

    async def find_orders(self, *, external_reference: str) -> list[FortnoxOrderHead]:
        """Orders whose ExternalInvoiceReference1 is exactly this; cancelled ones too."""
        found = await self._list(
            "/3/orders", {"externalinvoicereference1": external_reference}, "Orders", wire.to_order_head
        )
        return [order for order in found if order.external_reference1 == external_reference]

    async def create_order(self, payload: Mapping[str, Any]) -> FortnoxOrder:
        return await self._write("POST", "/3/orders", "Order", payload, wire.to_order)

    async def update_order(self, number: str, payload: Mapping[str, Any]) -> FortnoxOrder:
        """With all rows that should remain. Without row ids the same update twice is one."""
        path, again = f"/3/orders/{path_part(number)}", not _has_row_ids(payload.get("OrderRows"))
        return await self._write("PUT", path, "Order", payload, wire.to_order, idempotent=again)

    async def cancel_order(self, number: str) -> FortnoxOrder:
        return await self._act(f"/3/orders/{path_part(number)}/cancel", "Order", wire.to_order)

    async def create_invoice(self, order_number: str) -> tuple[str, FortnoxInvoice | None]:
        """Invoice an order: the invoice's number, and the invoice when Fortnox shows it.

        Two answers are known: {"Invoice": ...} (OpenAPI) and {"Order": ...} with its InvoiceReference
        (two production clients).
        """
        path = f"/3/orders/{path_part(order_number)}/createinvoice"
        answer = await self._call("PUT", path)
        with WroteAlready(path):
            body = Fields(read_json(answer), of="answer")
            if (invoice := body.fields("Invoice")) is not None:
                made = wire.to_invoice(invoice)
                return made.number, made
            number = body.needed_fields("Order").reference("InvoiceReference")
            if number is None:
                raise UnreadableAnswer("answer.Order: InvoiceReference is missing")
            return number, None

    # ── invoices ──────────────────────────────────────────────────────────────────────────────────

    async def invoice(self, number: str) -> FortnoxInvoice:
        return await self._one(f"/3/invoices/{path_part(number)}", "Invoice", wire.to_invoice)

    async def find_invoices(self, *, external_reference: str) -> list[FortnoxInvoiceHead]:
        """Invoices and credit invoices with exactly this ExternalInvoiceReference1; cancelled ones too."""
        found = await self._list(
            "/3/invoices",
            {"externalinvoicereference1": external_reference},
            "Invoices",
            wire.to_invoice_head,
        )
        return [invoice for invoice in found if invoice.external_reference1 == external_reference]

    async def invoices_with(self, field: str, value: str) -> list[FortnoxInvoiceHead]:
        """Booked invoices and credit invoices that have ``value`` somewhere in a field that can be searched.

        Fortnox' search is by substring: the caller compares the invoice itself. Fields that it cannot
        search find nothing.
        """
        if field.lower() not in SEARCHABLE:
            return []
        found = await self._list("/3/invoices", {field.lower(): value}, "Invoices", wire.to_invoice_head)
        return [invoice for invoice in found if invoice.booked and not invoice.cancelled]

    async def create_invoice_document(self, payload: Mapping[str, Any]) -> FortnoxInvoice:
        """An invoice without an order, or a free-standing credit invoice (negative quantities)."""
        return await self._write("POST", "/3/invoices", "Invoice", payload, wire.to_invoice)

    async def update_invoice(self, number: str, payload: Mapping[str, Any]) -> FortnoxInvoice:
        """With all rows that should remain. Without row ids the same update twice is one."""
        path, again = f"/3/invoices/{path_part(number)}", not _has_row_ids(payload.get("InvoiceRows"))
        return await self._write("PUT", path, "Invoice", payload, wire.to_invoice, idempotent=again)

    async def bookkeep(self, number: str) -> FortnoxInvoice:
        """Make an invoice final. What a second call answers is not known, so it is never repeated."""
        return await self._act(f"/3/invoices/{path_part(number)}/bookkeep", "Invoice", wire.to_invoice)

    async def cancel_invoice(self, number: str) -> FortnoxInvoice:
        return await self._act(f"/3/invoices/{path_part(number)}/cancel", "Invoice", wire.to_invoice)

    async def credit(self, number: str) -> FortnoxInvoice:
        """Credit a booked invoice. The answer is the original; its credit_invoice_reference is new."""
        return await self._act(f"/3/invoices/{path_part(number)}/credit", "Invoice", wire.to_invoice)


def _has_row_ids(rows: Any) -> bool:
    return any("RowId" in row for row in rows or ())
