"""Predefined accounts and voucher series: what the ledgers post to when nobody says otherwise."""

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.collection import API_URL, Collection
from services.sandbox.fortnox.fields import table
from services.sandbox.fortnox.ledger_settings import Query, must_know
from services.sandbox.fortnox.listing import natural, paged
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.wire import Fields

PREDEFINED_SERIES = table("    VoucherSeries  text:1  rw  null")
PREDEFINED_ACCOUNT = table("    Account  whole  rw  null")


class PredefinedAccounts(Collection):
    """`/3/predefinedaccounts`, with one OUTVAT account for every VAT code that has an account."""

    path, single, plural, scope = "predefinedaccounts", "PreDefinedAccount", "PreDefinedAccounts", "settings"

    def page(self, query: Query) -> tuple[list[Fields], Fields]:
        must_know(query)
        return paged([self._shown(name) for name in sorted(self._all(), key=natural)], query)

    def get(self, key: str, query: Query) -> Fields:
        if key not in self._all():
            raise not_found(2001403, "det fördefinierade kontot")
        return self._shown(key)

    def update(self, key: str, sent: object, query: Query) -> Fields:
        self.get(key, query)
        account = PREDEFINED_ACCOUNT.read(sent, creating=False, rules=self.rules).get("Account")
        if account is None:
            raise Refusal(2001265, "Konto saknas.")
        if not 1000 <= account <= 9999:
            raise Refusal(2002462, "Kontot måste bestå av fyra siffror.")
        self.company.must_have_account(account, missing=2001265)
        self.company.predefined_accounts[key] = account
        return self._shown(key)

    def _all(self) -> dict[str, int]:
        own = {f"OUTVAT_{code.code}": code.account for code in self.company.vat_codes if code.account}
        if not self.company.switches.own_codes_predefined:
            own = {}
        return own | self.company.predefined_accounts

    def _shown(self, name: str) -> Fields:
        return {"@url": f"{API_URL}/predefinedaccounts/{name}", "Name": name, "Account": self._all()[name]}


class PredefinedVoucherSeries(Collection):
    """`/3/predefinedvoucherseries`"""

    path, scope = "predefinedvoucherseries", "settings"
    single, plural = "PreDefinedVoucherSeries", "PreDefinedVoucherSeriesCollection"

    def page(self, query: Query) -> tuple[list[Fields], Fields]:
        must_know(query)
        return paged([self._shown(name) for name in sorted(self.company.predefined_voucher_series)], query)

    def get(self, key: str, query: Query) -> Fields:
        if key not in self.company.predefined_voucher_series:
            raise not_found(2001404, "den fördefinierade verifikationsserien")
        return self._shown(key)

    def update(self, key: str, sent: object, query: Query) -> Fields:
        self.get(key, query)
        series = PREDEFINED_SERIES.read(sent, creating=False, rules=self.rules).get("VoucherSeries")
        if series not in self.company.voucher_series:
            raise Refusal(refusals.SERIES_NOT_MANUAL, f"Verifikationsserien {series} finns inte.")
        self.company.predefined_voucher_series[key] = series
        return self._shown(key)

    def _shown(self, name: str) -> Fields:
        url = f"{API_URL}/predefinedvoucherseries/{name}"
        return {"@url": url, "Name": name, "VoucherSeries": self.company.predefined_voucher_series[name]}
