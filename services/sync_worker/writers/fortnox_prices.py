"""Prices of an article in the merchant's price lists, and the units that articles name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.sync_worker.booking import Numbers, Written
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.errors import NotFound
from shared.domain.catalogue import ListPrice, PricesDraft, UnitDraft
from shared.domain.errors import RefusedByFortnox

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass
class PricesWriter:
    """All prices of one article are one document of ours: each line is safe to repeat.

    Whether a new article has a price already (Fortnox may make one with it), and whether a base price is
    kept from quantity 0 or 1, is not known: both ways lead to the same, and what the last price turned
    out to be, the next is taken to be.
    """

    client: FortnoxClient
    may_exist: bool = False
    revisable: bool = True
    kept_open: bool = False
    done_when_made: bool = True
    _change_first: bool = False
    _base: Decimal = ZERO

    async def find(self, draft: PricesDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        """A crash may have left some of them: they are all said again, which repeats nothing."""
        return None

    async def create(self, draft: PricesDraft, numbers: Numbers) -> Written:
        number = numbers.number_of("article", draft.article)
        for price in draft.prices:
            await self._ensure(number, price)
        return Written(number)

    async def update(
        self, draft: PricesDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        """Only lines that differ from what we wrote last; tiers that the shop removed are removed."""
        last = {_place(one): Decimal(one["amount"]) for one in before.get("prices", ())}
        for price in draft.prices:
            if last.pop((price.price_list, price.from_quantity), None) != price.amount:
                await self._ensure(number, price, made=True)
        for price_list, quantity in last:
            await self._remove(price_list, number, quantity)
        return Written(number)

    async def _ensure(self, number: str, price: ListPrice, *, made: bool = False) -> None:
        if (made or self._change_first) and await self._changed(number, price):
            return
        try:
            new = await self.client.create_price(price.price_list, number, price.from_quantity, price.amount)
        except NotFound:
            raise  # it is the price list that is not there
        except RefusedByFortnox:
            self._change_first = await self._changed(number, price)
            if not self._change_first:
                raise
        else:
            self._change_first = False
            self._base = self._base if price.from_quantity else new.from_quantity

    async def _changed(self, number: str, price: ListPrice) -> bool:
        """False when there is no such price; a base price is looked for where the last one was, first."""
        places = (self._base, ONE - self._base) if price.from_quantity == 0 else (price.from_quantity,)
        for quantity in places:
            try:
                await self.client.update_price(price.price_list, number, quantity, price.amount)
            except NotFound:
                continue
            self._base = quantity if price.from_quantity == 0 else self._base
            return True
        return False

    async def _remove(self, price_list: str, number: str, quantity: Decimal) -> None:
        try:
            await self.client.delete_price(price_list, number, quantity)
        except NotFound:
            return  # somebody was faster

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("prices of an article that is not sold any more are left alone")

    async def compare(self, draft: PricesDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        return ()

    async def finalise(self, draft: PricesDraft, number: str) -> None:
        """A price has no final state."""


def _place(line: Mapping[str, Any]) -> tuple[str, Decimal]:
    return line["price_list"], Decimal(line["from_quantity"])


@dataclass
class UnitWriter:
    """Looked for once per unit and connection; from then on our link knows it."""

    client: FortnoxClient
    may_exist: bool = True
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = True

    async def find(self, draft: UnitDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        found = await self.client.unit(draft.code)
        return found.code if found else None

    async def create(self, draft: UnitDraft, numbers: Numbers) -> Written:
        return Written((await self.client.create_unit(draft.code, draft.code)).code)

    async def update(
        self, draft: UnitDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("a unit is only its name")

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a unit is never removed")

    async def compare(self, draft: UnitDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        return ()

    async def finalise(self, draft: UnitDraft, number: str) -> None:
        """A unit has no final state."""
