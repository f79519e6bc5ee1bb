"""Currency rates in the shop, through our module: Magento has no route of its own for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.sync_worker.booking import Numbers, Written
from shared.clients.magento.client import MagentoClient
from shared.domain.currency_rates import ShopModuleMissing, ShopRatesDraft


@dataclass
class ShopRatesWriter:
    """All rates of a draft are one call, stored together or not at all; saying them again repeats nothing."""

    client: MagentoClient
    may_exist: bool = False
    revisable: bool = True
    kept_open: bool = False
    done_when_made: bool = True

    async def find(self, draft: ShopRatesDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        """A crash may have left them written: they are said again."""
        return None

    async def create(self, draft: ShopRatesDraft, numbers: Numbers) -> Written:
        rates = {(one.base, one.currency): one.rate for one in draft.rates}
        if not await self.client.save_currency_rates(rates):
            raise ShopModuleMissing("the shop module is gone, and without it Magento takes no rates")
        return Written(draft.ref)

    async def update(
        self, draft: ShopRatesDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        return await self.create(draft, numbers)

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a rate is never taken away")

    async def compare(self, draft: ShopRatesDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        """The next look reads them back: what the shop has otherwise is planned again."""
        return ()

    async def finalise(self, draft: ShopRatesDraft, number: str) -> None:
        """A rate has no final state."""
