"""Things of the company that a merchant lets us make: looked for first, since people make them too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.sync_worker.booking import Numbers, Writer, Written
from shared.clients.fortnox.client import FortnoxClient
from shared.domain.fixes import CurrencyDraft, ModeOfPaymentDraft, VoucherSeriesDraft


@dataclass
class _Register:
    """Made once, and from then on the merchant's own."""

    client: FortnoxClient
    may_exist: bool = True
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = True

    async def update(self, draft: Any, number: str, numbers: Numbers, before: Mapping[str, Any]) -> Written:
        raise NotImplementedError("what exists is changed by a person")

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("what exists is removed by a person")

    async def compare(self, draft: Any, written: Written, numbers: Numbers) -> Sequence[str]:
        return ()

    async def finalise(self, draft: Any, number: str) -> None:
        """A setting has no final state."""


class CurrencyWriter(_Register):
    async def find(self, draft: CurrencyDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        found = await self.client.currency(draft.code)
        return found.code if found else None

    async def create(self, draft: CurrencyDraft, numbers: Numbers) -> Written:
        return Written((await self.client.create_currency(draft.code, draft.rate)).code)


class ModeOfPaymentWriter(_Register):
    async def find(
        self, draft: ModeOfPaymentDraft, numbers: Numbers, *, in_doubt: bool = False
    ) -> str | None:
        known = {mode.code for mode in await self.client.modes_of_payment()}
        return draft.code if draft.code in known else None

    async def create(self, draft: ModeOfPaymentDraft, numbers: Numbers) -> Written:
        made = await self.client.create_mode_of_payment(draft.code, draft.account, draft.text)
        return Written(made.code)


class VoucherSeriesWriter(_Register):
    async def find(
        self, draft: VoucherSeriesDraft, numbers: Numbers, *, in_doubt: bool = False
    ) -> str | None:
        known = {series.code for series in await self.client.voucher_series_of(draft.year)}
        return draft.code if draft.code in known else None

    async def create(self, draft: VoucherSeriesDraft, numbers: Numbers) -> Written:
        made = await self.client.create_voucher_series(draft.code, draft.text, year_id=draft.year)
        return Written(made.code)


def settings_writers(client: FortnoxClient) -> dict[str, Writer]:
    return {
        "currency": CurrencyWriter(client),
        "mode_of_payment": ModeOfPaymentWriter(client),
        "voucher_series": VoucherSeriesWriter(client),
    }
