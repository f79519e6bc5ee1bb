"""The settings of the ledger: accounts, years, series, currencies, modes of payment, predefined accounts."""

from collections.abc import Mapping

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.amounts import ONE
from services.sandbox.fortnox.chart import Account, Currency, VoucherSeries
from services.sandbox.fortnox.collection import API_URL, Collection
from services.sandbox.fortnox.company import FinancialYear
from services.sandbox.fortnox.fields import iso_date, table
from services.sandbox.fortnox.listing import paged
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.wire import Fields

Query = Mapping[str, str]
ALLOWED = "one:ALLOWED,MANDATORY,NOTALLOWED"
ACCOUNT = table(
    f"""
    Active                          flag      rw   true
    BalanceBroughtForward           number    rw   0
    CostCenter                      text      rw   null
    CostCenterSettings              {ALLOWED} rw   "ALLOWED"
    Description                     text:200  rw   null
    Number                          whole     new  null
    OpeningQuantities               rows      rw   null
    Project                         text      rw   ""
    ProjectSettings                 {ALLOWED} rw   "ALLOWED"
    SRU                             whole     rw   0
    TransactionInformation          text      rw   null
    TransactionInformationSettings  {ALLOWED} rw   "ALLOWED"
    VATCode                         text      rw   null
    """,
    required=("Number", "Description"),
)
FINANCIAL_YEAR = table(
    """
    AccountChartType  text                 rw  "Bas 2026"
    AccountingMethod  one:ACCRUAL,CASH     rw  "ACCRUAL"
    FromDate          date                 rw  null
    ToDate            date                 rw  null
    """,
    required=("FromDate", "ToDate"),
)
CURRENCY = table(
    """
    BuyRate      number  rw   0
    Code         text:3  new  null
    Date         date    r    null
    Description  text    rw   null
    IsAutomatic  flag    r    false
    SellRate     number  rw   0
    Unit         number  rw   1
    """,
    required=("Code", "Description"),
)
MODE = table(
    """
    AccountNumber  text:=4  rw   null
    Code           text     new  null
    Description    text     rw   ""
    """,
    required=("AccountNumber", "Code"),
)
SERIES = table(
    """
    Code         text:10   new  null
    Description  text:200  rw   ""
    Manual       flag      rw   true
    """,
    required=("Code",),
)


def must_know(query: Query, *names: str) -> None:
    """Refuse a query parameter that the resource does not have."""
    for name in query:
        if name not in {"page", "limit", "offset", "sortorder", *names}:
            raise Refusal(2000588, f"Ogiltig parameter: {name}.")


class Accounts(Collection):
    """`/3/accounts`"""

    path, single, plural, scope = "accounts", "Account", "Accounts", "bookkeeping"

    def page(self, query: Query) -> tuple[list[Fields], Fields]:
        must_know(query, "lastmodified", "sru", "sortby", "financialyear", "financialyeardate")
        shown = [
            self._shown(account)
            for account in sorted(self.company.accounts.values(), key=lambda each: each.number)
        ]
        items = [item for item in shown if query.get("sru", str(item["SRU"])) == str(item["SRU"])]
        hidden = {"BalanceCarriedForward", "OpeningQuantities", "QuantitySettings", "QuantityUnit"}
        hidden |= {"TransactionInformation", "TransactionInformationSettings"}
        return paged(
            [{name: value for name, value in item.items() if name not in hidden} for item in items], query
        )

    def get(self, key: str, query: Query) -> Fields:
        return self._shown(self._find(key))

    def create(self, sent: object, query: Query) -> Fields:
        values = ACCOUNT.read(sent, creating=True, rules=self.rules)
        number = values["Number"]
        if not 1000 <= number <= 9999:
            raise Refusal(2002462, "Kontot måste bestå av fyra siffror.")
        if number in self.company.accounts:
            raise Refusal(refusals.DUPLICATE_NUMBER, f"Kontot {number} finns redan.")
        account = self._changed(Account(number, values["Description"]), values)
        self.company.accounts[number] = account
        return self._shown(account)

    def update(self, key: str, sent: object, query: Query) -> Fields:
        account = self._find(key)
        values = ACCOUNT.read(sent, creating=False, rules=self.rules, current={"Number": account.number})
        return self._shown(self._changed(account, values))

    def delete(self, key: str) -> None:
        account = self._find(key)
        if account.number in self.company.books.by_account():
            raise Refusal(refusals.IN_USE, f"Kontot {account.number} används i bokföringen.")
        del self.company.accounts[account.number]

    def _find(self, key: str) -> Account:
        account = self.company.accounts.get(int(key)) if key.isdecimal() else None
        if account is None:
            raise not_found(2000423, "kontot")
        return account

    def _changed(self, account: Account, values: Fields) -> Account:
        if values.get("VATCode"):
            self.company.vat_code(values["VATCode"])
        account.description = values.get("Description", account.description)
        account.active = values.get("Active", account.active)
        account.vat_code = values.get("VATCode", account.vat_code)
        account.sru = values.get("SRU", account.sru)
        account.balance_brought_forward = values.get("BalanceBroughtForward", account.balance_brought_forward)
        return account

    def _shown(self, account: Account) -> Fields:
        carried = account.balance_brought_forward + self.company.books.balance(account.number)
        return {
            "@url": f"{API_URL}/accounts/{account.number}",
            "Active": account.active,
            "BalanceBroughtForward": account.balance_brought_forward,
            "BalanceCarriedForward": carried,
            "CostCenter": None,
            "CostCenterSettings": "ALLOWED",
            "Description": account.description,
            "Number": account.number,
            "OpeningQuantities": None,
            "Project": "",
            "ProjectSettings": "ALLOWED",
            "QuantitySettings": "NOTALLOWED",
            "QuantityUnit": "",
            "SRU": account.sru,
            "TransactionInformation": None,
            "TransactionInformationSettings": "ALLOWED",
            "VATCode": account.vat_code,
            "Year": self.company.year_of(self.company.today()).id,
        }


class FinancialYears(Collection):
    """`/3/financialyears`"""

    path, single, plural, scope = "financialyears", "FinancialYear", "FinancialYears", "bookkeeping"

    def page(self, query: Query) -> tuple[list[Fields], Fields]:
        must_know(query, "date", "Date")
        wanted = query.get("date", query.get("Date"))
        day = iso_date(wanted, "date") if wanted is not None else None
        return paged(
            [_shown_year(y) for y in self.company.financial_years if day is None or y.holds(day)], query
        )

    def get(self, key: str, query: Query) -> Fields:
        for year in self.company.financial_years:
            if str(year.id) == key:
                return _shown_year(year)
        raise not_found(2000491, "räkenskapsåret")

    def create(self, sent: object, query: Query) -> Fields:
        values = FINANCIAL_YEAR.read(sent, creating=True, rules=self.rules)
        first, last = iso_date(values["FromDate"], "FromDate"), iso_date(values["ToDate"], "ToDate")
        if last < first or any(
            year.holds(first) or year.holds(last) for year in self.company.financial_years
        ):
            raise Refusal(
                refusals.DATE_ORDER, "Räkenskapsåret överlappar ett annat eller slutar före sin början."
            )
        number = 1 + max((year.id for year in self.company.financial_years), default=0)
        year = FinancialYear(number, first, last, values.get("AccountingMethod", "ACCRUAL"))
        self.company.financial_years.append(year)
        return _shown_year(year)


def _shown_year(year: FinancialYear) -> Fields:
    return {
        "@url": f"{API_URL}/financialyears/{year.id}",
        "Id": year.id,
        "FromDate": year.from_date.isoformat(),
        "ToDate": year.to_date.isoformat(),
        "AccountChartType": "Bas 2026",
        "AccountingMethod": year.accounting_method,
    }


class Currencies(Collection):
    """`/3/currencies`: an automatic rate cannot be changed, and lastmodified is unknown here."""

    path, single, plural, scope = "currencies", "Currency", "Currencies", "currency"

    def page(self, query: Query) -> tuple[list[Fields], Fields]:
        must_know(query)
        return paged(
            [self._shown(self.company.currencies[code]) for code in sorted(self.company.currencies)], query
        )

    def get(self, key: str, query: Query) -> Fields:
        return self._shown(self._find(key))

    def create(self, sent: object, query: Query) -> Fields:
        values = CURRENCY.read(sent, creating=True, rules=self.rules)
        code = values["Code"]
        if len(code) != 3 or not code.isalpha() or not code.isupper():
            raise Refusal(refusals.NOT_ONE_OF, f"{code} är inte en valutakod.")
        if code in self.company.currencies:
            raise Refusal(refusals.DUPLICATE_NUMBER, f"Valutan {code} finns redan.")
        buy, sell, unit = (values.get(name, ONE) for name in ("BuyRate", "SellRate", "Unit"))
        self.company.currencies[code] = Currency(code, values["Description"], buy, sell, unit, False)
        self.company.tell("currencies", "currency-created", code)
        return self._shown(self.company.currencies[code])

    def update(self, key: str, sent: object, query: Query) -> Fields:
        currency = self._find(key)
        values = CURRENCY.read(sent, creating=False, rules=self.rules, current={"Code": key})
        if currency.automatic:
            raise Refusal(refusals.AUTOMATIC_CURRENCY, f"{key} uppdateras automatiskt och kan inte ändras.")
        currency.buy_rate = values.get("BuyRate", currency.buy_rate)
        currency.sell_rate = values.get("SellRate", currency.sell_rate)
        currency.unit = values.get("Unit", currency.unit)
        currency.description = values.get("Description", currency.description)
        self.company.tell("currencies", "currency-updated", key)
        return self._shown(currency)

    def delete(self, key: str) -> None:
        self._find(key)
        del self.company.currencies[key]
        self.company.tell("currencies", "currency-deleted", key)

    def _find(self, key: str) -> Currency:
        if key not in self.company.currencies:
            raise not_found(2000427, "valutan")
        return self.company.currencies[key]

    def _shown(self, currency: Currency) -> Fields:
        return {
            "@url": f"{API_URL}/currencies/{currency.code}",
            "BuyRate": currency.buy_rate,
            "Code": currency.code,
            "Date": currency.date or self.company.today().isoformat(),
            "Description": currency.description,
            "SellRate": currency.sell_rate,
            "Unit": currency.unit,
            "IsAutomatic": currency.automatic,
        }


class ModesOfPayments(Collection):
    """`/3/modesofpayments`: a code names the account the money lands on."""

    path, single, plural, scope = "modesofpayments", "ModeOfPayment", "ModesOfPayments", "settings"

    def page(self, query: Query) -> tuple[list[Fields], Fields]:
        must_know(query)
        return paged([self._shown(code) for code in sorted(self.company.modes_of_payment)], query)

    def get(self, key: str, query: Query) -> Fields:
        if key not in self.company.modes_of_payment:
            raise not_found(2000492, "betalningssättet")
        return self._shown(key)

    def create(self, sent: object, query: Query) -> Fields:
        values = MODE.read(sent, creating=True, rules=self.rules)
        if values["Code"] in self.company.modes_of_payment:
            raise Refusal(refusals.DUPLICATE_NUMBER, f"Koden {values['Code']} används redan.")
        return self._write(values["Code"], values)

    def update(self, key: str, sent: object, query: Query) -> Fields:
        self.get(key, query)
        return self._write(key, MODE.read(sent, creating=False, rules=self.rules, current={"Code": key}))

    def delete(self, key: str) -> None:
        self.get(key, {})
        del self.company.modes_of_payment[key]

    def _write(self, code: str, values: Fields) -> Fields:
        text, account = self.company.modes_of_payment.get(code, ("", 0))
        sent = values.get("AccountNumber", str(account))
        account = int(sent) if sent.isdecimal() else 0
        self.company.must_have_account(account)
        self.company.modes_of_payment[code] = (values.get("Description", text), account)
        return self._shown(code)

    def _shown(self, code: str) -> Fields:
        text, account = self.company.modes_of_payment[code]
        url = f"{API_URL}/modesofpayments/{code}"
        return {"@url": url, "Code": code, "Description": text, "AccountNumber": str(account)}


class VoucherSeriesCollection(Collection):
    """`/3/voucherseries`"""

    path, single, plural, scope = "voucherseries", "VoucherSeries", "VoucherSeriesCollection", "bookkeeping"

    def page(self, query: Query) -> tuple[list[Fields], Fields]:
        must_know(query, "financialyear", "financialyeardate")
        items = [
            self._shown(self.company.voucher_series[code]) for code in sorted(self.company.voucher_series)
        ]
        return paged([{k: v for k, v in item.items() if k != "NextVoucherNumber"} for item in items], query)

    def get(self, key: str, query: Query) -> Fields:
        if key not in self.company.voucher_series:
            raise not_found(2000493, "verifikationsserien")
        return self._shown(self.company.voucher_series[key])

    def create(self, sent: object, query: Query) -> Fields:
        values = SERIES.read(sent, creating=True, rules=self.rules)
        code = values["Code"]
        if code in self.company.voucher_series:
            raise Refusal(refusals.DUPLICATE_NUMBER, f"Koden {code} används redan.")
        self.company.voucher_series[code] = VoucherSeries(
            code, values.get("Description", ""), values.get("Manual", True)
        )
        return self._shown(self.company.voucher_series[code])

    def update(self, key: str, sent: object, query: Query) -> Fields:
        self.get(key, query)
        values = SERIES.read(sent, creating=False, rules=self.rules, current={"Code": key})
        series = self.company.voucher_series[key]
        series.description = values.get("Description", series.description)
        series.manual = values.get("Manual", series.manual)
        return self._shown(series)

    def _shown(self, series: VoucherSeries) -> Fields:
        year = self.company.year_of(self.company.today()).id
        return {
            "@url": f"{API_URL}/voucherseries/{series.code}",
            "Code": series.code,
            "Description": series.description,
            "Manual": series.manual,
            "NextVoucherNumber": self.company.books.next_number(series.code, year),
            "Year": year,
            "Approver": None,
        }
