"""How far a pass over the stock has come: in the ledger after every page."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from shared.ledger.ledger import Ledger
from shared.settings.stock import StockSettings

SWEEP, FULL = "stock_sweep", "stock_full"
OVERLAP = timedelta(minutes=15)  # minutes are Fortnox' resolution, and its clock is not ours
CHANGED_SINCE = "stock.changed_since"
ARTICLES = "stock.articles"
FEW_ARTICLES = 50_000  # a hundred calls, a twentieth of what Fortnox allows in a quarter of an hour
AT_WORK_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class StockProgress:
    """``page`` is the next one; ``since`` None compares all articles. Quantities that were told are counted
    by article."""

    began_at: str
    since: str | None
    at: str = ""
    page: int = 1
    looked_at: int = 0
    told: int = 0
    same: int = 0
    left_out: int = 0
    stopped: int = 0

    @property
    def changed_since(self) -> datetime | None:
        return datetime.fromisoformat(self.since) if self.since else None

    def in_words(self) -> str:
        return (
            f"{self.looked_at} articles looked at: {self.told} told, {self.same} as they were, "
            f"{self.left_out} left out, {self.stopped} stopped"
        )

    def counted(self, **more: int) -> Self:
        """One more page: the counts go up."""
        return replace(self, **{name: getattr(self, name) + number for name, number in more.items()})


class StockBook:
    """Where the progress of one job of one connection is kept."""

    def __init__(self, ledger: Ledger, connection: str, job: str) -> None:
        self._ledger, self._connection, self._job = ledger, connection, job

    async def opened(self, now: datetime, settings: StockSettings) -> StockProgress:
        """The pass that was interrupted, else a new one."""
        kept = await self._kept(self._job)
        if kept is not None:
            return kept
        since = None if self._job == FULL else await self._since(settings)
        return StockProgress(now.isoformat(), since)

    async def _since(self, settings: StockSettings) -> str | None:
        """From when on changes are asked for; None when all articles are compared."""
        since = await self._ledger.cursors.get(self._connection, CHANGED_SINCE)
        if settings.sweep == "all" or since is None:
            return None
        articles = await self._ledger.cursors.get(self._connection, ARTICLES)
        few = articles is None or int(articles) <= FEW_ARTICLES
        return None if settings.sweep == "auto" and few else since

    async def full_pass_is_at_work(self, now: datetime) -> bool:
        """A sweep beside it would compare the same, and the two write over each other."""
        if self._job == FULL:
            return False
        full = await self._kept(FULL)
        return full is not None and now - datetime.fromisoformat(full.at) < AT_WORK_FOR

    async def page_done(self, progress: StockProgress, now: datetime) -> None:
        await self._keep(self._cursor, json.dumps(asdict(replace(progress, at=now.isoformat()))))

    async def pass_done(self, progress: StockProgress) -> None:
        """The next look begins where this one began: what changed meanwhile may be missing in it."""
        began = datetime.fromisoformat(progress.began_at)
        await self._keep(CHANGED_SINCE, (began - OVERLAP).isoformat())
        if progress.since is None:
            await self._keep(ARTICLES, str(progress.looked_at))
        await self._keep(self._cursor, "")

    async def _kept(self, job: str) -> StockProgress | None:
        kept = await self._ledger.cursors.get(self._connection, f"{job}.pass")
        return StockProgress(**json.loads(kept)) if kept else None

    @property
    def _cursor(self) -> str:
        return f"{self._job}.pass"

    async def _keep(self, name: str, value: str) -> None:
        await self._ledger.cursors.set(self._connection, name, value)
