"""Svea's order -> a sale. Pure: what the fields mean, and that they add up.

Amounts at Svea are minor units including VAT; quantities and percentages are times 100.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase

from shared.clients.svea import wire
from shared.domain.errors import Unbalanced, UnreadableAnswer
from shared.domain.items import RowKind, SoldRow
from shared.domain.money import Money, total
from shared.domain.parties import Address, Buyer, PartyKind, digits, natural_name
from shared.domain.sale import PaidAtOnce, Sale, SaleStatus, SoldCredit, SoldDelivery
from shared.settings.connections import ConnectionDeclaration, Market
from shared.settings.mapping import SpecialArticles

HUNDRED = Decimal(100)
WHOLE = Decimal(10_000)


@dataclass(frozen=True)
class SveaOrder:
    """The two views that Svea has of one order; the checkout's is missing when it is old."""

    admin: wire.AdminOrder
    checkout: wire.CheckoutOrder | None
    market: Market


def to_sale(found: SveaOrder, settings: ConnectionDeclaration) -> Sale:
    """Raises Unbalanced when rows do not sum to Svea's own totals, by more than an öre a row."""
    admin = found.admin
    rows = _Rows(settings.special_articles, admin.currency, _freight_articles(found.checkout))
    deliveries = tuple(_delivery(delivery, rows, settings) for delivery in admin.deliveries)
    status, why = _status(admin)
    remaining = rows.sold(row for row in admin.rows if not row.cancelled)
    ordered = Money.from_minor(admin.amount, admin.currency)
    if not deliveries and not admin.cancelled_amount and status in ("open", "pending"):
        remaining = fitted(f"order {admin.id}", remaining, ordered)
    return Sale(
        checkout_id=int(admin.id),
        order_number=admin.merchant_order_id,
        status=status,
        ordered_on=_day(admin.created_at, settings, what=f"order {admin.id}"),
        currency=admin.currency,
        buyer=to_buyer(found),
        remaining=remaining if status == "open" else (),
        deliveries=deliveries,
        ordered=ordered,
        ordered_at=admin.created_at,
        payment_type=admin.payment_type or "",
        paid=_paid_elsewhere(found),
        why=why,
    )


def _paid_elsewhere(found: SveaOrder) -> PaidAtOnce | None:
    """Cards and Swish without ``_PF`` are paid by the merchant's own acquirer: no payout has a row of them.

    Only the checkout says which it is; Payment Admin calls both Card.
    """
    said = (found.checkout.payment_type or "") if found.checkout is not None else ""
    by_type = {name.casefold(): account for name, account in found.market.paid_elsewhere.items()}
    account = by_type.get(said.casefold())
    return None if account is None else PaidAtOnce(account, None)


def not_final(checkout: wire.CheckoutOrder, market: Market, today: date) -> Sale:
    """A checkout that has no order: nothing was bought (yet)."""
    status = checkout.status.casefold()
    why = "the session expired or was abandoned" if status == "cancelled" else "the buyer has not confirmed"
    nobody = Buyer("private", "", "", "", "", Address(""))
    zero = Money.zero(checkout.currency or market.currency)
    return Sale(
        checkout_id=int(checkout.id),
        order_number=checkout.client_order_number,
        status="not_final",
        ordered_on=today,
        currency=zero.currency,
        buyer=nobody,
        remaining=(),
        deliveries=(),
        ordered=zero,
        why=f"checkout {checkout.id}: {why}",
    )


def _status(admin: wire.AdminOrder) -> tuple[SaleStatus, str]:
    status = admin.status.casefold()
    if admin.is_pending:
        return "pending", "Svea's check is not done"
    if status in ("cancelled", "failed"):
        return "cancelled", f"Svea says {admin.status}"
    if status == "open":
        return "open", ""
    if status == "delivered":
        return "delivered", ""
    return "pending", f"Svea says {admin.status or 'nothing'}"


def _delivery(delivery: wire.Delivery, rows: "_Rows", settings: ConnectionDeclaration) -> SoldDelivery:
    if delivery.id is None:
        raise UnreadableAnswer("Svea shows a delivery without an id")
    amount = Money.from_minor(delivery.amount, rows.currency)
    what = f"delivery {delivery.id}"
    return SoldDelivery(
        id=delivery.id,
        on=_day(delivery.created_at, settings, what=what),
        rows=fitted(what, rows.sold(delivery.rows), amount),
        amount=amount,
        credits=tuple(_credit(credit, rows, what) for credit in delivery.credits),
        credited=Money.from_minor(delivery.credited_amount, rows.currency),
        invoice_number=delivery.invoice_id,
    )


def _credit(credit: wire.Credit, rows: "_Rows", what: str) -> SoldCredit:
    amount = Money.from_minor(-credit.amount, rows.currency)
    if not credit.rows:
        return SoldCredit(amount)
    return SoldCredit(amount, fitted(f"credit of {what}", rows.sold(credit.rows, given_back=True), -amount))


def _day(instant: datetime | None, settings: ConnectionDeclaration, *, what: str) -> date:
    if instant is None:
        raise UnreadableAnswer(f"Svea shows {what} without a date")
    return instant.astimezone(settings.zone).date()


def fitted(what: str, rows: Sequence[SoldRow], whole: Money) -> tuple[SoldRow, ...]:
    """Rows that sum to ``whole``: how Svea rounds a row is not known, so an öre per row is forgiven.

    What is forgiven goes on the largest row. Raises Unbalanced beyond that.
    """
    added = total((row.total for row in rows), whole.currency)
    off = whole - added
    if not off:
        return tuple(rows)
    if abs(off.amount) > len(rows) / HUNDRED:
        raise Unbalanced(
            f"{what}: rows sum to {added}, Svea says {whole}, off by {off}",
            facts={"rows": str(added), "svea": str(whole), "difference": str(off)},
        )
    largest = max(range(len(rows)), key=lambda i: abs(rows[i].total.amount))
    return tuple(replace(row, total=row.total + off) if i == largest else row for i, row in enumerate(rows))


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────


def _freight_articles(checkout: wire.CheckoutOrder | None) -> frozenset[str]:
    """Only the checkout says which rows are freight; the admin order shows them as any other."""
    if checkout is None:
        return frozenset()
    return frozenset(row.article_number for row in checkout.rows if row.row_type.casefold() == "shippingfee")


@dataclass(frozen=True)
class _Rows:
    special: SpecialArticles
    currency: str
    freight: frozenset[str]

    def sold(self, rows: Iterable[wire.AdminRow], *, given_back: bool = False) -> tuple[SoldRow, ...]:
        ordered = sorted(rows, key=lambda row: row.row_id if row.row_id is not None else 0)
        return tuple(self._row(row, given_back=given_back) for row in ordered)

    def _row(self, row: wire.AdminRow, *, given_back: bool) -> SoldRow:
        minor = row_total_minor(row)
        if given_back and minor * row.unit_price > 0:
            # Svea's credits have negative quantities; one that has not is given back all the same.
            minor, row = -minor, replace(row, quantity=-row.quantity)
        return SoldRow(
            kind=self._kind(row, sold_for=-minor if given_back else minor),
            article=row.article_number,
            name=row.name,
            quantity=Decimal(row.quantity) / HUNDRED,
            total=Money.from_minor(minor, self.currency),
            rate=Decimal(row.vat_percent) / HUNDRED,
            unit=row.unit,
            supply="services" if _is_one_of(row.article_number, self.special.services) else "goods",
        )

    def _kind(self, row: wire.AdminRow, *, sold_for: int) -> RowKind:
        article, special = row.article_number, self.special
        if article in self.freight or _is_one_of(article, special.freight):
            return "freight"
        if _is_one_of(article, special.invoice_fee):
            return "fee"
        if _is_one_of(article, special.gift_card_sold):
            return "gift_card"
        if _is_one_of(article, special.store_credit_used):
            return "store_credit"
        if _is_one_of(article, special.gift_card_used):
            return "gift_card"
        if row.vat_percent == 0 and _is_one_of(article, special.rounding):
            return "rounding"
        if sold_for < 0:
            # A minus row without VAT lowers what is paid, not what was sold.
            plain_discount = row.vat_percent or _is_one_of(article, special.discount)
            return "discount" if plain_discount else "gift_card"
        return "goods"


def row_total_minor(row: wire.AdminRow) -> int:
    """Unit price times quantity less its discount, in minor units, half an öre away from zero."""
    amount = Decimal(row.unit_price) * row.quantity / HUNDRED
    amount = amount * (WHOLE - row.discount_percent) / WHOLE
    amount -= Decimal(row.discount_amount) * (1 if row.quantity > 0 else -1)
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _is_one_of(article: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(article.casefold(), pattern.casefold()) for pattern in patterns)


# ── the buyer ─────────────────────────────────────────────────────────────────────────────────────


def to_buyer(found: SveaOrder) -> Buyer:
    """Companies have their name in FullName; an empty billing address is the shipping address."""
    admin, checkout = found.admin, found.checkout
    kind: PartyKind = "company" if admin.is_company or (checkout and checkout.is_company) else "private"
    billing = _first(admin.billing, checkout.billing if checkout else None, admin.shipping)
    shipping = _first(admin.shipping, checkout.shipping if checkout else None)
    country = (checkout.country if checkout else "") or found.market.country
    bill_to = _address(billing or shipping, kind, country)
    ship_to = _address(shipping, kind, country) if shipping else bill_to
    national_id = admin.national_id or (checkout.national_id if checkout else "")
    return Buyer(
        kind=kind,
        name=bill_to.name,
        email=admin.email or (checkout.email if checkout else ""),
        phone=admin.phone or (checkout.phone if checkout else ""),
        organisation_number=_organisation_number(national_id, bill_to.country) if kind == "company" else "",
        billing=bill_to,
        delivery=None if ship_to == bill_to else ship_to,
        reference=admin.customer_reference,
    )


def _first(*addresses: wire.Address | None) -> wire.Address | None:
    return next((address for address in addresses if address is not None), None)


def _address(found: wire.Address | None, kind: PartyKind, country: str) -> Address:
    if found is None:
        return Address(name="Kund", country=country)
    full_name = found.full_name or f"{found.first_name} {found.last_name}"
    street, *more = [line for line in (found.street, found.street2, found.co) if line] or [""]
    return Address(
        name=natural_name(full_name, kind=kind) or "Kund",
        street=street,
        street2=", ".join(more),
        postal_code=found.zip_code,
        city=found.city,
        country=found.country or country,
    )


def _organisation_number(national_id: str, country: str) -> str:
    """Swedish ones as NNNNNN-NNNN, without the century that Svea may put in front."""
    number = digits(national_id)
    if country == "SE" and len(number) in (10, 12):
        return f"{number[-10:-4]}-{number[-4:]}"
    return national_id.strip()
