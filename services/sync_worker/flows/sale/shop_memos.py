"""Magento's credit memo -> what it gives back: rows, adjustment refund and adjustment fee. Pure.

An adjustment has no VAT in Magento and stands in no row, and Svea's module adds its invoice fee to
every memo's total, also to those of which it is taken off again by an adjustment fee.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from services.sync_worker.flows.sale.shop_rows import Totalled, document_rows, order_rows
from shared.clients.magento import wire_sales as wire
from shared.domain.errors import Unbalanced
from shared.domain.items import SoldRow
from shared.domain.money import CENT, Money, apportion, total
from shared.domain.sale import SoldCredit
from shared.settings.connections import ConnectionDeclaration
from shared.settings.magento import ShopRefunds

ZERO = Decimal(0)
REFUND = "Återbetalning"
RETURN_FEE = "Returavgift"
INVOICE_FEE = "Fakturaavgift"


@dataclass(frozen=True)
class MemoRead:
    """A memo in both its readings: ``header`` as its total says, ``rows`` (positive) as its parts do."""

    memo: wire.CreditMemo
    header: Money
    rows: tuple[SoldRow, ...]

    @property
    def rows_total(self) -> Money:
        return total((row.total for row in self.rows), self.header.currency)

    @property
    def adds_up(self) -> bool:
        return self.header == self.rows_total

    @property
    def amounts(self) -> tuple[Money, ...]:
        """What was given back, by either reading."""
        return (self.header,) if self.adds_up else (self.header, self.rows_total)

    def given_back(self) -> tuple[SoldRow, ...]:
        return tuple(replace(row, quantity=-row.quantity, total=-row.total) for row in self.rows)

    def must_add_up(self) -> None:
        if self.header.amount < 0:
            raise Unbalanced(
                f"credit memo {self.memo.increment_id} is of {self.header}: it gives nothing back",
                facts={"memo": self.memo.increment_id, "total": str(self.header)},
            )
        if not self.adds_up:
            off = self.header - self.rows_total
            raise Unbalanced(
                f"credit memo {self.memo.increment_id}: its total is {self.header}, its rows and adjustments "
                f"sum to {self.rows_total}, off by {off}",
                facts={"memo": self.memo.increment_id, "total": str(self.header), "difference": str(off)},
            )


def read_memo(
    memo: wire.CreditMemo, order: wire.Order, refunds: ShopRefunds, *, fee_rate: Decimal | None = None
) -> MemoRead:
    """``fee_rate`` is the VAT rate of Svea's invoice fee, which Magento does not know."""
    found = document_rows(memo, order)
    header = Money(memo.grand_total, memo.currency)
    kept = memo.adjustment_negative
    residual = found.residual.amount
    rows = list(found.rows)
    if fee_rate is not None and residual > 0:
        taken_off = min(residual, kept)
        kept -= taken_off
        if residual - taken_off:
            amount = Money(residual - taken_off, memo.currency)
            rows.append(SoldRow("fee", "invoice_fee", INVOICE_FEE, Decimal(1), amount, fee_rate, line="fee"))
    elif residual and abs(residual) <= CENT * max(len(rows), 2):
        rows.append(_rounding(found))
    basis = found.rows or order_rows(order).rows
    rows += _adjustment(Money(memo.adjustment_positive, memo.currency), basis, refunds)
    rows += _return_fee(Money(-kept, memo.currency), basis, refunds)
    return MemoRead(memo, header, tuple(row for row in rows if row.total))


def memo_credit(
    memo: wire.CreditMemo, order: wire.Order, settings: ConnectionDeclaration, *, by_provider: bool
) -> SoldCredit:
    """A memo on its own word. Raises Unbalanced when its total and its rows differ."""
    shop = settings.magento
    read = read_memo(memo, order, shop.refunds if shop else ShopRefunds())
    read.must_add_up()
    return SoldCredit(
        amount=read.header,
        rows=read.given_back(),
        memo=memo.entity_id,
        on=memo.created_at.astimezone(settings.zone).date() if memo.created_at else None,
        by_provider=by_provider,
    )


def _rounding(found: Totalled) -> SoldRow:
    text = "Öresavrundning"
    return SoldRow("rounding", "rounding", text, Decimal(1), found.residual, ZERO, line="rounding")


def _adjustment(amount: Money, basis: tuple[SoldRow, ...], refunds: ShopRefunds) -> list[SoldRow]:
    """More money to the buyer: by gross share over the rates, since nobody says what it is for."""
    if not amount:
        return []
    if refunds.adjustment != "spread":
        row = SoldRow("goods", "", REFUND, Decimal(1), amount, ZERO, line="adjustment")
        return [replace(row, account=refunds.adjustment)]
    weights = _by_rate(basis)
    parts = apportion(amount, list(weights.values()))
    return [
        SoldRow("goods", "", REFUND, Decimal(1), part, rate, line="adjustment")
        for rate, part in zip(weights, parts, strict=True)
        if part
    ]


def _return_fee(amount: Money, basis: tuple[SoldRow, ...], refunds: ShopRefunds) -> list[SoldRow]:
    """Kept by the shop: a row against the refund, at the rate that most of it has."""
    if not amount:
        return []
    if refunds.adjustment_fee != "spread":
        row = SoldRow("fee", "", RETURN_FEE, Decimal(-1), amount, ZERO, line="return_fee")
        return [replace(row, account=refunds.adjustment_fee)]
    weights = _by_rate(basis)
    rate = max(weights, key=lambda one: (weights[one], one))
    return [SoldRow("fee", "", RETURN_FEE, Decimal(-1), amount, rate, line="return_fee")]


def _by_rate(basis: tuple[SoldRow, ...]) -> dict[Decimal, Decimal]:
    weights: dict[Decimal, Decimal] = {}
    for row in basis:
        if row.kind in ("goods", "freight") and row.total.amount > 0:
            weights[row.rate] = weights.get(row.rate, ZERO) + row.total.amount
    return weights or {ZERO: Decimal(1)}
