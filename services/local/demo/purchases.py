"""Purchases that a shop tells of: two that Svea tells of, too, in either order, and one paid elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.local.demo.magento import DemoShop
from services.local.demo.svea_orders import SveaOrders

MERCHANT = "700001"
BUYER = {
    "FullName": "Testsson, Tilda",
    "StreetAddress": "Provgatan 1",
    "PostalCode": "11122",
    "City": "Stockholm",
    "CountryCode": "SE",
}
MUG = {"sku": "SKU-MUGG", "name": "Mugg", "price": "249.00"}
JUG = {"sku": "SKU-KANNA", "name": "Kanna", "price": "349.00"}
SHIRT = {"sku": "SKU-SKJORTA", "name": "Skjorta", "price": "299.00"}
BOOK = {"sku": "SKU-BOK", "name": "Bok", "price": "106.00", "rate": "6"}
MAP = {"sku": "SKU-KARTA", "name": "Karta", "price": "53.00", "rate": "6"}
FREIGHT = {"sku": "shipping_fee", "name": "Frakt", "price": "49.00"}


@dataclass(frozen=True, slots=True)
class Goods:
    """The same cart in both: `lines` in the shop's words, prices and freight including VAT."""

    lines: tuple[Mapping[str, Any], ...]
    shipping: str

    def at_svea(self) -> list[dict[str, Any]]:
        """The rows of the checkout, under Svea's names, in hundredths."""
        return [_row(line) for line in (*self.lines, FREIGHT | {"price": self.shipping})]


@dataclass(frozen=True, slots=True)
class Happening:
    """One step. `ends`: the state that the sale must reach, which is waited for."""

    told: str
    happens: Callable[["Purchase"], None]
    ends: str = "done"


@dataclass(slots=True)
class Purchase:
    """One purchase in the stand-ins. Every method is safe to repeat: what is there is not made again."""

    key: str
    title: str
    number: str
    goods: Goods
    gives_back: str
    svea: SveaOrders
    shop: DemoShop

    @property
    def checkout_id(self) -> int | None:
        """None: not paid through Svea, or not yet there."""
        return self.svea.checkout_numbered(self.number)

    @property
    def order_id(self) -> int | None:
        known = self.shop.orders().get(self.number)
        return None if known is None else int(known["order_id"])

    @property
    def sale(self) -> str:
        """The key of the sale in Sluss."""
        checkout_id = self.checkout_id
        return str(checkout_id) if checkout_id is not None else f"M{self.order_id}"

    def buy_at_svea(self) -> None:
        self.svea.ensure_bought(MERCHANT, self.number, self.goods.at_svea(), BUYER)

    def order_in_shop(self) -> None:
        paid = {"svea_order_id": self.checkout_id} if self.checkout_id else {"payment": "banktransfer"}
        cart = {"lines": self.goods.lines, "shipping": self.goods.shipping, "state": "processing"}
        self.shop.ensure_placed(self.number, {**cart, **paid, "email": "tilda@example.com"})
        self.shop.settle()

    def deliver(self) -> None:
        """The shop invoices, and its Svea module delivers."""
        if self.checkout_id is not None:
            self.svea.ensure_delivered(self.checkout_id)
        self.shop.ensure_invoiced(self.number)
        self.shop.settle()

    def give_back_at_svea(self) -> None:
        assert self.checkout_id is not None, "not paid through Svea"
        self.svea.ensure_credited(self.checkout_id, self.gives_back)

    def give_back_in_shop(self) -> None:
        memo = {"quantities": {self.gives_back: 1}, "shipping": "0", "online": self.checkout_id is not None}
        self.shop.ensure_refunded(self.number, memo)
        self.shop.settle()

    def buy_while_svea_is_late(self) -> None:
        self.svea.hold_webhooks()
        self.buy_at_svea()
        self.order_in_shop()


SVEA_FIRST = (
    Happening("Svea tells of the order; the shop does not show it yet", Purchase.buy_at_svea, "waiting"),
    Happening("the shop tells of the same purchase", Purchase.order_in_shop),
    Happening("delivered: Svea tells, and the shop of its invoice", Purchase.deliver),
    Happening("Svea tells of a refund", Purchase.give_back_at_svea),
    Happening("the shop tells of its credit memo, the same refund", Purchase.give_back_in_shop),
)
SHOP_FIRST = (
    Happening("the shop tells of the order; Svea's webhook is late", Purchase.buy_while_svea_is_late),
    Happening("Svea tells of the same purchase", lambda late: late.svea.release_webhooks()),
    Happening("delivered: Svea tells, and the shop of its invoice", Purchase.deliver),
    Happening(
        "the shop tells of a credit memo; Svea has not paid yet", Purchase.give_back_in_shop, "waiting"
    ),
    Happening("Svea tells of the refund", Purchase.give_back_at_svea),
)
PAID_ELSEWHERE = (
    Happening("the shop tells of an order paid by bank transfer", Purchase.order_in_shop),
    Happening("the shop tells of its invoice", Purchase.deliver),
    Happening("the shop tells of a credit memo", Purchase.give_back_in_shop),
)


def purchases(svea: SveaOrders, shop: DemoShop) -> list[tuple[Purchase, Sequence[Happening]]]:
    ware, mixed = Goods((MUG, JUG), "49.00"), Goods((SHIRT, BOOK, MAP), "59.00")
    mugs = Goods((MUG | {"quantity": 3},), "49.00")
    return [
        (Purchase("M1", "Svea tells first", "200000001", ware, "SKU-MUGG", svea, shop), SVEA_FIRST),
        (Purchase("M2", "The shop tells first", "200000002", mixed, "SKU-BOK", svea, shop), SHOP_FIRST),
        (Purchase("M3", "Paid outside Svea", "200000003", mugs, "SKU-MUGG", svea, shop), PAID_ELSEWHERE),
    ]


def _row(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ArticleNumber": line["sku"],
        "Name": line["name"],
        "Quantity": int(line.get("quantity", 1)) * 100,
        "UnitPrice": _hundredths(line["price"]),
        "VatPercent": _hundredths(line.get("rate", "25")),
        **({"RowType": "ShippingFee"} if line["sku"] == FREIGHT["sku"] else {}),
    }


def _hundredths(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])
