"""Tier prices in bulk, call by call. 200 is no success: what was refused stands in the answer, the rest is
stored. All writes here are safe to repeat, and none makes a product."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from shared.clients.fields import Fields
from shared.clients.magento.client_catalogue import ALL_STORES, ROWS_PER_CALL, CatalogueCalls, to_problem
from shared.clients.magento.errors import TooMany
from shared.clients.magento.wire_catalogue import KeptTier, PriceProblem, to_kept_tier

Rows = Sequence[Mapping[str, Any]]
TIERS = "/products/tier-prices"


class PriceCalls(CatalogueCalls):
    """A row is ``{sku, price, price_type, website_id, customer_group, quantity}``, a group by its code."""

    async def price_scope(self) -> str:
        """``global`` or ``website``: whether a website can have prices of its own."""
        found = await self._json("GET", "/products/attributes/price")
        return Fields(found, of="attribute").needed_text("scope")

    async def tier_prices(self, skus: Iterable[str]) -> tuple[KeptTier, ...]:
        return await self._information(f"{TIERS}-information", skus, to_kept_tier)

    async def save_tier_prices(self, rows: Rows) -> tuple[PriceProblem, ...]:
        """Add, or change what is at the same place. A price for every website stands in the way of one
        for a website, and the other way round (source of 2.4.7)."""
        return await self._save_rows(TIERS, "prices", rows)

    async def delete_tier_prices(self, rows: Rows) -> tuple[PriceProblem, ...]:
        """By group, quantity and price; Magento does not compare the website (source of 2.4.7)."""
        return await self._save_rows(f"{TIERS}-delete", "prices", rows)

    async def replace_tier_prices(self, rows: Rows) -> tuple[PriceProblem, ...]:
        """The products of these rows keep no other tier. Rows of one product are never parted: the second
        call would take away what the first one left."""
        problems: list[PriceProblem] = []
        left = list(rows)
        while left:
            size = min(ROWS_PER_CALL, self._shop.most_per_list or ROWS_PER_CALL)
            some = next(_packed(left, size))
            try:
                answer = await self._json(
                    "PUT", TIERS, payload={"prices": some}, store=ALL_STORES, idempotent=True
                )
            except TooMany as limit:
                if limit.maximum >= len(some) or len({row["sku"] for row in some}) == 1:
                    raise
                self._shop.most_per_list = limit.maximum
                continue
            problems += [to_problem(row) for row in answer if isinstance(row, Mapping)]
            left = left[len(some) :]
        return tuple(problems)


def _packed(rows: Rows, size: int) -> Iterator[list[dict[str, Any]]]:
    """Whole products, in the order given, as many as go into ``size`` rows; one that is larger goes alone."""
    packed: list[dict[str, Any]] = []
    for _, of_one in groupby(rows, key=lambda row: row["sku"]):
        more = [dict(row) for row in of_one]
        if packed and len(packed) + len(more) > size:
            yield packed
            packed = []
        packed += more
    yield packed
