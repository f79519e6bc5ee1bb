"""What the rows of a sale's documents say together about its VAT: the customer's type, why, and doubts."""

from collections.abc import Iterable
from datetime import date

from shared.domain.documents import OrderDraft
from shared.domain.items import Row
from shared.domain.outcomes import Advice
from shared.domain.parties import VatType
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


def doubts_about(order: OrderDraft, delivered: date) -> tuple[Advice, ...]:
    """Rates that no longer hold on the day of the delivery: booked as charged, and told."""
    found: dict[str, Advice] = {}
    for row in order.rows:
        if row.treated is None or not row.rate:
            continue
        country = row.treated.country if row.treated.treatment in ("oss", "voec", "domestic") else ""
        doubt = doubt_about(country, row.rate, charged=order.ordered_on, delivered=delivered)
        if doubt:
            facts = {"country": country, "rate": f"{row.rate:f}", "delivered": delivered.isoformat()}
            found[doubt] = Advice("vat_rate_doubtful", f"{doubt}; booked as charged", facts)
    return tuple(found.values())
