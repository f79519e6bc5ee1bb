"""Stock in Fortnox -> quantities in the shop.

Starts   an event that names the article, the sweep every 15 minutes, the nightly pass over all.
Writes   absolute quantities, by source, and only those that differ from what the shop has.
Adds up  what the shop can sell = disposable in Fortnox - pieces in orders that Fortnox does not know.
         The shop takes off what its own orders reserve, and Fortnox has done so already: it is added back.
Leaves   what is not marked for the shop, not stock goods, or no product there: nothing is made by accident.
Repeats  safe: once the shop has the quantities, nothing is planned.
"""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal

from services.sync_worker.flows.stock.observed import ObservedStock
from shared.domain.documents import Plan
from shared.domain.outcomes import Skipped
from shared.domain.stock import STOCK_ITEM, ZERO, Held, ShopStock, ShopStockDraft, StockRow, stock_reference
from shared.settings.stock import StockSettings

ONE = Decimal(1)
Quantities = dict[str, Decimal]


def plan(seen: ObservedStock) -> Plan | Skipped:
    if seen.why_not:
        return Skipped(seen.why_not)
    rows = differences(seen)
    said = (f"{seen.sku}: {_in_words(wanted(seen))}", *_held_in_words(seen.held))
    if not rows:
        return Plan(explanations=(*said, "the shop has that already"))
    draft = ShopStockDraft(ref=stock_reference(seen.number), rows=rows, as_of=seen.as_of)
    return Plan(drafts=(draft,), explanations=said)


def differences(seen: ObservedStock) -> tuple[StockRow, ...]:
    """What the shop has to be told."""
    rows = []
    for source, quantity in wanted(seen).items():
        before = seen.shop.get(source)
        in_stock = _in_stock(quantity, before, seen.settings.stock)
        if before is None and quantity <= ZERO:
            continue  # what does not lie there need not be made there
        if before is None or (before.quantity, before.in_stock) != (quantity, in_stock):
            rows.append(StockRow(seen.sku, source, quantity, in_stock, before.quantity if before else None))
    return tuple(rows)


def wanted(seen: ObservedStock) -> Quantities:
    """Pieces by source."""
    settings = seen.settings.stock
    pieces, reserved = _by_source(seen)
    # Of what can be sold only: a source that has less than its orders need cannot send them.
    for_sale = sum((max(each, ZERO) for each in pieces.values()), ZERO)
    kept = min(settings.keep_back, for_sale)
    _take(pieces, for_sale if for_sale - kept < settings.low_stock else kept)
    if settings.open_orders == "added_back":
        if not seen.legacy:
            _add_back(pieces, reserved, seen.held.reserved)
        _take(pieces, seen.held.gone + (seen.held.waiting if seen.legacy else ZERO))
    return {source: _allowed(quantity, settings) for source, quantity in pieces.items()}


def _by_source(seen: ObservedStock) -> tuple[Quantities, Quantities]:
    """What is disposable, and what Fortnox' orders reserve, where it lies in the shop."""
    lines = [STOCK_ITEM] if seen.legacy else [line.source for line in seen.settings.stock.sources]
    pieces, reserved = dict.fromkeys(lines, ZERO), dict.fromkeys(lines, ZERO)
    for balance in seen.balances:
        source = STOCK_ITEM if seen.legacy else seen.settings.stock.source_of(balance.stock_point)
        if source is not None:
            pieces[source] += balance.disposable
            reserved[source] += balance.reserved
    return pieces, reserved


def _add_back(pieces: Quantities, reserved: Mapping[str, Decimal], held: Decimal) -> None:
    """Where Fortnox has reserved it, as far as it has; what it has sent already, in the first source."""
    for source in pieces:
        there = min(max(reserved[source], ZERO), held)
        pieces[source] += there
        held -= there
    pieces[next(iter(pieces))] += held


def _take(pieces: Quantities, quantity: Decimal) -> None:
    """Out of the sources in turn, as far as they have it; what nobody has is missing in the first."""
    for source in pieces:
        there = min(max(pieces[source], ZERO), quantity)
        pieces[source] -= there
        quantity -= there
    pieces[next(iter(pieces))] -= quantity


def _allowed(quantity: Decimal, settings: StockSettings) -> Decimal:
    if settings.whole_pieces:
        quantity = quantity.quantize(ONE, rounding=ROUND_FLOOR)
    return max(quantity, ZERO) if settings.negative == "zero" else quantity


def _in_stock(quantity: Decimal, before: ShopStock | None, settings: StockSettings) -> bool:
    """Without stock a product with status 1 is sold only where the shop allows backorders; with status 0
    it never is."""
    if quantity > ZERO or settings.backorders == "all":
        return True
    return settings.backorders == "as_in_shop" and before is not None and before.in_stock


def _held_in_words(held: Held) -> tuple[str, ...]:
    """What open orders do to it, for whoever wonders about the number."""
    parts = {
        "known to Fortnox and not shipped by the shop": held.reserved,
        "not known to Fortnox and not shipped": held.waiting,
        "shipped by the shop and not known to Fortnox": held.gone,
    }
    said = [f"{quantity:f} {what}" for what, quantity in parts.items() if quantity]
    return (f"in orders of the shop: {', '.join(said)}",) if said else ()


def _in_words(pieces: Quantities) -> str:
    return ", ".join(f"{quantity:f} in {source or 'stock'}" for source, quantity in pieces.items())
