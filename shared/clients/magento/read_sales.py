"""From Magento's JSON to the types of ``wire_sales.py``.

A field can be missing, null or present, and floats without a fraction are printed as integers: all is
read with defaults, except ids, numbers and totals, without which a document is none.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from shared.clients.fields import ZERO, Fields
from shared.clients.magento.wire_sales import (
    Address,
    AppliedTax,
    CreditMemo,
    DocumentItem,
    Order,
    OrderItem,
    Shipment,
    ShipmentItem,
    ShopInvoice,
)

UTC = ZoneInfo("UTC")
NOTHING = Fields({}, of="nothing")


def to_order(order: Fields) -> Order:
    more = order.fields("extension_attributes") or NOTHING
    payment = order.fields("payment") or NOTHING
    shipping = _shipping(more)
    name = (order.text("customer_firstname"), order.text("customer_lastname"))
    return Order(
        entity_id=order.needed_integer("entity_id"),
        increment_id=order.needed_text("increment_id"),
        state=order.text("state"),
        status=order.text("status"),
        store_id=order.integer("store_id") or 0,
        created_at=order.instant("created_at", zone=UTC),
        updated_at=order.instant("updated_at", zone=UTC),
        currency=order.needed_text("order_currency_code").upper(),
        base_currency=order.needed_text("base_currency_code").upper(),
        base_to_order_rate=order.number("base_to_order_rate") or 1 + ZERO,
        grand_total=order.needed_amount("grand_total"),
        base_grand_total=order.needed_amount("base_grand_total"),
        subtotal=order.amount("subtotal"),
        shipping_amount=order.amount("shipping_amount"),
        shipping_incl_tax=order.amount("shipping_incl_tax"),
        shipping_tax_amount=order.amount("shipping_tax_amount"),
        shipping_discount_amount=order.amount("shipping_discount_amount"),
        shipping_compensation=order.amount("shipping_discount_tax_compensation_amount"),
        base_shipping_amount=order.amount("base_shipping_amount"),
        base_shipping_tax_amount=order.amount("base_shipping_tax_amount"),
        discount_amount=order.amount("discount_amount"),
        compensation=order.amount("discount_tax_compensation_amount"),
        tax_amount=order.amount("tax_amount"),
        base_tax_amount=order.amount("base_tax_amount"),
        total_paid=order.amount("total_paid"),
        total_invoiced=order.amount("total_invoiced"),
        total_refunded=order.amount("total_refunded"),
        total_canceled=order.amount("total_canceled"),
        base_total_refunded=order.amount("base_total_refunded"),
        gift_cards_amount=more.amount("gift_cards_amount"),
        customer_balance_amount=more.amount("customer_balance_amount"),
        reward_amount=more.amount("reward_currency_amount"),
        is_virtual=order.flag("is_virtual"),
        customer_id=order.integer("customer_id") or None,
        customer_email=order.text("customer_email"),
        customer_is_guest=order.flag("customer_is_guest"),
        customer_group_id=order.integer("customer_group_id"),
        customer_taxvat=order.text("customer_taxvat"),
        customer_name=" ".join(part for part in name if part),
        billing=_address(order.fields("billing_address")),
        shipping=_address(shipping.fields("address")),
        shipping_method=shipping.text("method"),
        shipping_description=order.text("shipping_description"),
        items=tuple(to_order_item(item) for item in order.each("items")),
        payment_method=payment.text("method"),
        payment_info={
            info.needed_text("key"): info.text("value") for info in more.each("payment_additional_info")
        },
        last_transaction=payment.text("last_trans_id"),
        applied_taxes=tuple(_applied_tax(tax) for tax in more.each("applied_taxes")),
        shipping_taxes=tuple(_shipping_taxes(more)),
        coupon_code=order.text("coupon_code"),
        ext_order_id=order.text("ext_order_id"),
        original_increment_id=order.text("original_increment_id"),
        relation_child_id=order.integer("relation_child_id") or None,
        relation_parent_id=order.integer("relation_parent_id") or None,
    )


def to_order_item(item: Fields) -> OrderItem:
    return OrderItem(
        item_id=item.needed_integer("item_id"),
        parent_item_id=item.integer("parent_item_id") or None,
        product_id=item.integer("product_id") or None,
        product_type=item.text("product_type"),
        sku=item.text("sku"),
        name=item.text("name"),
        is_virtual=item.flag("is_virtual"),
        quantity=item.needed_amount("qty_ordered"),
        quantity_invoiced=item.amount("qty_invoiced"),
        quantity_shipped=item.amount("qty_shipped"),
        quantity_refunded=item.amount("qty_refunded"),
        quantity_canceled=item.amount("qty_canceled"),
        price=item.amount("price"),
        price_incl_tax=item.amount("price_incl_tax"),
        row_total_incl_tax=item.amount("row_total_incl_tax"),
        base_row_total_incl_tax=item.amount("base_row_total_incl_tax"),
        tax_amount=item.amount("tax_amount"),
        base_tax_amount=item.amount("base_tax_amount"),
        tax_percent=item.number("tax_percent"),
        discount_amount=item.amount("discount_amount"),
        discount_percent=item.amount("discount_percent"),
        compensation=item.amount("discount_tax_compensation_amount"),
        weee_row_amount=item.amount("weee_tax_applied_row_amount"),
    )


def to_invoice(invoice: Fields) -> ShopInvoice:
    more = invoice.fields("extension_attributes") or NOTHING
    return ShopInvoice(
        entity_id=invoice.needed_integer("entity_id"),
        increment_id=invoice.text("increment_id"),
        order_id=invoice.needed_integer("order_id"),
        store_id=invoice.integer("store_id") or 0,
        state=invoice.integer("state") or 0,
        created_at=invoice.instant("created_at", zone=UTC),
        updated_at=invoice.instant("updated_at", zone=UTC),
        currency=invoice.needed_text("order_currency_code").upper(),
        base_currency=invoice.needed_text("base_currency_code").upper(),
        grand_total=invoice.needed_amount("grand_total"),
        base_grand_total=invoice.needed_amount("base_grand_total"),
        subtotal=invoice.amount("subtotal"),
        shipping_amount=invoice.amount("shipping_amount"),
        shipping_incl_tax=invoice.amount("shipping_incl_tax"),
        shipping_tax_amount=invoice.amount("shipping_tax_amount"),
        shipping_compensation=invoice.amount("shipping_discount_tax_compensation_amount"),
        discount_amount=invoice.amount("discount_amount"),
        compensation=invoice.amount("discount_tax_compensation_amount"),
        tax_amount=invoice.amount("tax_amount"),
        customer_balance_amount=more.amount("customer_balance_amount"),
        gift_cards_amount=more.amount("gift_cards_amount"),
        transaction_id=invoice.text("transaction_id"),
        items=tuple(_document_item(item) for item in invoice.each("items")),
        comments=_comments(invoice),
    )


def to_credit_memo(memo: Fields) -> CreditMemo:
    more = memo.fields("extension_attributes") or NOTHING
    return CreditMemo(
        entity_id=memo.needed_integer("entity_id"),
        increment_id=memo.text("increment_id"),
        order_id=memo.needed_integer("order_id"),
        invoice_id=memo.integer("invoice_id") or None,
        store_id=memo.integer("store_id") or 0,
        state=memo.integer("state") or 0,
        created_at=memo.instant("created_at", zone=UTC),
        updated_at=memo.instant("updated_at", zone=UTC),
        currency=memo.needed_text("order_currency_code").upper(),
        base_currency=memo.needed_text("base_currency_code").upper(),
        grand_total=memo.needed_amount("grand_total"),
        base_grand_total=memo.needed_amount("base_grand_total"),
        subtotal=memo.amount("subtotal"),
        shipping_amount=memo.amount("shipping_amount"),
        shipping_incl_tax=memo.amount("shipping_incl_tax"),
        shipping_tax_amount=memo.amount("shipping_tax_amount"),
        adjustment_positive=memo.amount("adjustment_positive"),
        adjustment_negative=memo.amount("adjustment_negative"),
        discount_amount=memo.amount("discount_amount"),
        compensation=memo.amount("discount_tax_compensation_amount"),
        tax_amount=memo.amount("tax_amount"),
        customer_balance_amount=more.amount("customer_balance_amount"),
        gift_cards_amount=more.amount("gift_cards_amount"),
        transaction_id=memo.text("transaction_id"),
        items=tuple(_document_item(item) for item in memo.each("items")),
        comments=_comments(memo),
    )


def to_shipment(shipment: Fields) -> Shipment:
    return Shipment(
        entity_id=shipment.needed_integer("entity_id"),
        increment_id=shipment.text("increment_id"),
        order_id=shipment.needed_integer("order_id"),
        created_at=shipment.instant("created_at", zone=UTC),
        items=tuple(
            ShipmentItem(
                order_item_id=item.needed_integer("order_item_id"),
                sku=item.text("sku"),
                quantity=item.needed_amount("qty"),
            )
            for item in shipment.each("items")
        ),
    )


def _document_item(item: Fields) -> DocumentItem:
    return DocumentItem(
        order_item_id=item.needed_integer("order_item_id"),
        sku=item.text("sku"),
        name=item.text("name"),
        quantity=item.needed_amount("qty"),
        price=item.amount("price"),
        price_incl_tax=item.amount("price_incl_tax"),
        row_total=item.number("row_total"),
        row_total_incl_tax=item.number("row_total_incl_tax"),
        tax_amount=item.amount("tax_amount"),
        discount_amount=item.amount("discount_amount"),
        compensation=item.amount("discount_tax_compensation_amount"),
        weee_row_amount=item.amount("weee_tax_applied_row_amount"),
    )


def _comments(document: Fields) -> tuple[str, ...]:
    found = (comment.text("comment") for comment in document.each("comments"))
    return tuple(comment for comment in found if comment)


def _shipping(more: Fields) -> Fields:
    """Method and address of the shipping; a virtual order has neither."""
    assignment = next(more.each("shipping_assignments"), NOTHING)
    return assignment.fields("shipping") or NOTHING


def _address(found: Fields | None) -> Address | None:
    if found is None:
        return None
    return Address(
        first_name=found.text("firstname"),
        last_name=found.text("lastname"),
        company=found.text("company"),
        street=tuple(line for line in found.texts("street") if line),
        postcode=found.text("postcode"),
        city=found.text("city"),
        region=found.text("region"),
        country=found.text("country_id").upper(),
        phone=found.text("telephone"),
        vat_id=found.text("vat_id"),
        email=found.text("email"),
    )


def _applied_tax(tax: Fields) -> AppliedTax:
    """``applied_taxes`` names them code and percent, ``additional_itemized_taxes`` tax_code and so on."""
    code = tax.text("code", "tax_code")
    return AppliedTax(
        code=code,
        title=tax.text("title") or code,
        percent=tax.amount("percent", "tax_percent"),
        amount=tax.amount("amount"),
        base_amount=tax.amount("base_amount"),
    )


def _shipping_taxes(more: Fields) -> Iterator[AppliedTax]:
    """Of the freight: `item_applied_taxes` in every version, `additional_itemized_taxes` from 2.4.7."""
    found = [
        _applied_tax(tax)
        for item in more.each("item_applied_taxes")
        if item.text("type") == "shipping"
        for tax in item.each("applied_taxes")
    ]
    yield from found or (
        _applied_tax(tax)
        for tax in more.each("additional_itemized_taxes")
        if tax.text("taxable_item_type") == "shipping"
    )
