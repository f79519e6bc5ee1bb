"""Svea's credits of a delivery -> credit invoices, any number of them.

Svea gives a credit no id and no date, so those that are booked are recognised by what they credit,
and what is left over is new. An amount without rows is spread over the rates of what is still to be
credited; the credit that empties a delivery takes exactly what is left, row group by row group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.sync_worker.flows.sale.observed import Booked, ObservedSale
from services.sync_worker.flows.sale.plan_days import booking_day
from services.sync_worker.flows.sale.plan_left import Group, closed, group_of, left_of, mirrored
from services.sync_worker.flows.sale.plan_rows import RowMapping
from shared.domain.documents import CreditDraft, InvoiceDraft, rate_from, rows_from
from shared.domain.errors import OverCredited, Unbalanced
from shared.domain.items import Row, would_leak
from shared.domain.money import Money, apportion, total
from shared.domain.references import SaleReference, credit_ordinal
from shared.domain.sale import SoldCredit, SoldDelivery

AMOUNT_ONLY = "amount"
REFUND_TEXT = "Återbetalning"


@dataclass(frozen=True)
class NewCredit:
    """A credit at Svea that has no document yet."""

    ordinal: int
    credit: SoldCredit
    entry: str


def credit_drafts(
    seen: ObservedSale, delivery: SoldDelivery, invoice: InvoiceDraft, days: Sequence[date]
) -> list[CreditDraft]:
    """One draft per credit; those with a document keep their date, new ones take ``days`` in order."""
    booked = _booked_of(seen, invoice.ref)
    drafts = [_again(seen, found, invoice) for found in booked]
    new = new_credits(seen, delivery, invoice.ref)
    for position, one in enumerate(new):
        known = one.credit.on or (days[position] if position < len(days) else seen.today)
        own = min(max(invoice.dated, known), max(seen.today, invoice.dated))
        drafts.append(_draft(seen, one, invoice, before=drafts, own=own))
    _must_not_exceed(invoice, drafts)
    return drafts


def new_credits(seen: ObservedSale, delivery: SoldDelivery, invoice_ref: str) -> list[NewCredit]:
    """Svea's credits less the ones that have a document; a surplus of documents stops."""
    booked = _booked_of(seen, invoice_ref)
    left = list(booked)
    fresh = [credit for credit in delivery.credits if not _taken(credit, left)]
    amount_only = _amount_only(delivery, left)
    if amount_only is not None:
        fresh.append(amount_only)
    entries = [str(found.draft["entry"]) for found in left]
    _must_be_known(delivery, [entry for entry in entries if not entry.startswith(AMOUNT_ONLY)])
    first = max((credit_ordinal(found.ref) for found in booked), default=0) + 1
    return [NewCredit(first + index, credit, credit.names[0]) for index, credit in enumerate(fresh)]


def matched_credits(
    delivery: SoldDelivery, invoice_ref: str, drafts: Sequence[CreditDraft]
) -> list[tuple[SoldCredit, CreditDraft]]:
    """Each refund of a delivery with the draft that books it; equal refunds in the order of their drafts."""
    left = [draft for draft in drafts if draft.invoice == invoice_ref]
    found = []
    for credit in delivery.credits:
        for draft in left:
            if draft.entry in credit.names:
                left.remove(draft)
                found.append((credit, draft))
                break
    return found


def _taken(credit: SoldCredit, left: list[Booked]) -> bool:
    """Whether a document of this refund exists; takes it off ``left``, so that equal refunds are two."""
    for name in credit.names:
        for found in left:
            if found.draft["entry"] == name:
                left.remove(found)
                return True
    return False


def _amount_only(delivery: SoldDelivery, booked: Sequence[Booked]) -> SoldCredit | None:
    """What Svea has credited beyond the credits that it lists, less what ``booked`` has of that."""
    credited = delivery.credited or Money.zero(delivery.amount.currency)
    listed = (credit.amount for credit in delivery.credits if credit.by_provider)
    unlisted = credited - total(listed, credited.currency)
    if unlisted.amount < 0:
        raise Unbalanced(
            f"delivery {delivery.id}: credits sum to {credited - unlisted}, Svea says {credited} is credited",
            facts={"delivery": str(delivery.id), "credited": str(credited), "difference": str(unlisted)},
        )
    done = [found for found in booked if str(found.draft["entry"]).startswith(f"{AMOUNT_ONLY}|")]
    rest = unlisted + total((found.total for found in done if found.total is not None), credited.currency)
    return SoldCredit(rest, told_as=f"{AMOUNT_ONLY}|{rest.amount}") if rest.amount > 0 else None


def _must_be_known(delivery: SoldDelivery, surplus: Sequence[str]) -> None:
    if surplus:
        raise OverCredited(
            f"delivery {delivery.id}: {len(surplus)} credit invoice(s) have no credit at Svea any more",
            facts={"delivery": str(delivery.id), "entries": ", ".join(surplus)},
        )


def _booked_of(seen: ObservedSale, invoice_ref: str) -> list[Booked]:
    found = [one for one in seen.of_kind("credit_invoice") if one.parent == invoice_ref and one.draft]
    return sorted(found, key=lambda one: credit_ordinal(one.ref))


def _draft(
    seen: ObservedSale, new: NewCredit, invoice: InvoiceDraft, *, before: Sequence[CreditDraft], own: date
) -> CreditDraft:
    ref = SaleReference.credit(invoice.ref, new.ordinal)
    rows = closed(invoice, before, _rows(seen, new.credit, invoice, before))
    return CreditDraft(
        ref=ref,
        customer=invoice.customer,
        rows=rows,
        total=-new.credit.amount,
        checkout_id=invoice.checkout_id,
        order_number=invoice.order_number,
        name=invoice.name,
        billing=invoice.billing,
        delivery=invoice.delivery,
        rate=invoice.rate,
        order_number_field=invoice.order_number_field,
        your_reference=invoice.your_reference,
        invoice=invoice.ref,
        dated=booking_day(seen, "credit_invoice", ref, own=own, amount=-new.credit.amount),
        linked=new.ordinal == 1,
        entry=new.entry,
        clear_first=would_leak(invoice.rows, rows),
        remarks=invoice.remarks,
    )


def _again(seen: ObservedSale, found: Booked, invoice: InvoiceDraft) -> CreditDraft:
    """The draft that was booked, as it was: its date and rows must not move."""
    if found.dated is None or found.total is None:
        raise Unbalanced(f"{found.ref}: our own record of it has no date or total")
    rows = rows_from(found.draft, invoice.currency)
    return CreditDraft(
        ref=found.ref,
        customer=invoice.customer,
        rows=rows,
        total=found.total,
        checkout_id=invoice.checkout_id,
        order_number=invoice.order_number,
        name=invoice.name,
        billing=invoice.billing,
        delivery=invoice.delivery,
        rate=rate_from(found.draft),
        order_number_field=invoice.order_number_field,
        your_reference=invoice.your_reference,
        invoice=invoice.ref,
        dated=booking_day(seen, "credit_invoice", found.ref, own=found.dated, amount=found.total),
        linked=bool(found.draft["linked"]),
        entry=str(found.draft["entry"]),
        clear_first=would_leak(invoice.rows, rows),
        remarks=invoice.remarks,
    )


def _rows(
    seen: ObservedSale, credit: SoldCredit, invoice: InvoiceDraft, before: Sequence[CreditDraft]
) -> tuple[Row, ...]:
    left = left_of(invoice, before)
    if credit.amount == total(left.values(), invoice.currency) and not credit.rows:
        return _by_group(left, invoice) if before else mirrored(invoice)
    if not credit.rows:
        return _by_group(_spread(credit.amount, left), invoice)
    return RowMapping.of(seen, on=invoice.dated, invoiced=invoice.rows).rows(credit.rows)


def _spread(amount: Money, left: dict[Group, Money]) -> dict[Group, Money]:
    """By gross share over what is still taxed or sold; means of payment and minus rows take no part."""
    weights = {key: part.amount for key, part in left.items() if part.amount > 0}
    if not weights:
        return {}
    parts = apportion(amount, list(weights.values()))
    return {key: part for key, part in zip(weights, parts, strict=True) if part}


def _by_group(groups: dict[Group, Money], invoice: InvoiceDraft) -> tuple[Row, ...]:
    treated = {group_of(row): row.treated for row in reversed(invoice.rows)}
    return tuple(
        Row(
            text=f"{REFUND_TEXT} {rate:f} %" if rate else REFUND_TEXT,
            quantity=Decimal(-1),
            price=amount,
            rate=rate,
            account=account,
            kind=kind,
            vat_code=code,
            treated=treated.get((account, rate, code, kind)),
        )
        for (account, rate, code, kind), amount in groups.items()
    )


def _must_not_exceed(invoice: InvoiceDraft, credits: Sequence[CreditDraft]) -> None:
    credited = -total((credit.total for credit in credits), invoice.currency)
    if credited.amount > invoice.total.amount:
        raise OverCredited(
            f"{invoice.ref}: credits of {credited} exceed the invoice of {invoice.total}",
            facts={
                "credited": str(credited),
                "invoice": str(invoice.total),
                "over": str(credited - invoice.total),
            },
        )
