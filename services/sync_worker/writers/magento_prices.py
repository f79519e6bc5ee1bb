"""Prices in the shop, in bulk. The answer is 200 also when rows were refused, and then what was stored is
read back: not every refusal says which row it is about."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from services.sync_worker.booking import Numbers, Written
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.errors import NoRoute
from shared.clients.magento.wire_catalogue import PriceProblem
from shared.domain.errors import RefusedByMagento
from shared.domain.shop_prices import BaseRow, PricesRefused, ShopPricesDraft, TierRow

Row = TypeVar("Row", BaseRow, TierRow)
Save = Callable[[Sequence[Mapping[str, Any]]], Awaitable[Sequence[PriceProblem]]]


@dataclass
class ShopPricesWriter:
    """``of_many``: what the shop refuses is kept in ``refused`` (SKU -> why) and holds up nobody else."""

    client: MagentoClient
    of_many: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    may_exist: bool = False
    revisable: bool = True
    kept_open: bool = False
    done_when_made: bool = True

    async def find(self, draft: ShopPricesDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        """A crash may have left some of them written: they are all said again, which repeats nothing."""
        return None

    async def create(self, draft: ShopPricesDraft, numbers: Numbers) -> Written:
        refused = dict(self.refused)
        client, rows = self.client, draft.prices
        await self._save(rows.base, _base, client.save_base_prices, self._base_not_stored)
        await self._save(rows.tiers, _tier, client.save_tier_prices, self._tiers_not_stored)
        await self._save(rows.replaced, _tier, client.replace_tier_prices, self._tiers_not_stored)
        await self._save(rows.removed, _tier, client.delete_tier_prices, self._nothing_to_compare)
        new = {sku: why for sku, why in self.refused.items() if sku not in refused}
        if new and not self.of_many:
            sku, why = next(iter(new.items()))
            raise PricesRefused(f"the shop refuses the price of {sku}: {why}", facts={"sku": sku})
        return Written(draft.ref)

    async def update(
        self, draft: ShopPricesDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        return await self.create(draft, numbers)

    # ── rows ──────────────────────────────────────────────────────────────────────────────────────

    async def _save(
        self,
        rows: Sequence[Row],
        plain: Callable[[Row], Mapping[str, Any]],
        save: Save,
        not_stored: Callable[[Sequence[Row]], Awaitable[set[str]]],
    ) -> None:
        """A call that is refused as a whole is made again in halves, until the product is found."""
        if not rows:
            return
        try:
            problems = await save([plain(row) for row in rows])
        except NoRoute:
            raise
        except RefusedByMagento as refusal:
            skus = sorted({row.sku for row in rows})
            if len(skus) == 1:
                self.refused[skus[0]] = refusal.message
                return
            half = set(skus[: len(skus) // 2])
            await self._save([row for row in rows if row.sku in half], plain, save, not_stored)
            await self._save([row for row in rows if row.sku not in half], plain, save, not_stored)
            return
        if problems:
            await self._blame(rows, problems, not_stored)

    async def _blame(
        self,
        rows: Sequence[Row],
        problems: Sequence[PriceProblem],
        not_stored: Callable[[Sequence[Row]], Awaitable[set[str]]],
    ) -> None:
        named = {value.casefold(): problem for problem in problems for value in problem.parameters}
        for sku in sorted(await not_stored(rows)):
            problem = named.get(sku.casefold())
            self.refused[sku] = problem.message if problem else "; ".join(one.message for one in problems)

    async def _base_not_stored(self, rows: Sequence[BaseRow]) -> set[str]:
        found = await self.client.base_prices(row.sku for row in rows)
        stored = {(one.sku.casefold(), one.store_id): one.price for one in found}
        return {row.sku for row in rows if stored.get(row.place) != row.amount}

    async def _tiers_not_stored(self, rows: Sequence[TierRow]) -> set[str]:
        found = await self.client.tier_prices(row.sku for row in rows)
        kept = (
            TierRow(one.sku, one.website_id, one.group, one.quantity, one.amount, one.is_percent)
            for one in found
        )
        stored = {row.place: row for row in kept}
        return {
            row.sku
            for row in rows
            if row.place not in stored
            or (stored[row.place].amount, stored[row.place].is_percent) != (row.amount, row.is_percent)
        }

    async def _nothing_to_compare(self, rows: Sequence[TierRow]) -> set[str]:
        """A tier that could not be deleted: all of them are named."""
        return {row.sku for row in rows}

    # ── the rest of a document's life ─────────────────────────────────────────────────────────────

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a price is never taken away, but by another one")

    async def compare(self, draft: ShopPricesDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        """What was refused is read back when it is; the next look compares all of them again."""
        return ()

    async def finalise(self, draft: ShopPricesDraft, number: str) -> None:
        """A price has no final state."""


def _base(row: BaseRow) -> Mapping[str, Any]:
    return {"sku": row.sku, "store_id": row.store_id, "price": row.amount}


def _tier(row: TierRow) -> Mapping[str, Any]:
    return {
        "sku": row.sku,
        "price": row.amount,
        "price_type": "discount" if row.is_percent else "fixed",
        "website_id": row.website_id,
        "customer_group": row.group,
        "quantity": row.quantity,
    }
