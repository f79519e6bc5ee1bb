"""Stock, call by call: quantities of articles, and balances of the warehouse module. Read only."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.clients.fields import Fields
from shared.clients.fortnox import wire
from shared.clients.fortnox.calls import PAGE_SIZE, FortnoxCalls, path_part, read_json
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire_stock import (
    ArticleStock,
    ArticleStockPage,
    StockBalance,
    to_article_stock,
    to_stock_balance,
)
from shared.clients.packing import packed
from shared.domain.errors import RefusedByFortnox

ITEMS_PER_QUESTION = 250  # how many Fortnox takes is not documented; half of it where it takes less


class StockCalls(FortnoxCalls):
    async def article_stock_page(self, page: int, since: datetime | None = None) -> ArticleStockPage:
        """Up to 500 articles, by number; with ``since`` those changed after it, and perhaps some more.

        Whether a movement of stock counts as a change of the article is not documented.
        """
        params = {"sortby": "articlenumber", "limit": str(PAGE_SIZE), "page": str(page)}
        if since is not None:  # the zone is not documented: our digits are early in either reading
            params["lastmodified"] = since.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        body = read_json(await self._call("GET", "/3/articles", params=params))
        articles = tuple(wire.listed(body, "Articles", to_article_stock))
        return ArticleStockPage(articles, is_last=wire.page_info(body).total <= page)

    async def article_stock(self, number: str) -> ArticleStock | None:
        try:
            return await self._one(f"/3/articles/{path_part(number)}", "Article", to_article_stock)
        except NotFound:
            return None

    async def stock_balances(self, numbers: Sequence[str]) -> list[StockBalance]:
        """By stock point, of the warehouse module; needs the scope `warehouse`."""
        found: list[StockBalance] = []
        for some in packed(numbers, ITEMS_PER_QUESTION):
            found += await self._balances(some)
        return found

    async def _balances(self, numbers: Sequence[str]) -> list[StockBalance]:
        """Numbers have no commas in them, so that a list can be written with them."""
        params = {"itemIds": ",".join(numbers)}
        try:
            body = read_json(await self._call("GET", "/api/warehouse/status-v1/stockbalance", params=params))
        except RefusedByFortnox:
            if len(numbers) == 1:
                raise
            half = len(numbers) // 2
            return [*await self._balances(numbers[:half]), *await self._balances(numbers[half:])]
        rows = Fields({"rows": body}, of="stock balance")
        return [to_stock_balance(row) for row in rows.each("rows")]
