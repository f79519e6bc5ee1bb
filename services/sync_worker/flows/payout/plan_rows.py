"""One row of a payout -> the payments that it makes, or the account that it waits on."""

from dataclasses import replace
from decimal import Decimal

from services.sync_worker.flows.payout.observed import ObservedPayout, RowOutcome, Target
from services.sync_worker.flows.payout.plan_accounts import PayoutPosting
from services.sync_worker.flows.payout.plan_payments import credit_row, leaves_open, order_row
from services.sync_worker.flows.payout.plan_removed import cancellations, put_back, waits_again
from services.sync_worker.flows.payout.plan_waiting import advance, parked, settled_later
from services.sync_worker.flows.payout.planned_row import OpenAmounts, PlannedRow, numbers_of, ref_of
from shared.domain.payouts import PayoutRow

WITH_DOCUMENT = ("Order", "Credit")
KNOWN_KINDS = (*WITH_DOCUMENT, "Cost", "Deposit", "Kickback", "Manual", "Regression")


def planned_rows(seen: ObservedPayout) -> list[PlannedRow]:
    """Every row that is money, in the report's order. Open amounts are used up row by row."""
    left = OpenAmounts(seen)
    waiting = _parked_before(seen)
    rows = seen.payout.money_rows
    found: dict[str, PlannedRow] = {}
    for row in sorted(rows, key=lambda row: not _has_paid(seen, row)):
        planned = _planned(seen, row, left, waiting)
        left.row_is_done(seen.targets.get(row.key, ()))
        found[row.key] = replace(planned, on_clearing_sek=_on_clearing(seen, planned))
    return [_told(row, found[row.key], left) for row in rows]


def _has_paid(seen: ObservedPayout, row: PayoutRow) -> bool:
    """What stands in the books has taken its share before any row that has waited since."""
    ref = ref_of(seen, row)
    return any(seen.document("payment", name) is not None for name in (ref, f"{ref}.1"))


def _told(row: PayoutRow, planned: PlannedRow, left: OpenAmounts) -> PlannedRow:
    """What a row leaves open is known once all rows have paid."""
    rest = [left.of(target) for target, _ in planned.pays if left.of(target)]
    if planned.outcome.state != "matched" or not rest:
        return planned
    return replace(planned, outcome=leaves_open(row, planned, rest[0]), tell=True)


def _planned(seen: ObservedPayout, row: PayoutRow, left: OpenAmounts, waiting: dict[str, int]) -> PlannedRow:
    if row.kind not in WITH_DOCUMENT or not row.nominal:
        return _of_its_own(seen, row)
    targets = tuple(target for target in seen.targets.get(row.key, ()) if target.open)
    again = waits_again(seen, row)
    if again is not None:
        planned = settled_later(seen, row, targets, left, again)
        in_voucher = row.key in waiting or not _has_voucher(seen)
        back = put_back(seen, row, direct=not in_voucher)
        lines = planned.lines if in_voucher else ()
        return replace(planned, cancelled=cancellations(seen, row), put_back=back, lines=lines)
    if row.key in waiting:
        return settled_later(seen, row, targets, left, waiting[row.key])
    return _paying(seen, row, targets, left) or parked(seen, row, why=_why_not_paid(seen, row, targets))


def _paying(
    seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...], left: OpenAmounts
) -> PlannedRow | None:
    """None when there is no document, or nothing left of it."""
    if not targets:
        return None
    if any(seen.dated < target.dated for target in targets):
        return advance(seen, row, targets, left)
    return (credit_row if row.kind == "Credit" else order_row)(seen, row, targets, left)


def _why_not_paid(seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...]) -> str:
    if targets:
        return f"other rows of the payout take all of {', '.join(numbers_of(targets))}"
    paid = numbers_of(seen.targets.get(row.key, ()))
    return f"{', '.join(paid)} is paid already" if paid else ""


def _of_its_own(seen: ObservedPayout, row: PayoutRow) -> PlannedRow:
    """Costs, deposits, kickbacks and returned claims have no document; a kind that Svea has invented
    since waits for a person where unknown money waits."""
    lines = tuple(PayoutPosting(seen).without_document(row))
    where = ", ".join(str(line.account) for line in lines[1:])
    told = row.kind == "Regression" or (row.kind == "Manual" and bool(row.nominal))
    why = f"{row.kind} {row.paid}, {row.comment or row.names}: on {where}"
    if row.kind == "Regression":
        why = f"Svea returns its claim on the buyer of {row.names}, {row.nominal}: on {where}"
    if row.kind not in KNOWN_KINDS:
        why = f"{row.kind} is no kind of row that is known: {row.paid}, {row.names}: on {where}"
        return PlannedRow(RowOutcome(row.key, "differs", why), lines=lines, tell=True)
    return PlannedRow(RowOutcome(row.key, "matched", why), lines=lines, tell=told)


def _parked_before(seen: ObservedPayout) -> dict[str, int]:
    """Row keys and accounts, as the voucher has them that was made, or that may have been."""
    voucher = seen.document("voucher", f"{seen.reference}-V")
    if voucher is None or voucher.state in ("refused", "cancelled"):
        return {}
    pairs = (pair.split("=") for pair in str(voucher.draft.get("entry") or "").split(";") if pair)
    return {key: int(account) for key, account in pairs}


def _has_voucher(seen: ObservedPayout) -> bool:
    """Whether it is made, or the payout was booked without one: a row that lost its payment is in none."""
    voucher = seen.document("voucher", f"{seen.reference}-V")
    return seen.is_booked or (voucher is not None and voucher.state not in ("refused", "cancelled"))


def _on_clearing(seen: ObservedPayout, row: PlannedRow) -> Decimal:
    clearing = PayoutPosting(seen).clearing
    paid = sum((payment.amount_sek for payment in row.payments if payment.account == clearing), Decimal(0))
    return paid + sum((line.amount for line in row.lines if line.account == clearing), Decimal(0))
