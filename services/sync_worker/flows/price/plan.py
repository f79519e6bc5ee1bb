"""Fortnox' price lists -> base and tier prices of one product of the shop.

Starts   an event that names an article; the nightly pass, for a product that it could not settle.
Writes   the price of one piece of each list to its website; prices from a quantity on, and those of a
         group, as tier prices. Only what the shop has otherwise, and never a product.
Leaves   a price of 0 or none at all: the shop keeps what it has. Special prices and price rules.
Removes  tiers of a place that a list owns, once the list has them no more.
Repeats  safe: what the shop has already plans nothing.
"""

from services.sync_worker.flows.price.differences import differences
from services.sync_worker.flows.price.observed import ObservedPrices
from shared.domain.documents import Plan
from shared.domain.outcomes import Skipped
from shared.domain.shop_prices import ShopPricesDraft


def plan(seen: ObservedPrices) -> Plan | Skipped:
    if seen.product is None:
        return Skipped(seen.reason)
    rows = differences(seen.product, seen.places, seen.settings.products)
    names = (("sku", seen.product.sku),)
    if not rows:
        return Plan(names=names, explanations=("the shop has these prices already",))
    return Plan(drafts=(ShopPricesDraft.of(seen.number, rows, seen.as_of),), names=names)
