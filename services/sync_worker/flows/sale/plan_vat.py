"""What the rows of a sale's documents say together about its VAT: the customer's type, why, and doubts."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.sync_worker.flows.sale.observed import ObservedSale
from services.sync_worker.flows.sale.plan_rows import vat_number_of
from shared.domain.documents import OrderDraft
from shared.domain.items import Row
from shared.domain.outcomes import Advice
from shared.domain.parties import VatType
from shared.domain.sale import SoldDelivery
from shared.domain.vat.rates import doubt_about


def vat_type_of(rows: Iterable[Row]) -> VatType:
    """What the customer must be in Fortnox for these rows to be taxed as they are."""
    treatments = {row.treated.treatment for row in rows if row.treated is not None}
    if "eu_business" in treatments:
        return "EUREVERSEDVAT"
    return "EXPORT" if treatments == {"export"} else "SEVAT"


def explanations_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """One sentence per rate and reason: why it is booked as it is."""
    found = (f"{row.rate:f} %: {row.treated.why}" for row in rows if row.treated is not None)
    return tuple(dict.fromkeys(found))


def vat_advice(
    seen: ObservedSale, orders: Sequence[OrderDraft], deliveries: Sequence[SoldDelivery]
) -> tuple[Advice, ...]:
    """What is booked as it was charged although something speaks against it; ``orders`` are of deliveries."""
    found = [
        doubt
        for order, delivery in zip(orders, deliveries, strict=True)
        for doubt in _rate_doubts(order, delivery.on)
    ]
    found += _number_doubts(seen, [row for order in orders for row in order.rows])
    return tuple({advice.text: advice for advice in found}.values())


def _rate_doubts(order: OrderDraft, delivered: date) -> Iterable[Advice]:
    for row in order.rows:
        if row.treated is None or row.treated.treatment not in ("oss", "voec", "domestic"):
            continue
        country = row.treated.country
        doubt = doubt_about(country, row.rate, charged=order.ordered_on, delivered=delivered)
        if doubt:
            facts = {"country": country, "rate": f"{row.rate:f}", "delivered": delivered.isoformat()}
            yield Advice("vat_rate_doubtful", f"{doubt}; booked as charged", facts)


def _number_doubts(seen: ObservedSale, rows: Iterable[Row]) -> Iterable[Advice]:
    """A VAT number that explains 0 %, and about which something is odd."""
    number = vat_number_of(seen)
    if number.doubt and "eu_business" in {row.treated.treatment for row in rows if row.treated is not None}:
        text = f"no VAT was charged because of the VAT number {number.text}, but {number.doubt}"
        yield Advice("vat_number_doubtful", text, {"vat_number": number.text})
