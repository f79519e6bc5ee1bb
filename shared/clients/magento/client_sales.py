"""Orders and what is made of them, call by call."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.clients.fields import Fields
from shared.clients.magento.calls import Calls
from shared.clients.magento.errors import NotFound
from shared.clients.magento.read_sales import (
    to_credit_memo,
    to_invoice,
    to_order,
    to_order_item,
    to_shipment,
)
from shared.clients.magento.search import Search, any_of, changed, is_
from shared.clients.magento.wire_sales import CreditMemo, Order, OrderItem, Shipment, ShopInvoice
from shared.domain.errors import InDoubt, Unavailable

EXTERNAL_ID_LENGTH = 32  # varchar(32); a longer value would be cut off silently
COLUMN_LOOKED_FOR_EVERY = timedelta(hours=1)
ORDERS_PER_PAGE = 50  # each order of a list costs the shop several queries


class SalesCalls(Calls):
    """What is missing is None; a list that finds nothing is empty."""

    # ── reading ───────────────────────────────────────────────────────────────────────────────────

    async def order(self, entity_id: int) -> Order | None:
        try:
            return to_order(await self._get(f"/orders/{entity_id:d}", of="order"))
        except NotFound:
            return None

    def orders(
        self, *, since: datetime | None = None, until: datetime | None = None, after: int = 0
    ) -> AsyncIterator[Order]:
        """Those changed in a window, by ascending id; no window gives all.

        ``updated_at`` does not move at a partial shipment, nor at a comment that keeps the status.
        """
        return self._walk("/orders", to_order, changed(since, until), size=ORDERS_PER_PAGE, after=after)

    async def orders_numbered(self, increment_ids: Iterable[str]) -> tuple[Order, ...]:
        """With one of these numbers, which are unique within a store view only."""
        wanted = tuple(dict.fromkeys(number for number in increment_ids if number))
        if not wanted:
            return ()
        walk = self._walk("/orders", to_order, [any_of("increment_id", wanted)])
        return tuple([order async for order in walk if order.increment_id in wanted])

    async def orders_of_checkout(self, checkout_id: int) -> tuple[Order, ...]:
        """By the column that Svea's module adds, which no answer shows.

        Empty where the shop has no such column: Magento then answers 500 each time, so that is asked
        once an hour at most.
        """
        now, until = self._shop.clock(), self._shop.no_svea_column_until
        if until is not None and now < until:
            return ()
        params = Search((is_("svea_order_id", checkout_id),), size=ORDERS_PER_PAGE, page=1).params()
        try:
            page = Fields(await self._json("GET", "/orders", params=params, once=True), of="list")
        except Unavailable as masked:
            if "report" not in masked.facts or not await self._lists_orders():
                raise
            self._shop.no_svea_column_until = now + COLUMN_LOOKED_FOR_EVERY
            return ()
        return tuple(to_order(order) for order in page.each("items"))

    async def _lists_orders(self) -> bool:
        """Whether a filter on a column that surely exists is answered."""
        search = Search((is_("entity_id", 0),), size=1, page=1, fields="total_count")
        return (await self._call("GET", "/orders", params=search.params(), once=True)).ok

    async def order_items(self, order_id: int) -> tuple[OrderItem, ...]:
        walk = self._walk("/orders/items", to_order_item, [is_("order_id", order_id)], key="item_id")
        return tuple([item async for item in walk])

    async def invoice(self, entity_id: int) -> ShopInvoice | None:
        try:
            return to_invoice(await self._get(f"/invoices/{entity_id:d}", of="invoice"))
        except NotFound:
            return None

    async def invoices_of(self, order_id: int) -> tuple[ShopInvoice, ...]:
        walk = self._walk("/invoices", to_invoice, [is_("order_id", order_id)])
        return tuple([invoice async for invoice in walk])

    def invoices(
        self, *, since: datetime | None = None, until: datetime | None = None, after: int = 0
    ) -> AsyncIterator[ShopInvoice]:
        return self._walk("/invoices", to_invoice, changed(since, until), after=after)

    async def credit_memo(self, entity_id: int) -> CreditMemo | None:
        try:
            return to_credit_memo(await self._get(f"/creditmemo/{entity_id:d}", of="credit memo"))
        except NotFound:
            return None

    async def credit_memos_of(self, order_id: int) -> tuple[CreditMemo, ...]:
        walk = self._walk("/creditmemos", to_credit_memo, [is_("order_id", order_id)])
        return tuple([memo async for memo in walk])

    def credit_memos(
        self, *, since: datetime | None = None, until: datetime | None = None, after: int = 0
    ) -> AsyncIterator[CreditMemo]:
        return self._walk("/creditmemos", to_credit_memo, changed(since, until), after=after)

    async def shipment(self, entity_id: int) -> Shipment | None:
        try:
            return to_shipment(await self._get(f"/shipment/{entity_id:d}", of="shipment"))
        except NotFound:
            return None

    async def shipments_of(self, order_id: int) -> tuple[Shipment, ...]:
        walk = self._walk("/shipments", to_shipment, [is_("order_id", order_id)])
        return tuple([shipment async for shipment in walk])

    def shipments(
        self, *, since: datetime | None = None, until: datetime | None = None, after: int = 0
    ) -> AsyncIterator[Shipment]:
        return self._walk("/shipments", to_shipment, changed(since, until), after=after)

    async def order_comments(self, order_id: int) -> tuple[str, ...]:
        """To look for our own words before they are written again."""
        comments = await self._get(f"/orders/{order_id:d}/comments", of="comments")
        return tuple(comment.text("comment") for comment in comments.each("items"))

    # ── writing ───────────────────────────────────────────────────────────────────────────────────

    async def set_external_order_id(self, order: Order, external_id: str) -> None:
        """Our name of an order, in ``ext_order_id``. Safe to repeat.

        Magento saves an order of just these columns over the stored one: ``increment_id`` goes along
        since old versions give a new number without it. The save is told to webhooks like any other.
        """
        if len(external_id) > EXTERNAL_ID_LENGTH:
            raise ValueError(f"{external_id!r} is longer than {EXTERNAL_ID_LENGTH} characters")
        entity = {
            "entity_id": order.entity_id,
            "increment_id": order.increment_id,
            "ext_order_id": external_id,
        }
        await self._call("POST", "/orders", payload={"entity": entity}, idempotent=True)

    async def add_order_comment(
        self, order: Order, comment: str, *, visible: bool = False, notify: bool = False, status: str = ""
    ) -> None:
        """A comment for the shop's people, and for the buyer when ``visible``. Not safe to repeat: look
        into ``order_comments`` first.

        ``order`` is read immediately before: a comment without a status blanks the order's up to 2.4.6.
        ``status`` changes it, and is refused from 2.4.7 unless it belongs to the order's state; without it
        the current one is sent.
        """
        if not order.status:
            raise ValueError(f"order {order.increment_id} shows no status, and a comment would blank it")
        history = {
            "comment": comment,
            "is_customer_notified": int(notify),
            "is_visible_on_front": int(visible),
            "status": status or order.status,
            "parent_id": order.entity_id,
        }
        await self._call("POST", f"/orders/{order.entity_id}/comments", payload={"statusHistory": history})

    async def invoice_offline(
        self,
        order_id: int,
        quantities: Mapping[int, Decimal],
        *,
        comment: str,
        visible: bool = False,
        notify: bool = False,
    ) -> int:
        """The id of a new invoice, marked as paid; no payment module is called. Not safe to repeat: look
        for it first.

        ``quantities`` are by order item id, of lines that carry the money (``Order.money_items``). At least
        one is named: an empty list would invoice everything that is left.
        """
        if not any(quantities.values()) or min(quantities.values()) < 0:
            raise ValueError("an invoice names the pieces that are on it")
        payload = {
            "capture": False,  # true would deliver at Svea
            "items": _items(quantities),
            "notify": notify,
            "appendComment": True,
            "comment": {"comment": comment, "is_visible_on_front": int(visible)},
        }
        made = await self._json("POST", f"/order/{order_id:d}/invoice", payload=payload)
        return _id_in(made, f"the invoice of order {order_id}")

    async def refund_offline(
        self,
        order_id: int,
        quantities: Mapping[int, Decimal],
        *,
        base_shipping: Decimal | None,
        base_adjustment: Decimal = Decimal(0),
        base_fee: Decimal = Decimal(0),
        return_to_stock: Iterable[int] = (),
        comment: str = "",
    ) -> int:
        """The id of a new credit memo; no money moves. Not safe to repeat: look for it first.

        ``quantities`` and ``return_to_stock`` are by order item id, of lines that carry the money
        (``Order.money_items``; others are refused). At least one is named: an empty list would refund
        everything that is left. To give back only freight or money, name one with quantity 0.

        Amounts are in the **base** currency. ``base_shipping`` is without VAT where the shop shows order
        freight without VAT or both ways (the default), and **with** VAT where it shows it with VAT only
        (``ShopCalls.shows_shipping_with_vat_only`` knows, with our module): a wrong guess is taken silently,
        so read the credit memo back and compare. None gives back all freight that is left, whatever is shown.
        ``base_adjustment`` is given in addition, ``base_fee`` is kept; neither has VAT, and Magento takes a
        fee that makes the memo negative: the caller checks the sum.
        """
        if not quantities:
            raise ValueError("a refund without lines would refund everything that is left")
        if min(base_shipping or 0, base_adjustment, base_fee, *quantities.values()) < 0:
            raise ValueError("a refund has no negative amounts or quantities")
        arguments: dict[str, Any] = {
            **({} if base_shipping is None else {"shipping_amount": base_shipping}),
            "adjustment_positive": base_adjustment,
            "adjustment_negative": base_fee,
            "extension_attributes": {"return_to_stock_items": list(return_to_stock)},
        }
        payload: dict[str, Any] = {
            "items": _items(quantities),
            "notify": False,
            "arguments": arguments,
        }
        if comment:
            payload |= {
                "appendComment": True,
                "comment": {"comment": comment, "is_visible_on_front": 0},
            }
        made = await self._json("POST", f"/order/{order_id:d}/refund", payload=payload)
        return _id_in(made, f"the refund of order {order_id}")


def _items(quantities: Mapping[int, Decimal]) -> list[dict[str, Any]]:
    return [{"order_item_id": item, "qty": quantity} for item, quantity in quantities.items()]


def _id_in(made: Any, what: str) -> int:
    """A number or a text of one; a POST that was answered with anything else has made it all the same."""
    if not str(made).isdecimal():
        raise InDoubt(f"Magento answered {what} with {made!r}, which is no id")
    return int(made)
