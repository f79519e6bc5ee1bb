"""What Fortnox answers about the company itself: its accounts, years, currencies and settings."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.clients.fields import Fields
from shared.domain.errors import UnreadableAnswer

ONE = Decimal(1)


@dataclass(frozen=True)
class FortnoxAccount:
    number: int
    description: str
    active: bool
    vat_code: str | None
    cost_center_settings: str
    project_settings: str
    year: int | None


@dataclass(frozen=True)
class FinancialYear:
    id: int
    from_date: date
    to_date: date
    accounting_method: str

    def covers(self, on: date) -> bool:
        return self.from_date <= on <= self.to_date


@dataclass(frozen=True)
class Currency:
    """Rates are SEK per ``unit`` units of the currency."""

    code: str
    description: str
    unit: Decimal
    buy_rate: Decimal | None
    sell_rate: Decimal | None
    rated_on: date | None
    automatic: bool


@dataclass(frozen=True)
class CompanyInformation:
    name: str
    organisation_number: str
    database_number: int | None
    country_code: str
    address: str
    zip_code: str
    city: str


def to_account(account: Fields) -> FortnoxAccount:
    return FortnoxAccount(
        number=account.needed_integer("Number"),
        description=account.text("Description"),
        active=account.flag("Active"),
        vat_code=account.text("VATCode") or None,
        cost_center_settings=account.text("CostCenterSettings"),
        project_settings=account.text("ProjectSettings"),
        year=account.integer("Year"),
    )


def to_financial_year(year: Fields) -> FinancialYear:
    first, last = year.day("FromDate"), year.day("ToDate")
    if first is None or last is None:
        raise UnreadableAnswer("FinancialYear: FromDate or ToDate is missing")
    return FinancialYear(
        id=year.needed_integer("Id"),
        from_date=first,
        to_date=last,
        accounting_method=year.text("AccountingMethod"),
    )


def to_currency(currency: Fields) -> Currency:
    return Currency(
        code=currency.needed_text("Code").upper(),
        description=currency.text("Description"),
        unit=currency.number("Unit") or ONE,
        buy_rate=currency.number("BuyRate"),
        sell_rate=currency.number("SellRate"),
        rated_on=currency.day("Date"),
        automatic=currency.flag("IsAutomatic"),
    )


def to_company(company: Fields) -> CompanyInformation:
    return CompanyInformation(
        name=company.text("CompanyName"),
        organisation_number=company.text("OrganizationNumber"),
        database_number=company.integer("DatabaseNumber"),
        country_code=company.text("CountryCode"),
        address=company.text("Address"),
        zip_code=company.text("ZipCode"),
        city=company.text("City"),
    )


def to_locked_until(locked: Fields) -> date | None:
    return locked.day("EndDate")


def to_predefined(account: Fields) -> tuple[str, int]:
    return account.needed_text("Name"), account.needed_integer("Account")
