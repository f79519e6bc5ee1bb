"""A report that says something else than what was booked: shown, old against new, and never booked over."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal

from services.sync_worker.flows.payout.observed import ObservedPayout
from services.sync_worker.flows.payout.plan_accounts import PayoutPosting
from shared.domain.errors import PayoutChanged
from shared.domain.payouts import Payout, PayoutRow


def what_changed(seen: ObservedPayout) -> PayoutChanged | None:
    """Each row that differs, and what a correction would have to come to; None if nothing has changed."""
    before, now = seen.payout, seen.changed
    if now is None or before.content_hash == now.content_hash:
        return None
    changes = differences(before, now)
    fee, paid = now.fee - before.fee, now.paid - before.paid
    return PayoutChanged(
        f"payout {now.key} was booked with {before.paid} paid and now says {now.paid}: {'; '.join(changes)}",
        facts={
            "was": str(before.paid),
            "is": str(now.paid),
            "changes": "; ".join(changes),
            "correction": f"fee {fee}, fee VAT {now.fee_vat - before.fee_vat}, paid {paid}",
            "voucher": _in_words(correction(seen, before, now)),
        },
    )


def correction(seen: ObservedPayout, before: Payout, now: Payout) -> dict[int, Decimal]:
    """The voucher that makes of what was booked what Svea says now: SEK by account, debit is positive.

    Rows that are new, gone or of another amount are on the observation account until they have a document.
    """
    sums: dict[int, Decimal] = defaultdict(Decimal)
    posting = PayoutPosting(seen)
    for sign, payout in ((-1, before), (1, now)):
        paid = posting.in_sek(payout.paid)
        sums[posting.bank] += sign * paid
        sums[posting.clearing] -= sign * paid
        for line in (line for row in payout.money_rows for line in posting.without_document(row)):
            sums[line.account] += sign * line.amount
    return {account: amount for account, amount in sorted(sums.items()) if amount}


def _in_words(voucher: Mapping[int, Decimal]) -> str:
    return "; ".join(
        f"{account} {'debit' if amount > 0 else 'credit'} {abs(amount):.2f}"
        for account, amount in voucher.items()
    )


def differences(before: Payout, now: Payout) -> list[str]:
    """Each row that differs, in words."""
    old, new = _by_subject(before), _by_subject(now)
    told = []
    for name in sorted(old.keys() | new.keys()):
        was, now_is = old.get(name), new.get(name)
        if was is None and now_is is not None:
            told.append(f"new row {now_is.kind} {now_is.names} of {now_is.nominal}")
        elif was is not None and now_is is None:
            told.append(f"row {was.kind} {was.names} of {was.nominal} is gone")
        elif was is not None and now_is is not None and _amounts(was) != _amounts(now_is):
            told.append(
                f"{now_is.names}: fee {was.fee} is now {now_is.fee}, paid {was.paid} is now {now_is.paid}"
            )
    return told


def _by_subject(payout: Payout) -> dict[str, PayoutRow]:
    """Rows by what they are about, since a changed fee makes another key."""
    found: dict[str, PayoutRow] = {}
    equal: Counter[str] = Counter()
    for row in payout.money_rows:
        about = (
            row.kind,
            row.checkout_id,
            row.delivery_id,
            row.invoice_number,
            row.transaction_id,
            row.comment,
        )
        name = "|".join(str(part) for part in about)
        found[f"{name}|{equal[name]}"] = row
        equal[name] += 1
    return found


def _amounts(row: PayoutRow) -> tuple[object, ...]:
    return row.nominal, row.paid, row.fee, row.fee_vat
