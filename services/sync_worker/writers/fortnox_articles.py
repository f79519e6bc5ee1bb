"""Articles that a sale names and Fortnox does not have yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.sync_worker.booking import Numbers, Written
from shared.clients.fortnox.client import FortnoxClient
from shared.domain.documents import ArticleDraft


@dataclass
class ArticleWriter:
    client: FortnoxClient
    may_exist: bool = True
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = True

    async def find(self, draft: ArticleDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        found = await self.client.article(draft.number)
        return found.number if found else None

    async def create(self, draft: ArticleDraft, numbers: Numbers) -> Written:
        article = await self.client.create_article(
            {
                "ArticleNumber": draft.number,
                "Description": draft.description,
                "Type": "STOCK",
                "StockGoods": False,  # stock is counted only where a person says so
                "VAT": draft.rate if draft.account else None,
                "SalesAccount": draft.account,
            }
        )
        return Written(article.number, article)

    async def update(
        self, draft: ArticleDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("the catalogue, not a sale, changes an article")

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a sale never removes an article")

    async def compare(self, draft: ArticleDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        return ()

    async def finalise(self, draft: ArticleDraft, number: str) -> None:
        """An article has no final state."""
