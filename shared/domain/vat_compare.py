"""Vouchers of Fortnox against what we booked, one by one: what moved, and what is otherwise than ours.

Amounts are SEK by account; credit is positive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from shared.domain.vat_books import Difference, DifferenceKind
from shared.domain.vat_documents import VatDocument
from shared.domain.vat_return import Booked

ZERO = Decimal("0.00")
LISTED = 1000  # vouchers that are not ours; those of more are summed by day and account
SETTLED_ON = frozenset({1650, 2650})  # BAS 2026: VAT claims, and the account that VAT is settled on
OUTPUT_AND_INPUT = range(2610, 2650)
ROUNDING = frozenset({3740, 3741})
MADE_FROM = {"CASHINVOICE": "INVOICE"}
BY_HAND = ("", "MANUAL")


@dataclass(frozen=True)
class SeenVoucher:
    """``made_from`` and ``number`` are Fortnox' reference: ``INVOICE`` and the invoice's number."""

    name: str
    dated: date
    text: str
    made_from: str
    number: str
    amounts: Mapping[int, Decimal]

    @property
    def key(self) -> tuple[str, str]:
        if self.made_from in BY_HAND:
            return "VOUCHER", self.name
        return MADE_FROM.get(self.made_from, self.made_from), self.number

    @property
    def settles_vat(self) -> bool:
        """What closes a VAT period: VAT accounts against the account that VAT is settled on."""
        others = self.amounts.keys() - SETTLED_ON - ROUNDING
        return bool(SETTLED_ON & self.amounts.keys()) and all(one in OUTPUT_AND_INPUT for one in others)


KINDS = {"invoice": "INVOICE", "credit_invoice": "INVOICE", "payment": "INVOICEPAYMENT", "voucher": "VOUCHER"}


@dataclass
class Compared:
    """Ours first, then the vouchers; ``reported`` are the accounts that VAT is reported by."""

    reported: frozenset[int]
    moved: dict[tuple[date, int], Decimal] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    unfinished: Mapping[str, Difference] = field(default_factory=dict)  # ours that are not final, by number
    _ours: dict[tuple[str, str], "_Ours"] = field(default_factory=dict)

    def expect(self, one: Booked) -> None:
        by_account = one.by_account() if isinstance(one, VatDocument) else one.by_account
        wanted = {account: amount for account, amount in by_account.items() if account in self.reported}
        name = Difference(
            kind="missing",
            dated=one.dated,
            account=0,
            amount=ZERO,
            document=one.kind,
            number=one.number,
            reference=one.reference,
            sale_id=one.sale_id if isinstance(one, VatDocument) else one.owner_id,
        )
        self._ours[KINDS[one.kind], one.number] = _Ours(name, wanted)

    def take(self, voucher: SeenVoucher) -> None:
        ours = self._ours.get(voucher.key)
        if ours is None and voucher.settles_vat:
            return
        amounts = {one: amount for one, amount in voucher.amounts.items() if one in self.reported and amount}
        for account, amount in amounts.items():
            key = (voucher.dated, account)
            self.moved[key] = self.moved.get(key, ZERO) + amount
        if ours is None:
            self._not_ours(voucher, amounts)
            return
        del self._ours[voucher.key]
        self._compare(voucher, amounts, ours)

    def _compare(self, voucher: SeenVoucher, amounts: Mapping[int, Decimal], ours: "_Ours") -> None:
        """On another day both days differ: what is missing on ours, and what stands on theirs."""
        told = replace(ours.name, kind="differs", voucher=voucher.name, text=voucher.text)
        if voucher.dated != ours.name.dated:
            self._add(told, {one: -amount for one, amount in ours.amounts.items()})
            self._add(replace(told, dated=voucher.dated), amounts)
            return
        accounts = {*amounts, *ours.amounts}
        self._add(told, {one: amounts.get(one, ZERO) - ours.amounts.get(one, ZERO) for one in accounts})

    def _not_ours(self, voucher: SeenVoucher, amounts: Mapping[int, Decimal]) -> None:
        kind: DifferenceKind = "by_hand" if voucher.made_from in BY_HAND else "by_others"
        half_done = self.unfinished.get(voucher.number) if voucher.key[0] == "INVOICE" else None
        if half_done is not None:
            told = replace(half_done, dated=voucher.dated, voucher=voucher.name, text=voucher.text)
            self._add(told, amounts)
            return
        told = Difference(
            kind=kind,
            dated=voucher.dated,
            account=0,
            amount=ZERO,
            voucher=voucher.name,
            text=voucher.text,
            document="" if kind == "by_hand" else voucher.made_from.lower(),
            number=voucher.number,
        )
        self._add(told, amounts)

    def _add(self, told: Difference, amounts: Mapping[int, Decimal]) -> None:
        self.differences += [
            replace(told, account=account, amount=amount)
            for account, amount in sorted(amounts.items())
            if amount
        ]

    def missing(self) -> list[Difference]:
        """Our documents that no voucher is about, a line for each account; not in ``differences``."""
        lost: list[Difference] = []
        for ours in self._ours.values():
            lost += [
                replace(ours.name, account=account, amount=-amount)
                for account, amount in sorted(ours.amounts.items())
                if amount
            ]
        return lost


@dataclass(frozen=True)
class _Ours:
    name: Difference
    amounts: Mapping[int, Decimal]


def shortened(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Those about our own documents in full; of what others booked the first, the rest by day and account."""
    listed: list[Difference] = []
    more: dict[tuple[date, int], Decimal] = {}
    others = 0
    for one in differences:
        is_others = one.kind in ("by_hand", "by_others")
        others += is_others
        if is_others and others > LISTED:
            more[one.dated, one.account] = more.get((one.dated, one.account), ZERO) + one.amount
        else:
            listed.append(one)
    listed += [Difference("more", day, account, amount) for (day, account), amount in more.items() if amount]
    return tuple(listed)
