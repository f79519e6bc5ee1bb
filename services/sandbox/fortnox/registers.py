"""Small registers of code and description: terms, ways, units, price lists."""

from collections.abc import Mapping
from typing import ClassVar

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.collection import API_URL, Collection, no_such_method
from services.sandbox.fortnox.company import Records
from services.sandbox.fortnox.fields import Table, table
from services.sandbox.fortnox.listing import Listing
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.register_fields import PRICE_LIST
from services.sandbox.fortnox.wire import Fields

LISTING = Listing()
UNIT = table(
    """
    Code         text:20   new  null
    CodeEnglish  text:100  rw   ""
    Description  text:100  rw   null
    """,
    required=("Code", "Description"),
)
TERMS_OF_PAYMENT = table(
    """
    Code         text:25   new  null
    Description  text      rw   null
    """,
    required=("Code", "Description"),
)
DELIVERY = table(
    """
    Code                text:20   new  null
    Description         text:200  rw   ""
    DescriptionEnglish  text:100  rw   ""
    """,
    required=("Code", "Description"),
)


class CodeRegister(Collection):
    """A register whose key is `Code`."""

    table: ClassVar[Table]
    missing: ClassVar[tuple[int, str]]
    upper_case: ClassVar[bool] = False
    deletable: ClassVar[bool] = True

    @property
    def records(self) -> Records:
        """Where the register is kept."""
        raise NotImplementedError

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        records, meta = LISTING.page(self.records, query)
        return [self._shown(record) for record in records], meta

    def get(self, key: str, query: Mapping[str, str]) -> Fields:
        return self._shown(self._find(key))

    def create(self, sent: object, query: Mapping[str, str]) -> Fields:
        values = self.table.read(sent, creating=True, rules=self.rules)
        code = values["Code"].upper() if self.upper_case else values["Code"]
        if code in self.records:
            raise Refusal(refusals.DUPLICATE_NUMBER, f"Koden {code} används redan.")
        record = self.table.fresh() | values | {"Code": code}
        return self._shown(self.company.store(self.records, code, record))

    def update(self, key: str, sent: object, query: Mapping[str, str]) -> Fields:
        record = self._find(key)
        record |= self.table.read(sent, creating=False, rules=self.rules, current=record)
        return self._shown(self.company.store(self.records, key, record))

    def delete(self, key: str) -> None:
        if not self.deletable:
            raise no_such_method()
        self._find(key)
        del self.records[key]

    def _find(self, key: str) -> Fields:
        if key not in self.records:
            raise not_found(*self.missing)
        return self.records[key]

    def _shown(self, record: Fields) -> Fields:
        return {"@url": f"{API_URL}/{self.path}/{record['Code']}"} | record


class Units(CodeRegister):
    """`/3/units`"""

    path, single, plural, scope = "units", "Unit", "Units", "settings"
    table, missing = UNIT, (2000432, "enheten")

    @property
    def records(self) -> Records:
        return self.company.units


class TermsOfPayments(CodeRegister):
    """`/3/termsofpayments`: codes are stored in upper case."""

    path, single, plural, scope = "termsofpayments", "TermsOfPayment", "TermsOfPayments", "settings"
    table, missing, upper_case = TERMS_OF_PAYMENT, (2000429, "betalningsvillkoret"), True

    @property
    def records(self) -> Records:
        return self.company.terms_of_payment


class TermsOfDeliveries(CodeRegister):
    """`/3/termsofdeliveries`"""

    path, single, plural, scope = "termsofdeliveries", "TermsOfDelivery", "TermsOfDeliveries", "settings"
    table, missing, upper_case, deletable = DELIVERY, (2000435, "leveransvillkoret"), True, False

    @property
    def records(self) -> Records:
        return self.company.terms_of_delivery


class WaysOfDelivery(CodeRegister):
    """`/3/wayofdeliveries`"""

    path, single, plural, scope = "wayofdeliveries", "WayOfDelivery", "WayOfDeliveries", "settings"
    table, missing, upper_case = DELIVERY, (2000436, "leveranssättet"), True

    @property
    def records(self) -> Records:
        return self.company.ways_of_delivery


class PriceLists(CodeRegister):
    """`/3/pricelists`"""

    path, single, plural, scope = "pricelists", "PriceList", "PriceLists", "price"
    table, missing, upper_case, deletable = PRICE_LIST, (2000431, "prislistan"), True, False

    @property
    def records(self) -> Records:
        return self.company.price_lists
