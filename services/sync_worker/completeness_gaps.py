"""What Svea says of a sale beside what we have booked of it. Pure: amounts, and sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from shared.clients.svea.wire import AdminOrder, Delivery
from shared.domain.money import Money, total
from shared.domain.references import SaleReference
from shared.ledger.links import Outline
from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class Gaps:
    """``missing``: a run of the sale would book it. ``odd``: only a person can say what is right."""

    missing: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    deliveries: int = 0
    credits: int = 0

    def __bool__(self) -> bool:
        return bool(self.missing or self.odd)


def gaps_of(order: AdminOrder, documents: Iterable[Outline], settings: ConnectionDeclaration) -> Gaps:
    """Svea's deliveries and credits against our final invoices and credit invoices, both ways."""
    made = [one for one in documents if one.state == "final"]
    invoices = [one for one in made if one.kind == "invoice"]
    credits = [one for one in made if one.kind == "credit_invoice"]
    reference = SaleReference.of_checkout(int(order.id))
    missing: list[str] = []
    odd: list[str] = []
    known = set()
    for delivery in order.deliveries:
        name = reference.delivery(delivery.id or "")
        known.add(name)
        of_it = [one for one in invoices if one.reference == name]
        if not of_it and _is_not_ours(delivery, settings):
            continue
        amount = Money.from_minor(delivery.amount, order.currency)
        if amount and not of_it:
            missing.append(f"delivery {delivery.id} of {amount} has no invoice")
        elif of_it and of_it[0].total != amount.amount:
            odd.append(f"delivery {delivery.id} is {amount}, invoice {of_it[0].number} is {of_it[0].total}")
        if settings.sync.refunds:
            _compare_credits(delivery, order, [one for one in credits if one.parent == name], missing, odd)
    odd += [
        f"invoice {one.number} ({one.reference}) has no delivery at Svea"
        for one in invoices
        if one.reference not in known
    ]
    return Gaps(tuple(missing), tuple(odd), len(order.deliveries), sum(map(_credit_count, order.deliveries)))


def _is_not_ours(delivery: Delivery, settings: ConnectionDeclaration) -> bool:
    """Switched off, or dated before the day from which sales are booked."""
    start = settings.active_from
    before = start is not None and _day(delivery, settings) < start
    return before or not (settings.sync.orders and settings.sync.invoices)


def _day(delivery: Delivery, settings: ConnectionDeclaration) -> date:
    at = delivery.created_at
    return date.max if at is None else at.astimezone(settings.zone).date()


def _compare_credits(
    delivery: Delivery, order: AdminOrder, booked: Sequence[Outline], missing: list[str], odd: list[str]
) -> None:
    given = _credited(delivery, order.currency)
    back = -total((Money(one.total, order.currency) for one in booked if one.total), order.currency)
    if back < given:
        missing.append(f"of {given} credited on delivery {delivery.id}, {back} is in credit invoices")
    elif given < back:
        numbers = ", ".join(str(one.number) for one in booked)
        odd.append(f"credit invoices {numbers} are {back}, Svea has credited {given}")


def _credited(delivery: Delivery, currency: str) -> Money:
    return Money.from_minor(
        delivery.credited_amount or -sum(credit.amount for credit in delivery.credits), currency
    )


def _credit_count(delivery: Delivery) -> int:
    return len(delivery.credits)
