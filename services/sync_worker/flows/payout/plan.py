"""A payout of Svea -> a payment of each row's invoice, and one voucher for the bank and everything else.

Starts   the evening's report, a report that changed, an invoice that a parked row was waiting for.
Books    what each row adds on the clearing account, with its fees written off the invoice; on the same
         day one voucher: clearing to bank, and rows without a document on accounts of their own.
Adds up  every identity of Svea's report holds first, else nothing is booked; then the clearing account
         is what Svea owes, and the bank is what Svea paid.
Repeats  safe: each row and the voucher have references of their own. A report that is read again and is
         the same plans the same. One that changed books nothing over: what was begun is booked to its end
         as it was, rows that wait still settle, and a person is told what changed.
"""

from decimal import Decimal

from services.sync_worker.flows.payout.changes import what_changed
from services.sync_worker.flows.payout.observed import ObservedPayout, RowOutcome
from services.sync_worker.flows.payout.plan_accounts import PayoutPosting
from services.sync_worker.flows.payout.plan_rows import planned_rows
from services.sync_worker.flows.payout.planned_row import PlannedRow
from shared.domain.documents import Draft, Plan
from shared.domain.errors import MissingFinancialYear, PeriodLocked
from shared.domain.outcomes import Advice, Skipped
from shared.domain.payouts import must_hold
from shared.domain.vouchers import AttachmentDraft, VoucherDraft, VoucherRow


def plan(seen: ObservedPayout) -> Plan | Skipped:
    must_hold(seen.payout)
    if not seen.payout.money_rows and not seen.payout.paid:
        return Skipped("nothing was paid out and nothing was settled")
    rows = planned_rows(seen)
    voucher = _voucher(seen, rows)
    drafts: list[Draft] = [payment for row in rows for payment in (*row.cancelled, *row.payments)]
    drafts += [voucher] if voucher is not None else []
    drafts += [again for row in rows for again in row.put_back]
    drafts += [settlement for row in rows for settlement in row.settlements]
    _must_be_bookable(seen, drafts)
    return Plan(
        drafts=tuple(drafts),
        advice=tuple(_advice(row) for row in rows if row.tell),
        explanations=(f"{len(rows)} rows, {seen.payout.paid} to the bank",),
        extras=(_attachment(seen, voucher),) if voucher is not None else (),
        open=any(row.outcome.state in ("parked", "waiting") for row in rows),
        hold=what_changed(seen),
    )


def outcomes(seen: ObservedPayout) -> tuple[RowOutcome, ...]:
    """What becomes of each row, for whoever looks at the payout."""
    return tuple(row.outcome for row in planned_rows(seen))


def carried_sek(seen: ObservedPayout) -> tuple[Decimal, Decimal]:
    """What the opening and the closing debt stand for on clearing, in SEK: zero or more.

    As the payouts beside this one have them, so that a debt that is carried from rate to rate leaves nothing.
    """
    posting, debts = PayoutPosting(seen), seen.debts
    opening = posting.in_sek(-seen.payout.opening_debt) if debts.opening is None else debts.opening
    closing = posting.in_sek(seen.payout.closing_debt) if debts.closing is None else debts.closing
    return opening, closing


def _voucher(seen: ObservedPayout, rows: list[PlannedRow]) -> VoucherDraft | None:
    """One per payout; once it is made it stays as it was, whatever finds its document later."""
    posting = PayoutPosting(seen)
    text = f"Svea utbetalning {seen.payout.on:%Y-%m-%d} {seen.payout.client_id}"
    lines = [line for row in rows for line in row.lines]
    paid = posting.in_sek(seen.payout.paid)
    if paid:
        lines = [VoucherRow(posting.bank, paid, text), VoucherRow(posting.clearing, -paid, text), *lines]
    lines += _exchange_rest(seen, rows, posting, text)
    gathered = _gathered(lines, posting.clearing)
    if not gathered:
        return None
    return VoucherDraft(
        ref=f"{seen.reference}-V",
        series=seen.settings.voucher_series.payout,
        dated=seen.dated,
        text=text,
        rows=gathered,
        entry=";".join(f"{row.outcome.key}={row.waits_on}" for row in rows if row.waits_on),
        rate=seen.rate,
    )


def _attachment(seen: ObservedPayout, voucher: VoucherDraft) -> AttachmentDraft:
    """The report that explains the voucher, in the words of Svea."""
    payout = seen.payout
    return AttachmentDraft(
        ref=f"{seen.reference}-F",
        voucher=voucher.ref,
        filename=f"svea-{payout.key}.json",
        content=seen.report,
    )


def _gathered(lines: list[VoucherRow], clearing: int) -> tuple[VoucherRow, ...]:
    """The clearing account once; every other line with its own text."""
    on_clearing = sum((line.amount for line in lines if line.account == clearing), Decimal(0))
    others = [line for line in lines if line.account != clearing and line.amount]
    if not others:
        return ()
    text = others[0].text
    return (*others, VoucherRow(clearing, on_clearing, text)) if on_clearing else tuple(others)


def _exchange_rest(
    seen: ObservedPayout, rows: list[PlannedRow], posting: PayoutPosting, text: str
) -> list[VoucherRow]:
    """What clearing has too much in SEK: each row is rounded by itself, the bank's sum once; and a debt
    that is carried has another rate on the day that it is paid off."""
    if seen.rate is None:
        return []
    opening, closing = carried_sek(seen)
    by_rows = sum((row.on_clearing_sek for row in rows), Decimal(0))
    rest = by_rows - posting.in_sek(seen.payout.paid) - opening + closing
    exchange = posting.in_sek(-seen.payout.opening_debt) - opening
    exchange -= posting.in_sek(seen.payout.closing_debt) - closing
    lines = []
    by_rates = seen.debts.loss if exchange > 0 else seen.debts.gain
    for account, amount in ((by_rates, exchange), (seen.settings.payout_accounts.rounding, rest - exchange)):
        if amount:
            lines += [VoucherRow(posting.clearing, -amount, text), VoucherRow(account, amount, text)]
    return lines


def _must_be_bookable(seen: ObservedPayout, drafts: list[Draft]) -> None:
    """Nothing moves to another month by itself: a locked day waits until a person chooses another."""
    for draft in drafts:
        dated = getattr(draft, "dated", None)
        found = seen.document(draft.kind, draft.ref)
        if (
            dated is None
            or getattr(draft, "cancelled", False)
            or (found is not None and found.state == "final")
        ):
            continue
        facts = {"document": draft.ref, "date": str(dated)}
        locked = seen.books.locked_until
        if locked is not None and dated <= locked:
            raise PeriodLocked(
                f"payout {seen.payout.key} is dated {dated}, but the books are locked up to {locked}; "
                "choose a day to book it on",
                facts={**facts, "locked_until": locked.isoformat()},
            )
        if dated in seen.books.without_year:
            raise MissingFinancialYear(f"{draft.ref} is dated {dated}: no such financial year", facts=facts)


def _advice(row: PlannedRow) -> Advice:
    return Advice(f"payout_row_{row.outcome.state}", row.outcome.why, {"row": row.outcome.key})
