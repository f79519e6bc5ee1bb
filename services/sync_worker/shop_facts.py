"""What the shop says about itself, remembered for some minutes: a customer or a product costs one call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.clients.magento.client_customers import CustomerCalls

REMEMBERED_FOR = timedelta(minutes=10)
T = TypeVar("T")


@dataclass
class ShopFacts:
    """Answers are shared by all runs of a connection in this process."""

    client: CustomerCalls
    clock: Callable[[], datetime]
    _groups: dict[int, str] = field(default_factory=dict)
    _groups_at: datetime | None = None
    _known: dict[str, tuple[datetime, Any]] = field(default_factory=dict)

    def forget(self) -> None:
        self._groups_at = None
        self._known.clear()

    async def remembered(self, name: str, ask: Callable[[], Awaitable[T]]) -> T:
        """What ``ask`` answered some minutes ago, or answers now."""
        known = self._known.get(name)
        if known is None or self.clock() - known[0] > REMEMBERED_FOR:
            known = self._known[name] = (self.clock(), await ask())
        answer: T = known[1]
        return answer

    async def group_name(self, group_id: int) -> str:
        """Name of a customer group; empty for one that is not there."""
        known = self._groups_at is not None and self.clock() - self._groups_at <= REMEMBERED_FOR
        if not known or group_id not in self._groups:
            self._groups = {group.group_id: group.code for group in await self.client.customer_groups()}
            self._groups_at = self.clock()
        return self._groups.get(group_id, "")
