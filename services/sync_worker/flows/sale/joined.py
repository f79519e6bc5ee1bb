"""One purchase seen at Svea and in the shop -> one sale. Pure.

Rows and rates are the shop's, since Svea's module rounds rates to whole percent and gathers discounts;
deliveries, credits and the invoice fee are Svea's, since that is the money. Where the two disagree,
what Svea delivered is what the buyer owes, and the difference is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from services.sync_worker.flows.sale.from_shop import ShopOrder, invoice_parts, vat_number_of
from services.sync_worker.flows.sale.observed import Booked
from services.sync_worker.flows.sale.refunds import with_memos
from services.sync_worker.flows.sale.shop_rate import shop_rate_of
from services.sync_worker.flows.sale.shop_rows import freight_advice, order_rows, vat_explained
from shared.clients.magento.wire_sales import Order, ShopInvoice
from shared.domain.items import SoldRow
from shared.domain.money import Money, apportion, total
from shared.domain.outcomes import Advice
from shared.domain.sale import Sale, SoldCredit, SoldDelivery
from shared.settings.connections import ConnectionDeclaration

CANCELLED_INVOICE = 3


def joined(
    svea: Sale, found: ShopOrder, settings: ConnectionDeclaration, *, booked: Sequence[Booked] = ()
) -> Sale:
    """The Svea sale with the shop's rows, rates, VAT number and memos."""
    order = found.order
    shop_rows = order_rows(order)
    special = _svea_only(svea)
    whole = _whole(shop_rows.rows, special, svea.ordered)
    rates = _Rates(shop_rows.rows)
    deliveries = tuple(
        replace(one, rows=_delivered(one, whole, rates, found), credits=rates.of_credits(one))
        for one in svea.deliveries
    )
    nothing_done = not svea.deliveries and svea.remaining_total == svea.ordered
    remaining = whole if whole is not None and nothing_done else rates.corrected(svea.remaining)
    sale = replace(
        svea,
        shop_order=order.entity_id,
        shop_creditable=_creditable(order),
        order_number=order.increment_id,
        buyer=replace(svea.buyer, vat_number=svea.buyer.vat_number or _vat_number(svea, order)),
        remaining=remaining if svea.remaining else (),
        deliveries=deliveries,
        advice=(*svea.advice, *_difference(svea, found), *freight_advice(shop_rows.rows)),
        explanations=vat_explained(order, shop_rows.rows),
        shop_rate=shop_rate_of(order) if order.currency == svea.currency else None,
    )
    return with_memos(sale, found, settings, fee_rate=_fee_rate(special), booked=booked)


def _vat_number(svea: Sale, order: Order) -> str:
    """Of companies only: what private buyers write there is mostly a personal number."""
    return vat_number_of(order) if svea.buyer.kind == "company" else ""


def _creditable(order: Order) -> Money | None:
    """What the shop would let us give back; its refunds are told in base currency."""
    if order.currency != order.base_currency:
        return None
    return Money(order.total_invoiced - order.total_refunded, order.currency)


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────


def _svea_only(svea: Sale) -> tuple[SoldRow, ...]:
    """What the shop does not know of: the invoice fee, and Svea's own rounding."""
    rows = [row for delivery in svea.deliveries for row in delivery.rows] + list(svea.remaining)
    return tuple(row for row in rows if row.kind in ("fee", "rounding"))


def _fee_rate(special: Iterable[SoldRow]) -> Decimal | None:
    return next((row.rate for row in special if row.kind == "fee"), None)


def _whole(
    rows: tuple[SoldRow, ...], special: tuple[SoldRow, ...], ordered: Money
) -> tuple[SoldRow, ...] | None:
    """All of the order in the shop's rows, if they and Svea's own explain the order's total."""
    for more in (special, ()):
        found = (*rows, *more)
        if total((row.total for row in found), ordered.currency) == ordered:
            return found
    return None


def _delivered(
    delivery: SoldDelivery, whole: tuple[SoldRow, ...] | None, rates: "_Rates", found: ShopOrder
) -> tuple[SoldRow, ...]:
    """The shop's rows of everything, or of this delivery's invoice; else Svea's at the shop's rates."""
    if whole is not None and total((row.total for row in whole), delivery.amount.currency) == delivery.amount:
        return whole
    own = tuple(row for row in delivery.rows if row.kind in ("fee", "rounding"))
    for invoice in sorted(found.invoices, key=lambda one: one.transaction_id != str(delivery.id)):
        rows = _rows_of_invoice(invoice, found, own, delivery.amount)
        if rows is not None and _same_goods(rows, delivery.rows):
            return rows
    return rates.corrected(delivery.rows)


def _rows_of_invoice(
    invoice: ShopInvoice, found: ShopOrder, own: tuple[SoldRow, ...], amount: Money
) -> tuple[SoldRow, ...] | None:
    """Svea's module makes an invoice per delivery; None if this one's rows do not come to that amount."""
    if invoice.state == CANCELLED_INVOICE:
        return None
    parts = invoice_parts(invoice, found.order).rows
    for more in (own, ()):
        rows = (*parts, *more)
        if total((row.total for row in rows), amount.currency) == amount:
            return rows
    return None


def _same_goods(ours: Iterable[SoldRow], theirs: Iterable[SoldRow]) -> bool:
    """Two invoices can be of one amount: the articles tell them apart."""
    goods = {row.article.casefold() for row in ours if row.kind == "goods"}
    named = [row.article for row in theirs if row.kind == "goods"]
    return not named or any({name.casefold(), _without_suffix(name)} & goods for name in named)


class _Rates:
    """Svea's rows at the shop's rates: by article, else by the only rate that rounds to Svea's."""

    def __init__(self, rows: Sequence[SoldRow]) -> None:
        self._goods = {row.article.casefold(): row for row in rows if row.kind == "goods" and row.article}
        self._freight = [row for row in rows if row.kind == "freight"]
        self._all = sorted({row.rate for row in rows if row.kind in ("goods", "freight")})

    def corrected(self, rows: Iterable[SoldRow]) -> tuple[SoldRow, ...]:
        return tuple(better for row in rows for better in self._corrected(row))

    def of_credits(self, delivery: SoldDelivery) -> tuple[SoldCredit, ...]:
        """Each keeps the name it had without the shop, so that it is recognised with and without."""
        return tuple(
            replace(credit, rows=self.corrected(credit.rows), told_as=credit.fingerprint)
            for credit in delivery.credits
        )

    def _corrected(self, row: SoldRow) -> list[SoldRow]:
        if row.kind == "freight" and self._freight:
            return self._freight_parts(row)
        known = self._goods.get(row.article.casefold()) or self._goods.get(_without_suffix(row.article))
        if row.kind == "goods" and known is not None:
            named = replace(row, name=known.name, article=known.article, line=known.line)
            return [replace(named, rate=known.rate, supply=known.supply)]
        if row.kind in ("goods", "discount"):
            return [replace(row, rate=self._meant(row.rate))]
        return [row]

    def _freight_parts(self, row: SoldRow) -> list[SoldRow]:
        weights = [part.total.amount for part in self._freight]
        if len(weights) == 1 or not sum(weights):
            return [replace(row, rate=self._freight[0].rate)]
        shares = apportion(row.total, weights)
        pairs = zip(self._freight, shares, strict=True)
        return [replace(row, rate=part.rate, total=share) for part, share in pairs if share]

    def _meant(self, told: Decimal) -> Decimal:
        if told in self._all:
            return told
        near = [rate for rate in self._all if abs(rate - told) < 1]
        return near[0] if len(near) == 1 else told


def _without_suffix(article: str) -> str:
    """A SKU that stands twice in a cart has the cart's row number after it at Svea."""
    stem, _, number = article.casefold().rpartition("-")
    return stem if number.isdigit() else article.casefold()


def _difference(svea: Sale, found: ShopOrder) -> tuple[Advice, ...]:
    shop = Money(found.order.grand_total, found.order.currency)
    if shop.currency != svea.currency:
        text = f"the shop sold in {shop.currency}, Svea was paid in {svea.currency}"
        return (Advice("amounts_differ", text, {"shop": str(shop), "svea": str(svea.ordered)}),)
    off = svea.ordered - shop
    if not off:
        return ()
    text = f"Svea's order is {svea.ordered}, the shop's {shop}: {off} more at Svea is what the buyer owes"
    facts = {"svea": str(svea.ordered), "shop": str(shop), "difference": str(off)}
    return (Advice("amounts_differ", text, facts),)
