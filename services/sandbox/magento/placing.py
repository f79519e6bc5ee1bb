"""Placing an order: what a cart becomes in the database, in both currencies, with its taxes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict

from services.sandbox.magento.amounts import SETS, ZERO, cents, shipping_compensation, total
from services.sandbox.magento.lines import Line
from services.sandbox.magento.numbers import Numbers
from services.sandbox.magento.order import Fields, Order
from services.sandbox.magento.placing_items import PlacedItem, place_items
from services.sandbox.magento.placing_taxes import applied_taxes
from services.sandbox.magento.shop_pages import ShopPages
from services.sandbox.magento.tax import Algorithm, TaxCalculator, Taxed

SVEA = "sveacheckout"
METHOD_TITLES = {
    SVEA: "Svea Checkout",
    "checkmo": "Check / Money order",
    "free": "No Payment Information Required",
    "banktransfer": "Bank Transfer Payment",
}
STANDARD_ADDRESS: Fields = {
    "firstname": "Anna",
    "lastname": "Öberg",
    "street": ["Storgatan 1", "lgh 1101"],
    "city": "Malmö",
    "postcode": "211 34",
    "region": "Skåne län",
    "region_code": "SE-M",
    "region_id": 1074,
    "telephone": "0701234567",
}


@dataclass(frozen=True)
class Cart:
    """What is bought and by whom. Amounts are texts in the order's currency, freight including VAT."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    lines: tuple[Line, ...]
    number: str | None = None
    shipping: str = "0"
    shipping_rate: str = "25"
    shipping_discount: str = "0"
    payment: str = SVEA
    svea_order_id: int | None = None
    svea_payment_method: str = "INVOICE"
    currency: str = "SEK"
    rate: str = "1"
    """`base_to_order_rate`: order amount = base amount x rate."""
    country: str = "SE"
    email: str = "anna@example.com"
    customer_id: int | None = None
    company: str = ""
    vat_id: str = ""
    taxvat: str = ""
    state: str = "new"
    status: str = ""
    """Left out: the state's own."""
    fee: str = "0"
    """Svea's invoice fee: in `grand_total` only."""
    gift_card: str = "0"
    store_credit: str = "0"
    group_id: int = 0
    store_id: int = 1
    address: Mapping[str, Any] = field(default_factory=dict)
    shipping_address: Mapping[str, Any] | None = None
    coupon: str = ""
    is_company: bool = False

    @property
    def is_virtual(self) -> bool:
        return all(line.of_kind.is_virtual for line in self.lines)


@dataclass
class Placing:
    """One order being placed."""

    cart: Cart
    numbers: Numbers
    pages: ShopPages
    algorithm: Algorithm
    now: str
    product_id: Mapping[str, int]

    def place(self) -> Order:
        cart = self.cart
        items = place_items(cart.lines, Decimal(cart.rate), self.algorithm)
        freight = self._freight()
        fields = self._head() | self._totals(items, freight)
        order = Order(
            fields=fields,
            items=[],
            billing=self._address("billing", cart.address),
            shipping=None if cart.is_virtual else self._address("shipping", self._delivery_address()),
            payment=self._payment(fields),
            extension=self._extension(fields),
            shipping_method="" if cart.is_virtual else "flatrate_flatrate",
            hidden={"svea_order_id": cart.svea_order_id, "svea_invoice_fee": Decimal(cart.fee)},
        )
        order.items = [self._item(one, fields) for one in items]
        fields["billing_address_id"] = order.billing["entity_id"]
        taxes = applied_taxes(order, self._shipping_rate(), cart.country, self.numbers)
        order.extension = order.extension | taxes
        return order

    # ---- amounts ---------------------------------------------------------------------------------------

    def _freight(self) -> dict[str, Taxed]:
        return {prefix: self._freight_in(prefix) for prefix in SETS}

    def _freight_in(self, prefix: str) -> Taxed:
        cart = self.cart
        gross, discount = Decimal(cart.shipping), Decimal(cart.shipping_discount)
        if cart.is_virtual:
            gross = discount = ZERO
        calculator = TaxCalculator(self.algorithm)
        return calculator.row(
            self._in(prefix, gross), Decimal(1), self._shipping_rate(), self._in(prefix, discount)
        )

    def _shipping_rate(self) -> Decimal:
        return Decimal(self.cart.shipping_rate)

    def _in(self, prefix: str, amount: Decimal) -> Decimal:
        """An amount of the order's currency in one of the two sets."""
        return cents(amount / Decimal(self.cart.rate)) if prefix else amount

    def _totals(self, items: list[PlacedItem], freight: Mapping[str, Taxed]) -> Fields:
        found: Fields = {}
        for prefix in SETS:
            found |= self._totals_in(prefix, items, freight[prefix])
        found["grand_total"] += Decimal(self.cart.fee)
        for prefix in SETS:
            found[f"{prefix}total_due"] = found[f"{prefix}grand_total"]
        return found

    def _totals_in(self, prefix: str, items: list[PlacedItem], freight: Taxed) -> Fields:
        leaves = [one.amounts[prefix] for one in items if one.carries_money]
        shipping_discount = (
            ZERO if self.cart.is_virtual else self._in(prefix, Decimal(self.cart.shipping_discount))
        )
        found = {
            "subtotal": total(one.taxed.row_total for one in leaves),
            "subtotal_incl_tax": total(one.taxed.row_total_incl_tax for one in leaves),
            "tax_amount": total(one.taxed.tax for one in leaves) + freight.tax,
            "discount_amount": -(total(one.discount for one in leaves) + shipping_discount),
            "discount_tax_compensation_amount": total(one.taxed.compensation for one in leaves),
            "shipping_amount": freight.row_total,
            "shipping_incl_tax": freight.row_total_incl_tax,
            "shipping_tax_amount": freight.tax,
            "shipping_discount_amount": shipping_discount,
        }
        credit = Decimal(self.cart.gift_card) + Decimal(self.cart.store_credit)
        parts = (
            "subtotal",
            "shipping_amount",
            "tax_amount",
            "discount_amount",
            "discount_tax_compensation_amount",
        )
        weee = total(one.weee_row for one in leaves)
        found["grand_total"] = (
            total(found[name] for name in parts) + freight.compensation + weee - self._in(prefix, credit)
        )
        named = {f"{prefix}{name}": value for name, value in found.items()}
        return named | {shipping_compensation(prefix): freight.compensation}

    # ---- who and where ---------------------------------------------------------------------------------

    def _head(self) -> Fields:
        cart, pages = self.cart, self.pages
        view = pages.view(cart.store_id)
        base = pages.website(view.website_id).base_currency
        number = cart.number or self.numbers.increment_id("order", cart.store_id)
        pieces = total(line.pieces for line in cart.lines)
        head: Fields = {
            "base_currency_code": base,
            "base_to_global_rate": self._to_global(base),
            "base_to_order_rate": Decimal(cart.rate),
            "created_at": self.now,
            "customer_email": cart.email,
            "customer_group_id": cart.group_id,
            "customer_is_guest": int(cart.customer_id is None),
            "customer_note_notify": 1,
            "email_sent": 1,
            "entity_id": self.numbers.next_id("order"),
            "global_currency_code": "SEK",
            "increment_id": number,
            "is_virtual": int(cart.is_virtual),
            "order_currency_code": cart.currency,
            "protect_code": hashlib.md5(number.encode(), usedforsecurity=False).hexdigest(),
            "quote_id": self.numbers.next_id("quote"),
            "remote_ip": "127.0.0.1",
            "state": cart.state,
            "status": cart.status or ("pending" if cart.state == "new" else cart.state),
            "store_currency_code": base,
            "store_id": cart.store_id,
            "store_name": "\n".join((pages.website(view.website_id).name, self._group_name(), view.name)),
            "store_to_base_rate": 0,
            "store_to_order_rate": 0,
            "total_item_count": len(cart.lines),
            "total_qty_ordered": pieces,
            "updated_at": self.now,
            "weight": total(Decimal(line.weight) * line.pieces for line in cart.lines),
        }
        return head | self._customer() | self._discount_names()

    def _group_name(self) -> str:
        group_id = self.pages.view(self.cart.store_id).group_id
        return next(group.name for group in self.pages.groups if group.group_id == group_id)

    def _to_global(self, base: str) -> Decimal:
        rate = self.pages.rates.get(("SEK", base))
        return Decimal(1) if base == "SEK" or not rate else (1 / rate).quantize(Decimal("0.0001"))

    def _customer(self) -> Fields:
        cart = self.cart
        names = STANDARD_ADDRESS | dict(cart.address)
        found: Fields = {"customer_firstname": names["firstname"], "customer_lastname": names["lastname"]}
        if cart.customer_id is not None:
            found["customer_id"] = cart.customer_id
        if cart.taxvat:
            found["customer_taxvat"] = cart.taxvat
        if not cart.is_virtual:
            found["shipping_description"] = "Flat Rate - Fixed"
        return found

    def _has_discount(self) -> bool:
        lines = [line for one in self.cart.lines for line in (one, *one.parts())]
        return any(Decimal(one.discount) for one in lines) or Decimal(self.cart.shipping_discount) > 0

    def _discount_names(self) -> Fields:
        if not self._has_discount():
            return {}
        named = {"coupon_code": self.cart.coupon, "discount_description": self.cart.coupon}
        return {"applied_rule_ids": "1"} | (named if self.cart.coupon else {})

    def _delivery_address(self) -> Mapping[str, Any]:
        return self.cart.address if self.cart.shipping_address is None else self.cart.shipping_address

    def _address(self, kind: str, given: Mapping[str, Any]) -> Fields:
        cart = self.cart
        found: Fields = {
            "address_type": kind,
            "country_id": cart.country,
            "email": cart.email,
            "entity_id": self.numbers.next_id("address"),
        }
        if cart.company:
            found["company"] = cart.company
        if cart.vat_id:
            found["vat_id"] = cart.vat_id
        return found | STANDARD_ADDRESS | dict(given)

    # ---- payment ---------------------------------------------------------------------------------------

    def _payment(self, fields: Fields) -> Fields:
        method = self.cart.payment
        found: Fields = {
            "account_status": None,
            "additional_information": [one["value"] for one in self._payment_information()],
            "amount_ordered": fields["grand_total"],
            "base_amount_ordered": fields["base_grand_total"],
            "base_shipping_amount": fields["base_shipping_amount"],
            "cc_last4": None,
            "entity_id": fields["entity_id"],
            "method": method,
            "parent_id": fields["entity_id"],
            "shipping_amount": fields["shipping_amount"],
        }
        if self.cart.svea_order_id is not None:
            found["last_trans_id"] = str(self.cart.svea_order_id)
        return found

    def _payment_information(self) -> list[dict[str, str]]:
        """Values that are no text come as JSON: `9123456`, `false`."""
        cart = self.cart
        title = METHOD_TITLES.get(cart.payment, cart.payment)
        known: dict[str, str] = {}
        if cart.svea_order_id is not None:
            known = {
                "svea_payment_method": cart.svea_payment_method,
                "svea_order_id": str(cart.svea_order_id),
                "country_id": cart.country,
                "is_company": "true" if cart.is_company or cart.vat_id else "false",
            }
        known["method_title"] = title
        return [{"key": key, "value": value} for key, value in known.items()]

    def _extension(self, fields: Fields) -> Fields:
        found: Fields = {"payment_additional_info": self._payment_information()}
        card, credit = Decimal(self.cart.gift_card), Decimal(self.cart.store_credit)
        if card:
            based = self._in("base_", card)
            found["gift_cards"] = [{"id": 9, "code": "GC-TEST-0001", "amount": card, "base_amount": based}]
            found |= {"gift_cards_amount": card, "base_gift_cards_amount": based}
        if credit:
            found |= {
                "customer_balance_amount": credit,
                "base_customer_balance_amount": self._in("base_", credit),
            }
        return found

    # ---- rows ------------------------------------------------------------------------------------------

    def _item(self, placed: PlacedItem, fields: Fields) -> Fields:
        placed.item_id = self.numbers.next_id("order_item")
        found = placed.fields() | {
            "order_id": fields["entity_id"],
            "store_id": self.cart.store_id,
            "created_at": self.now,
            "updated_at": self.now,
            "quote_item_id": self.numbers.next_id("quote_item"),
            "product_id": self.product_id[placed.line.sku],
        }
        if "applied_rule_ids" in fields:
            found["applied_rule_ids"] = fields["applied_rule_ids"]
        return found
