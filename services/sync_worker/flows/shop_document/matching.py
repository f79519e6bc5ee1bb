"""Rows of an invoice -> pieces of the shop's order. Pure.

An article is found by its SKU, or by the number that a SKU has in Fortnox; a row without an article by
its text. Lines of one SKU are filled in turn, those of the row's own price first. A bundle whose parts
have the money is its parts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from services.sync_worker.flows.shop_document.observed import Part
from shared.clients.magento.wire_sales import Order, OrderItem
from shared.domain.catalogue import article_number
from shared.domain.money import CENT

ZERO = Decimal(0)


@dataclass(frozen=True)
class Pieces:
    """So many of one order item, for ``total``."""

    item: OrderItem
    quantity: Decimal
    total: Decimal


@dataclass(frozen=True)
class Matched:
    pieces: tuple[Pieces, ...]
    strangers: tuple[Part, ...]  # goods that are none of the order's, or more of them than it has

    def by_item(self) -> dict[int, Decimal]:
        found: dict[int, Decimal] = {}
        for one in self.pieces:
            found[one.item.item_id] = found.get(one.item.item_id, ZERO) + one.quantity
        return found


def matched(parts: Iterable[Part], order: Order, room: Callable[[OrderItem], Decimal]) -> Matched:
    """``room`` is how many pieces of an item there may be at most."""
    left = {item.item_id: room(item) for item in order.money_items}
    pieces: list[Pieces] = []
    strangers: list[Part] = []
    goods = [part for part in parts if part.kind == "goods" and part.quantity > 0]
    for part in (one for whole in goods for one in _unbundled(whole, order)):
        wanted = part.quantity
        for item in _candidates(part, order):
            taken = min(wanted, left[item.item_id])
            if taken > 0:
                left[item.item_id] -= taken
                wanted -= taken
                pieces.append(Pieces(item, taken, part.total * taken / part.quantity))
        if wanted:
            strangers.append(part)
    return Matched(tuple(pieces), tuple(strangers))


def piece_price(item: OrderItem) -> Decimal:
    """After discount, with VAT; not rounded."""
    return item.row_total_incl_tax / item.quantity if item.quantity else ZERO


def _unbundled(part: Part, order: Order) -> list[Part]:
    """A bundle of dynamic price by what its parts cost; anything else as it is."""
    money = {item.item_id for item in order.money_items}
    for parent in order.items:
        if parent.item_id in money or not _is_sold_as(part, parent):
            continue
        below = [item for item in order.money_items if item.parent_item_id == parent.item_id]
        worth = sum((item.row_total_incl_tax for item in below), ZERO)
        if worth and parent.quantity:
            bundles = part.quantity / parent.quantity
            return [
                replace(
                    part,
                    article=item.sku,
                    quantity=item.quantity * bundles,
                    total=part.total * item.row_total_incl_tax / worth,
                )
                for item in below
            ]
    return [part]


def _candidates(part: Part, order: Order) -> list[OrderItem]:
    found = [item for item in order.money_items if _is_sold_as(part, item)]
    if not found and part.article:
        stem = _without_suffix(part.article)
        found = [item for item in order.money_items if item.sku.casefold() == stem]
    price = part.total / part.quantity
    return sorted(found, key=lambda item: abs(piece_price(item) - price) > CENT)


def _is_sold_as(part: Part, item: OrderItem) -> bool:
    if part.article:
        return part.article.casefold() in (item.sku.strip().casefold(), article_number(item.sku).casefold())
    return bool(part.text) and part.text.strip().casefold() in (
        item.name.strip().casefold(),
        item.sku.casefold(),
    )


def _without_suffix(article: str) -> str:
    """A SKU that stands twice in a cart has the cart's row number after it at Svea."""
    stem, _, number = article.casefold().rpartition("-")
    return stem if number.isdigit() else article.casefold()
