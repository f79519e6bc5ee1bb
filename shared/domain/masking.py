"""Which fields say who somebody is, and texts without them.

Amounts, numbers, dates and references stay: bookkeeping law wants them for seven years.
"""

import json
from functools import lru_cache
from typing import Any

MASK = "***"
PERSONAL = frozenset(
    (
        *("name", "customername", "customer_name", "deliveryname", "fullname", "firstname", "lastname"),
        *("customerfirstname", "customerlastname", "invoicecustomername"),
        *("email", "emailaddress", "emailaddressto", "emailinvoice", "emailorder", "emailoffer"),
        *("billingemailaddress", "phone", "phone1", "phone2", "phonenumber", "telephone"),
        *("deliveryphone1", "deliveryphone2", "address1", "address2", "deliveryaddress1"),
        *("deliveryaddress2", "streetaddress", "streetaddress2", "streetaddress3", "coaddress"),
        *("addresslines", "street", "zipcode", "postalcode", "deliveryzipcode", "city", "deliverycity"),
        *("organisationnumber", "nationalid", "personnumber", "customerreference", "yourreference"),
        *("vatnumber", "peppolid", "recipienttaxid", "recipientbankaccountno", "ip", "remote_addr"),
    )
)
SECRET = frozenset(
    (
        *("secret", "password", "authorization", "token", "access_token", "refresh_token", "bearer"),
        *("client_secret", "clientsecret", "api_key", "callback_token", "recurringtoken"),
        *("x_signature_512", "snippet", "gui"),
    )
)


FIELDS_REMEMBERED = 4096


@lru_cache(FIELDS_REMEMBERED)
def is_personal(field: str) -> bool:
    return field.casefold() in PERSONAL


@lru_cache(FIELDS_REMEMBERED)
def is_secret(field: str) -> bool:
    return field.casefold().replace("-", "_") in SECRET


def masked(value: Any) -> Any:
    """The same structure with every personal and secret field's content replaced."""
    if isinstance(value, dict):
        return {key: _masked_field(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value


def _masked_field(key: str, value: Any) -> Any:
    if is_secret(key):
        return MASK
    if is_personal(key) and not isinstance(value, dict | list):
        return MASK if value not in (None, "") else value
    return masked(value)


def masked_text(body: str) -> str:
    """A JSON text, masked; a text that is not JSON is replaced by its length, since it may say anything."""
    if not body:
        return body
    try:
        return json.dumps(masked(json.loads(body, parse_float=str)), ensure_ascii=False)
    except ValueError:
        return f"({len(body)} characters that are not JSON)"
