"""Invoices whoever made them, against the stand-in: what changed, what was paid, what is not there."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.sandbox.fortnox.company import Company
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire import FortnoxInvoiceHead
from tests.shared.clients.support import World, an_invoice


async def numbers(heads: AsyncIterator[FortnoxInvoiceHead]) -> list[str]:
    return [head.number async for head in heads]


@pytest.fixture
async def invoices(fortnox: FortnoxClient) -> list[str]:
    """Two that are booked, of 498.00."""
    customer = (await fortnox.create_customer({"Name": "Anna Ek", "Type": "PRIVATE"})).number
    made = [(await fortnox.create_invoice_document(an_invoice(customer))).number for _ in range(2)]
    for number in made:
        await fortnox.bookkeep(number)
    return made


async def pays(fortnox: FortnoxClient, number: str, on: date) -> None:
    payment = await fortnox.create_payment(
        {
            "InvoiceNumber": int(number),
            "PaymentDate": on,
            "Amount": Decimal("498.00"),
            "ModeOfPaymentAccount": 1930,
        }
    )
    await fortnox.bookkeep_payment(payment.number)


async def test_an_invoice_is_there_or_none(fortnox: FortnoxClient, invoices: list[str]) -> None:
    found = await fortnox.invoice_if_any(invoices[0])

    assert found is not None
    assert (found.number, found.booked, found.remarks) == (invoices[0], True, "")
    assert await fortnox.invoice_if_any("999") is None
    assert await fortnox.invoice_if_any("../orders/1") is None


async def test_what_changed_is_listed_by_number(
    fortnox: FortnoxClient, invoices: list[str], world: World
) -> None:
    before = world.clock() - timedelta(hours=1)

    assert await numbers(fortnox.invoices_changed_since(before)) == invoices
    assert await numbers(fortnox.invoices_changed_since(world.clock() + timedelta(days=1))) == []


async def test_what_was_paid_is_listed_from_its_day_on(
    fortnox: FortnoxClient, invoices: list[str], company: Company
) -> None:
    today = company.today()
    await pays(fortnox, invoices[1], today)

    assert await numbers(fortnox.invoices_paid_since(today)) == [invoices[1]]
    assert await numbers(fortnox.invoices_paid_since(today + timedelta(days=1))) == []


async def test_what_is_dated_in_the_last_days_is_listed(
    fortnox: FortnoxClient, invoices: list[str], company: Company
) -> None:
    day = date.fromisoformat(company.invoices[invoices[0]]["InvoiceDate"])

    assert await numbers(fortnox.invoices_dated_since(day)) == invoices
    assert await numbers(fortnox.invoices_dated_since(day + timedelta(days=1))) == []
