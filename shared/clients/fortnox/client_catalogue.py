"""Articles, units, price lists and prices, call by call."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.clients.fortnox import wire, wire_catalogue
from shared.clients.fortnox.calls import PAGE_SIZE, FortnoxCalls, is_missing, path_part, read_json
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire import FortnoxArticle
from shared.clients.fortnox.wire_catalogue import Price, PriceList, Unit
from shared.domain.errors import RefusedByFortnox


class CatalogueCalls(FortnoxCalls):
    """What a merchant sells. A register entry that is missing is None."""

    async def article(self, number: str) -> FortnoxArticle | None:
        try:
            return await self._one(f"/3/articles/{path_part(number)}", "Article", wire.to_article)
        except NotFound:
            return None

    async def create_article(self, payload: Mapping[str, Any]) -> FortnoxArticle:
        return await self._write("POST", "/3/articles", "Article", payload, wire.to_article)

    async def update_article(self, number: str, payload: Mapping[str, Any]) -> FortnoxArticle:
        path = f"/3/articles/{path_part(number)}"
        return await self._write("PUT", path, "Article", payload, wire.to_article, idempotent=True)

    # ── units ─────────────────────────────────────────────────────────────────────────────────────

    async def unit(self, code: str) -> Unit | None:
        try:
            return await self._one(f"/3/units/{path_part(code)}", "Unit", wire_catalogue.to_unit)
        except NotFound:
            return None

    async def create_unit(self, code: str, description: str) -> Unit:
        payload = {"Code": code, "Description": description}
        return await self._write("POST", "/3/units", "Unit", payload, wire_catalogue.to_unit)

    # ── price lists and prices ────────────────────────────────────────────────────────────────────

    async def price_lists(self) -> list[PriceList]:
        return await self._list("/3/pricelists", {}, "PriceLists", wire_catalogue.to_price_list)

    async def prices(self, price_list: str, article: str) -> list[Price]:
        """All quantities of one article in one list."""
        path = f"/3/prices/sublist/{path_part(price_list)}/{path_part(article)}"
        return await self._list(path, {}, "Prices", wire_catalogue.to_price)

    async def price_page(self, page: int, price_list: str | None = None) -> tuple[list[Price], bool]:
        """500 prices, and whether there are more pages: of one list, or of all of them.

        A whole list is documented with an article at its end only; it has been seen to answer without
        one. Raises NotFound where it does not; then the register of all prices is there.
        """
        path = "/3/prices" if price_list is None else f"/3/prices/sublist/{path_part(price_list)}"
        asked = {"limit": str(PAGE_SIZE), "page": str(page)}
        try:
            body = read_json(await self._call("GET", path, params=asked))
        except RefusedByFortnox as refusal:
            if price_list is None or not is_missing(refusal):
                raise
            raise NotFound(refusal.message, facts=refusal.facts) from refusal
        return list(wire.listed(body, "Prices", wire_catalogue.to_price)), wire.page_info(body).total > page

    async def create_price(self, price_list: str, article: str, quantity: Decimal, price: Decimal) -> Price:
        payload = {
            "PriceList": price_list,
            "ArticleNumber": article,
            "FromQuantity": quantity,
            "Price": price,
        }
        return await self._write("POST", "/3/prices", "Price", payload, wire_catalogue.to_price)

    async def update_price(self, price_list: str, article: str, quantity: Decimal, price: Decimal) -> Price:
        """Raises NotFound when the list has no price of this article from this quantity."""
        path = _price_path(price_list, article, quantity)
        payload = {"Price": price}
        return await self._write("PUT", path, "Price", payload, wire_catalogue.to_price, idempotent=True)

    async def delete_price(self, price_list: str, article: str, quantity: Decimal) -> None:
        """Raises NotFound when there is none."""
        await self._call("DELETE", _price_path(price_list, article, quantity), idempotent=True)


def _price_path(price_list: str, article: str, quantity: Decimal) -> str:
    number = format(quantity.normalize() if quantity else Decimal(0), "f")
    return f"/3/prices/{path_part(price_list)}/{path_part(article)}/{number}"
