"""One row of a payout -> the payments that it makes, or the account that it waits on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.sync_worker.flows.payout.observed import ObservedPayout, RowOutcome, Target
from services.sync_worker.flows.payout.plan_accounts import PayoutPosting
from shared.domain.money import Money
from shared.domain.payments import PaymentDraft, WriteOff
from shared.domain.payouts import PayoutRow
from shared.domain.vouchers import VoucherRow

ALREADY_PAID = "already_paid"


@dataclass(frozen=True)
class PlannedRow:
    """``waits_on`` is the account that its amount stands on until it has a document."""

    outcome: RowOutcome
    payments: tuple[PaymentDraft, ...] = ()
    settlements: tuple[PaymentDraft, ...] = ()
    lines: tuple[VoucherRow, ...] = ()
    waits_on: int | None = None
    on_clearing_sek: Decimal = Decimal(0)
    tell: bool = False
    pays: tuple[tuple[Target, Money], ...] = ()
    excess: Money | None = None


def planned_rows(seen: ObservedPayout) -> list[PlannedRow]:
    """Every row that is money, in the report's order. Open amounts are used up row by row."""
    left = {_name(target): target.open for targets in seen.targets.values() for target in targets}
    waiting = _parked_before(seen)
    rows = []
    for row in seen.payout.money_rows:
        planned = _planned(seen, row, left, waiting)
        rows.append((row, replace(planned, on_clearing_sek=_on_clearing(seen, planned))))
    return [_told(row, planned, left) for row, planned in rows]


def _told(row: PayoutRow, planned: PlannedRow, left: dict[str, Money]) -> PlannedRow:
    """What a row leaves open is known once all rows have paid."""
    if not planned.pays or planned.excess is None:
        return planned
    open_after = [left[_name(target)] for target, _ in planned.pays]
    outcome = _order_outcome(row, planned.pays, planned.excess, open_after)
    return replace(planned, outcome=outcome, tell=outcome.state == "differs")


def _planned(
    seen: ObservedPayout, row: PayoutRow, left: dict[str, Money], waiting: dict[str, int]
) -> PlannedRow:
    if row.kind not in ("Order", "Credit"):
        return _of_its_own(seen, row)
    targets = _payable(seen, row)
    if row.key in waiting:
        return _settled_later(seen, row, targets, waiting[row.key])
    if not targets:
        return _parked(seen, row)
    if any(seen.dated < target.dated for target in targets):
        return _advance(seen, row, targets)
    return _credit(seen, row, targets) if row.kind == "Credit" else _order(seen, row, targets, left)


# ── rows with a document ──────────────────────────────────────────────────────────────────────────


def _order(
    seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...], left: dict[str, Money]
) -> PlannedRow:
    """Pays as much as the row says; öre that differ go to rounding, more than that is told."""
    posting = PayoutPosting(seen)
    ref = _ref(seen, row)
    shares, excess = _shared(row.nominal, targets, left)
    payments = []
    costs = posting.write_offs(row, ref)
    fees = row.fee + row.fee_vat
    for position, (target, share) in enumerate(shares, start=1):
        first = position == 1
        rounding, closed = _rounding(seen, target, share, left) if not excess else ((), share)
        payments.append(
            _payment(
                seen,
                target,
                ref=ref if len(shares) == 1 else f"{ref}.{position}",
                amount=share - fees if first else share,
                write_offs=(*(costs if first else ()), *rounding),
                row=row,
            )
        )
        left[_name(target)] = left[_name(target)] - closed
    lines = _excess_lines(seen, row, excess)
    outcome = _order_outcome(row, shares, excess, [])
    return PlannedRow(outcome, tuple(payments), lines=lines, pays=tuple(shares), excess=excess)


def _shared(
    nominal: Money, targets: Iterable[Target], left: dict[str, Money]
) -> tuple[list[tuple[Target, Money]], Money]:
    """A row over its invoices, each up to what is open on it; and what is more than all of them."""
    shares: list[tuple[Target, Money]] = []
    rest = nominal
    for target in targets:
        share = min(rest, left[_name(target)])
        if share.amount > 0:
            shares.append((target, share))
            rest = rest - share
    return shares, rest


def _rounding(
    seen: ObservedPayout, target: Target, share: Money, left: dict[str, Money]
) -> tuple[tuple[WriteOff, ...], Money]:
    """The öre that would stay open on the invoice."""
    off = left[_name(target)] - share
    accounts = seen.settings.payout_accounts
    if not off or abs(off.amount) > accounts.rounding_limit:
        return (), share
    amount = PayoutPosting(seen).in_sek(off)
    return (WriteOff(amount, accounts.rounding, "öresdifferens"),), share + off


def _excess_lines(seen: ObservedPayout, row: PayoutRow, excess: Money) -> tuple[VoucherRow, ...]:
    if not excess:
        return ()
    text = f"{row.names}: mer än fakturan"
    return tuple(PayoutPosting(seen).moved(excess, seen.settings.payout_accounts.unmatched, text))


def _order_outcome(
    row: PayoutRow, shares: Sequence[tuple[Target, Money]], excess: Money, open_after: Sequence[Money]
) -> RowOutcome:
    names = ", ".join(f"invoice {target.number} by {target.how}" for target, _ in shares)
    documents = tuple(target.number for target, _ in shares)
    if excess:
        why = f"{row.nominal} pays {names}, {excess} more than was open: on the observation account"
        return RowOutcome(row.key, "differs", why, documents)
    rest = [amount for amount in open_after if amount]
    if rest:
        return RowOutcome(row.key, "differs", f"{row.nominal} pays {names}; {rest[0]} stays open", documents)
    return RowOutcome(row.key, "matched", f"{row.nominal} pays {names}", documents)


def _credit(seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...]) -> PlannedRow:
    """Settles the credit invoices; they take no write-offs, so a fee is in the voucher."""
    ref = _ref(seen, row)
    payments = tuple(
        _payment(
            seen,
            target,
            ref=ref if len(targets) == 1 else f"{ref}.{position}",
            amount=target.open,
            write_offs=(),
            row=row,
        )
        for position, target in enumerate(targets, start=1)
    )
    names = ", ".join(target.number for target in targets)
    outcome = RowOutcome(
        row.key, "matched", f"{row.nominal} settles credit invoice {names}", tuple(t.number for t in targets)
    )
    return PlannedRow(outcome, payments, lines=tuple(PayoutPosting(seen).fees_only(row)))


def _payment(
    seen: ObservedPayout,
    target: Target,
    *,
    ref: str,
    amount: Money,
    write_offs: tuple[WriteOff, ...],
    row: PayoutRow,
    account: int | None = None,
    dated: date | None = None,
) -> PaymentDraft:
    posting = PayoutPosting(seen)
    return PaymentDraft(
        ref=ref,
        document_kind=target.kind,
        document=target.ref or f"#{target.number}",
        number=target.number,
        dated=dated or seen.dated,
        amount=amount,
        account=account or posting.clearing,
        mode_of_payment=seen.market.mode_of_payment,
        write_offs=write_offs,
        rate=seen.rate,
        claim_rate=target.claim_rate,
        entry=row.key,
    )


# ── rows that wait ────────────────────────────────────────────────────────────────────────────────


def _parked(seen: ObservedPayout, row: PayoutRow) -> PlannedRow:
    """The bank ties out the same day; the row settles itself when its document is there."""
    account = seen.settings.payout_accounts.unmatched
    why = seen.why_not.get(row.key) or f"no document for {row.names}"
    return PlannedRow(
        RowOutcome(row.key, "parked", f"{why}; on {account} until there is one"),
        lines=tuple(PayoutPosting(seen).without_document(row, account)),
        waits_on=account,
        tell=True,
    )


def _advance(seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...]) -> PlannedRow:
    """Paid before the invoice's date: an advance on the payout's day, settled on the invoice's."""
    account = seen.settings.payout_accounts.advance
    posting = PayoutPosting(seen)
    dated = max(target.dated for target in targets)
    return PlannedRow(
        RowOutcome(
            row.key,
            "settled",
            f"paid before invoice {targets[0].number} of {dated}: an advance on {account} until that day",
            tuple(target.number for target in targets),
        ),
        settlements=_settlements(seen, row, targets, account, dated),
        lines=tuple(posting.without_document(row, account)),
        waits_on=account,
    )


def _settled_later(
    seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...], account: int
) -> PlannedRow:
    """It was on an account of its own when the payout was booked."""
    posting = PayoutPosting(seen)
    lines = tuple(posting.without_document(row, account))
    if not targets:
        why = seen.why_not.get(row.key) or f"no document for {row.names}"
        return PlannedRow(
            RowOutcome(row.key, "parked", f"{why}; on {account} until there is one"),
            lines=lines,
            waits_on=account,
        )
    found = seen.document("payment", f"{_ref(seen, row)}-S")
    day = found.dated if found is not None and found.dated else max(seen.today, *(t.dated for t in targets))
    if account == seen.settings.payout_accounts.advance:
        day = max(target.dated for target in targets)
    return PlannedRow(
        RowOutcome(
            row.key,
            "settled",
            f"{row.nominal} was on {account} and pays {targets[0].number} on {day}",
            tuple(target.number for target in targets),
        ),
        settlements=_settlements(seen, row, targets, account, day),
        lines=lines,
        waits_on=account,
    )


def _settlements(
    seen: ObservedPayout, row: PayoutRow, targets: tuple[Target, ...], account: int, dated: date
) -> tuple[PaymentDraft, ...]:
    """The fees were booked with the payout, so the whole nominal amount is left."""
    ref = f"{_ref(seen, row)}-S"
    rest = row.nominal
    found = []
    for position, target in enumerate(targets, start=1):
        share = min(rest, target.open) if rest.amount > 0 else max(rest, target.open)
        rest = rest - share
        if share:
            name = ref if len(targets) == 1 else f"{ref}.{position}"
            found.append(
                _payment(
                    seen, target, ref=name, amount=share, write_offs=(), row=row, account=account, dated=dated
                )
            )
    return tuple(found)


def _of_its_own(seen: ObservedPayout, row: PayoutRow) -> PlannedRow:
    """Costs, deposits, kickbacks and returned claims have no document."""
    lines = tuple(PayoutPosting(seen).without_document(row))
    where = ", ".join(str(line.account) for line in lines[1:])
    told = row.kind == "Regression" or (row.kind == "Manual" and bool(row.nominal))
    why = f"{row.kind} {row.paid}, {row.comment or row.names}: on {where}"
    if row.kind == "Regression":
        why = f"Svea returns its claim on the buyer of {row.names}, {row.nominal}: on {where}"
    return PlannedRow(RowOutcome(row.key, "matched", why), lines=lines, tell=told)


# ── names ─────────────────────────────────────────────────────────────────────────────────────────


def _ref(seen: ObservedPayout, row: PayoutRow) -> str:
    return f"{seen.reference}-{row.key}"


def _name(target: Target) -> str:
    return f"{target.kind} {target.number}"


def _payable(seen: ObservedPayout, row: PayoutRow) -> tuple[Target, ...]:
    """The row's documents with something open, but not one of which Fortnox said that it is paid."""
    found = tuple(target for target in seen.targets.get(row.key, ()) if target.open)
    refused = seen.document("payment", _ref(seen, row))
    if refused is None or refused.refused_as != ALREADY_PAID:
        return found
    paid = refused.draft.get("number")
    return tuple(target for target in found if paid is not None and target.number != paid)


def _parked_before(seen: ObservedPayout) -> dict[str, int]:
    """Row keys and accounts, as the voucher that was made has them."""
    voucher = seen.document("voucher", f"{seen.reference}-V")
    if voucher is None or voucher.number is None:
        return {}
    pairs = (pair.split("=") for pair in str(voucher.draft.get("entry") or "").split(";") if pair)
    return {key: int(account) for key, account in pairs}


def _on_clearing(seen: ObservedPayout, row: PlannedRow) -> Decimal:
    clearing = PayoutPosting(seen).clearing
    paid = sum((payment.amount_sek for payment in row.payments if payment.account == clearing), Decimal(0))
    return paid + sum((line.amount for line in row.lines if line.account == clearing), Decimal(0))
