"""Field names, limits and wrappers against Fortnox' own OpenAPI document, with its known defects named."""

import json
from typing import Any

import pytest

from services.sandbox.fortnox import (
    document_fields,
    files,
    invoice_list,
    ledger_settings,
    orders,
    payments,
    predefined,
    register_fields,
    registers,
    vouchers,
)
from services.sandbox.fortnox.app import COLLECTIONS
from services.sandbox.fortnox.fields import Field, Table
from services.sandbox.fortnox.kept_files import KeptFile
from services.sandbox.fortnox.wire import words
from tests.support.paths import SHARED_MATERIAL

DOCUMENT = SHARED_MATERIAL / "apis" / "fortnox-openapi.json"
pytestmark = pytest.mark.skipif(
    not DOCUMENT.is_file(), reason="fortnox-openapi.json is not beside the project"
)

TABLES: list[tuple[str, Table]] = [
    ("Customer", register_fields.CUSTOMER),
    ("Customer_DefaultDeliveryTypes", register_fields.DELIVERY_TYPES),
    ("Customer_DefaultTemplates", register_fields.TEMPLATES),
    ("Article", register_fields.ARTICLE),
    ("Price", register_fields.PRICE),
    ("PriceList", register_fields.PRICE_LIST),
    ("Order", document_fields.ORDER),
    ("Order_OrderRow", document_fields.ORDER_ROW),
    ("Order_EmailInformation", document_fields.EMAIL_INFORMATION),
    ("Invoice", document_fields.INVOICE),
    ("Invoice_InvoiceRow", document_fields.INVOICE_ROW),
    ("Invoice_EDIInformation", document_fields.EDI_INFORMATION),
    ("InvoicePayment", payments.PAYMENT),
    ("InvoicePayment_WriteOff", payments.WRITE_OFF),
    ("Voucher", vouchers.VOUCHER),
    ("Voucher_VoucherRow", vouchers.VOUCHER_ROW),
    ("VoucherFileConnection", files.CONNECTION),
    ("AccountPayload", ledger_settings.ACCOUNT),
    ("Currency", ledger_settings.CURRENCY),
    ("ModeOfPayment", ledger_settings.MODE),
    ("Unit", registers.UNIT),
    ("TermsOfPayment", registers.TERMS_OF_PAYMENT),
    ("TermsOfDelivery", registers.DELIVERY),
]
# Recorded live, absent from the document (fact sheet 0.3).
UNDECLARED = {
    "Article": {"CommodityCode"},
    "Order_OrderRow": {"Cost"},
    "Invoice_InvoiceRow": {"Cost"},
    "Invoice": {"InvoiceReference"},
}
# In the document, never recorded.
NEVER_SEEN = {"Invoice": {"InvoicePeriodReference"}}
# Readable types of the document that the recordings contradict, or that cannot hold what must be sent.
WRONG_TYPES = {
    ("Invoice", "ContractReference"): "a string since 2024",
    ("Invoice_InvoiceRow", "VAT"): "an integer cannot hold 25.5",
    ("Customer", "InvoiceFreight"): "text that holds a number",
    ("Customer", "InvoiceAdministrationFee"): "text that holds a number",
}
KINDS = {
    "text": {"string"},
    "one": {"string"},
    "date": {"string"},
    "quantity": {"string"},
    "number": {"number"},
    "whole": {"integer"},
    "flag": {"boolean"},
    "object": {"object"},
    "rows": {"array"},
}


OF_FILES = ("inbox", "archive")  # a list of them is a folder
NO_JSON = ("sie",)  # a file for each type, and no list


@pytest.fixture(scope="module")
def openapi() -> Any:
    return json.loads(DOCUMENT.read_text())


def properties(openapi: Any, schema: str) -> dict[str, Any]:
    declared = openapi["components"]["schemas"][f"fortnox_{schema}"]["properties"]
    return {name: value for name, value in declared.items() if not name.startswith("@")}


@pytest.mark.parametrize(("schema", "table"), TABLES)
def test_our_fields_are_the_documents_fields(openapi: Any, schema: str, table: Table) -> None:
    declared = set(properties(openapi, schema)) - NEVER_SEEN.get(schema, set())

    assert set(table.fields) - UNDECLARED.get(schema, set()) == declared


@pytest.mark.parametrize(("schema", "table"), TABLES)
def test_our_limits_and_types_are_the_documents(openapi: Any, schema: str, table: Table) -> None:
    declared = properties(openapi, schema)

    wrong = {
        name: (field.kind, field.limit)
        for name, field in table.fields.items()
        if name in declared and (schema, name) not in WRONG_TYPES and not agrees(field, declared[name])
    }

    assert wrong == {}


def agrees(field: Field, declared: dict[str, Any]) -> bool:
    """Same type, and never a longer text than the document allows."""
    type_ = declared.get("type", "object")
    if type_ not in KINDS[field.kind]:
        return False
    return (
        "maxLength" not in declared or field.kind != "text" or (field.limit or 10**6) <= declared["maxLength"]
    )


def test_what_we_let_write_on_an_invoice_is_what_the_payload_declares(openapi: Any) -> None:
    declared = set(properties(openapi, "InvoicePayload")) - {"CreditInvoiceReference"}  # read-only by the SDK

    assert {name for name, field in document_fields.INVOICE.fields.items() if field.access != "r"} == declared


@pytest.mark.parametrize(
    ("schema", "item"),
    [
        ("OrderListItem", orders.ITEM),
        ("InvoiceListItem", invoice_list.ITEM),
        ("VoucherListItem", vouchers.ITEM),
        ("InvoicePaymentListItem", f"{payments.ITEM} WriteOffExist"),
    ],
)
def test_our_list_items_are_the_documents(openapi: Any, schema: str, item: str) -> None:
    assert set(words(item)) == set(properties(openapi, schema))


@pytest.mark.parametrize(
    "collection", [one for path, one in COLLECTIONS.items() if path not in (*OF_FILES, *NO_JSON)], ids=str
)
def test_wrapper_and_list_key_are_the_documents(openapi: Any, collection: Any) -> None:
    path = openapi["paths"][f"/3/{collection.path}"]
    listed = schema_of(openapi, path["get"]["responses"]["200"])
    post = path.get("post") or single_path(openapi, collection.path)["put"]

    single = schema_of(openapi, post["requestBody"])
    assert set(single["properties"]) == {collection.single}
    if collection.path != "prices":  # documented as one Price where a list is meant
        assert set(listed["properties"]) - {"MetaInformation"} == {collection.plural}


@pytest.mark.parametrize("path", OF_FILES)
def test_files_are_put_in_as_forms_and_shown_as_the_document_says(openapi: Any, path: str) -> None:
    put_in = openapi["paths"][f"/3/{path}"]["post"]
    row = files.shown(KeptFile("1", "2", "a.json", "Inbox_v", b"{}"), path)

    assert set(put_in["requestBody"]["content"]) == {"multipart/form-data"}
    assert set(schema_of(openapi, put_in["responses"]["201"])["properties"]) == {"File"}
    assert set(row) - {"@url"} == set(properties(openapi, "Folder_FileRow"))


def single_path(openapi: Any, path: str) -> Any:
    return next(value for name, value in openapi["paths"].items() if name.startswith(f"/3/{path}/{{"))


def schema_of(openapi: Any, holder: Any) -> Any:
    reference = next(iter(holder["content"].values()))["schema"]["$ref"]
    return openapi["components"]["schemas"][reference.rpartition("/")[2]]


def test_predefined_tables_take_the_one_field_that_can_be_written(openapi: Any) -> None:
    assert set(predefined.PREDEFINED_ACCOUNT.fields) == set(properties(openapi, "PredefinedAccount")) - {
        "Name"
    }
    assert set(predefined.PREDEFINED_SERIES.fields) == set(properties(openapi, "PredefinedVoucherSeries")) - {
        "Name"
    }
