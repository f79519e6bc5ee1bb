"""A planned row, and what every row needs that pays a document: its share, its payment, its name."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.sync_worker.flows.payout.observed import ObservedPayout, RowOutcome, Target
from services.sync_worker.flows.payout.plan_accounts import PayoutPosting
from services.sync_worker.flows.payout.plan_removed import generation_of
from shared.domain.money import Money
from shared.domain.money import total as sum_of
from shared.domain.payments import PaymentDraft, WriteOff
from shared.domain.payouts import PayoutRow
from shared.domain.vouchers import VoucherDraft, VoucherRow


@dataclass(frozen=True)
class PlannedRow:
    """``waits_on`` is the account that its amount stands on until it has a document.

    ``pays`` are its shares of documents; what stays open on them is known once all rows have paid.
    """

    outcome: RowOutcome
    payments: tuple[PaymentDraft, ...] = ()
    settlements: tuple[PaymentDraft, ...] = ()
    cancelled: tuple[PaymentDraft, ...] = ()
    put_back: tuple[VoucherDraft, ...] = ()
    lines: tuple[VoucherRow, ...] = ()
    waits_on: int | None = None
    on_clearing_sek: Decimal = Decimal(0)
    tell: bool = False
    pays: tuple[tuple[Target, Money], ...] = ()


class OpenAmounts:
    """What is open on each document, used up row by row; and how many rows are still to take of it."""

    def __init__(self, seen: ObservedPayout) -> None:
        self._seen = seen
        rows = list(seen.targets.values())
        self._left = {name_of(target): target.open for targets in rows for target in targets}
        self._rows_to_come = Counter(name_of(target) for targets in rows for target in targets)

    def of(self, target: Target) -> Money:
        return self._left[name_of(target)]

    def take(self, target: Target, amount: Money, ref: str) -> None:
        """By the payment of this name: if it is made, what it took, öre that it wrote off included."""
        self._left[name_of(target)] = self.of(target) - (self._made(ref) or amount)

    def _made(self, ref: str) -> Money | None:
        booked = self._seen.document("payment", ref)
        return booked.total if booked is not None and booked.exists else None

    def row_is_done(self, targets: Iterable[Target]) -> None:
        self._rows_to_come.subtract(name_of(target) for target in targets)

    def is_last_of(self, target: Target) -> bool:
        """Öre that are left are a difference only when no other row of the payout is about them."""
        return self._rows_to_come[name_of(target)] <= 1

    def shares(
        self, nominal: Money, targets: Iterable[Target], ref: str
    ) -> tuple[tuple[tuple[Target, Money], ...], Money]:
        """A row over its documents, each up to what is open on it; and what is more than all of them.

        ``ref`` is the row's own: what it has paid is no more than it was when it paid, whatever somebody
        has paid by hand, which only Fortnox knew of.
        """
        found: list[tuple[Target, Money]] = []
        rest = nominal
        for target in targets:
            share = _up_to(rest, self.of(target))
            if share:
                found.append((target, share))
                rest = rest - share
        made = [self._as_made(share, numbered(ref, at, len(found))) for at, (_, share) in enumerate(found, 1)]
        rest = rest + sum_of(
            (share - paid for (_, share), paid in zip(found, made, strict=True)), rest.currency
        )
        return tuple((target, paid) for (target, _), paid in zip(found, made, strict=True)), rest

    def _as_made(self, share: Money, ref: str) -> Money:
        made = self._made(ref)
        return share if made is None else _up_to(share, made) or share


def _up_to(rest: Money, open_amount: Money) -> Money:
    """The smaller of the two, if they are of one sign."""
    if (rest.amount > 0) != (open_amount.amount > 0):
        return Money.zero(rest.currency)
    return min(rest, open_amount) if rest.amount > 0 else max(rest, open_amount)


def payment_of(
    seen: ObservedPayout,
    target: Target,
    *,
    ref: str,
    amount: Money,
    row: PayoutRow,
    write_offs: tuple[WriteOff, ...] = (),
    account: int | None = None,
    dated: date | None = None,
) -> PaymentDraft:
    return PaymentDraft(
        ref=ref,
        document_kind=target.kind,
        document=target.ref or f"#{target.number}",
        number=target.number,
        dated=dated or seen.dated,
        amount=amount,
        account=account or PayoutPosting(seen).clearing,
        mode_of_payment=seen.market.mode_of_payment,
        write_offs=write_offs,
        rate=seen.rate,
        claim_rate=target.claim_rate,
        entry=row.key,
    )


def rounding_of(
    seen: ObservedPayout, off: Money, amount: Money, beside: tuple[WriteOff, ...] = ()
) -> tuple[WriteOff, ...]:
    """Öre that would stay open, as a write-off, where it takes exactly them in the document's currency.

    ``amount`` is the money of the payment, and ``beside`` are its other write-offs.
    """
    accounts = seen.settings.payout_accounts
    if not off or abs(off.amount) > accounts.rounding_limit:
        return ()
    write_off = WriteOff(PayoutPosting(seen).in_sek(off), accounts.rounding, "öresdifferens")
    taken = _payment_of_nothing_else(seen, amount, beside).taken_off
    with_it = _payment_of_nothing_else(seen, amount, (*beside, write_off)).taken_off
    return (write_off,) if with_it == taken + off else ()


def takes_exactly(
    seen: ObservedPayout, amount: Money, write_offs: tuple[WriteOff, ...], wanted: Money
) -> bool:
    """Write-offs are in SEK: in another currency they may come to an öre more or less than the row's."""
    return _payment_of_nothing_else(seen, amount, write_offs).taken_off == wanted


def _payment_of_nothing_else(
    seen: ObservedPayout, amount: Money, write_offs: tuple[WriteOff, ...]
) -> PaymentDraft:
    return PaymentDraft(
        ref="-",
        document_kind="invoice",
        document="-",
        dated=seen.dated,
        amount=amount,
        account=0,
        mode_of_payment=None,
        write_offs=write_offs,
        rate=seen.rate,
    )


def ref_of(seen: ObservedPayout, row: PayoutRow) -> str:
    """``Pse-79021-20260508-SEK-1f2e-1``; ``...-1f2e-1.R2`` after a person has taken its payment away."""
    generation = generation_of(seen, row)
    ref = f"{seen.reference}-{row.key}"
    return ref if generation == 1 else f"{ref}.R{generation}"


def numbered(ref: str, position: int, count: int) -> str:
    """A row that pays one document has its own name; each of several has a number."""
    return ref if count == 1 else f"{ref}.{position}"


def name_of(target: Target) -> str:
    return f"{target.kind} {target.number}"


def numbers_of(targets: Iterable[Target]) -> tuple[str, ...]:
    return tuple(target.number for target in targets)
