"""The acceptance cases' vouchers, posted by the stand-in's own arithmetic."""

from datetime import date
from decimal import Decimal

import pytest

from services.sandbox.fortnox.books import Books, Voucher, signed_row
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.refusals import Unbalanced
from tests.services.sandbox.fortnox.api import Api, a_row, freight, money
from tests.support.clock import A_MONDAY_MORNING


async def test_one_rate_and_freight_as_a_row(api: Api, company: Company) -> None:  # A01
    await api.booked_invoice(a_row(), freight())

    assert company.books.by_account() == money(
        a1510="547.00", a2611="-109.40", a3001="-398.40", a3520="-39.20"
    )


async def test_each_rate_lands_on_its_own_accounts(api: Api, company: Company) -> None:  # A02
    await api.booked_invoice(
        a_row(DeliveredQuantity="1", Price=299),
        a_row(Price=89, VAT=12, AccountNumber=3002),
        a_row(DeliveredQuantity="1", Price=159, VAT=6, AccountNumber=3003),
        freight(Price=59),
    )

    assert company.books.by_account() == money(
        a1510="695.00", a2611="-71.60", a2621="-19.07", a2631="-9.00",
        a3001="-239.20", a3002="-158.93", a3003="-150.00", a3520="-47.20",
    )  # fmt: skip


async def test_an_amount_discount_lowers_revenue_and_vat(api: Api, company: Company) -> None:  # A04
    await api.booked_invoice(
        a_row(DeliveredQuantity="1", Price=299, Discount=29.90, DiscountType="AMOUNT"),
        a_row(Price=89, VAT=12, AccountNumber=3002, Discount=10, DiscountType="PERCENT"),
    )

    assert company.books.by_account() == money(
        a1510="429.30", a2611="-53.82", a2621="-17.16", a3001="-215.28", a3002="-143.04"
    )


async def test_a_gift_card_row_leaves_revenue_whole(api: Api, company: Company) -> None:  # A11
    gift_card = a_row(Description="Presentkort", DeliveredQuantity="1", Price=-200, VAT=0, AccountNumber=2421)
    await api.booked_invoice(a_row(), freight(), gift_card)

    assert company.books.by_account() == money(
        a1510="347.00", a2421="200.00", a2611="-109.40", a3001="-398.40", a3520="-39.20"
    )


async def test_a_foreign_invoice_is_booked_in_sek_at_its_rate(api: Api, company: Company) -> None:  # B01
    row = a_row(DeliveredQuantity="1", Price=119, VAT=19, AccountNumber=3161)
    await api.booked_invoice(row, Currency="EUR", CurrencyRate=11.20)

    assert company.books.by_account() == money(a1510="1332.80", a2671="-212.80", a3161="-1120.00")


async def test_the_vat_code_of_the_row_decides_the_vat_account(api: Api, company: Company) -> None:  # B03
    row = a_row(DeliveredQuantity="1", Price=250, AccountNumber=3163, VATCode="DK25")
    await api.booked_invoice(row, Currency="DKK", CurrencyRate=1.5)

    assert company.books.by_account() == money(a1510="375.00", a2673="-75.00", a3163="-300.00")


async def test_without_a_vat_code_the_rate_decides_and_danish_vat_becomes_swedish(
    api: Api, company: Company
) -> None:
    row = a_row(DeliveredQuantity="1", Price=250, AccountNumber=3163)
    await api.booked_invoice(row, Currency="DKK", CurrencyRate=1.5)

    assert company.books.by_account() == money(a1510="375.00", a2611="-75.00", a3163="-300.00")


async def test_a_decimal_rate_is_posted_to_its_own_account(api: Api, company: Company) -> None:
    row = a_row(Price=62.75, VAT=25.5, AccountNumber=3162)
    await api.booked_invoice(row, Currency="EUR", CurrencyRate=11.2)

    assert company.books.by_account() == money(a1510="1405.60", a2672="-285.60", a3162="-1120.00")


async def test_reverse_charge_has_no_vat(api: Api, company: Company) -> None:  # B05
    customer = await api.customer(VATType="EUREVERSEDVAT", VATNumber="DE123456789", CountryCode="DE")
    await api.booked_invoice(
        a_row(DeliveredQuantity="1", Price=1000, VAT=0, AccountNumber=3108),
        freight(Price=25, VAT=0, AccountNumber=3521),
        CustomerNumber=customer,
        Currency="EUR",
        CurrencyRate=11.2,
        VATIncluded=False,
    )

    assert company.books.by_account() == money(a1510="11480.00", a3108="-11200.00", a3521="-280.00")


async def test_a_rounding_remainder_in_sek_goes_to_the_rounding_account(api: Api, company: Company) -> None:
    rows = [
        a_row(DeliveredQuantity="1", Price=0.33, VAT=0, AccountNumber=account)
        for account in (3001, 3002, 3003)
    ]
    await api.booked_invoice(*rows, Currency="EUR", CurrencyRate=11.2345)

    assert company.books.by_account() == money(
        a1510="11.12", a3001="-3.71", a3002="-3.71", a3003="-3.71", a3740="0.01"
    )


async def test_a_rate_per_hundred_units_is_divided(api: Api, company: Company) -> None:
    await api.ok(
        "POST",
        "/3/currencies",
        {"Currency": {"Code": "JPY", "Description": "Yen", "SellRate": 7.05, "Unit": 100}},
    )
    await api.booked_invoice(
        a_row(DeliveredQuantity="1", Price=1000, VAT=0, AccountNumber=3105), Currency="JPY"
    )

    assert company.books.balance(1510) == Decimal("70.50")


async def test_net_prices_get_their_vat_on_top(api: Api, company: Company) -> None:
    await api.booked_invoice(a_row(Price=199.20), VATIncluded=False)

    assert company.books.by_account() == money(a1510="498.00", a2611="-99.60", a3001="-398.40")


async def test_books_are_asked_between_two_dates(api: Api, company: Company) -> None:
    await api.booked_invoice(a_row(), InvoiceDate="2026-04-30")
    await api.booked_invoice(a_row(), InvoiceDate="2026-05-01")

    may = company.books.by_account(date(2026, 5, 1), date(2026, 5, 31))
    assert may[1510] == Decimal("498.00")
    assert company.books.by_account(to_date=date(2026, 4, 30))[1510] == Decimal("498.00")
    assert company.books.by_account(from_date=date(2026, 6, 1)) == {}


async def test_a_second_invoice_gets_the_next_number_of_series_b(api: Api, company: Company) -> None:
    await api.booked_invoice(a_row())
    second = await api.booked_invoice(a_row())

    assert (second["VoucherSeries"], second["VoucherNumber"], second["VoucherYear"]) == ("B", 2, 2)
    assert [(v.series, v.number, v.date) for v in company.vouchers] == [
        ("B", 1, date(2026, 5, 4)),
        ("B", 2, date(2026, 5, 4)),
    ]


def test_a_voucher_that_does_not_balance_cannot_exist() -> None:
    rows = (signed_row(1510, Decimal("100.00")), signed_row(3001, Decimal("-99.99")))

    with pytest.raises(Unbalanced, match=r"debit 100\.00, credit 99\.99"):
        Voucher("A", 1, 1, date(2026, 5, 4), "wrong", rows, A_MONDAY_MORNING)


def test_empty_books_have_no_balance() -> None:
    assert (Books().balance(1510), Books().by_account()) == (Decimal(0), {})
