"""Orders that the demo makes at the Svea stand-in itself, besides the samples'."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.local.web import Web

PAYMENT_PLAN = "PAYMENTPLAN"
"""Refunded by rows, and without the samples' invoice fee."""


class SveaOrders:
    """By the shop's order number or by checkout id. Safe to repeat: what is there is not made again."""

    def __init__(self, control: Web) -> None:
        self._control = control

    def checkout_numbered(self, number: str) -> int | None:
        """The checkout with that order number; None while there is none."""
        found: list[dict[str, Any]] = self._control.get("/svea/orders")
        ids = (one["checkout_id"] for one in found if one["checkout"]["ClientOrderNumber"] == number)
        return next(ids, None)

    def ensure_bought(
        self, merchant_id: str, number: str, rows: Sequence[Mapping[str, Any]], buyer: Mapping[str, Any]
    ) -> None:
        checkout_id = self.checkout_numbered(number)
        if checkout_id is None:
            checkout_id = self._checkout(merchant_id, number, rows, buyer)
        if self._order(checkout_id) is None:
            self._control.post(f"/svea/orders/{checkout_id}/finalize", {"pending": False})
        self.settle()

    def ensure_delivered(self, checkout_id: int) -> None:
        if not self._final(checkout_id)["Deliveries"]:
            self._control.post(f"/svea/orders/{checkout_id}/deliver", {})
        self.settle()

    def ensure_credited(self, checkout_id: int, article: str) -> None:
        """One piece of that article."""
        (delivery,) = self._final(checkout_id)["Deliveries"]
        if not delivery["CreditedAmount"]:
            row = next(row for row in delivery["OrderRows"] if row["ArticleNumber"] == article)
            path = f"/svea/orders/{checkout_id}/deliveries/{delivery['Id']}/credit_rows"
            self._control.post(path, {"rows": {row["OrderRowId"]: 100}})
        self.settle()

    def hold_webhooks(self) -> None:
        self._control.put("/svea/delivery_mode", {"hold": True})

    def release_webhooks(self) -> None:
        self._control.put("/svea/delivery_mode", {})
        self._control.post("/svea/release_webhooks", {"order": "as_sent"})
        self.settle()

    def settle(self) -> None:
        """Wait until every webhook that is not held was answered, or given up."""
        self._control.post("/svea/settle")

    def _checkout(
        self, merchant_id: str, number: str, rows: Sequence[Mapping[str, Any]], buyer: Mapping[str, Any]
    ) -> int:
        wanted = {
            "merchant_id": merchant_id,
            "client_order_number": number,
            "items": rows,
            "customer": {"EmailAddress": "tilda@example.com", "PhoneNumber": "+46700000101"},
            "shipping": buyer,
            "billing": buyer,
            "payment_type": PAYMENT_PLAN,
        }
        return int(self._control.post("/svea/orders", wanted)["checkout_id"])

    def _order(self, checkout_id: int) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._control.get(f"/svea/orders/{checkout_id}")["admin"]
        return found

    def _final(self, checkout_id: int) -> dict[str, Any]:
        found = self._order(checkout_id)
        assert found is not None, f"checkout {checkout_id} is not final"
        return found
