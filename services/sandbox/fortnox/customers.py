"""Customers: numbers that are never free again, countries by code, defaults that leak into documents."""

import re
from collections.abc import Mapping

from services.sandbox.fortnox import countries, refusals
from services.sandbox.fortnox.collection import API_URL, Collection, picked
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.listing import Listing, contains, equals
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.register_fields import CUSTOMER
from services.sandbox.fortnox.wire import Fields

LISTING = Listing(
    searches={
        "customernumber": contains("CustomerNumber"),
        "name": contains("Name"),
        "zipcode": contains("ZipCode"),
        "city": contains("City"),
        "email": contains("Email"),
        "phone": contains("Phone1"),
        "organisationnumber": contains("OrganisationNumber"),
        "gln": equals("GLN"),
        "glndelivery": equals("GLNDelivery"),
    },
    filters={
        "active": lambda customer: bool(customer["Active"]),
        "inactive": lambda customer: not customer["Active"],
    },
    sorts={"customernumber": "CustomerNumber", "name": "Name"},
)
COUNTRY_FIELDS = {
    "CountryCode": "Country",
    "DeliveryCountryCode": "DeliveryCountry",
    "VisitingCountryCode": "VisitingCountry",
}
CODE_FIELDS = {
    "TermsOfPayment": ("terms_of_payment", 2000429, "betalningsvillkoret"),
    "TermsOfDelivery": ("terms_of_delivery", 2000435, "leveransvillkoret"),
    "WayOfDelivery": ("ways_of_delivery", 2000436, "leveranssättet"),
    "PriceList": ("price_lists", 2000431, "prislistan"),
}
EMAIL_FIELDS = [name for name in CUSTOMER.fields if name.startswith("Email")]
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
NUMBER = re.compile(r"[\w–+/\-]+")


class Customers(Collection):
    """`/3/customers`"""

    path, single, plural, scope = "customers", "Customer", "Customers", "customer"

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        records, meta = LISTING.page(self.company.customers, query)
        return [_list_item(record) for record in records], meta

    def get(self, key: str, query: Mapping[str, str]) -> Fields:
        return self._answer(self._find(key))

    def create(self, sent: object, query: Mapping[str, str]) -> Fields:
        values = CUSTOMER.read(sent, creating=True, rules=self.rules)
        number = values.setdefault("CustomerNumber", self.company.customers.next_number())
        if not NUMBER.fullmatch(number):
            raise Refusal(2000106, "Kundnumret måste vara alfanumeriskt.")
        if number in self.company.customers or number in self.company.customers.burnt:
            raise Refusal(2000637, f"Kundnumret {number} används redan.")
        record = {"@url": f"{API_URL}/customers/{number}"} | CUSTOMER.fresh()
        self._write(record, values)
        self.company.store(self.company.customers, number, record)
        created = self._answer(record)
        if record["SalesAccount"] is not None:
            created["SalesAccount"] = int(
                record["SalesAccount"]
            )  # recorded: a number in the answer of POST only
        return created

    def update(self, key: str, sent: object, query: Mapping[str, str]) -> Fields:
        record = self._find(key)
        if record["Type"] == "UNDEFINED":
            raise Refusal(2001200, "Ogiltig kundtyp.")
        values = CUSTOMER.read(sent, creating=False, rules=self.rules, current=record)
        changed = dict(record)
        self._write(changed, values)
        record.update(changed)
        return self._answer(self.company.store(self.company.customers, key, record))

    def delete(self, key: str) -> None:
        self._find(key)
        documents = [*self.company.orders.values(), *self.company.invoices.values()]
        if any(document["CustomerNumber"] == key for document in documents):
            raise Refusal(refusals.IN_USE, f"Kunden {key} används på dokument.")
        del self.company.customers[key]
        self.company.customers.burnt.add(key)
        self.company.tell("customers", "customer-deleted", key)

    def _find(self, key: str) -> Fields:
        if key not in self.company.customers:
            raise not_found(2000433, "kunden")
        return self.company.customers[key]

    def _write(self, record: Fields, values: Fields) -> None:
        self._must_refer_to_what_exists(values)
        for name in EMAIL_FIELDS:
            if (
                values.get(name)
                and self.company.switches.refuse_bad_email
                and not EMAIL.fullmatch(values[name])
            ):
                raise Refusal(refusals.BAD_EMAIL, f"{name} är inte en giltig e-postadress.")
        record.update(values)
        for code, name in COUNTRY_FIELDS.items():
            if code in values:
                record[name] = countries.name_of(values[code]) if values[code] else None

    def _must_refer_to_what_exists(self, values: Fields) -> None:
        must_have_codes(self.company, values)
        if values.get("Currency"):
            self.company.must_have_currency(values["Currency"])
        if values.get("SalesAccount"):
            if not values["SalesAccount"].isdecimal():
                raise Refusal(2000108, "Värdet i SalesAccount måste vara numeriskt.")
            self.company.must_have_account(int(values["SalesAccount"]))

    def _answer(self, record: Fields) -> Fields:
        return dict(record)


def must_have_codes(company: Company, values: Fields) -> None:
    """Terms, ways and price lists by code: upper or lower case, but they must exist."""
    for name, (register, code, what) in CODE_FIELDS.items():
        if values.get(name):
            known = {each.casefold(): each for each in getattr(company, register)}
            if values[name].casefold() not in known:
                raise Refusal(code, f"Kan inte hitta {what}.")
            values[name] = known[values[name].casefold()]


def _list_item(record: Fields) -> Fields:
    item = picked(record, "Address1 Address2 City CustomerNumber Email Name OrganisationNumber")
    item |= {"Phone": record["Phone1"], "ZipCode": record["ZipCode"]}
    return {name: "" if value is None else value for name, value in item.items()}
