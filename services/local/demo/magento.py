"""The Magento stand-in, seen from outside: a shop whose module tells Sluss, and what happens in it."""

from collections.abc import Mapping
from typing import Any

from services.local.web import Web

KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


class DemoShop:
    """`declared` is the connection as it is applied. What is there is not made again."""

    def __init__(self, url: str, declared: Mapping[str, Any]) -> None:
        self._control = Web(f"{url}/_control/magento")
        self._declared = declared
        self._settings = declared["magento"]
        self._name = self._settings["base_url"].rstrip("/").rpartition("/")[2]
        self._path = f"/shops/{self._name}"

    @property
    def url(self) -> str:
        return f"{self._control.base}{self._path}"

    def open(self, *, products: int, customers: int) -> None:
        """The shop with the connection's keys, and so much in it; once."""
        if any(shop["name"] == self._name for shop in self._control.get("/shops")):
            return
        self._control.post("/shops", {"name": self._name, **{name: self._settings[name] for name in KEYS}})
        self._control.post(f"{self._path}/fill", {"products": products, "customers": customers})

    def subscribe(self, gateway_url: str) -> None:
        """The shop module's address and secret, as the merchant enters them; instead of those before."""
        self._control.send("DELETE", f"{self._path}/subscriptions")
        url = f"{gateway_url}/webhooks/magento/{self._declared['name']}"
        secret = self._settings["webhook_secrets"][0]
        self._control.post(f"{self._path}/subscriptions", {"url": url, "secret": secret})

    def orders(self) -> dict[str, dict[str, Any]]:
        """Order number -> its id, its state, and how many invoices and credit memos it has."""
        return {order["increment_id"]: order for order in self._control.get(f"{self._path}/orders")}

    def order(self, number: str) -> dict[str, Any] | None:
        """As REST shows it; None while there is none."""
        known = self.orders().get(number)
        if known is None:
            return None
        found: dict[str, Any] = self._control.get(f"{self._path}/orders/{known['order_id']}")
        return found

    def ensure_placed(self, number: str, cart: Mapping[str, Any]) -> int:
        """The order's id."""
        known = self.orders().get(number)
        if known is not None:
            return int(known["order_id"])
        placed = self._control.post(f"{self._path}/orders", {"number": number, **cart})
        return int(placed["order_id"])

    def ensure_invoiced(self, number: str) -> None:
        known = self.orders()[number]
        if not known["invoices"]:
            self._control.post(f"{self._path}/orders/{known['order_id']}/invoice", {})

    def ensure_refunded(self, number: str, memo: Mapping[str, Any]) -> None:
        known = self.orders()[number]
        if not known["memos"]:
            self._control.post(f"{self._path}/orders/{known['order_id']}/refund", memo)

    def tell_again(self) -> int:
        """Every notice that was sent since the stand-ins were started; how many."""
        sent: int = self._control.post("/resend_notices", {"last": 1000})["sent"]
        return sent

    def settle(self) -> None:
        """Wait until every notice was answered, or given up."""
        self._control.post("/settle")
