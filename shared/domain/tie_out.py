"""The control of the clearing account: what was sold over Svea, less what came of it, is what is left.

Amounts are SEK. On the left: documents of sales, and Svea's own reports of fees and payouts. On the
right: what is open on the documents, and the clearing account, by the payments and vouchers that we
made. Both sides are equal unless a payout is not in the books as Svea reported it; each such payout
explains its own part of the difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.money import Money, to_cents
from shared.domain.payments import BOOK_CURRENCY, PaymentDraft, WriteOff

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Claim:
    """A booked invoice of a sale over Svea, or a credit invoice, whose total is negative."""

    kind: str
    reference: str
    number: str
    sale_id: str
    sale_key: str
    dated: date
    total: Money
    rate: Decimal | None  # SEK per unit; None in SEK

    @property
    def sek(self) -> Decimal:
        return self.total.amount if self.rate is None else to_cents(self.total.amount * self.rate)


@dataclass(frozen=True)
class Settled:
    """A booked payment; ``owner_id`` is the payout or, ``by_sale``, the sale that made it."""

    owner_id: str
    payment: PaymentDraft
    by_sale: bool = False


@dataclass(frozen=True)
class Taken:
    """What one payment took off the claim that it names, in the claim's currency and in SEK at its rate."""

    amount: Decimal
    sek: Decimal


@dataclass(frozen=True)
class Booking:
    """A booked voucher of a payout: SEK by account, debit is positive."""

    owner_id: str
    rows: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True)
class PaidOut:
    """What Svea reported. ``booked``: it stands in the books as a whole; else ``why`` it does not."""

    id: str
    group: str  # market, client and currency: debts are carried within it
    dated: date
    currency: str
    paid: Decimal
    costs: Decimal
    cost_vat: Decimal
    closing_debt: Decimal
    booked: bool
    why: str

    @property
    def leaves(self) -> Decimal:
        """What it takes out of claims and clearing together."""
        return self.costs + self.cost_vat + self.paid


@dataclass(frozen=True)
class OpenItem:
    """A document with something left: ``open`` in its own currency, ``amount`` in SEK."""

    claim: Claim
    open: Money
    amount: Decimal


@dataclass(frozen=True)
class NotBooked:
    """``amount`` is its part of the difference: what is in the books of it, less what Svea reported."""

    payout: PaidOut
    amount: Decimal


@dataclass(frozen=True)
class TieOut:
    """``lines`` sum to the left side. ``by_account``: the payouts' own bookings, debit is positive."""

    on: date
    lines: Mapping[str, Decimal]
    open_invoices: Decimal
    open_credits: Decimal
    clearing: Mapping[int, Decimal]
    by_account: Mapping[int, Decimal]
    items: tuple[OpenItem, ...]
    not_booked: tuple[NotBooked, ...]
    owed_by_svea: Decimal  # by its own newest reports: zero, or less than zero when it carries a debt

    @property
    def expected(self) -> Decimal:
        return sum(self.lines.values(), ZERO)

    @property
    def found(self) -> Decimal:
        return self.open_invoices + self.open_credits + sum(self.clearing.values(), ZERO)

    @property
    def difference(self) -> Decimal:
        return self.expected - self.found

    @property
    def unexplained(self) -> Decimal:
        return self.difference - sum((one.amount for one in self.not_booked), ZERO)


@dataclass
class TieOutSums:
    """Takes in documents in any order, those up to the day; ``done`` says what they come to.

    Of what is settled only sums are kept, so that a year of documents takes no more room than a week.
    """

    on: date
    clearing: frozenset[int]  # the connection's clearing accounts
    _items: list[OpenItem] = field(default_factory=list)
    _claimed: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    _gone: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    _posted: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    _by_sales: set[str] = field(default_factory=set)
    _of_others: Decimal = ZERO
    _rounding: Decimal = ZERO

    def add(self, one: Settled | Booking) -> None:
        if isinstance(one, Settled):
            self._add_settled(one)
        else:
            self._add_booking(one)

    def _add_settled(self, one: Settled) -> None:
        payment = one.payment
        stays = payment.amount_sek if payment.account in self.clearing else ZERO
        self._gone[one.owner_id] += payment.claim_sek - stays
        self._posted[payment.account] += payment.amount_sek
        for write_off in payment.write_offs:
            self._posted[write_off.account] += write_off.amount
        self._of_others += payment.claim_sek  # until its claim says that it is ours
        if one.by_sale:
            self._by_sales.add(one.owner_id)

    def _add_booking(self, booking: Booking) -> None:
        for account, amount in booking.rows:
            self._posted[account] += amount
            if account in self.clearing:
                self._gone[booking.owner_id] -= amount

    def add_claim(self, claim: Claim, taken: Iterable[Taken]) -> None:
        """``taken`` by all payments of it, which are added for themselves too."""
        left, left_sek = claim.total.amount, claim.sek
        self._claimed[claim.kind] += claim.sek
        for one in taken:
            left, left_sek = left - one.amount, left_sek - one.sek
            self._of_others -= one.sek
        if left:
            self._items.append(OpenItem(claim, Money(left, claim.total.currency), left_sek))
        else:
            self._rounding += left_sek  # what exchange rates leave on a claim that is settled

    def done(self, payouts: Iterable[PaidOut]) -> TieOut:
        reported = [one for one in payouts if one.dated <= self.on]
        in_sek = [one for one in reported if one.currency == BOOK_CURRENCY]
        gone = self._gone
        booked = {one.id for one in in_sek if one.booked}
        foreign = gone.keys() - {one.id for one in in_sek} - self._by_sales
        lines = {
            "invoiced": self._claimed["invoice"],
            "credited": self._claimed["credit_invoice"],
            "invoiced_by_others": self._of_others,
            "paid_without_svea": -_of(gone, self._by_sales),
            "fees": -_total(one.costs for one in in_sek),
            "fee_vat": -_total(one.cost_vat for one in in_sek),
            "paid_out": -_total(one.paid for one in in_sek),
            "in_other_currencies": -_of(gone, foreign),
            "on_other_accounts": _total(one.leaves for one in in_sek if one.booked) - _of(gone, booked),
            "rounding": -self._rounding,
        }
        return TieOut(
            on=self.on,
            lines=lines,
            open_invoices=_total(one.amount for one in self._items if one.claim.kind == "invoice"),
            open_credits=_total(one.amount for one in self._items if one.claim.kind != "invoice"),
            clearing={account: self._posted.get(account, ZERO) for account in sorted(self.clearing)},
            by_account={account: amount for account, amount in sorted(self._posted.items()) if amount},
            items=tuple(sorted(self._items, key=lambda one: (one.claim.dated, one.claim.reference))),
            not_booked=tuple(_not_booked(one, gone) for one in reported if not one.booked),
            owed_by_svea=_owed(in_sek),
        )


def _not_booked(one: PaidOut, gone: Mapping[str, Decimal]) -> NotBooked:
    """In another currency its part is not known: what Svea reported has no rate yet."""
    known = one.currency == BOOK_CURRENCY
    return NotBooked(one, gone.get(one.id, ZERO) - one.leaves if known else ZERO)


def _owed(payouts: Iterable[PaidOut]) -> Decimal:
    newest: dict[str, PaidOut] = {}
    for one in payouts:
        if one.group not in newest or newest[one.group].dated < one.dated:
            newest[one.group] = one
    return -_total(one.closing_debt for one in newest.values())


def _of(gone: Mapping[str, Decimal], names: Iterable[str]) -> Decimal:
    return _total(gone.get(name, ZERO) for name in names)


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def payment_from(draft: Mapping[str, Any], *, ref: str) -> PaymentDraft:
    """A payment as its draft was kept."""
    return PaymentDraft(
        ref=ref,
        document_kind=draft["document_kind"],
        document=draft["document"],
        dated=date.fromisoformat(draft["dated"]),
        amount=Money(Decimal(draft["amount"]["amount"]), draft["amount"]["currency"]),
        account=int(draft["account"]),
        mode_of_payment=draft.get("mode_of_payment"),
        write_offs=tuple(
            WriteOff(Decimal(one["amount"]), int(one["account"]), one["text"]) for one in draft["write_offs"]
        ),
        number=draft.get("number"),
        rate=_decimal(draft.get("rate")),
        claim_rate=_decimal(draft.get("claim_rate")),
    )


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None
