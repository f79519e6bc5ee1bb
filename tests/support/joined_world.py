"""Merchants of the processes' house who also have a Magento shop: every purchase is told of twice."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from services.sandbox.magento.lines import Line
from services.sandbox.magento.notices import Notice
from services.sandbox.magento.shop import Shop as Store
from tests.support.processes_world import LOOPBACK, House, Shop
from tests.support.world import SHOP_KEYS, WEBHOOK_SECRET

MUGS = Line("SKU-MUGG", "Mugg", "249.00", quantity=2)
RESTING = ("done", "skipped")
ONLY_SALES = {"customers": False, "products": False}


@dataclass
class JoinedShop:
    """One connection with both sources; `shop` has its books, `store` is its Magento."""

    shop: Shop
    store: Store

    # ── what happens in both ──────────────────────────────────────────────────────────────────────

    def buys(self, email: str = "tilda@example.com") -> tuple[int, int]:
        """The mugs and the freight of ``THE_SALE``: (checkout id, order id)."""
        svea = self.shop.house.sandbox.svea
        checkout = self.shop.checkout(email=email)
        order = self.store.orders(
            MUGS,
            number=svea.order(checkout).client_order_number,
            svea_order_id=checkout,
            state="processing",
            shipping="49",
            email=email,
        )
        svea.finalize(checkout)
        return checkout, order

    def delivers(self, checkout: int, order: int) -> int:
        """Invoiced in the shop, whose module delivers at Svea; the delivery's id."""
        delivery = self.shop.delivers(checkout)
        self.store.invoice(order, transaction_id=str(delivery))
        return delivery

    def gives_a_mug_back(self, checkout: int, order: int, delivery: int) -> None:
        """As Svea's module does: Svea is asked while the memo is made, and both tell of it."""
        self.store.refund(order, {"SKU-MUGG": 1}, shipping="0", online=True)
        self.shop.refunds_a_mug(checkout, delivery)

    async def whole_story(self, *, at_svea_only: bool = False, email: str = "tilda@example.com") -> int:
        """Bought, delivered, one mug given back; each once the one before is booked. The checkout id."""
        checkout, order = self.buys(email)
        await self.rests(checkout, orders=1)
        delivery = self.delivers(checkout, order)
        await self.rests(checkout, orders=1, invoices=1)
        if at_svea_only:
            self.shop.refunds_a_mug(checkout, delivery)
        else:
            self.gives_a_mug_back(checkout, order, delivery)
        await self.rests(checkout, orders=1, invoices=1, credits=1)
        await self.hears_the_rest(checkout)
        return checkout

    # ── what became of it ─────────────────────────────────────────────────────────────────────────

    async def rests(self, checkout: int, *, within: float = 60.0, **documents: int) -> None:
        """Wait until this sale has so many finished documents, and nobody works on it or is about to."""
        deadline = time.monotonic() + within
        while not await self._rests(checkout, documents):
            self.shop.house_must_stand()
            assert time.monotonic() < deadline, f"{self.shop.name}: {checkout} has no {documents}"
            await asyncio.sleep(0.05)

    async def hears_the_rest(self, checkout: int) -> None:
        """What our own memo makes the shop tell has come in, too, and was looked at."""
        sandbox = self.shop.house.sandbox
        await sandbox.svea.settle()
        await sandbox.magento.settle()
        await self.rests(checkout)

    async def _rests(self, checkout: int, documents: Mapping[str, int]) -> bool:
        found = self._finished(checkout)
        if any(found[name] != number for name, number in documents.items()):
            return False
        page = await self.shop.house.ledger.subjects.page(self.shop.name, kind="sale")
        return all(one.state in RESTING and one.wanted == one.done for one in page.items)

    def _finished(self, checkout: int) -> dict[str, int]:
        company, mine = self.shop.company, str(checkout)
        invoices = [
            one
            for one in company.invoices.values()
            if one["ExternalInvoiceReference2"] == mine and one["Booked"]
        ]
        credits = sum(one["Credit"] in (True, "true") for one in invoices)
        orders = [one for one in company.orders.values() if one["ExternalInvoiceReference2"] == mine]
        return {"orders": len(orders), "invoices": len(invoices) - credits, "credits": credits}

    def memos(self) -> list[Any]:
        return list(self.store.sales.memos.values())


async def opens_joined(
    house: House, name: str, *, refunds_to_shop: bool = False, tells_the_shop: bool = False
) -> JoinedShop:
    """A merchant with a shop of their own, whose module tells the gateway, signed."""
    told = {"shop_invoices": tells_the_shop, "credit_notes": tells_the_shop}
    store = house.sandbox.magento.add_shop(name, **SHOP_KEYS)
    store.subscribe(f"{house.gateway_url}/webhooks/magento/{name}", WEBHOOK_SECRET)
    magento = {
        "base_url": f"http://{LOOPBACK}:{house.sandbox_port}/magento/{name}",
        **SHOP_KEYS,
        "webhook_secrets": [WEBHOOK_SECRET],
        "refunds": {"to_shop": refunds_to_shop},
        "documents": {"wait": 0},
        "in_doubt_wait": 1,
    }
    return JoinedShop(await house.opens(name, magento=magento, sync=ONLY_SALES | told), store)


async def post(http: httpx.AsyncClient, notice: Notice) -> int:
    """One more attempt of a notice, signed now; the gateway's answer."""
    now = datetime.now(UTC)
    body, headers = notice.request(number=1, at=now, first_at=now)
    return (await http.post(notice.url, content=body, headers=headers)).status_code
