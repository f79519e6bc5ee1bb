"""A customer's draft as Fortnox' fields, and which of them a customer there does not show yet."""

from collections.abc import Mapping
from typing import Any

from services.sync_worker.customer_search import TYPES
from shared.clients.fortnox.encode import encode
from shared.clients.fortnox.wire import FortnoxCustomer
from shared.domain.customers import (
    KeptCustomerDraft,
    bare_organisation_number,
    bare_vat_number,
    kept_from,
)
from shared.domain.documents import CustomerDraft
from shared.domain.parties import Address

# The merchant sets these by hand too, so they are written only when what decides them has changed.
CHOSEN = {"PriceList": "price_list", "TermsOfPayment": "terms_of_payment", "VATType": "vat_type"}
SAME_WHEN_BARE = {"OrganisationNumber": bare_organisation_number, "VATNumber": bare_vat_number}


def card_payload(draft: CustomerDraft) -> dict[str, Any]:
    """Name, contact, numbers and addresses. None is left alone; an empty text would empty the field."""
    billing, delivery = draft.billing, draft.delivery
    return {
        "Name": draft.name,
        "Email": draft.email,
        "Phone1": draft.phone,
        "OrganisationNumber": draft.organisation_number or None,
        "VATNumber": draft.vat_number or None,
        "Address1": billing.street,
        "Address2": billing.street2,
        "ZipCode": billing.postal_code,
        "City": billing.city,
        "CountryCode": billing.country or None,
        **({} if delivery is None else _delivery(delivery)),
        "DeliveryPhone1": getattr(draft, "delivery_phone", None) or None,
        "YourReference": getattr(draft, "contact", None) or None,
    }


def changes_to(there: FortnoxCustomer, draft: KeptCustomerDraft, before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields to write so that ``there`` shows the draft; ``before`` is what we wrote last, if we did.

    A field that the account has nothing for is emptied only if it was the account that had filled it.
    """
    last = kept_from(before) if before.get("keeper") else None
    shown = _shown(there)
    wanted = _encoded(card_payload(draft) | _delivery_removed(draft, last))
    had = _encoded(card_payload(last)) if last else {}
    changes = {
        name: value
        for name, value in wanted.items()
        if not _is_shown(name, value, shown) and (value != "" or had.get(name))
    }
    changes |= {name: "" for name in had if had[name] and name not in wanted and _may_be_emptied(name, shown)}
    return changes | _chosen(there, draft, before) | _type(there, draft) | _invoice_address(there, changes)


def _delivery(address: Address) -> dict[str, Any]:
    return {
        "DeliveryName": address.name,
        "DeliveryAddress1": address.street,
        "DeliveryAddress2": address.street2,
        "DeliveryZipCode": address.postal_code,
        "DeliveryCity": address.city,
        "DeliveryCountryCode": address.country or None,
    }


def _delivery_removed(draft: KeptCustomerDraft, last: KeptCustomerDraft | None) -> dict[str, Any]:
    """A country cannot be emptied, so a delivery address that is gone becomes the billing address."""
    if draft.delivery is not None or last is None or last.delivery is None:
        return {}
    return _delivery(draft.billing) | {"DeliveryName": draft.name}


def _encoded(payload: Mapping[str, Any]) -> dict[str, Any]:
    """As Fortnox will have it: its own character set and lengths."""
    encoded: dict[str, Any] = encode("Customer", payload)["Customer"]
    return encoded


def _shown(there: FortnoxCustomer) -> dict[str, str]:
    return {
        "Name": there.name,
        "Email": there.email,
        "Phone1": there.phone,
        "OrganisationNumber": there.organisation_number,
        "VATNumber": there.vat_number,
        "Address1": there.address1,
        "Address2": there.address2,
        "ZipCode": there.zip_code,
        "City": there.city,
        "CountryCode": there.country_code or "",
        "DeliveryName": there.delivery_name,
        "DeliveryAddress1": there.delivery_address1,
        "DeliveryAddress2": there.delivery_address2,
        "DeliveryZipCode": there.delivery_zip_code,
        "DeliveryCity": there.delivery_city,
        "DeliveryCountryCode": there.delivery_country_code or "",
        "DeliveryPhone1": there.delivery_phone,
        "YourReference": there.your_reference,
        "PriceList": there.price_list,
        "TermsOfPayment": there.terms_of_payment,
        "VATType": there.vat_type,
    }


def _is_shown(name: str, value: str, shown: Mapping[str, str]) -> bool:
    bare = SAME_WHEN_BARE.get(name)
    if bare is not None and bare(value):
        return bare(value) == bare(shown[name])
    return value == shown[name]


def _may_be_emptied(name: str, shown: Mapping[str, str]) -> bool:
    """An e-mail address or a country cannot be: Fortnox takes none that is empty."""
    return bool(shown[name]) and name not in ("Email", "CountryCode", "DeliveryCountryCode")


def _chosen(there: FortnoxCustomer, draft: KeptCustomerDraft, before: Mapping[str, Any]) -> dict[str, Any]:
    shown = _shown(there)
    changes = {}
    for name, attribute in CHOSEN.items():
        value = getattr(draft, attribute)
        usual = "SEVAT" if attribute == "vat_type" and not before else None
        if value not in (None, usual, before.get(attribute)) and value.casefold() != shown[name].casefold():
            changes[name] = value
    return changes


def _type(there: FortnoxCustomer, draft: KeptCustomerDraft) -> dict[str, Any]:
    """A person may become a company. A customer of another type (UNDEFINED) cannot be changed (2001200)."""
    wanted = TYPES[draft.party]
    return {"Type": wanted} if there.kind in TYPES.values() and there.kind != wanted else {}


def _invoice_address(there: FortnoxCustomer, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Invoices go to the same address, unless the merchant has chosen another one for them."""
    same = there.email_invoice in ("", there.email)
    return {"EmailInvoice": changes["Email"]} if "Email" in changes and same else {}
