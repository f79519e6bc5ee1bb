"""Payments that a person has taken away in Fortnox: what they had booked waits again, until it settles anew.

What such a payment had taken off its invoice is open again, and what it had put on clearing and on fees
is missing there. A voucher of its own puts it back, against the observation account; from there the row
settles like one that was parked, under names of a next generation.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.sync_worker.booked import Booked
from services.sync_worker.flows.payout.observed import ObservedPayout
from services.sync_worker.flows.payout.plan_accounts import PayoutPosting
from shared.domain.payments import PaymentDraft
from shared.domain.payouts import PayoutRow
from shared.domain.tie_out import payment_from
from shared.domain.vouchers import VoucherDraft, VoucherRow

GENERATION = re.compile(r"\.R(\d+)")


def removed_of(seen: ObservedPayout, row: PayoutRow) -> list[Booked]:
    """The row's payments that are gone, or that are to be made sure of that they are."""
    return [
        one
        for one in seen.payments_of(row.key)
        if one.number is not None and (one.state == "cancelled" or one.number in seen.removed)
    ]


def generation_of(seen: ObservedPayout, row: PayoutRow) -> int:
    """1 until a payment of it was taken away; then one more than the last that was."""
    return 1 + max((_generation(one.ref) for one in removed_of(seen, row)), default=0)


def waits_again(seen: ObservedPayout, row: PayoutRow) -> int | None:
    """The account that its amount waits on after that; None for a row that never lost a payment."""
    newest = _newest(removed_of(seen, row))
    if not newest:
        return None
    account = int(newest[0].draft["account"])
    return seen.settings.payout_accounts.unmatched if account == PayoutPosting(seen).clearing else account


def cancellations(seen: ObservedPayout, row: PayoutRow) -> tuple[PaymentDraft, ...]:
    return tuple(replace(_draft_of(one), cancelled=True) for one in removed_of(seen, row))


def put_back(seen: ObservedPayout, row: PayoutRow, *, direct: bool) -> tuple[VoucherDraft, ...]:
    """For each generation that is gone, what it had booked on accounts other than the one it waits on.

    ``direct`` are payments to clearing: not where the payout's own voucher has the row as one that waits.
    """
    clearing = PayoutPosting(seen).clearing
    gone = [one for one in removed_of(seen, row) if direct or int(one.draft["account"]) != clearing]
    found = []
    for generation in sorted({_generation(one.ref) for one in gone}):
        payments = [_draft_of(one) for one in gone if _generation(one.ref) == generation]
        voucher = _voucher(seen, row, payments, generation + 1)
        found += [voucher] if voucher is not None else []
    return tuple(found)


def _voucher(
    seen: ObservedPayout, row: PayoutRow, payments: Iterable[PaymentDraft], generation: int
) -> VoucherDraft | None:
    clearing, unmatched = PayoutPosting(seen).clearing, seen.settings.payout_accounts.unmatched
    sums: dict[int, Decimal] = {}
    for payment in payments:
        place = unmatched if payment.account == clearing else payment.account
        for account, amount in (
            (payment.account, payment.amount_sek),
            *((one.account, one.amount) for one in payment.write_offs),
        ):
            sums[account] = sums.get(account, Decimal(0)) + amount
            sums[place] = sums.get(place, Decimal(0)) - amount
    text = f"{row.names}: betalning borttagen"
    rows = tuple(VoucherRow(account, amount, text) for account, amount in sums.items() if amount)
    if not rows:
        return None
    ref = f"{seen.reference}-{row.key}.R{generation}-V"
    return VoucherDraft(
        ref=ref, series=seen.settings.voucher_series.payout, dated=_day(seen, ref), text=text, rows=rows
    )


def _day(seen: ObservedPayout, ref: str) -> date:
    """The payout's day while that is open: a person has just changed the books of that day. Else today."""
    made = seen.document("voucher", ref)
    if made is not None and made.exists and made.dated is not None:
        return made.dated
    locked = seen.books.locked_until
    return seen.today if locked is not None and seen.dated <= locked else seen.dated


def _newest(gone: list[Booked]) -> list[Booked]:
    newest = max((_generation(one.ref) for one in gone), default=0)
    return [one for one in gone if _generation(one.ref) == newest]


def _draft_of(one: Booked) -> PaymentDraft:
    return payment_from(one.draft, ref=one.ref)


def _generation(ref: str) -> int:
    found = GENERATION.search(ref)
    return int(found.group(1)) if found else 1
