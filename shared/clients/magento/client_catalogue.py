"""Products, prices and tax, call by call. A SKU is looked for by filter, never put into a path
where it can be helped: the versions disagree on how such a path is signed."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from shared.clients.fields import Fields
from shared.clients.magento.calls import Calls, part
from shared.clients.magento.errors import NotFound, TooMany, filled
from shared.clients.magento.search import any_of, any_of_many, changed, is_
from shared.clients.magento.wire_catalogue import (
    AttributeOption,
    BasePrice,
    Category,
    PriceProblem,
    Product,
    TaxClass,
    TaxRate,
    TaxRule,
    to_attribute_option,
    to_base_price,
    to_category,
    to_product,
    to_tax_class,
    to_tax_rate,
    to_tax_rule,
)

T = TypeVar("T")
ALL_STORES = "all"  # writes default values; without a store code it would be overrides of one store view
ROWS_PER_CALL = 100
SKUS_PER_SEARCH = 30  # of 64 characters each, so that an address stays below 8 kB


class CatalogueCalls(Calls):
    async def product(self, sku: str) -> Product | None:
        """By its SKU. Magento compares without regard to case: the exact one is preferred."""
        found = await self.products_with_skus([sku])
        exact = (product for product in found if product.sku == sku)
        alike = (product for product in found if product.sku.casefold() == sku.strip().casefold())
        return next(exact, None) or next(alike, None)

    async def product_by_id(self, product_id: int) -> Product | None:
        walk = self._walk("/products", to_product, [is_("entity_id", product_id)], shown_as="id")
        return next(iter([product async for product in walk]), None)

    async def products_with_skus(self, skus: Iterable[str]) -> tuple[Product, ...]:
        """Those that there are, in any order."""
        return tuple([product async for product in self._by_sku("/products", to_product, skus)])

    async def products_with_ids(self, product_ids: Iterable[int]) -> tuple[Product, ...]:
        """Variants by the ``child_ids`` of their parent, for example."""
        wanted = list(dict.fromkeys(product_ids))
        found: list[Product] = []
        for some in _chunks(wanted, SKUS_PER_SEARCH):
            walk = self._walk("/products", to_product, [any_of("entity_id", some)], shown_as="id")
            found += [product async for product in walk]
        return tuple(found)

    def products(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
        size: int = 100,
        store: str = "",
    ) -> AsyncIterator[Product]:
        """Those changed in a window, by ascending id; no window gives the catalogue. Flat in memory.

        Go on behind ``after`` (a product id) when a load broke off. ``store`` is a store code, or
        ``all`` for default values. ``updated_at`` misses prices and stock that were written by their
        own end points, and what a sale took.
        """
        groups = changed(since, until)
        return self._walk("/products", to_product, groups, shown_as="id", size=size, after=after, store=store)

    async def variants(self, sku: str) -> tuple[Product, ...]:
        """Of a configurable product, as the shop shows them."""
        found = await self._json("GET", f"/configurable-products/{part(sku)}/children")
        return _each(found, to_product)

    async def attribute_options(self, code: str) -> tuple[AttributeOption, ...]:
        """The values that may be chosen; none when the shop has no such attribute."""
        try:
            found = await self._json("GET", f"/products/attributes/{part(code)}/options")
        except NotFound:
            return ()
        return tuple(option for option in _each(found, to_attribute_option) if option.value)

    async def categories(self) -> tuple[Category, ...]:
        walk = self._walk("/categories/list", to_category, shown_as="id")
        return tuple([category async for category in walk])

    async def tax_classes(self) -> tuple[TaxClass, ...]:
        return await self._all("/taxClasses/search", to_tax_class)

    async def tax_rates(self) -> tuple[TaxRate, ...]:
        return await self._all("/taxRates/search", to_tax_rate)

    async def tax_rules(self) -> tuple[TaxRule, ...]:
        return await self._all("/taxRules/search", to_tax_rule)

    async def base_prices(self, skus: Iterable[str]) -> tuple[BasePrice, ...]:
        """Default prices and those of store views, for the types that ``save_base_prices`` takes.

        A read although it is a POST. SKUs that the shop does not have are left out of the answer.
        """
        return await self._information("/products/base-prices-information", skus, to_base_price)

    # ── writing: all of these are safe to repeat ──────────────────────────────────────────────────

    async def save_product(self, product: Mapping[str, Any]) -> Product:
        """Create, or change the one that has this SKU; default values of all stores.

        ``product`` has Magento's names: ``sku`` and what we own of it. Lists replace what is there.
        """
        answer = await self._json(
            "POST", "/products", payload={"product": dict(product)}, store=ALL_STORES, idempotent=True
        )
        return to_product(Fields(answer, of="product"))

    async def save_base_prices(self, prices: Sequence[Mapping[str, Any]]) -> tuple[PriceProblem, ...]:
        """Rows of ``{sku, price, store_id}``; simple, virtual, downloadable, bundle with fixed price."""
        return await self._save_rows("/products/base-prices", "prices", prices)

    async def save_special_prices(self, prices: Sequence[Mapping[str, Any]]) -> tuple[PriceProblem, ...]:
        """Rows of ``{sku, price, store_id, price_from, price_to}``."""
        return await self._save_rows("/products/special-price", "prices", prices)

    async def save_costs(self, costs: Sequence[Mapping[str, Any]]) -> tuple[PriceProblem, ...]:
        """Rows of ``{sku, cost, store_id}``; simple, virtual, downloadable."""
        return await self._save_rows("/products/cost", "prices", costs)

    # ── how ───────────────────────────────────────────────────────────────────────────────────────

    async def _by_sku(self, path: str, to: Callable[[Fields], T], skus: Iterable[str]) -> AsyncIterator[T]:
        for some in _chunks(_different(skus), SKUS_PER_SEARCH):
            for group in any_of_many("sku", some):
                async for found in self._walk(path, to, [group], shown_as="id"):
                    yield found

    async def _information(self, path: str, skus: Iterable[str], to: Callable[[Fields], T]) -> tuple[T, ...]:
        """A read that Magento has as a POST. SKUs that the shop does not have are left out of the answer."""
        found: list[T] = []
        for some in _chunks(_different(skus), ROWS_PER_CALL):
            payload = {"skus": list(some)}
            answer = await self._json("POST", path, payload=payload, store=ALL_STORES, idempotent=True)
            found += _each(answer, to)
        return tuple(found)

    async def _save_rows(
        self, path: str, name: str, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[PriceProblem, ...]:
        """In calls of at most as many rows as the shop takes. 200 is no success: the answer tells."""
        problems: list[PriceProblem] = []
        left = [dict(row) for row in rows]
        while left:
            size = min(ROWS_PER_CALL, self._shop.most_per_list or ROWS_PER_CALL)
            try:
                answer = await self._json(
                    "POST", path, payload={name: left[:size]}, store=ALL_STORES, idempotent=True
                )
            except TooMany as limit:
                if limit.maximum >= size:
                    raise
                self._shop.most_per_list = limit.maximum
                continue
            problems += [to_problem(row) for row in answer if isinstance(row, Mapping)]
            left = left[size:]
        return tuple(problems)


def to_problem(row: Mapping[str, Any]) -> PriceProblem:
    return PriceProblem(message=filled(row), parameters=Fields(row, of="problem").texts("parameters"))


def _each(answer: Any, to: Callable[[Fields], T]) -> tuple[T, ...]:
    """Of a bare list."""
    return tuple(to(found) for found in Fields({"items": answer}, of="answer").each("items"))


def _different(skus: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(sku for sku in skus if sku))


def _chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
