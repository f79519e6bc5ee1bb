"""The balance of an account as Fortnox shows it: of one financial year, in SEK, debit is positive."""

from dataclasses import dataclass
from decimal import Decimal

from shared.clients.fields import Fields


@dataclass(frozen=True)
class AccountBalance:
    brought_forward: Decimal
    carried_forward: Decimal

    @property
    def moved(self) -> Decimal:
        """By the vouchers of the year, whatever was brought forward."""
        return self.carried_forward - self.brought_forward


def to_account_balance(account: Fields) -> AccountBalance:
    return AccountBalance(account.amount("BalanceBroughtForward"), account.amount("BalanceCarriedForward"))
