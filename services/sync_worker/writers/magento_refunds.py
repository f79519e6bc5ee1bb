"""Credit memos in Magento, made for refunds that Magento did not make; found again by their comment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.sync_worker.booking import Numbers, Written
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.wire_sales import CreditMemo
from shared.domain.shop_documents import ShopDocumentDiffers, ShopRefundDraft, mark


@dataclass
class ShopRefundWriter:
    client: MagentoClient
    may_exist: bool = False
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = False
    in_doubt_wait: timedelta | None = None  # longer than Fortnox': a shop may be at it for minutes

    async def find(self, draft: ShopRefundDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        for memo in await self.client.credit_memos_of(draft.order_id):
            if any(mark(draft.ref) in comment for comment in memo.comments):
                return str(memo.entity_id)
        return None

    async def create(self, draft: ShopRefundDraft, numbers: Numbers) -> Written:
        quantities = dict(draft.quantities)
        returned = [item for item, pieces in quantities.items() if pieces]
        made = await self.client.refund_offline(
            draft.order_id,
            quantities,
            base_shipping=draft.freight,
            base_adjustment=draft.adjustment,
            base_fee=draft.fee,
            return_to_stock=returned if draft.return_to_stock else (),
            comment=f"{draft.text} {mark(draft.ref)}",
        )
        return Written(str(made))

    async def update(
        self, draft: ShopRefundDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("a credit memo cannot be changed")

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a credit memo cannot be cancelled")

    async def compare(self, draft: ShopRefundDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        """Magento takes wrong amounts in silence, so the memo is read back."""
        memo = await self.client.credit_memo(int(written.number))
        if memo is None or draft.amount.amount in (memo.grand_total, memo.grand_total + _to_cards(memo)):
            return ()
        made = f"{memo.grand_total:.2f} {memo.currency}"
        text = f"credit memo {memo.increment_id} in Magento is of {made} and not of {draft.amount}"
        if abs(memo.grand_total - draft.amount.amount) <= draft.tolerance:
            return (text,)
        facts = {"memo": memo.increment_id, "asked": str(draft.amount), "made": f"{memo.grand_total:.2f}"}
        raise ShopDocumentDiffers(text, facts=facts)

    async def finalise(self, draft: ShopRefundDraft, number: str) -> None:
        """It was final when it was made."""


def _to_cards(memo: CreditMemo) -> Decimal:
    """What went back to gift cards and store credit, before any money: Adobe Commerce takes it off."""
    return memo.gift_cards_amount + memo.customer_balance_amount
