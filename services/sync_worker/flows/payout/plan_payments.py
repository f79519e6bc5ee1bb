"""A row whose document is there: its payment, with the fees written off, and what is told of it."""

from decimal import Decimal

from services.sync_worker.flows.payout.observed import ObservedPayout, RowOutcome, Target
from services.sync_worker.flows.payout.plan_accounts import PayoutPosting
from services.sync_worker.flows.payout.planned_row import (
    OpenAmounts,
    PlannedRow,
    numbered,
    numbers_of,
    payment_of,
    ref_of,
    rounding_of,
    takes_exactly,
)
from shared.domain.money import Money
from shared.domain.payments import PaymentDraft, WriteOff
from shared.domain.payouts import PayoutRow
from shared.domain.vouchers import VoucherRow

Shares = tuple[tuple[Target, Money], ...]


def order_row(
    seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...], left: OpenAmounts
) -> PlannedRow | None:
    """Pays as much as the row says; öre that differ go to rounding, more than that is told.

    None when nothing is left to pay.
    """
    shares, excess = left.shares(row.nominal, targets, ref_of(seen, row))
    if not shares:
        return None
    posting, ref = PayoutPosting(seen), ref_of(seen, row)
    carrier, write_offs = _fees_written_off(seen, row, shares, ref)
    payments = []
    for position, (target, share) in enumerate(shares, start=1):
        carried = write_offs if position == carrier else ()
        money = share - (row.fee + row.fee_vat) if position == carrier else share
        off = left.of(target) - share
        rounding = rounding_of(seen, off, money, carried) if not excess and left.is_last_of(target) else ()
        payments.append(
            payment_of(
                seen,
                target,
                ref=numbered(ref, position, len(shares)),
                amount=money,
                write_offs=(*carried, *rounding),
                row=row,
            )
        )
        left.take(target, share + off if rounding else share, numbered(ref, position, len(shares)))
    lines = [*_excess_lines(seen, row, excess), *([] if carrier else posting.fees_only(row))]
    outcome = _paid(seen, row, shares, excess)
    return PlannedRow(
        outcome, tuple(payments), lines=tuple(lines), pays=shares, tell=outcome.state == "differs"
    )


def _fees_written_off(
    seen: ObservedPayout, row: PayoutRow, shares: Shares, ref: str
) -> tuple[int, tuple[WriteOff, ...]]:
    """The position of the payment that they are written off with: the largest. Else 0: in the voucher.

    Written off are costs that leave something to pay. What Fortnox makes of a payment of nothing, or of
    a fee that is given back, is not documented; in the voucher it is the same to the books.
    """
    write_offs = PayoutPosting(seen).write_offs(row, ref)
    fees = row.fee + row.fee_vat
    position, (_, share) = max(enumerate(shares, start=1), key=lambda one: one[1][1].amount)
    if not write_offs:
        return (0, ()) if fees else (position, ())
    fits = all(one.amount > 0 for one in write_offs) and (share - fees).amount > 0
    if not fits or not takes_exactly(seen, share - fees, write_offs, share):
        return 0, ()
    return position, write_offs


def credit_row(
    seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...], left: OpenAmounts
) -> PlannedRow | None:
    """Settles the credit invoices; they take no write-offs, so fees and öre are in the voucher."""
    shares, excess = left.shares(row.nominal, targets, ref_of(seen, row))
    if not shares:
        return None
    posting, ref = PayoutPosting(seen), ref_of(seen, row)
    payments: list[PaymentDraft] = []
    rounded = Money.zero(row.nominal.currency)
    for position, (target, share) in enumerate(shares, start=1):
        off = left.of(target) - share
        closes = not excess and left.is_last_of(target) and _is_rounding(seen, off)
        amount = share + off if closes else share
        rounded = rounded + amount - share
        payments.append(
            payment_of(seen, target, ref=numbered(ref, position, len(shares)), amount=amount, row=row)
        )
        left.take(target, amount, numbered(ref, position, len(shares)))
    accounts = seen.settings.payout_accounts
    lines = [*_excess_lines(seen, row, excess), *posting.fees_only(row)]
    if rounded:
        lines += posting.moved(-rounded, accounts.rounding, f"{row.names}: öresdifferens")
    outcome = _paid(seen, row, shares, excess)
    return PlannedRow(
        outcome, tuple(payments), lines=tuple(lines), pays=shares, tell=outcome.state == "differs"
    )


def _excess_lines(seen: ObservedPayout, row: PayoutRow, excess: Money) -> list[VoucherRow]:
    """More than was open: öre to rounding, anything larger to the observation account."""
    if not excess:
        return []
    accounts = seen.settings.payout_accounts
    account = accounts.rounding if _is_rounding(seen, excess) else accounts.unmatched
    return PayoutPosting(seen).moved(excess, account, f"{row.names}: mer än dokumentet")


def _is_rounding(seen: ObservedPayout, off: Money) -> bool:
    return Decimal(0) < abs(off.amount) <= seen.settings.payout_accounts.rounding_limit


def _paid(seen: ObservedPayout, row: PayoutRow, shares: Shares, excess: Money) -> RowOutcome:
    why = f"{row.nominal} {_pays(row)} {_names(row, shares)}"
    documents = numbers_of(target for target, _ in shares)
    if excess and not _is_rounding(seen, excess):
        more = f"{why}, {excess} more than was open: on the observation account"
        return RowOutcome(row.key, "differs", more, documents)
    return RowOutcome(row.key, "matched", why, documents)


def leaves_open(row: PayoutRow, planned: PlannedRow, rest: Money) -> RowOutcome:
    why = f"{row.nominal} {_pays(row)} {_names(row, planned.pays)}; {rest} stays open"
    return RowOutcome(row.key, "differs", why, planned.outcome.documents)


def _pays(row: PayoutRow) -> str:
    return "settles" if row.kind == "Credit" else "pays"


def _names(row: PayoutRow, shares: Shares) -> str:
    what = "credit invoice" if row.kind == "Credit" else "invoice"
    return ", ".join(f"{what} {target.number} by {target.how}" for target, _ in shares)
