"""Drafts -> what Fortnox is sent. Built from our own drafts only, never from what was read."""

from decimal import Decimal
from typing import Any

from shared.clients.fortnox.encode import country_name
from shared.domain.documents import SalesDocument
from shared.domain.items import Row
from shared.domain.parties import Address
from shared.domain.postings import BOOK_CURRENCY

HOME = "SE"
ZERO = Decimal(0)
ONE = Decimal(1)


def document_payload(draft: SalesDocument, *, customer_number: str, reference: str) -> dict[str, Any]:
    """The fields that orders and invoices share. Freight and fee 0 keep the customer's defaults out."""
    return {
        "CustomerNumber": customer_number,
        "CustomerName": draft.name,
        **_address("", draft.billing),
        **(_address("Delivery", draft.delivery) if draft.delivery else {}),
        "Currency": draft.currency,
        **rate_payload(draft),
        "VATIncluded": True,
        "Freight": ZERO,
        "AdministrationFee": ZERO,
        "YourReference": draft.your_reference or None,
        "Remarks": draft.remarks or None,
        **reference_payload(draft, reference),
    }


def reference_payload(draft: SalesDocument, reference: str) -> dict[str, Any]:
    return {
        "ExternalInvoiceReference1": reference,
        "ExternalInvoiceReference2": second_reference(draft),
        draft.order_number_field: draft.order_number or None,
    }


def second_reference(draft: SalesDocument) -> str | None:
    """The Svea checkout id, where other Svea tooling looks for it."""
    return None if draft.checkout_id is None else str(draft.checkout_id)


def rate_payload(draft: SalesDocument, *, unit: Decimal = ONE) -> dict[str, Any]:
    """An explicit rate wins over Fortnox' own.

    For one unit it is the same however Fortnox reads units; ``unit`` is another one that it was seen to keep.
    """
    if draft.currency == BOOK_CURRENCY or draft.rate is None:
        return {}
    return {"CurrencyRate": draft.rate * unit, "CurrencyUnit": unit}


def order_row(row: Row) -> dict[str, Any]:
    return {**invoice_row(row), "OrderedQuantity": row.quantity}


def invoice_row(row: Row) -> dict[str, Any]:
    """Discount 0 keeps the customer's default out; without DeliveredQuantity a row counts as nothing."""
    return {
        "ArticleNumber": row.article,
        "Description": row.text,
        "DeliveredQuantity": row.quantity,
        "Price": row.price.amount,
        "Discount": ZERO,
        "VAT": row.rate,
        "VATCode": row.vat_code,
        "AccountNumber": row.account,
    }


def text_row(text: str, *, like: Row) -> dict[str, Any]:
    """A row that only says something; the account keeps Fortnox from asking for one."""
    return {
        "Description": text,
        "DeliveredQuantity": ZERO,
        "Price": ZERO,
        "VAT": like.rate,
        "VATCode": like.vat_code,
        "AccountNumber": like.account,
    }


def _address(prefix: str, address: Address) -> dict[str, Any]:
    name = {"DeliveryName": address.name} if prefix else {}
    country = country_name(address.country) if address.country not in ("", HOME) else None
    return {
        **name,
        f"{prefix}Address1": address.street,
        f"{prefix}Address2": address.street2,
        f"{prefix}ZipCode": address.postal_code,
        f"{prefix}City": address.city,
        f"{prefix}Country": country,
    }
