"""Rows of a Magento order, invoice or credit memo -> sold rows that sum to its grand total.

Pure. The server rewrites an order item's row totals, and differently by version, so an order's rows
are read by two formulas and the one that adds up is taken. Money stands on the parent of a
configurable and of a fixed bundle, and on the children of a dynamic one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.clients.magento.wire_sales import CreditMemo, DocumentItem, Order, OrderItem, ShopInvoice
from shared.domain.errors import Unbalanced
from shared.domain.items import RowKind, SoldRow
from shared.domain.money import CENT, Money, apportion, to_cents, total
from shared.domain.outcomes import Advice
from shared.domain.vat.amounts import vat_in
from shared.settings.connections import ConnectionDeclaration

ZERO = Decimal(0)
PER_PIECE = Decimal("0.01")  # how far Magento's own VAT of a row may be from its rate, per piece
FREIGHT, FEE, ROUNDING = "freight", "fee", "rounding"
MEANS = (("gift_card", "Presentkort"), ("store_credit", "Tillgodohavande"), ("reward", "Bonuspoäng"))


@dataclass(frozen=True)
class Totalled:
    """Rows with what is left of the document's total once they are added: a fee, or nothing."""

    rows: tuple[SoldRow, ...]
    residual: Money


# ── an order ──────────────────────────────────────────────────────────────────────────────────────


def order_rows(order: Order) -> Totalled:
    """The rows as sold, in the order's currency. Raises Unbalanced when a row's VAT explains no rate.

    The residual is for the caller to explain: Svea's invoice fee stands in no row.
    """
    money = order.money_items
    rest = [*freight_of_order(order), *_means_of_payment(order)]
    whole = Money(order.grand_total, order.currency)
    best: Totalled | None = None
    for gross in (_printed_gross, _computed_gross):
        rows = [row for item in money for row in _item_rows(item, gross(item), order)]
        found = Totalled((*rows, *rest), whole - _sum([*rows, *rest], whole))
        if best is None or abs(found.residual) < abs(best.residual):
            best = found
    assert best is not None
    return best


def vat_explained(order: Order, rows: Iterable[SoldRow]) -> tuple[str, ...]:
    """Where the shop rounds VAT otherwise than the books will: per piece, or on the whole."""
    ours = total((vat_in(row.total, row.rate) for row in rows), order.currency)
    theirs = Money(order.tax_amount, order.currency)
    if ours == theirs:
        return ()
    return (f"the shop's VAT is {theirs}, by rate and row it is {ours}: {theirs - ours} of rounding",)


def freight_advice(rows: Iterable[SoldRow]) -> tuple[Advice, ...]:
    """A cart of several rates whose freight has one: the law wants freight to follow the goods."""
    sold = list(rows)
    goods = {row.rate for row in sold if row.kind == "goods" and row.rate}
    freight = {row.rate for row in sold if row.kind == "freight" and row.rate}
    if len(goods) < 2 or len(freight) != 1:
        return ()
    text = (
        f"the shop taxes freight at {min(freight):f} % although goods are of "
        f"{', '.join(f'{rate:f} %' for rate in sorted(goods))}: apportioned freight follows its goods"
    )
    return (Advice("freight_single_rate", text),)


def _printed_gross(item: OrderItem) -> Decimal:
    return item.row_total_incl_tax


def _computed_gross(item: OrderItem) -> Decimal:
    """From the fields that no version rewrites."""
    net = item.price * item.quantity - item.discount_amount + item.compensation
    return to_cents(net + item.tax_amount + item.weee_row_amount)


def _item_rows(item: OrderItem, gross: Decimal, order: Order) -> list[SoldRow]:
    """The row, and one of its own for a product fee that is not taxed."""
    rate = _rate_of(item, order)
    row = SoldRow(
        kind="goods",
        article=item.sku,
        name=item.name,
        quantity=item.quantity,
        total=Money(gross, order.currency),
        rate=rate,
        line=str(item.item_id),
        supply="services" if item.is_virtual else "goods",
    )
    return taxed(row, item.tax_amount, item.weee_row_amount)


def taxed(row: SoldRow, tax: Decimal, untaxed_fee: Decimal = ZERO) -> list[SoldRow]:
    """The row once its VAT is what its rate makes of it. Raises Unbalanced when no reading of it is."""
    allowed = CENT + PER_PIECE * max(abs(row.quantity), Decimal(1))
    if abs(vat_in(row.total, row.rate).amount - tax) <= allowed:
        return [row]
    fee = Money(untaxed_fee, row.total.currency)
    goods = replace(row, total=row.total - fee)
    if untaxed_fee and abs(vat_in(goods.total, row.rate).amount - tax) <= allowed:
        text = f"Avgift {row.name}"
        return [goods, replace(row, total=fee, rate=ZERO, name=text, article="", line=f"{row.line}-fee")]
    if tax == 0:
        return [replace(row, rate=ZERO)]
    raise Unbalanced(
        f"{row.article}: VAT of {tax} on {row.total} is not {row.rate:f} %",
        facts={"row": row.article, "total": str(row.total), "vat": f"{tax:f}", "rate": f"{row.rate:f}"},
    )


def _rate_of(item: OrderItem, order: Order) -> Decimal:
    if item.tax_percent is not None:
        return item.tax_percent
    by_id = {one.item_id: one for one in order.items}
    parent = by_id.get(item.parent_item_id) if item.parent_item_id is not None else None
    return parent.tax_percent if parent is not None and parent.tax_percent is not None else ZERO


# ── freight ───────────────────────────────────────────────────────────────────────────────────────


def freight_of_order(order: Order) -> list[SoldRow]:
    gross = order.shipping_amount + order.shipping_tax_amount + order.shipping_compensation
    whole = Money(gross - order.shipping_discount_amount, order.currency)
    named = {tax.percent: tax.amount for tax in order.shipping_taxes}
    return freight_rows(whole, order.shipping_tax_amount, named, _goods_by_rate(order))


def freight_rows(
    whole: Money, tax: Decimal, named: dict[Decimal, Decimal], goods: dict[Decimal, Decimal]
) -> list[SoldRow]:
    """One row per rate: as the shop names them, else the one rate that explains the VAT, else by goods.

    Raises Unbalanced when the VAT is what no rate of this order makes.
    """
    if not whole:
        return []
    if len(named) > 1:
        return _freight_by_tax(whole, named)
    for rate in (*named, *sorted(goods, reverse=True), ZERO):
        if abs(vat_in(whole, rate).amount - tax) <= 2 * CENT:
            return [_freight(whole, rate)]
    parts = apportion(whole, list(goods.values())) if any(goods.values()) else []
    if parts and abs(
        sum(vat_in(part, rate).amount for part, rate in zip(parts, goods, strict=True)) - tax
    ) <= (len(parts) * CENT):
        return [_freight(part, rate) for part, rate in zip(parts, goods, strict=True) if part]
    raise Unbalanced(
        f"freight of {whole}: VAT of {tax} is of no rate in this order",
        facts={"freight": str(whole), "vat": f"{tax:f}"},
    )


def _freight_by_tax(whole: Money, named: dict[Decimal, Decimal]) -> list[SoldRow]:
    """Each rate's VAT names its part; what does not divide goes to the largest."""
    parts = {
        rate: Money(to_cents(amount * (100 + rate) / rate), whole.currency)
        for rate, amount in named.items()
        if rate
    }
    largest = max(parts, key=lambda rate: parts[rate].amount)
    parts[largest] = parts[largest] + whole - total(parts.values(), whole.currency)
    return [_freight(part, rate) for rate, part in parts.items() if part]


def _freight(part: Money, rate: Decimal) -> SoldRow:
    return SoldRow("freight", FREIGHT, "Frakt", Decimal(1), part, rate, line=f"{FREIGHT}-{rate:f}")


def _goods_by_rate(order: Order) -> dict[Decimal, Decimal]:
    found: dict[Decimal, Decimal] = {}
    for item in order.money_items:
        rate = _rate_of(item, order)
        found[rate] = found.get(rate, ZERO) + item.row_total_incl_tax
    for tax in order.applied_taxes:
        found.setdefault(tax.percent, ZERO)
    return found


# ── means of payment ──────────────────────────────────────────────────────────────────────────────


def _means_of_payment(order: Order) -> list[SoldRow]:
    amounts = (order.gift_cards_amount, order.customer_balance_amount, order.reward_amount)
    return [
        means_row(line, name, Money(-amount, order.currency))
        for (line, name), amount in zip(MEANS, amounts, strict=True)
        if amount
    ]


def means_row(line: str, name: str, amount: Money) -> SoldRow:
    kind: RowKind = "gift_card" if line == "gift_card" else "store_credit"
    return SoldRow(kind, line, name, Decimal(1), amount, ZERO, line=line)


# ── invoices and credit memos ─────────────────────────────────────────────────────────────────────


def document_rows(document: ShopInvoice | CreditMemo, order: Order) -> Totalled:
    """Rows of an invoice or memo, positive; adjustments are not among them, and the residual is left."""
    rows: list[SoldRow] = []
    by_id = {item.item_id: item for item in order.items}
    money = [item for item in document.items if item.has_money and not _repeats(item, by_id, document)]
    for item in money:
        rows += _document_item(item, by_id.get(item.order_item_id), order)
    rows += _document_freight(document, money, order)
    whole = Money(document.grand_total, document.currency)
    if isinstance(document, CreditMemo):
        whole = whole - Money(document.adjustment_positive - document.adjustment_negative, document.currency)
    return Totalled(tuple(rows), whole - _sum(rows, whole))


def _repeats(item: DocumentItem, by_id: dict[int, OrderItem], document: ShopInvoice | CreditMemo) -> bool:
    """A dynamic bundle's parent says its children's money once more."""
    below = {one.item_id for one in by_id.values() if one.parent_item_id == item.order_item_id}
    return any(other.order_item_id in below and other.row_total for other in document.items)


def _document_item(item: DocumentItem, sold: OrderItem | None, order: Order) -> list[SoldRow]:
    row = SoldRow(
        kind="goods",
        article=item.sku,
        name=item.name,
        quantity=item.quantity,
        total=Money(item.gross, order.currency),
        rate=_rate_of(sold, order) if sold is not None else ZERO,
        line=str(item.order_item_id),
        supply="services" if sold is not None and sold.is_virtual else "goods",
    )
    return taxed(row, item.tax_amount, item.weee_row_amount) if row.total else []


def _document_freight(
    document: ShopInvoice | CreditMemo, items: Iterable[DocumentItem], order: Order
) -> list[SoldRow]:
    """A document prints freight before its discount; the discount is what its rows do not explain."""
    money = list(items)
    discount = -document.discount_amount - sum((item.discount_amount for item in money), ZERO)
    compensation = document.compensation - sum((item.compensation for item in money), ZERO)
    if isinstance(document, ShopInvoice):
        compensation = document.shipping_compensation
    gross = document.shipping_amount + document.shipping_tax_amount + compensation - discount
    whole = Money(gross, document.currency)
    if not whole:
        return []
    parts = freight_of_order(order)
    if len(parts) == 1:
        return [replace(parts[0], total=whole)]
    if not parts:
        return freight_rows(whole, document.shipping_tax_amount, {}, _goods_by_rate(order))
    shares = apportion(whole, [part.total.amount for part in parts])
    return [replace(part, total=share) for part, share in zip(parts, shares, strict=True) if share]


def _sum(rows: Iterable[SoldRow], whole: Money) -> Money:
    return total((row.total for row in rows), whole.currency)


# ── what is left over ─────────────────────────────────────────────────────────────────────────────


def settled(what: str, found: Totalled, settings: ConnectionDeclaration) -> tuple[SoldRow, ...]:
    """The rows, with the öre that Magento's own rounding left. Raises Unbalanced beyond an öre a row."""
    residual = found.residual
    if not residual:
        return found.rows
    if abs(residual.amount) <= CENT * max(len(found.rows), 2):
        rounding = SoldRow("rounding", ROUNDING, "Öresavrundning", Decimal(1), residual, ZERO, line=ROUNDING)
        return (*found.rows, rounding)
    rows, whole = _sum(found.rows, residual), _sum(found.rows, residual) + residual
    raise Unbalanced(
        f"{what}: rows sum to {rows}, the shop says {whole}, off by {residual}",
        facts={"rows": str(rows), "shop": str(whole), "difference": str(residual)},
    )
