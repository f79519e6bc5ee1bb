"""Comments on orders in Magento, and the order status that goes with them; found again by their mark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.sync_worker.booking import Numbers, Written
from shared.clients.magento.client_sales import SalesCalls
from shared.clients.magento.wire_sales import Order
from shared.domain.errors import RefusedByMagento, UnknownShopOrder
from shared.domain.shop_documents import OrderWithoutStatus, ShopCommentDraft, mark


@dataclass
class ShopCommentWriter:
    client: SalesCalls
    may_exist: bool = False
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = False
    in_doubt_wait: timedelta | None = None  # longer than Fortnox': a shop may be at it for minutes
    notes: dict[str, str] = field(default_factory=dict)  # by reference, of what was written in this run

    async def find(self, draft: ShopCommentDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        comments = await self.client.order_comments(draft.order_id)
        return draft.ref if any(mark(draft.ref) in comment for comment in comments) else None

    async def create(self, draft: ShopCommentDraft, numbers: Numbers) -> Written:
        """The order is read first: what status it has now, and which one its state asks for."""
        order = await self.client.order(draft.order_id)
        if order is None:
            raise UnknownShopOrder(
                f"the shop has no order {draft.order_id}", facts={"entity_id": str(draft.order_id)}
            )
        if not order.status:
            raise OrderWithoutStatus(
                f"order {order.increment_id} has no status in Magento", facts={"order": order.increment_id}
            )
        await self._say(draft, order, dict(draft.statuses).get(order.state, order.status))
        return Written(draft.ref)

    async def _say(self, draft: ShopCommentDraft, order: Order, status: str) -> None:
        """A status that the shop does not know in that state is left out: the comment comes all the same."""
        try:
            await self._add(draft, order, status)
        except RefusedByMagento as refusal:
            if status == order.status:
                raise
            self.notes[draft.ref] = (
                f"order {order.increment_id} keeps its status {order.status}: {refusal.message}"
            )
            await self._add(draft, order, order.status)

    async def _add(self, draft: ShopCommentDraft, order: Order, status: str) -> None:
        await self.client.add_order_comment(
            order, draft.text, visible=draft.visible, notify=draft.notify, status=status
        )

    async def update(
        self, draft: ShopCommentDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("a comment cannot be changed")

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a comment cannot be taken back")

    async def compare(self, draft: ShopCommentDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        note = self.notes.get(draft.ref)
        return (note,) if note else ()

    async def finalise(self, draft: ShopCommentDraft, number: str) -> None:
        """It was final when it was made."""
