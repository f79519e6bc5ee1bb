"""What came back against what was asked for: no document is made final with a difference."""

from collections.abc import Sequence
from decimal import Decimal

from shared.clients.fortnox.wire import FortnoxInvoice, FortnoxOrder
from shared.domain.documents import SalesDocument
from shared.domain.errors import Mismatch
from shared.domain.money import to_cents

VAT_TOLERANCE_PER_ROW = Decimal("0.01")


def must_match(draft: SalesDocument, seen: FortnoxOrder | FortnoxInvoice, *, rows: int) -> Sequence[str]:
    """Raise Mismatch unless total and rows are the draft's; a VAT öre that Fortnox rounds is noted."""
    if seen.total_to_pay != draft.total.amount or seen.total != draft.total.amount:
        raise _mismatch(draft, seen, "total", str(draft.total), f"{seen.total_to_pay} {seen.currency}")
    if seen.currency != draft.currency:
        raise _mismatch(draft, seen, "currency", draft.currency, seen.currency)
    if isinstance(seen, FortnoxInvoice):
        _must_have_rate(draft, seen)
    if len(seen.rows) != rows:
        raise _mismatch(draft, seen, "number of rows", str(rows), str(len(seen.rows)))
    off = seen.total_vat - draft.vat.amount
    if abs(off) > VAT_TOLERANCE_PER_ROW * max(rows, 1):
        raise _mismatch(draft, seen, "VAT", str(draft.vat), f"{seen.total_vat} {seen.currency}")
    return [f"{draft.ref}: Fortnox' VAT is {seen.total_vat}, ours {draft.vat}, off by {off}"] if off else []


def _must_have_rate(draft: SalesDocument, seen: FortnoxInvoice) -> None:
    """In kronor nothing is converted, and in another currency it is worth to the öre what was drafted."""
    rate = seen.currency_rate / (seen.currency_unit or 1)
    wanted = draft.rate if draft.rate is not None else Decimal(1)
    if to_cents(draft.total.amount * rate) != to_cents(draft.total.amount * wanted):
        asked, got = f"{wanted.normalize():f} SEK", f"{rate.normalize():f} SEK for 1 {seen.currency}"
        raise _mismatch(draft, seen, "currency rate", asked, got)


def _mismatch(
    draft: SalesDocument, seen: FortnoxOrder | FortnoxInvoice, what: str, asked: str, got: str
) -> Mismatch:
    likely = _likely_setting(seen)
    return Mismatch(
        f"{draft.kind} {seen.number} ({draft.ref}): {what} is {got} in Fortnox, should be {asked}; {likely}",
        facts={
            "document": seen.number,
            "reference": draft.ref,
            "what": what,
            "expected": asked,
            "found": got,
            "likely": likely,
        },
    )


def _likely_setting(seen: FortnoxOrder | FortnoxInvoice) -> str:
    if seen.round_off:
        return "rounding to whole kronor (öresavrundning) is on in Fortnox' invoicing settings"
    if seen.freight or seen.administration_fee:
        return "the customer has a default freight or administration fee"
    if any(row.discount for row in seen.rows):
        return "the customer has a default discount"
    if any(not row.delivered_quantity and row.price for row in seen.rows):
        return "the warehouse module set a delivered quantity to 0, since there is no stock"
    return "someone changed the document, or a setting of the customer leaked in"
