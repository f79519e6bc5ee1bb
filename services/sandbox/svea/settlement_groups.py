"""A group of a payout report: one client's rows of one day in one currency, and their sums (svea.md 5.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.sandbox.svea.settlement_rows import CLOSING, OPENING, balance_row, midnight
from services.sandbox.svea.settlement_terms import Terms

Json = dict[str, Any]

_RECIPIENTS = {
    "SE": ("5500000000", "000-0000", "Bankgiro"),
    "NO": ("900000000", "15030000000", "BankAccount"),
    "FI": ("00000000", "FI0000000000000000", "IBAN"),
    "DK": ("00000000", "DK0000000000000000", "IBAN"),
    "DE": ("DE000000000", "DE00000000000000000000", "IBAN"),
}


@dataclass
class Group:
    """`rows` are without the balance rows. `debt` was carried here from before: zero or more."""

    client_id: int
    currency: str
    country: str
    day: date
    terms: Terms
    debt: int = 0
    rows: list[Json] = field(default_factory=list)
    off_by: dict[str, int] = field(default_factory=dict)
    """Fields of `paymentReport` that are to be wrong, and by how much."""

    @property
    def earned(self) -> int:
        """What the day adds, before any debt."""
        return sum(row["sveaPaidAmount"] for row in self.rows)

    @property
    def carried(self) -> int:
        """The debt that is left for another day."""
        return max(self.debt - self.earned, 0)

    @property
    def paid(self) -> int:
        return max(self.earned - self.debt, 0)

    def show(self, *, balances: bool = True) -> Json:
        tax_id, account, kind = _RECIPIENTS.get(self.country, ("00000000", "0000000000", "IBAN"))
        rows = self._with_balances() if balances else list(self.rows)
        sums = self._sums() | {"numberOfRows": len(rows), "currency": self.currency, "vatGroups": []}
        for name, off in self.off_by.items():
            sums[name] += off
        return {
            "clientId": self.client_id,
            "recipientTaxId": tax_id,
            "recipientBankAccountNo": account,
            "recipientBankAccountType": kind,
            "paymentReport": sums,
            "rows": rows,
            "reconciliationDate": midnight(self.day),
        }

    def _sums(self) -> Json:
        return {
            "sveaPaidAmountExcludingWithholding": self.earned,
            "sveaPaidAmountIncludingWithholding": self.paid,
            "openingBalanceDebt": -self.debt,
            "closingBalanceDebt": self.carried,
            "nominalAmount": sum(row["nominalAmount"] for row in self.rows),
            "feeAmountExcludingVat": sum(row["totalFeeAmountExcludingVat"] for row in self.rows),
            "feeVatAmount": sum(row["totalFeeVatAmount"] for row in self.rows),
        }

    def _with_balances(self) -> list[Json]:
        like = next((row for row in self.rows if row["paymentType"]), None)

        def balance(kind: str, amount: int) -> list[Json]:
            if not amount:
                return []
            shown = balance_row(kind, amount, like, day=self.day, currency=self.currency, terms=self.terms)
            return [shown]

        return [*balance(OPENING, -self.debt), *self.rows, *balance(CLOSING, self.carried)]
