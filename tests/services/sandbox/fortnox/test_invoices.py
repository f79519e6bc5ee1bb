from datetime import date
from decimal import Decimal

import pytest

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.invoices import ocr
from tests.services.sandbox.fortnox.api import Api, a_row, freight, money


async def test_a_booked_invoice_is_frozen(api: Api, company: Company) -> None:
    booked = await api.booked_invoice(a_row())

    frozen = (400, refusals.ALREADY_BOOKED)
    assert (booked["Booked"], booked["VoucherSeries"], booked["VoucherNumber"]) == (True, "B", 1)
    assert await api.refused("PUT", "/3/invoices/1", {"Invoice": {"Comments": "x"}}) == frozen
    assert await api.refused("PUT", "/3/invoices/1/cancel") == frozen
    assert await api.refused("PUT", "/3/invoices/1/bookkeep") == frozen
    assert len(company.vouchers) == 1


async def test_an_unbooked_invoice_can_be_cancelled_and_is_then_terminal(api: Api, company: Company) -> None:
    await api.invoice(a_row())

    assert (await api.ok("PUT", "/3/invoices/1/cancel"))["Cancelled"] is True
    assert await api.refused("PUT", "/3/invoices/1/bookkeep") == (400, refusals.CANCELLED)
    assert company.vouchers == []


async def test_a_locked_period_takes_no_invoice_and_no_booking(api: Api, company: Company) -> None:
    await api.invoice(a_row(), InvoiceDate="2026-04-30")
    company.change(locked_until=date(2026, 4, 30))

    assert await api.refused("PUT", "/3/invoices/1/bookkeep") == (400, 2002141)
    body = await api.invoice_body(a_row(), InvoiceDate="2026-04-30")
    assert await api.refused("POST", "/3/invoices", body) == (400, 2000401)
    assert (await api.invoice(a_row(), InvoiceDate="2026-05-01"))["InvoiceDate"] == "2026-05-01"
    assert await api.ok("GET", "/3/settings/lockedperiod") == {"EndDate": "2026-04-30"}
    assert company.vouchers == []


async def test_a_date_without_a_financial_year_is_refused(api: Api, company: Company) -> None:
    body = await api.invoice_body(a_row(), InvoiceDate="2024-12-31")

    assert await api.refused("POST", "/3/invoices", body) == (400, refusals.NO_FINANCIAL_YEAR)
    assert not company.invoices


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"CustomerNumber": "M-1"}, 2000204),
        ({"Currency": "GBP"}, 2004344),
        ({"Country": "NO"}, refusals.COUNTRY_IS_A_CODE),
        ({"DeliveryCountry": "SE"}, refusals.COUNTRY_IS_A_CODE),
        ({"ExternalInvoiceReference1": "x" * 81}, 2000107),
        ({"YourOrderNumber": "x" * 76}, 2000107),
        ({"Remarks": "Hej 😀"}, 2000359),
        ({"Comments": "A->B"}, 2000359),
        ({"InvoiceDate": "2026-13-01"}, refusals.NOT_A_DATE),
        ({"InvoiceDate": "4 maj"}, refusals.NOT_A_DATE),
        ({"Comments": None}, refusals.NULL_NOT_ACCEPTED),
        ({"VATIncluded": "ja"}, 2000134),
        ({"Language": "DE"}, refusals.NOT_ONE_OF),
        ({"TermsOfPayment": "99"}, 2000429),
        ({"Total": 498}, 2001399),
        ({"Booked": True}, 2001399),
        ({"CreditInvoiceReference": "1"}, 2001399),
        ({"DocumentNumber": "abc"}, refusals.DUPLICATE_NUMBER),
    ],
)
async def test_a_header_that_fortnox_would_not_take_is_refused(
    api: Api, company: Company, fields: dict[str, object], code: int
) -> None:
    body = await api.invoice_body(a_row(), **fields)

    assert await api.refused("POST", "/3/invoices", body) == (400, code)
    assert not company.invoices


async def test_names_with_signs_of_the_allowed_set_are_taken(api: Api) -> None:
    customer = await api.customer(Name="O’Neil & Söner Ää (1–2) Łódź Ω")

    assert (await api.invoice(a_row(), CustomerNumber=customer))[
        "CustomerName"
    ] == "O’Neil & Söner Ää (1–2) Łódź Ω"


async def test_an_empty_string_leaves_the_old_value_and_api_blank_empties_it(api: Api) -> None:
    await api.invoice(a_row(), Comments="kvar", Country="Norge")

    kept = await api.ok("PUT", "/3/invoices/1", {"Invoice": {"Comments": "", "Country": ""}})
    emptied = await api.ok("PUT", "/3/invoices/1", {"Invoice": {"Comments": "API_BLANK"}})

    assert (kept["Comments"], kept["Country"]) == ("kvar", "Norge")
    assert emptied["Comments"] == ""


async def test_inactive_customers_are_refused_on_new_documents(api: Api) -> None:
    customer = await api.customer(Active=False)
    body = await api.invoice_body(a_row(), CustomerNumber=customer)

    assert await api.refused("POST", "/3/invoices", body) == (400, refusals.INACTIVE)


async def test_a_currency_without_a_rate_takes_the_sell_rate(api: Api, company: Company) -> None:
    first = await api.invoice(a_row(AccountNumber=3105, VAT=0), Currency="USD")
    company.change(document_rate="buy")
    second = await api.invoice(a_row(AccountNumber=3105, VAT=0), Currency="USD")

    assert (first["CurrencyRate"], second["CurrencyRate"]) == (Decimal("10.5"), Decimal("10.45"))


async def test_rounding_to_kronor_changes_the_total(api: Api, company: Company) -> None:
    company.change(rounds_to_kronor=True)
    invoice = await api.booked_invoice(a_row(DeliveredQuantity="1", Price=99.60))

    assert (invoice["Total"], invoice["TotalToPay"], invoice["RoundOff"]) == (100, 100, Decimal("0.4"))
    assert company.books.by_account() == money(a1510="100.00", a2611="-19.92", a3001="-79.68", a3740="-0.40")


async def test_a_zero_invoice_is_paid_the_day_it_is_booked(api: Api) -> None:
    invoice = await api.booked_invoice()

    assert (invoice["Balance"], invoice["FinalPayDate"]) == (0, "2026-05-04")


@pytest.mark.parametrize(
    ("number", "expected"), [("1", "133"), ("18", "1842"), ("37", "3749"), ("31", "3145")]
)
def test_the_payment_reference_is_number_length_and_luhn_digit(number: str, expected: str) -> None:
    assert ocr(number) == expected


# ── credit ────────────────────────────────────────────────────────────────────────────────────────


async def test_credit_answers_with_the_original_and_makes_an_unbooked_mirror(
    api: Api, company: Company
) -> None:
    await api.booked_invoice(a_row(), freight(), ExternalInvoiceReference1="S1-D1")

    answer = await api.ok("PUT", "/3/invoices/1/credit")
    credit = await api.ok("GET", "/3/invoices/2")

    assert (answer["DocumentNumber"], answer["CreditInvoiceReference"]) == ("1", "2")
    assert (credit["Credit"], credit["InvoiceReference"], credit["Booked"]) == ("true", "1", False)
    assert (credit["Total"], credit["InvoiceRows"][0]["DeliveredQuantity"]) == (-547, "-2")
    assert (credit["ExternalInvoiceReference1"], credit["VoucherNumber"]) == ("", None)
    assert len(company.vouchers) == 1


async def test_a_booked_credit_undoes_the_invoice(api: Api, company: Company) -> None:  # C01
    await api.booked_invoice(a_row(), freight())
    await api.ok("PUT", "/3/invoices/1/credit")
    await api.ok("PUT", "/3/invoices/2/bookkeep")

    assert {row.account: row.debit - row.credit for row in company.vouchers[1].rows} == money(
        a1510="-547.00", a3001="398.40", a3520="39.20", a2611="109.40"
    )


async def test_a_credit_can_be_trimmed_while_it_is_unbooked(api: Api, company: Company) -> None:  # C02
    await api.booked_invoice(a_row(), freight())
    await api.ok("PUT", "/3/invoices/1/credit")

    rows = {"InvoiceRows": [a_row(DeliveredQuantity="-1")], "ExternalInvoiceReference1": "S1-D1-C1"}
    trimmed = await api.ok("PUT", "/3/invoices/2", {"Invoice": rows})
    await api.ok("PUT", "/3/invoices/2/bookkeep")

    assert (trimmed["Total"], trimmed["InvoiceReference"]) == (-249, "1")
    assert company.books.by_account() == money(
        a1510="298.00", a2611="-59.60", a3001="-199.20", a3520="-39.20"
    )


async def test_only_a_booked_invoice_can_be_credited_and_only_once(api: Api, company: Company) -> None:
    await api.invoice(a_row())
    assert await api.refused("PUT", "/3/invoices/1/credit") == (400, refusals.NOT_BOOKED)

    await api.ok("PUT", "/3/invoices/1/bookkeep")
    await api.ok("PUT", "/3/invoices/1/credit")
    assert await api.refused("PUT", "/3/invoices/1/credit") == (400, refusals.ALREADY_CREDITED)
    assert len(company.invoices) == 2


async def test_a_free_standing_negative_invoice_can_be_booked(api: Api, company: Company) -> None:  # C03
    invoice = await api.booked_invoice(a_row(DeliveredQuantity="-1"))

    assert (invoice["Total"], invoice["Credit"]) == (-249, "false")
    assert company.books.by_account() == money(a1510="-249.00", a2611="49.80", a3001="199.20")


async def test_a_footer_amount_is_turned_negative_on_a_credit(api: Api) -> None:  # C06
    await api.booked_invoice(a_row(), Freight=49)
    await api.ok("PUT", "/3/invoices/1/credit")

    changed = await api.ok("PUT", "/3/invoices/2", {"Invoice": {"AdministrationFee": 75}})

    assert (changed["Freight"], changed["AdministrationFee"], changed["Total"]) == (-49, -75, -622)


async def test_references_are_copied_to_the_credit_when_set_so(api: Api, company: Company) -> None:
    company.change(credit_copies_references=True)
    await api.booked_invoice(a_row(), ExternalInvoiceReference1="S1-D1")
    await api.ok("PUT", "/3/invoices/1/credit")

    assert company.invoices["2"]["ExternalInvoiceReference1"] == "S1-D1"


async def test_a_credit_settles_the_original_when_set_so(api: Api, company: Company) -> None:
    company.change(credit_settles_original=True)
    await api.booked_invoice(a_row())
    await api.ok("PUT", "/3/invoices/1/credit")
    await api.ok("PUT", "/3/invoices/2/bookkeep")

    assert [invoice["Balance"] for invoice in company.invoices.values()] == [0, 0]


async def test_the_cash_method_has_no_bookkeeping_of_invoices(api: Api, company: Company) -> None:
    company.change(accounting_method="CASH")
    await api.invoice(a_row(), freight())

    assert await api.refused("PUT", "/3/invoices/1/bookkeep") == (400, refusals.NO_BOOKKEEPING_IN_CASH_METHOD)
    await api.ok("PUT", "/3/invoices/1/externalprint")
    assert await api.refused("PUT", "/3/invoices/1", {"Invoice": {"Comments": "x"}}) == (
        400,
        refusals.ALREADY_BOOKED,
    )
    await api.booked_payment("1", 547)
    assert company.books.by_account() == money(
        a1581="547.00", a2611="-109.40", a3001="-398.40", a3520="-39.20"
    )
