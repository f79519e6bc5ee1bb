"""Articles: bare ones that a sale names, and those of the shop's catalogue, which say what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.sync_worker.booking import Numbers, Vanished, Written
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.encode import clean_text
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire import FortnoxArticle
from shared.domain.catalogue import MAX_DESCRIPTION_LENGTH, ProductDraft
from shared.domain.documents import ArticleDraft
from shared.domain.errors import RefusedByFortnox


@dataclass
class ArticleWriter:
    """A new product costs one call where Fortnox does not have it, and one look where it does.

    What the last new product turned out to be, the next one is taken to be: a catalogue that was in
    Fortnox before is looked up, one that was not is written without looking.
    """

    client: FortnoxClient
    may_exist: bool = True
    revisable: bool = True
    kept_open: bool = False
    done_when_made: bool = True
    _look_first: bool = False
    _seen: dict[str, FortnoxArticle] = field(default_factory=dict)

    async def find(
        self, draft: ArticleDraft | ProductDraft, numbers: Numbers, *, in_doubt: bool = False
    ) -> str | None:
        if isinstance(draft, ArticleDraft):
            # In the sale's own spelling: Fortnox may not tell cases apart, and our links do.
            return draft.number if await self.client.article(draft.number) else None
        if not in_doubt and not self._look_first:
            return None
        return await self._looked_up(draft)

    async def _looked_up(self, draft: ProductDraft) -> str | None:
        found = await self.client.article(draft.number)
        self._look_first = found is not None
        if found is None:
            return None
        self._seen[found.number] = found
        return found.number

    async def create(self, draft: ArticleDraft | ProductDraft, numbers: Numbers) -> Written:
        if isinstance(draft, ArticleDraft):
            return _written(await self.client.create_article(_bare(draft)))
        try:
            return _written(await self.client.create_article(_whole(draft)))
        except RefusedByFortnox:
            # Nobody has published the code of a number that is taken: a look tells.
            number = await self._looked_up(draft)
            if number is None:
                raise
            return await self.update(draft, number, numbers, {})

    async def update(
        self,
        draft: ArticleDraft | ProductDraft,
        number: str,
        numbers: Numbers,
        before: Mapping[str, Any],
    ) -> Written:
        """Only what differs is sent: from what we wrote last, or from what stands in Fortnox."""
        if isinstance(draft, ArticleDraft):
            return Written(number)
        changed = self._changed(draft, number, before)
        if not changed:
            return Written(number)
        try:
            return _written(await self.client.update_article(number, changed))
        except NotFound as gone:
            raise Vanished from gone

    def _changed(self, draft: ProductDraft, number: str, before: Mapping[str, Any]) -> dict[str, Any]:
        wanted = _kept(draft)
        known = self._seen.pop(number, None)
        if known is not None:
            found = _standing(known)
            return {name: value for name, value in wanted.items() if found.get(name) != value}
        if "product" not in before:
            return wanted
        last = _whole(ProductDraft.from_plain(draft.ref, before))
        return {name: value for name, value in wanted.items() if last.get(name) != value}

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("an article is made inactive, and never removed")

    async def compare(
        self, draft: ArticleDraft | ProductDraft, written: Written, numbers: Numbers
    ) -> Sequence[str]:
        return ()

    async def finalise(self, draft: ArticleDraft | ProductDraft, number: str) -> None:
        """An article has no final state."""


def _written(article: FortnoxArticle) -> Written:
    return Written(article.number, article)


def _bare(draft: ArticleDraft) -> dict[str, Any]:
    return {
        "ArticleNumber": draft.number,
        "Description": draft.description,
        "Type": "SERVICE" if draft.service else "STOCK",
        "StockGoods": False,  # stock is counted only where a person says so
        "VAT": draft.rate if draft.account else None,
        "SalesAccount": draft.account,
    }


PARTS = {
    "description": ("Description",),
    "ean": ("EAN",),
    "unit": ("Unit",),
    "vat": ("VAT",),
    "accounts": ("SalesAccount", "EUAccount", "EUVATAccount", "ExportAccount"),
    "active": ("Active",),
}


def _whole(draft: ProductDraft) -> dict[str, Any]:
    """All accounts are named: Fortnox' own defaults may not be in the company's chart."""
    return {
        "ArticleNumber": draft.number,
        "Description": clean_text(draft.description, MAX_DESCRIPTION_LENGTH) or draft.number,
        "EAN": clean_text(draft.ean),
        "Unit": draft.unit or None,
        "Type": "SERVICE" if draft.service else "STOCK",
        "StockGoods": draft.stock_goods,
        "VAT": draft.rate,
        "SalesAccount": draft.accounts.sales,
        "EUAccount": draft.accounts.eu,
        "EUVATAccount": draft.accounts.eu_vat,
        "ExportAccount": draft.accounts.export,
        "Active": draft.active,
    }


def _kept(draft: ProductDraft) -> dict[str, Any]:
    """What may be said of an article that exists: not its number, and not whether its stock is counted."""
    names = {"Type"} | {name for part in draft.kept for name in PARTS.get(part, ())}
    return {name: value for name, value in _whole(draft).items() if name in names and value is not None}


def _standing(article: FortnoxArticle) -> dict[str, Any]:
    return {
        "Description": article.description,
        "EAN": article.ean,
        "Unit": article.unit,
        "Type": article.kind,
        "VAT": article.vat,
        "SalesAccount": article.sales_account,
        "EUAccount": article.eu_account,
        "EUVATAccount": article.eu_vat_account,
        "ExportAccount": article.export_account,
        "Active": article.active,
    }
