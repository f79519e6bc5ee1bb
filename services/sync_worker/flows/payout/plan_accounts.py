"""Where the parts of a payout row are posted: fees by payment type, VAT by whose it is, the rest by kind."""

from dataclasses import dataclass
from decimal import Decimal

from services.sync_worker.flows.payout.observed import ObservedPayout
from shared.domain.errors import MissingMapping
from shared.domain.money import Money, to_cents
from shared.domain.payments import WriteOff
from shared.domain.payouts import Fee, PayoutRow
from shared.domain.vouchers import VoucherRow

NOT_A_FEE = ("Kickback", "Deposit", "Dismissed")


@dataclass(frozen=True)
class PayoutPosting:
    """One payout's view of the merchant's accounts; amounts become SEK at the payout's rate."""

    seen: ObservedPayout

    @property
    def clearing(self) -> int:
        return self.seen.market.accounts.clearing

    @property
    def bank(self) -> int:
        accounts = self.seen.market.accounts
        return accounts.in_transit or accounts.bank

    def in_sek(self, amount: Money) -> Decimal:
        return amount.amount if self.seen.rate is None else to_cents(amount.amount * self.seen.rate)

    def write_offs(self, row: PayoutRow, ref: str) -> tuple[WriteOff, ...]:
        """The row's fees, as costs that are taken off the invoice with the money."""
        return tuple(WriteOff(amount, account, ref) for account, amount in self._costs(row).items() if amount)

    def without_document(self, row: PayoutRow, account: int | None = None) -> list[VoucherRow]:
        """The row on accounts of its own, against clearing; ``account`` is where its nominal amount waits."""
        text = f"{row.kind} {row.names}"[:100]
        lines = [VoucherRow(self.clearing, self.in_sek(row.paid), text)]
        if row.nominal:
            lines.append(VoucherRow(account or self._of_kind(row), -self.in_sek(row.nominal), text))
        lines += [VoucherRow(place, amount, text) for place, amount in self._costs(row).items() if amount]
        return [*lines, *self._odd_cents(lines, text)]

    def fees_only(self, row: PayoutRow) -> list[VoucherRow]:
        """The fees of a row whose document cannot have write-offs."""
        text = f"{row.kind} {row.names}"[:100]
        lines = [VoucherRow(place, amount, text) for place, amount in self._costs(row).items() if amount]
        cost = sum((line.amount for line in lines), Decimal(0))
        return [*lines, VoucherRow(self.clearing, -cost, text)] if cost else lines

    def moved(self, amount: Money, account: int, text: str) -> list[VoucherRow]:
        """Money that reached clearing and belongs on another account until it has a document."""
        sek = self.in_sek(amount)
        return [VoucherRow(self.clearing, sek, text[:100]), VoucherRow(account, -sek, text[:100])]

    def _of_kind(self, row: PayoutRow) -> int:
        accounts = self.seen.settings.payout_accounts
        by_kind = {
            "Deposit": accounts.deposit,
            "Kickback": accounts.kickback,
            "Regression": accounts.recourse,
        }
        return by_kind.get(row.kind, accounts.unmatched)

    def _costs(self, row: PayoutRow) -> dict[int, Decimal]:
        fees = row.fees or (Fee("", row.fee, row.fee_vat),)
        found: dict[int, Decimal] = {}
        for fee in fees:
            if not fee.amount and not fee.vat:
                continue  # a row without a fee needs no account for it
            account = self._fee_account(fee, row)
            found[account] = found.get(account, Decimal(0)) + self.in_sek(fee.amount)
            if fee.vat:
                place = self._vat_account(account)
                found[place] = found.get(place, Decimal(0)) + self.in_sek(fee.vat)
        return found

    def _fee_account(self, fee: Fee, row: PayoutRow) -> int:
        accounts = self.seen.settings.payout_accounts
        if fee.kind in NOT_A_FEE:
            special = {
                "Kickback": accounts.kickback,
                "Deposit": accounts.deposit,
                "Dismissed": accounts.recourse,
            }
            return special[fee.kind]
        by_type = {name.casefold(): account for name, account in accounts.fee.items()}
        account = by_type.get(row.payment_type.casefold())
        if account is not None:
            return account
        if row.payment_type.casefold() in ("", "admin"):
            return by_type.get("invoice", 6064)
        raise MissingMapping(
            f"no fee account for payment type {row.payment_type}; add to payout_accounts.fee: "
            f"{{{row.payment_type}: ...}}",
            facts={"payment_type": row.payment_type, "row": row.names},
        )

    def _vat_account(self, fee_account: int) -> int:
        """Foreign VAT is no Swedish input VAT: it is a cost, or a claim on an account of its own."""
        accounts = self.seen.settings.payout_accounts
        if self.seen.market.country == self.seen.settings.company_country:
            return accounts.fee_vat
        return fee_account if accounts.foreign_fee_vat == "cost" else int(accounts.foreign_fee_vat)

    def _odd_cents(self, lines: list[VoucherRow], text: str) -> list[VoucherRow]:
        """What rounding each part to öre in SEK leaves."""
        off = sum((line.amount for line in lines), Decimal(0))
        return [VoucherRow(self.seen.settings.payout_accounts.rounding, -off, text)] if off else []
