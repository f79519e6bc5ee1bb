"""How far a pass over the price lists has come: kept after each page, so that a crash costs one page."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Self

from services.sync_worker.workshop import Workshop
from shared.ledger.ids import subject_id
from shared.ledger.ledger import Ledger
from shared.ledger.records import IncomingEvent, RunItem

CURSOR = "prices.pass"


@dataclass(frozen=True)
class PricesProgress:
    """``price_list`` counts the lists that are done, ``page`` is the next one of the list after them.
    ``by_list`` is False once Fortnox has shown that it has no pages of one list."""

    began_at: str
    price_list: int = 0
    page: int = 1
    by_list: bool = True
    looked_at: int = 0
    written: int = 0
    stopped: int = 0

    @property
    def mostly_stops(self) -> bool:
        return self.stopped * 2 > self.looked_at

    def in_words(self) -> str:
        said = f"{self.looked_at} prices looked at: {self.written} products written"
        return f"{said}, {self.stopped} looked at alone"

    def counted(self, *, looked_at: int, written: int, stopped: int) -> Self:
        return replace(
            self,
            looked_at=self.looked_at + looked_at,
            written=self.written + written,
            stopped=self.stopped + stopped,
        )

    def after_page(self, *, more: bool) -> Self:
        if more:
            return replace(self, page=self.page + 1)
        return replace(self, price_list=self.price_list + 1, page=1)


class PricesBook:
    """Where the progress of a connection's pass is kept, and who waits for it."""

    def __init__(self, ledger: Ledger, connection: str, chore: str) -> None:
        self._ledger, self._connection, self._chore = ledger, connection, chore

    async def opened(self, now: datetime) -> PricesProgress:
        """The pass that was interrupted, else a new one."""
        kept = await self._ledger.cursors.get(self._connection, CURSOR)
        return PricesProgress(**json.loads(kept)) if kept else PricesProgress(now.isoformat())

    async def page_done(self, progress: PricesProgress) -> None:
        await self._ledger.cursors.set(self._connection, CURSOR, json.dumps(asdict(progress)))

    async def pass_done(self) -> None:
        await self._ledger.cursors.set(self._connection, CURSOR, "")

    async def look_at(self, shop: Workshop, articles: Mapping[str, str], progress: PricesProgress) -> None:
        """Each goes on as a subject of its own; runs have its line before the event can end it.

        ``articles``: number -> what is said of it.
        """
        if not articles:
            return
        lines = [
            RunItem(number, "new", why, subject_id(self._connection, "price", number))
            for number, why in articles.items()
        ]
        runs = await self._ledger.runs.jobs(self._connection, self._chore)
        mark = "|".join(
            [progress.began_at, *(run.id for run in runs)]
        )  # what a person asked for is looked at
        for run in runs:
            await self._ledger.runs.add_items(run.id, lines)
        events = [
            IncomingEvent(
                connection=self._connection,
                source="sweep",
                name="price_stopped",
                dedupe_key=f"price|{number}|{mark}",
                subject_kind="price",
                subject_key=number,
                lane="bulk",
            )
            for number in articles
        ]
        accepted = await self._ledger.inbox.accept(events)
        await shop.queue.wake([one.subject for one in accepted if one.subject is not None])
