from datetime import date
from decimal import Decimal

import pytest

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company
from tests.services.sandbox.fortnox.api import Api, a_row, freight, money


def a_fee(amount: str, account: int = 6040) -> dict[str, object]:
    return {"AccountNumber": account, "Amount": amount, "TransactionInformation": "payout P1"}


async def test_payment_and_write_offs_take_the_claim_off_together(api: Api, company: Company) -> None:  # D01
    await api.booked_invoice(a_row(), freight())

    payment = await api.booked_payment("1", 538.79, WriteOffs=[a_fee("8.21")])

    invoice = company.invoices["1"]
    assert (invoice["Balance"], invoice["FinalPayDate"]) == (0, "2026-05-04")
    assert (payment["VoucherSeries"], payment["Booked"], payment["ModeOfPaymentAccount"]) == ("C", True, 1581)
    assert {row.account: row.debit - row.credit for row in company.vouchers[1].rows} == money(
        a1581="538.79", a6040="8.21", a1510="-547.00"
    )


async def test_fee_vat_is_a_write_off_of_its_own(api: Api, company: Company) -> None:  # D02
    await api.booked_invoice(a_row(), freight())
    await api.booked_payment("1", 508.07, WriteOffs=[a_fee("31.14", 6064), a_fee("7.79", 2641)])

    assert company.books.balance(2641) == Decimal("7.79")
    assert company.books.balance(1510) == 0


async def test_an_unbooked_payment_moves_nothing_and_can_be_changed_and_deleted(
    api: Api, company: Company
) -> None:
    await api.booked_invoice(a_row())
    body = {"InvoicePayment": {"InvoiceNumber": 1, "Amount": 100, "ModeOfPayment": "SVEASE"}}
    await api.ok("POST", "/3/invoicepayments", body)

    changed = await api.ok("PUT", "/3/invoicepayments/1", {"InvoicePayment": {"Amount": 200}})
    assert (changed["Amount"], changed["AmountCurrency"], company.invoices["1"]["Balance"]) == (200, 200, 498)
    assert len(company.vouchers) == 1
    assert (await api.call("DELETE", "/3/invoicepayments/1")).status_code == 204
    assert not company.payments


async def test_a_booked_payment_is_final(api: Api, company: Company) -> None:
    await api.booked_invoice(a_row())
    await api.booked_payment("1", 100)

    final = (400, refusals.ALREADY_BOOKED)
    assert await api.refused("PUT", "/3/invoicepayments/1", {"InvoicePayment": {"Amount": 1}}) == final
    assert await api.refused("DELETE", "/3/invoicepayments/1") == final
    assert await api.refused("PUT", "/3/invoicepayments/1/bookkeep") == final
    assert company.invoices["1"]["Balance"] == 398


async def test_several_part_payments_are_taken_until_nothing_is_left(api: Api, company: Company) -> None:
    await api.booked_invoice(a_row())
    await api.booked_payment("1", 98)
    await api.booked_payment("1", 400)

    third = {"InvoicePayment": {"InvoiceNumber": 1, "Amount": 1, "ModeOfPayment": "SVEASE"}}
    assert await api.refused("POST", "/3/invoicepayments", third) == (400, 2003055)
    assert len(company.payments) == 2


async def test_a_credit_invoice_is_settled_with_a_negative_amount(api: Api, company: Company) -> None:  # D03
    await api.booked_invoice(a_row())
    await api.ok("PUT", "/3/invoices/1/credit")
    await api.ok("PUT", "/3/invoices/2/bookkeep")

    payment = await api.booked_payment("2", -498)

    assert (company.invoices["2"]["Balance"], payment["InvoiceTotal"]) == (0, "-498")
    assert company.books.balance(1581) == Decimal("-498.00")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"PaymentDate": "2026-05-03"}, 2001089),
        ({"InvoiceNumber": 99}, 2000434),
        ({"ModeOfPayment": "NOPE"}, 2000492),
        ({"ModeOfPaymentAccount": 1999}, 2001304),
        ({"Amount": 498.01}, refusals.SETTLES_TOO_MUCH),
        ({"Amount": -1}, refusals.SETTLES_TOO_MUCH),
        ({"WriteOffs": [{"AccountNumber": 6999, "Amount": 1}]}, 2001304),
        ({"WriteOffs": [{"Amount": 1}]}, 2001304),
        ({"WriteOffs": [{"AccountNumber": 6040, "Amount": 1, "Description": "fee"}]}, 2001399),
        ({"Booked": True}, 2001399),
        ({"Amount": "API_BLANK"}, refusals.MISSING_FIELD),
    ],
)
async def test_a_payment_that_fortnox_would_not_take_is_refused(
    api: Api, company: Company, fields: dict[str, object], code: int
) -> None:
    await api.booked_invoice(a_row())
    body = {"InvoiceNumber": 1, "Amount": 100, "ModeOfPayment": "SVEASE", **fields}

    assert await api.refused("POST", "/3/invoicepayments", {"InvoicePayment": body}) == (400, code)
    assert not company.payments


async def test_an_unbooked_invoice_takes_no_payment(api: Api) -> None:
    await api.invoice(a_row())

    body = {"InvoicePayment": {"InvoiceNumber": 1, "Amount": 100}}
    assert await api.refused("POST", "/3/invoicepayments", body) == (400, refusals.NOT_BOOKED)


async def test_a_payment_in_a_locked_period_is_refused(api: Api, company: Company) -> None:
    await api.booked_invoice(a_row())
    body = {"InvoicePayment": {"InvoiceNumber": 1, "Amount": 100, "ModeOfPayment": "SVEASE"}}
    await api.ok("POST", "/3/invoicepayments", body)
    company.change(locked_until=date(2026, 5, 4))

    assert await api.refused("POST", "/3/invoicepayments", body) == (400, 2000401)
    assert await api.refused("PUT", "/3/invoicepayments/1/bookkeep") == (400, 2002141)
    assert len(company.vouchers) == 1


async def test_a_foreign_payment_books_the_exchange_difference(api: Api, company: Company) -> None:
    row = a_row(Price=62.75, VAT=25.5, AccountNumber=3162)
    await api.booked_invoice(row, Currency="EUR", CurrencyRate=11.20)

    await api.booked_payment(
        "1",
        1394.42,
        AmountCurrency=123.40,
        CurrencyRate=11.30,
        ModeOfPayment="SVEAFI",
        WriteOffs=[a_fee("23.73")],
    )

    assert company.invoices["1"]["Balance"] == 0
    assert {row.account: row.debit - row.credit for row in company.vouchers[1].rows} == money(
        a1582="1394.42", a6040="23.73", a1510="-1405.60", a3960="-12.55"
    )


async def test_a_loss_goes_to_the_loss_account_and_the_claim_ends_at_zero(api: Api, company: Company) -> None:
    row = a_row(DeliveredQuantity="1", Price=100, VAT=0, AccountNumber=3105)
    await api.booked_invoice(row, Currency="EUR", CurrencyRate=11.2345)

    for part in (33.33, 33.33, 33.34):
        await api.booked_payment(
            "1", "API_BLANK", AmountCurrency=part, CurrencyRate=11.2, ModeOfPayment="SVEAFI"
        )

    assert company.books.balance(1510) == 0
    assert company.books.balance(1582) == Decimal("1120.01")
    assert company.books.balance(7960) == Decimal("3.44")


async def test_a_foreign_payment_needs_its_amount_in_the_invoices_currency(api: Api) -> None:
    await api.booked_invoice(a_row(AccountNumber=3105, VAT=0), Currency="EUR")

    body = {"InvoicePayment": {"InvoiceNumber": 1, "Amount": 100}}
    assert await api.refused("POST", "/3/invoicepayments", body) == (400, refusals.MISSING_FIELD)


async def test_payments_are_listed_by_invoice(api: Api) -> None:
    await api.booked_invoice(a_row())
    await api.booked_invoice(a_row())
    await api.booked_payment("1", 98, WriteOffs=[a_fee("1")])
    await api.booked_payment("2", 98)

    listed = await api.ok("GET", "/3/invoicepayments", invoicenumber="1")

    assert [(item["Number"], item["WriteOffExist"]) for item in listed["InvoicePayments"]] == [("1", True)]
