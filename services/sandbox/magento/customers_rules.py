"""What makes Magento refuse a customer, in its words.

Recorded: missing names, a bad or taken e-mail address, an incomplete address. The labels of the other
required values follow the pattern of the recorded ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.sandbox.magento.catalogue_routes import no_such
from services.sandbox.magento.customers import Customer, Customers
from services.sandbox.magento.refusals import Refused, internal_error, required

Json = Mapping[str, Any]

LABELS = {
    "website_id": "Associate to Website",
    "firstname": "First Name",
    "lastname": "Last Name",
    "email": "Email",
}
NEEDED_OF_ADDRESS = ("firstname", "lastname", "street", "city", "telephone", "postcode", "country_id")
WITHOUT_POSTCODE = ("HK", "IE", "MO", "PA")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
TAKEN = "A customer with the same email address already exists in an associated website."


def must_be_complete(sent: Json) -> None:
    """The required values, all that are missing in one text; then the e-mail address."""
    missing = [label for name, label in LABELS.items() if not sent.get(name)]
    if missing:
        raise Refused("\n".join(f'"{label}" is a required value.' for label in missing))
    if not EMAIL.fullmatch(sent["email"]):
        raise Refused('"Email" is not a valid email address.')


def must_be_free(customers: Customers, sent: Json, customer: Customer | None = None) -> None:
    """400 when another customer of the website has the address; 500 while its creation is under way."""
    key = (sent["website_id"], sent["email"].lower())
    if customer is None and key in customers.being_created:
        raise internal_error()
    holder = customers.find(sent["email"], sent["website_id"])
    if holder is not None and holder is not customer:
        raise Refused(TAKEN)


def must_have_addresses(sent: Json, customer: Customer | None = None) -> None:
    """Each address complete; one that is known counts with what it has already."""
    for address in sent.get("addresses") or ():
        known = customer.address(address.get("id")) if customer else None
        if address.get("id") and known is None:
            raise no_such("addressId", address["id"])
        _must_be_complete_address((known.values if known else {}) | address)


def _must_be_complete_address(address: Json) -> None:
    missing = [name for name in NEEDED_OF_ADDRESS if not address.get(name)]
    if address.get("country_id") in WITHOUT_POSTCODE and "postcode" in missing:
        missing.remove("postcode")
    refused = [required("countryId" if name == "country_id" else name) for name in missing]
    if len(refused) == 1:
        raise refused[0]
    if refused:
        errors = [{"message": one.message, "parameters": one.parameters} for one in refused]
        raise Refused("One or more input exceptions have occurred.", errors=errors)
