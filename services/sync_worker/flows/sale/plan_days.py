"""Which day a document is booked on: its own, unless that is closed and a person chose another."""

from collections.abc import Iterable
from datetime import date

from services.sync_worker.flows.sale.observed import ObservedSale
from shared.domain.documents import CreditDraft, InvoiceDraft
from shared.domain.errors import CashMethod, MissingFinancialYear, NeedsAttention, PeriodLocked
from shared.domain.money import Money


def booking_day(seen: ObservedSale, kind: str, ref: str, *, own: date, amount: Money) -> date:
    """What is booked keeps its day. Raises NeedsAttention where no day is open: none moves by itself."""
    found = seen.document(kind, ref)
    if found is not None and found.state == "final":
        return found.dated or own
    if not seen.books.is_closed(own):
        return own
    chosen = seen.chosen_day
    if chosen is None:
        raise _closed(seen, f"{ref} of {amount} is dated {own}", own, _facts(ref, own, amount))
    facts = {**_facts(ref, own, amount), "chosen": chosen.day.isoformat()}
    if chosen.day < own:
        why = f"{ref} of {amount} is dated {own}; the chosen day {chosen.day} is before it"
        raise _closed(seen, why, own, facts)
    if seen.books.is_closed(chosen.day):
        why = f"{ref} of {amount} is dated {own}; the chosen day is {chosen.day}"
        raise _closed(seen, why, chosen.day, facts)
    return chosen.day


def moved_days(seen: ObservedSale, documents: Iterable[InvoiceDraft | CreditDraft]) -> tuple[str, ...]:
    """A sentence for each document that this plan books on the day that a person chose."""
    if seen.chosen_day is None:
        return ()
    return tuple(
        f"{one.ref} is booked on {one.dated}: {seen.chosen_day.why}"
        for one in documents
        if one.dated == seen.chosen_day.day and not _is_final(seen, one)
    )


def _is_final(seen: ObservedSale, document: InvoiceDraft | CreditDraft) -> bool:
    found = seen.document(document.kind, document.ref)
    return found is not None and found.state == "final"


def _facts(ref: str, own: date, amount: Money) -> dict[str, str]:
    return {"document": ref, "date": own.isoformat(), "amount": str(amount)}


def _closed(seen: ObservedSale, what: str, day: date, facts: dict[str, str]) -> NeedsAttention:
    locked = seen.books.locked_until
    if locked is not None and day <= locked:
        return PeriodLocked(
            f"{what}, but the books are locked up to {locked}",
            facts={**facts, "locked_until": locked.isoformat()},
        )
    if day in seen.books.by_cash:
        return CashMethod(f"{what}, in a year that is kept by the cash method", facts=facts)
    return MissingFinancialYear(f"{what}: no such financial year", facts=facts)
