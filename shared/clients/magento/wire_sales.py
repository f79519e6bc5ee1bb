"""What Magento says about a sale: its order, and the invoices, credit memos and shipments made of it.

Amounts are printed in the order's currency unless their name begins with ``base_``; each side is rounded
on its own, so one is never computed from the other. Instants are UTC. Quantities may have decimals.
Order items come with rewritten row totals (2.4.4 to 2.4.8): ``row_total`` is not read at all, and
``row_total_incl_tax`` is what the line costs *after* its discount. Items of invoices and credit memos are
not rewritten: there both are *before* the discount. Seen on 2.4.7-p3; readers in ``read_sales.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.domain.shop_documents import fortnox_number_in


@dataclass(frozen=True)
class Address:
    first_name: str
    last_name: str
    company: str
    street: tuple[str, ...]
    postcode: str
    city: str
    region: str
    country: str
    phone: str
    vat_id: str
    email: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class AppliedTax:
    """One rate of the shop; ``code`` and ``title`` are the merchant's own words for it."""

    code: str
    title: str
    percent: Decimal
    amount: Decimal
    base_amount: Decimal


@dataclass(frozen=True)
class OrderItem:
    """``tax_percent`` is None on the parent of a bundle with dynamic price."""

    item_id: int
    parent_item_id: int | None
    product_id: int | None
    product_type: str
    sku: str
    name: str
    is_virtual: bool
    quantity: Decimal
    quantity_invoiced: Decimal
    quantity_shipped: Decimal
    quantity_refunded: Decimal
    quantity_canceled: Decimal
    price: Decimal
    price_incl_tax: Decimal
    row_total_incl_tax: Decimal
    base_row_total_incl_tax: Decimal
    tax_amount: Decimal
    base_tax_amount: Decimal
    tax_percent: Decimal | None
    discount_amount: Decimal
    discount_percent: Decimal
    compensation: Decimal
    weee_row_amount: Decimal

    @property
    def net(self) -> Decimal:
        """What the line costs after discount without VAT (and without FPT)."""
        return self.row_total_incl_tax - self.tax_amount - self.weee_row_amount

    @property
    def has_money(self) -> bool:
        return bool(self.row_total_incl_tax or self.price)


@dataclass(frozen=True)
class Order:
    """``discount_amount`` is negative and contains the shipping discount, which itself is positive.

    ``shipping_incl_tax`` is before discount, ``shipping_tax_amount`` after it. Gift cards, store credit
    and reward points are means of payment that ``grand_total`` has already been reduced by.
    """

    entity_id: int
    increment_id: str
    state: str
    status: str
    store_id: int
    created_at: datetime | None
    updated_at: datetime | None
    currency: str
    base_currency: str
    base_to_order_rate: Decimal
    grand_total: Decimal
    base_grand_total: Decimal
    subtotal: Decimal
    shipping_amount: Decimal
    shipping_incl_tax: Decimal
    shipping_tax_amount: Decimal
    shipping_discount_amount: Decimal
    shipping_compensation: Decimal
    base_shipping_amount: Decimal
    base_shipping_tax_amount: Decimal
    discount_amount: Decimal
    compensation: Decimal
    tax_amount: Decimal
    base_tax_amount: Decimal
    total_paid: Decimal
    total_invoiced: Decimal
    total_refunded: Decimal
    total_canceled: Decimal
    base_total_refunded: Decimal
    gift_cards_amount: Decimal
    customer_balance_amount: Decimal
    reward_amount: Decimal
    is_virtual: bool
    customer_id: int | None
    customer_email: str
    customer_is_guest: bool
    customer_group_id: int | None
    customer_taxvat: str
    customer_name: str
    billing: Address | None
    shipping: Address | None
    shipping_method: str
    shipping_description: str
    items: tuple[OrderItem, ...]
    payment_method: str
    payment_info: Mapping[str, str]
    last_transaction: str
    applied_taxes: tuple[AppliedTax, ...]
    shipping_taxes: tuple[AppliedTax, ...]
    coupon_code: str
    ext_order_id: str
    original_increment_id: str
    relation_child_id: int | None
    relation_parent_id: int | None

    @property
    def svea_order_id(self) -> int | None:
        """Svea's number of the checkout, where the Svea module has put it."""
        found = self.payment_info.get("svea_order_id", "").strip().strip('"')
        return int(found) if found.isascii() and found.isdigit() and int(found) else None

    @property
    def money_items(self) -> tuple[OrderItem, ...]:
        """The lines that carry the money, each once.

        Of lines that belong together these are the children when any of them has money (a bundle with
        dynamic price), else the parent (configurable, bundle with fixed price): magento.md 3.5.
        """
        with_children: dict[int, bool] = {}
        for item in self.items:
            if item.parent_item_id is not None:
                known = with_children.get(item.parent_item_id, False)
                with_children[item.parent_item_id] = known or item.has_money
        return tuple(item for item in self.items if _carries_money(item, with_children))


@dataclass(frozen=True)
class DocumentItem:
    """A line of an invoice or a credit memo; one without ``row_total`` carries no money: skip it.

    There is no rate here: the order item of ``order_item_id`` has it.
    """

    order_item_id: int
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    price_incl_tax: Decimal
    row_total: Decimal | None
    row_total_incl_tax: Decimal | None
    tax_amount: Decimal
    discount_amount: Decimal
    compensation: Decimal
    weee_row_amount: Decimal

    @property
    def has_money(self) -> bool:
        return self.row_total is not None

    @property
    def net(self) -> Decimal:
        """After discount, without VAT."""
        return (self.row_total or Decimal(0)) - self.discount_amount + self.compensation

    @property
    def gross(self) -> Decimal:
        """After discount, with VAT: here, other than on an order, the printed totals are from before it."""
        return self.net + self.tax_amount + self.weee_row_amount


@dataclass(frozen=True)
class ShopInvoice:
    """``state``: 1 open, 2 paid, 3 cancelled. ``compensation`` is that of the items only."""

    entity_id: int
    increment_id: str
    order_id: int
    store_id: int
    state: int
    created_at: datetime | None
    updated_at: datetime | None
    currency: str
    base_currency: str
    grand_total: Decimal
    base_grand_total: Decimal
    subtotal: Decimal
    shipping_amount: Decimal
    shipping_incl_tax: Decimal
    shipping_tax_amount: Decimal
    shipping_compensation: Decimal
    discount_amount: Decimal
    compensation: Decimal
    tax_amount: Decimal
    customer_balance_amount: Decimal
    gift_cards_amount: Decimal
    transaction_id: str
    items: tuple[DocumentItem, ...]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class CreditMemo:
    """``state``: 1 open, 2 refunded, 3 cancelled. ``compensation`` contains that of the shipping.

    ``adjustment_positive`` was given to the buyer in addition, ``adjustment_negative`` was kept by the
    shop; neither has VAT of its own, and a large fee makes ``grand_total`` negative. ``comments`` is all
    that says why.
    """

    entity_id: int
    increment_id: str
    order_id: int
    invoice_id: int | None
    store_id: int
    state: int
    created_at: datetime | None
    updated_at: datetime | None
    currency: str
    base_currency: str
    grand_total: Decimal
    base_grand_total: Decimal
    subtotal: Decimal
    shipping_amount: Decimal
    shipping_incl_tax: Decimal
    shipping_tax_amount: Decimal
    adjustment_positive: Decimal
    adjustment_negative: Decimal
    discount_amount: Decimal
    compensation: Decimal
    tax_amount: Decimal
    customer_balance_amount: Decimal
    gift_cards_amount: Decimal
    transaction_id: str
    items: tuple[DocumentItem, ...]
    comments: tuple[str, ...]

    @property
    def is_of_fortnox(self) -> bool:
        """We made it of a credit invoice that a person made in Fortnox: it is booked there already."""
        return fortnox_number_in(self.comments) is not None


@dataclass(frozen=True)
class ShipmentItem:
    order_item_id: int
    sku: str
    quantity: Decimal


@dataclass(frozen=True)
class Shipment:
    entity_id: int
    increment_id: str
    order_id: int
    created_at: datetime | None
    items: tuple[ShipmentItem, ...]


def _carries_money(item: OrderItem, with_children: Mapping[int, bool]) -> bool:
    if item.parent_item_id is not None:
        return with_children[item.parent_item_id]
    return not with_children.get(item.item_id, False)
