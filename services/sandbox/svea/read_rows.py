"""Rows, addresses and quantities as clients send them. Field names are taken in any case (svea.md 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.sandbox.svea.orders import Address, Customer, Row
from services.sandbox.svea.refusals import invalid

Json = Mapping[str, Any]

_ROW_FIELDS = {
    "articlenumber": "article_number",
    "name": "name",
    "quantity": "quantity",
    "unitprice": "unit_price",
    "discountpercent": "discount_percent",
    "discountamount": "discount_amount",
    "vatpercent": "vat_percent",
    "unit": "unit",
    "rowtype": "row_type",
    "merchantdata": "merchant_data",
    "temporaryreference": "temporary_reference",
}
_INTEGERS = {"quantity", "unit_price", "discount_percent", "discount_amount", "vat_percent"}
_NULLABLE = {"merchant_data", "temporary_reference"}
_DIGITS = {"quantity": 9, "unit_price": 13}
_LENGTHS = {"article_number": 256, "name": 40, "unit": 4, "merchant_data": 255}


def get(source: Json, name: str, default: Any = None) -> Any:
    """The value under Svea's name, whatever its case."""
    lowered = name.lower()
    return next((value for key, value in source.items() if key.lower() == lowered), default)


def stored_row(source: Json) -> Row:
    """A row as Svea itself answered it: the limits on what clients send do not apply."""
    return replace(Row(article_number="", name="", unit_price=0), **_row_values(source, checked=False))


def integer(source: Json, name: str) -> int:
    value = get(source, name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(name, f"{name} must be a whole number", 30050)
    return value


def integers(source: Json, name: str) -> list[int]:
    values = get(source, name) or []
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise invalid(name, f"{name} must be a list of whole numbers", 30051)
    return values


def to_row(source: Json) -> Row:
    return changed(Row(article_number="", name="", unit_price=0, quantity=0), source, is_new=True)


def changed(row: Row, source: Json, *, is_new: bool = False) -> Row:
    values = _row_values(source)
    if is_new:
        for needed in ("name", "quantity", "unit_price", "vat_percent"):
            if needed not in values:
                raise invalid(_wire(needed), f"{_wire(needed)} is required", 30052)
    new = replace(row, **values)
    if new.discount_amount < 0 or not 0 <= new.discount_percent <= 10000:
        raise invalid("DiscountPercent", "The discount is out of range", 30053)
    if new.discount_amount and new.discount_percent:
        raise invalid("DiscountAmount", "Give either DiscountAmount or DiscountPercent", 30054)
    return new


def _row_values(source: Json, *, checked: bool = True) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in source.items():
        name = _ROW_FIELDS.get(key.lower())
        if name is None or (value is None and name not in _NULLABLE):
            continue
        if checked:
            _must_fit(name, value)
        values[name] = value
    return values


def _must_fit(name: str, value: Any) -> None:
    if name in _INTEGERS:
        if type(value) is not int:
            raise invalid(_wire(name), f"{_wire(name)} must be a whole number", 30050)
        if name in _DIGITS and len(str(abs(value))) > _DIGITS[name]:
            raise invalid(_wire(name), f"{_wire(name)} has more than {_DIGITS[name]} digits", 30055)
    elif name in _LENGTHS and isinstance(value, str) and len(value) > _LENGTHS[name]:
        raise invalid(_wire(name), f"{_wire(name)} is longer than {_LENGTHS[name]}", 30056)
    elif name == "name" and not value:
        raise invalid("Name", "Name is required", 30052)


def _wire(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def to_rows(source: Any, field: str) -> list[Row]:
    if not isinstance(source, list) or not source:
        raise invalid(field, f"{field} must be a list with at least one row", 30057)
    return [to_row(row) for row in source]


def to_quantities(source: Json, options: str) -> dict[int, int | None]:
    """Row ids, some with a quantity of their own."""
    wanted: dict[int, int | None] = dict.fromkeys(integers(source, "OrderRowIds"))
    for option in get(source, options) or []:
        wanted[integer(option, "OrderRowId")] = integer(option, "Quantity")
    return wanted


def to_address(source: Json | None) -> Address | None:
    if not source:
        return None
    return Address(
        full_name=get(source, "FullName") or "",
        first_name=get(source, "FirstName") or "",
        last_name=get(source, "LastName") or "",
        street=get(source, "StreetAddress") or "",
        street2=get(source, "StreetAddress2"),
        street3=get(source, "StreetAddress3"),
        co_address=get(source, "CoAddress") or "",
        postal_code=get(source, "PostalCode") or "",
        city=get(source, "City") or "",
        country=get(source, "CountryCode") or "",
    )


def to_customer(source: Json | None) -> Customer:
    """`Id, NationalId, IsCompany, EmailAddress, PhoneNumber, CustomerReference`, all optional."""
    if not source:
        return Customer()
    return Customer(
        number=get(source, "Id"),
        national_id=get(source, "NationalId"),
        is_company=bool(get(source, "IsCompany", default=False)),
        email=get(source, "EmailAddress"),
        phone=get(source, "PhoneNumber"),
        reference=get(source, "CustomerReference"),
    )
