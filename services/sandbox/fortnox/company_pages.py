"""Pages about the company itself: one object each, read only."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from services.sandbox.fortnox.amounts import ZERO
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.wire import Fields, words

NOT_GIVEN = words(
    """
    BIC BranchCode ContactFirstName ContactLastName Fax IBAN PG Phone1 Phone2 VisitAddress VisitCity
    VisitCountry VisitCountryCode VisitName VisitZipCode WWW
    """
)
EU_LIMIT_SEK = 99680
NON_OSS = frozenset({"MP1", "MP2", "MP3"})


def company_information(company: Company, query: Mapping[str, str]) -> Fields:
    """`/3/companyinformation`: DatabaseNumber is a number here."""
    blank = dict.fromkeys(("VisitAddress", "VisitCity", "VisitCountryCode", "VisitZipCode"), "")
    known = {
        "Address": "Bolagsgatan 1",
        "City": "Teststad",
        "CountryCode": "SE",
        "DatabaseNumber": company.tenant_id,
    }
    names = {
        "CompanyName": company.name,
        "OrganizationNumber": company.organisation_number,
        "ZipCode": "12345",
    }
    return {"CompanyInformation": known | names | blank}


def company_settings(company: Company, query: Mapping[str, str]) -> Fields:
    """`/3/settings/company`: DatabaseNumber is a string here."""
    blank = dict.fromkeys(NOT_GIVEN, "")
    known = {
        "Address": "Bolagsgatan 1",
        "BG": "000-0000",
        "City": "Teststad",
        "Country": "Sverige",
        "CountryCode": "SE",
        "DatabaseNumber": str(company.tenant_id),
        "Domicile": "Teststad",
        "Email": "info@example.com",
        "Name": company.name,
        "OrganizationNumber": company.organisation_number,
        "TaxEnabled": True,
        "VATNumber": f"SE{company.organisation_number.replace('-', '')}01",
        "ZipCode": "12345",
    }
    return {"CompanySettings": known | blank}


def locked_period(company: Company, query: Mapping[str, str]) -> Fields:
    """`/3/settings/lockedperiod`: null when nothing is locked."""
    return {"LockedPeriod": {"EndDate": company.locked_until.isoformat() if company.locked_until else None}}


def me(company: Company, query: Mapping[str, str]) -> Fields:
    """`/3/me`"""
    email = "service@example.com"
    return {
        "MeInformation": {
            "Id": "1",
            "Name": "Service Konto",
            "Email": email,
            "SysAdmin": True,
            "Locale": "sv_SE",
        }
    }


def eu_vat_limit(company: Company, query: Mapping[str, str]) -> Fields:
    """`/3/euvatlimitregulation?year=`: net sales with the rate of another country, against the limit."""
    year = query.get("year", str(company.today().year))
    own = {code.account for code in company.vat_codes if code.account and code.code not in NON_OSS}
    accounts = {
        a.number
        for a in company.accounts.values()
        if a.vat_code and company.vat_code(a.vat_code).account in own
    }
    sums = company.books.by_account(date(int(year), 1, 1), date(int(year), 12, 31))
    total = -sum((amount for account, amount in sums.items() if account in accounts), ZERO)
    over = total > Decimal(EU_LIMIT_SEK)
    return {
        "EUVatLimitRegulation": {
            "Year": year,
            "Limit": EU_LIMIT_SEK,
            "TotalExclVat": total,
            "IsOverLimit": over,
        }
    }


PAGES: Mapping[tuple[str, ...], tuple[str, Callable[[Company, Mapping[str, str]], Fields]]] = {
    ("companyinformation",): ("companyinformation", company_information),
    ("settings", "company"): ("settings", company_settings),
    ("settings", "lockedperiod"): ("settings", locked_period),
    ("me",): ("profile", me),
    ("euvatlimitregulation",): ("settings", eu_vat_limit),
}
