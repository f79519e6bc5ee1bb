"""Tier prices in bulk, as Magento's `TierPriceStorage` and its validator have them (source, not measured).

200 whatever happens, as with the other prices: the answer lists the rows that were not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.sandbox.magento.catalogue import Catalogue
from services.sandbox.magento.catalogue_attributes import Scope
from services.sandbox.magento.catalogue_products import (
    ALL_GROUPS,
    BUNDLE,
    DOWNLOADABLE,
    SIMPLE,
    VIRTUAL,
    Product,
    TierPrice,
)
from services.sandbox.magento.shop_pages import ShopPages

Json = Mapping[str, Any]
Fault = dict[str, Any]

PRICED = (SIMPLE, VIRTUAL, DOWNLOADABLE, BUNDLE)
EVERY_WEBSITE = 0
ROW_ID = "Row ID: SKU = %SKU, Website ID: %websiteId, Customer Group: %customerGroup, Quantity: %qty."
DUPLICATE = (
    "We found a duplicate website, tier price, customer group and quantity: Customer Group = %customerGroup, "
    "Website ID = %websiteId, Quantity = %qty. "
)


class TierStorage:
    """`group_id` finds a customer group by its code; None when there is none."""

    def __init__(self, catalogue: Catalogue, pages: ShopPages, group_id: Callable[[str], int | None]) -> None:
        self._catalogue = catalogue
        self._pages = pages
        self._group_id = group_id

    def save(self, sent: Sequence[Json]) -> list[Fault]:
        """POST: add, or change what is at the same place."""
        faults, taken = self._valid(sent, beside_existing=True)
        for product, tier in taken:
            self._put(product, tier)
        return faults

    def replace(self, sent: Sequence[Json]) -> list[Fault]:
        """PUT: products of which a row was taken keep no tier that was not sent."""
        faults, taken = self._valid(sent, beside_existing=False)
        for product, _ in taken:
            self._catalogue.ours(product).tier_prices = []
        for product, tier in taken:
            self._put(product, tier)
        return faults

    def delete(self, sent: Sequence[Json]) -> list[Fault]:
        """By group, quantity and price. The website is not compared: the first that fits goes."""
        faults, taken = self._valid(sent, beside_existing=False)
        for product, tier in taken:
            wanted = (tier.group_id, tier.quantity, tier.value, tier.percent)
            kept = self._catalogue.ours(product).tier_prices
            for number, one in enumerate(kept):
                if one.value and (one.group_id, one.quantity, one.value, one.percent) == wanted:
                    product.tier_prices = [*kept[:number], *kept[number + 1 :]]
                    break
        return faults

    def show(self, skus: Iterable[str], code: Callable[[int], str]) -> list[Json]:
        """`code`: a group's code by its id."""
        products = (self._catalogue.find(sku) for sku in skus)
        return [
            {
                "price": tier.value,
                "price_type": "discount" if tier.percent else "fixed",
                "website_id": tier.website_id,
                "sku": product.sku,
                "customer_group": "all groups" if tier.group_id == ALL_GROUPS else code(tier.group_id),
                "quantity": tier.quantity,
            }
            for product in products
            if product is not None
            for tier in product.tier_prices
        ]

    # --- what is taken -------------------------------------------------------------------------------------

    def _valid(
        self, sent: Sequence[Json], *, beside_existing: bool
    ) -> tuple[list[Fault], list[tuple[Product, TierPrice]]]:
        faults: list[Fault] = []
        taken: list[tuple[Product, TierPrice]] = []
        for one in sent:
            product = self._catalogue.find(str(one.get("sku", "")))
            found = [*self._faults(one, product), *self._doubles(one, sent)]
            if product is not None and beside_existing:
                found += self._clashes(one, product)
            group = self._group(one)
            if product is None or group is None or found:
                faults += found
            else:
                taken.append((product, _tier(one, group)))
        return faults, taken

    def _faults(self, one: Json, product: Product | None) -> Iterable[Fault]:
        if product is None or product.type_id not in PRICED:
            yield _fault("Invalid attribute SKU = %SKU. ", one)
        price = one.get("price")
        is_percent = one.get("price_type") == "discount"
        if price is None or price < 0 or (is_percent and price > 100):
            yield _fault("Invalid attribute Price = %price. ", one, price)
        is_bundle = product is not None and product.type_id == BUNDLE
        if one.get("price_type") not in ("fixed", "discount") or (is_bundle and not is_percent):
            yield _fault("Invalid attribute Price Type = %priceType. ", one, one.get("price_type"))
        if product is not None and one.get("quantity", 0) < 1:
            yield _fault("Invalid attribute Quantity = %qty. ", one)
        if not self._has_website(one.get("website_id", EVERY_WEBSITE)):
            yield _fault("Invalid attribute Website ID = %websiteId. ", one)
        if self._group(one) is None:
            yield _fault("No such entity with Customer Group = %customerGroup. ", one)

    def _has_website(self, website_id: int) -> bool:
        by_website = self._catalogue.attributes.scope("price") is Scope.WEBSITE
        known = any(one.website_id == website_id for one in self._pages.websites)
        return known and (by_website or website_id == EVERY_WEBSITE)

    def _doubles(self, one: Json, sent: Sequence[Json]) -> Iterable[Fault]:
        """Of one request: a default price and one of a website in the same currency are doubles, too."""
        for other in sent:
            if other is one or other.get("sku") != one.get("sku") or _place(other) != _place(one):
                continue
            mine, its = one.get("website_id", EVERY_WEBSITE), other.get("website_id", EVERY_WEBSITE)
            if mine == its or (EVERY_WEBSITE in (mine, its) and self._is_in_base_currency(max(mine, its))):
                yield _fault(DUPLICATE, one)

    def _is_in_base_currency(self, website_id: int) -> bool:
        known = {one.website_id: one.base_currency for one in self._pages.websites}
        return known.get(website_id) == known[EVERY_WEBSITE]

    def _clashes(self, one: Json, product: Product) -> Iterable[Fault]:
        """A price for every website stands in the way of one of a website, and the other way round."""
        mine = one.get("website_id", EVERY_WEBSITE)
        for tier in product.tier_prices:
            at = (tier.group_id, tier.quantity)
            is_there = at == (self._group(one), one.get("quantity"))
            if is_there and tier.website_id != mine and EVERY_WEBSITE in (tier.website_id, mine):
                yield _fault(DUPLICATE, one)

    def _group(self, one: Json) -> int | None:
        code = str(one.get("customer_group", ""))
        return ALL_GROUPS if code.lower() == "all groups" else self._group_id(code)

    def _put(self, product: Product, tier: TierPrice) -> None:
        product = self._catalogue.ours(product)
        place = (tier.group_id, tier.website_id, tier.quantity)
        kept = [one for one in product.tier_prices if (one.group_id, one.website_id, one.quantity) != place]
        product.tier_prices = [*kept, tier]


def _place(one: Json) -> tuple[str, object]:
    return str(one.get("customer_group", "")).lower(), one.get("quantity")


def _tier(sent: Json, group_id: int) -> TierPrice:
    return TierPrice(
        group_id=group_id,
        quantity=Decimal(sent.get("quantity", 1)),
        value=Decimal(sent["price"]),
        website_id=sent.get("website_id", EVERY_WEBSITE),
        percent=sent.get("price_type") == "discount",
    )


def _fault(text: str, one: Json, *first: object) -> Fault:
    row = [one.get(name, "") for name in ("sku", "website_id", "customer_group", "quantity")]
    return {"message": text + ROW_ID, "parameters": [f"{value}" for value in (*first, *row)]}
