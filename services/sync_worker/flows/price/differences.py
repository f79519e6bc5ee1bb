"""What a product's prices in the shop differ in from the price lists that own them; pure."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.sync_worker.flows.price.observed import Place, PricedProduct
from shared.domain.money import to_cents
from shared.domain.shop_prices import EVERY_WEBSITE, BaseRow, PriceRows, PricesRefused, TierRow
from shared.settings.products import ProductSettings

ONE, HUNDRED = Decimal(1), Decimal(100)
NET_SCALE = Decimal("0.0001")  # of a price without VAT: with it, the öre come out as the list has them


def differences(product: PricedProduct, places: Sequence[Place], settings: ProductSettings) -> PriceRows:
    """Rows to write. Raises PricesRefused where a VAT rate is needed and nobody knows it."""
    base: list[BaseRow] = []
    wanted: list[TierRow] = []
    for place in places:
        prices = _by_quantity(product, place, settings)
        one_piece = prices.pop(ONE, None)
        if one_piece is not None and place.is_for_all:
            base += _base_row(product, place, one_piece)
        elif one_piece is not None:
            prices[ONE] = one_piece
        if place.tiers:
            wanted += [_tier_row(product, place, *price) for price in sorted(prices.items())]
    return PriceRows(base=tuple(base)) + _tier_rows(product, places, wanted)


def stale_tiers(product: PricedProduct, places: Sequence[Place]) -> list[TierRow]:
    """Tiers of places that these rows do not name; whether they are gone, only all rows can tell."""
    named = {(row.price_list, max(row.from_quantity, ONE)) for row in product.rows if row.amount > 0}
    return [
        tier
        for tier in product.tiers
        for place in places
        if place.owns(tier) and (place.price_list, tier.quantity) not in named
    ]


# ── one piece ─────────────────────────────────────────────────────────────────────────────────────


def _base_row(product: PricedProduct, place: Place, amount: Decimal) -> Iterator[BaseRow]:
    kept = [row.amount for row in product.base if row.store_id in place.stores]
    if not kept or any(one != amount for one in kept):
        yield BaseRow(product.sku, min(place.stores), amount)


def _by_quantity(product: PricedProduct, place: Place, settings: ProductSettings) -> dict[Decimal, Decimal]:
    """Quantity -> price, as the shop keeps it. The base price is kept from 0 or from 1, and counts from 1."""
    rows = (row for row in product.rows if row.price_list == place.price_list and row.amount > 0)
    return {
        max(row.from_quantity, ONE): _in_shop(row.amount, product, place, settings)
        for row in sorted(rows, key=lambda row: row.from_quantity)
    }


def _in_shop(amount: Decimal, product: PricedProduct, place: Place, settings: ProductSettings) -> Decimal:
    if place.includes_vat == settings.shop_prices_include_vat:
        return amount
    rate = product.rate if product.rate is not None else settings.default_rate
    if rate is None:
        raise PricesRefused(
            f"article {product.number} has no VAT rate, and price list {place.price_list} is kept "
            f"{'with' if place.includes_vat else 'without'} VAT where the shop's prices are not: enter the "
            "rate in Fortnox, or set products.default_rate",
            facts={"article": product.number, "price_list": place.price_list},
        )
    if place.includes_vat:
        return (amount * HUNDRED / (HUNDRED + rate)).quantize(NET_SCALE)
    return to_cents(amount * (HUNDRED + rate) / HUNDRED)


# ── tiers ─────────────────────────────────────────────────────────────────────────────────────────


def _tier_row(product: PricedProduct, place: Place, quantity: Decimal, amount: Decimal) -> TierRow:
    return TierRow(product.sku, place.website_id, place.group, quantity, amount)


def _tier_rows(product: PricedProduct, places: Sequence[Place], wanted: Sequence[TierRow]) -> PriceRows:
    """Added where that is enough. Where one has to go, or stands in the way of another, all are replaced."""
    present = {tier.place: tier for tier in product.tiers}
    named = {tier.place for tier in wanted}
    changed = [tier for tier in wanted if not _is_there(tier, present.get(tier.place))]
    gone = [
        tier
        for tier in product.tiers
        if product.whole and tier.place not in named and any(place.owns(tier) for place in places)
    ]
    if not changed and not gone:
        return PriceRows()
    others = [tier for tier in product.tiers if tier.place not in named and tier not in gone]
    kept = (*others, *wanted)
    if not kept:
        return PriceRows(removed=tuple(gone))
    if gone or _are_in_each_others_way(kept):
        return PriceRows(replaced=kept)
    return PriceRows(tiers=tuple(changed))


def _is_there(tier: TierRow, present: TierRow | None) -> bool:
    return present is not None and not present.is_percent and present.amount == tier.amount


def _are_in_each_others_way(tiers: Sequence[TierRow]) -> bool:
    """Magento refuses to add a price for a website beside one for every website (source of 2.4.7)."""
    everywhere = {tier.across for tier in tiers if tier.website_id == EVERY_WEBSITE}
    return any(tier.across in everywhere for tier in tiers if tier.website_id != EVERY_WEBSITE)
