"""Fortnox' recorded answers, field by field; and names that its own OpenAPI document knows."""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.clients.fields import Fields
from shared.clients.fortnox import wire, wire_company
from shared.domain.errors import UnreadableAnswer
from tests.shared.clients.support import openapi, recorded, sample


def body(shared_material: Path, name: str, position: int = -1) -> Any:
    return recorded(shared_material, name)[position]["response"]["body"]


def test_a_recorded_invoice_is_read_field_by_field(shared_material: Path) -> None:
    invoice = wire.single(body(shared_material, "invoices__save_new"), "Invoice", wire.to_invoice)

    assert (invoice.number, invoice.customer_number, invoice.customer_name) == ("18", "1", "Updated name")
    assert (invoice.invoice_date, invoice.due_date) == (date(2023, 1, 30), date(2023, 3, 1))
    assert (invoice.final_pay_date, invoice.voucher) == (None, None)
    assert (invoice.currency, invoice.currency_rate, invoice.currency_unit) == ("SEK", Decimal(1), Decimal(1))
    assert (invoice.booked, invoice.cancelled, invoice.sent, invoice.credit) == (False, False, False, False)
    assert (invoice.credit_invoice_reference, invoice.invoice_reference) == (None, None)  # "0" is none
    assert invoice.order_reference is None
    assert (invoice.external_reference1, invoice.external_reference2) == ("", "")
    assert (invoice.accounting_method, invoice.ocr, invoice.vat_included) == ("ACCRUAL", "1842", False)
    assert (invoice.warehouse_ready, invoice.not_completed) == (True, False)
    amounts = (invoice.total, invoice.total_to_pay, invoice.total_vat, invoice.freight, invoice.round_off)
    assert amounts == (Decimal(0),) * 5
    assert invoice.rows == ()


def test_quantities_that_are_texts_become_numbers(shared_material: Path) -> None:
    recording = body(shared_material, "invoices__row_delivered_quantity_decimals")
    raw = recording["Invoice"]["InvoiceRows"][0]
    row = wire.single(recording, "Invoice", wire.to_invoice).rows[0]

    assert isinstance(raw["DeliveredQuantity"], str)
    assert row.delivered_quantity == Decimal(raw["DeliveredQuantity"])
    assert row.price == Decimal(str(raw["Price"]))
    assert row.vat == Decimal(str(raw["VAT"]))


@pytest.mark.parametrize(
    ("name", "key", "number", "to"),
    [
        ("invoices__all", "Invoices", "DocumentNumber", wire.to_invoice_head),
        ("customers__all", "Customers", "CustomerNumber", wire.to_customer_head),
        ("articles__all", "Articles", "ArticleNumber", wire.to_article),
        ("orders__filter_hit", "Orders", "DocumentNumber", wire.to_order_head),
    ],
)
def test_recorded_lists_are_read_with_their_pages(
    shared_material: Path, name: str, key: str, number: str, to: Callable[[Fields], Any]
) -> None:
    recording = body(shared_material, name)

    found = wire.listed(recording, key, to)

    assert [item.number for item in found] == [str(item[number]) for item in recording[key]]
    assert len(found) > 0
    assert wire.page_info(recording).is_last


def test_an_empty_recorded_list_is_empty_and_the_last_page(shared_material: Path) -> None:
    recording = body(shared_material, "invoices__search_miss")

    assert wire.listed(recording, "Invoices", wire.to_invoice_head) == []
    assert wire.page_info(recording).is_last


def test_a_recorded_customer_and_article_are_read(shared_material: Path) -> None:
    customer = wire.single(
        body(shared_material, "customers__save_new_with_country_code_SE"), "Customer", wire.to_customer
    )
    article = wire.single(body(shared_material, "articles__save_new"), "Article", wire.to_article)

    assert (customer.country_code, customer.vat_type, customer.currency) == ("SE", "SEVAT", "SEK")
    assert customer.active
    assert (article.kind, article.stock_goods) == ("STOCK", False)


def test_every_recorded_document_can_be_read(shared_material: Path) -> None:
    readers = {"Invoice": wire.to_invoice, "Order": wire.to_order, "Customer": wire.to_customer}
    read = 0
    for path in sorted((shared_material / "recorded" / "fortnox").glob("*.json")):
        for exchange in recorded(shared_material, path.stem):
            answer = exchange["response"]["body"]
            for wrapper, reader in readers.items():
                if exchange["response"]["status"] < 300 and isinstance(answer, dict) and wrapper in answer:
                    assert wire.single(answer, wrapper, reader)
                    read += 1
    assert read > 30


def test_the_samples_of_booked_credited_and_foreign_invoices_are_read(shared_material: Path) -> None:
    def invoice(name: str) -> wire.FortnoxInvoice:
        return wire.single(
            sample(shared_material, "fortnox-samples", f"{name}.json"), "Invoice", wire.to_invoice
        )

    booked, credit = invoice("invoice-booked"), invoice("credit-invoice")
    foreign, credited = invoice("invoice-oss-fi-eur-booked"), invoice("invoice-after-credit")

    assert booked.booked
    assert booked.voucher is not None
    assert (credit.credit, credit.total < 0) == (True, True)
    assert credited.credit_invoice_reference == credit.number
    assert credit.invoice_reference == credited.number
    assert (foreign.currency, foreign.rows[0].vat) == ("EUR", Decimal("25.5"))


def test_small_registers_are_read_from_their_samples(shared_material: Path) -> None:
    def raw(name: str) -> Any:
        return sample(shared_material, "fortnox-samples", f"{name}.json")

    locked = wire.single(raw("lockedperiod"), "LockedPeriod", wire_company.to_locked_until)
    company = wire.single(raw("companyinformation"), "CompanyInformation", wire_company.to_company)
    (year, *_) = wire.listed(raw("financialyears-list"), "FinancialYears", wire_company.to_financial_year)
    accounts = dict(
        wire.listed(raw("predefinedaccounts-list"), "PreDefinedAccounts", wire_company.to_predefined)
    )
    currency = wire.single(raw("currency"), "Currency", wire_company.to_currency)
    account = wire.single(raw("account"), "Account", wire_company.to_account)

    assert locked == date.fromisoformat(raw("lockedperiod")["LockedPeriod"]["EndDate"])
    assert wire.single(raw("lockedperiod-none"), "LockedPeriod", wire_company.to_locked_until) is None
    assert company.database_number == raw("companyinformation")["CompanyInformation"]["DatabaseNumber"]
    assert year.from_date < year.to_date
    assert accounts
    assert currency.sell_rate == raw("currency")["Currency"]["SellRate"]
    assert account.number == raw("account")["Account"]["Number"]


def test_names_in_another_case_and_numbers_as_text_are_read_all_the_same() -> None:
    order = wire.to_order(
        Fields({"documentnumber": 7, "TOTAL": "12.50", "vatincluded": "true", "InvoiceReference": 0}, of="x")
    )

    assert (order.number, order.total, order.vat_included) == ("7", Decimal("12.50"), True)
    assert order.invoice_reference is None


@pytest.mark.parametrize("missing", ["DocumentNumber", "Total"])
def test_a_document_without_number_or_total_is_unreadable(missing: str) -> None:
    answer = {"DocumentNumber": "7", "Total": 1}
    del answer[missing]

    with pytest.raises(UnreadableAnswer, match=missing):
        wire.to_invoice(Fields(answer, of="Invoice"))


def test_every_name_we_read_is_in_fortnox_own_document(shared_material: Path) -> None:
    known = set()
    for name, schema in openapi(shared_material)["components"]["schemas"].items():
        if name.startswith("fortnox_"):
            known |= set(schema.get("properties", {}))
    source = "".join(Path(str(module.__file__)).read_text() for module in (wire, wire_company))
    read = set(re.findall(r'\.\w+\((?:"(\w+)")(?:, "(\w+)")?', source))
    names = {name for pair in read for name in pair if name}

    assert names - known - {"MetaInformation"} == set()
    assert len(names) > 60
    assert {field.name for field in fields(wire.FortnoxInvoice)} >= {"rows", "total_to_pay", "voucher"}
