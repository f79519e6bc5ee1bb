"""A row that has to wait for its document: parked, or an advance; and how it settles itself later."""

from datetime import date

from services.sync_worker.flows.payout.observed import ObservedPayout, RowOutcome, Target
from services.sync_worker.flows.payout.plan_accounts import PayoutPosting
from services.sync_worker.flows.payout.plan_removed import waits_again
from services.sync_worker.flows.payout.planned_row import (
    OpenAmounts,
    PlannedRow,
    numbered,
    numbers_of,
    payment_of,
    ref_of,
    rounding_of,
)
from shared.domain.money import Money
from shared.domain.payments import PaymentDraft, WriteOff
from shared.domain.payouts import PayoutRow


def parked(seen: ObservedPayout, row: PayoutRow, *, account: int | None = None, why: str = "") -> PlannedRow:
    """The bank ties out the same day; the row settles itself when its document is there.

    ``account`` is where it stands already, when the payout was booked before.
    """
    account_now = account or seen.settings.payout_accounts.unmatched
    why = why or seen.why_not.get(row.key) or f"no document for {row.names}"
    return PlannedRow(
        RowOutcome(row.key, "parked", f"{why}; on {account_now} until there is one"),
        lines=tuple(PayoutPosting(seen).without_document(row, account_now)),
        waits_on=account_now,
        tell=account is None,
    )


def advance(
    seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...], left: OpenAmounts
) -> PlannedRow | None:
    """Paid before the invoice's date: an advance on the payout's day, settled on the invoice's."""
    account = seen.settings.payout_accounts.advance
    dated = max(target.dated for target in targets)
    settlements, rest, paid = _settlements(seen, row, targets, left, account, dated)
    if not settlements:
        return None
    why = f"paid before invoice {paid[0].number} of {dated}: an advance on {account} until that day"
    return _settled(seen, row, why, settlements, rest, paid, account)


def settled_later(
    seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...], left: OpenAmounts, account: int
) -> PlannedRow:
    """It was on an account of its own when the payout was booked."""
    if not targets:
        return parked(seen, row, account=account)
    settlements, rest, paid = _settlements(
        seen, row, targets, left, account, _day(seen, row, targets, account)
    )
    if not settlements:
        names = ", ".join(numbers_of(targets))
        return parked(seen, row, account=account, why=f"other rows of the payout pay all of {names}")
    why = f"{row.nominal} was on {account} and pays {paid[0].number} on {settlements[0].dated}"
    return _settled(seen, row, why, settlements, rest, paid, account)


def _day(seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...], account: int) -> date:
    """An advance is settled on the invoice's day; what was parked, on the day that its document is found."""
    invoiced = max(seen.dated, *(target.dated for target in targets))
    if account == seen.settings.payout_accounts.advance and waits_again(seen, row) is None:
        return invoiced
    ref = f"{ref_of(seen, row)}-S"
    made = seen.document("payment", ref) or seen.document("payment", f"{ref}.1")
    return made.dated if made is not None and made.exists and made.dated else max(seen.today, invoiced)


def _settlements(
    seen: ObservedPayout,
    row: PayoutRow,
    targets: tuple[Target, ...],
    left: OpenAmounts,
    account: int,
    dated: date,
) -> tuple[tuple[PaymentDraft, ...], Money, tuple[Target, ...]]:
    """The fees were booked with the payout, so the whole nominal amount is left; and what it leaves there."""
    name = f"{ref_of(seen, row)}-S"
    shares, rest = left.shares(row.nominal, targets, name)
    found = []
    for position, (target, share) in enumerate(shares, start=1):
        over = rest if position == len(shares) else Money.zero(share.currency)
        amount, rounding = _with_rounding(seen, target, share, over, left)
        ref = numbered(name, position, len(shares))
        payment = payment_of(
            seen, target, ref=ref, amount=amount, row=row, write_offs=rounding, account=account, dated=dated
        )
        rest = rest - (amount - share)
        left.take(target, payment.taken_off if rounding else share, ref)
        found.append(payment)
    return tuple(found), rest, tuple(target for target, _ in shares)


def _with_rounding(
    seen: ObservedPayout, target: Target, share: Money, over: Money, left: OpenAmounts
) -> tuple[Money, tuple[WriteOff, ...]]:
    """What is paid: öre that the invoice misses, or that the row has too many, are written off."""
    if target.kind == "credit_invoice":
        return share, ()
    if over:
        rounding = rounding_of(seen, -over, share + over)
        return (share + over, rounding) if rounding else (share, ())
    off = left.of(target) - share
    return share, rounding_of(seen, off, share) if left.is_last_of(target) else ()


def _settled(
    seen: ObservedPayout,
    row: PayoutRow,
    why: str,
    settlements: tuple[PaymentDraft, ...],
    rest: Money,
    paid: tuple[Target, ...],
    account: int,
) -> PlannedRow:
    outcome = RowOutcome(row.key, "settled", why, numbers_of(paid))
    if rest:
        outcome = RowOutcome(row.key, "differs", f"{why}; {rest} stays on {account}", numbers_of(paid))
    return PlannedRow(
        outcome,
        settlements=settlements,
        lines=tuple(PayoutPosting(seen).without_document(row, account)),
        waits_on=account,
        tell=bool(rest),
    )
