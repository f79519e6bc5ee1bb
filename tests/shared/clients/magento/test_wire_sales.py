"""Every recorded order, invoice and credit memo is read and adds up."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from shared.clients.fields import Fields
from shared.clients.magento.read_sales import to_credit_memo, to_invoice, to_order, to_shipment
from shared.clients.magento.wire_sales import CreditMemo, DocumentItem, Order, OrderItem, ShopInvoice
from shared.domain.errors import UnreadableAnswer
from tests.shared.clients.magento.support import answers, documents, recorded, sample, samples

ZERO = Decimal(0)


def _orders() -> Iterator[Any]:
    for name, answer in answers("orders", "rounding", "lists"):
        if "orders" in name or name.endswith("/order"):
            for position, order in enumerate(documents(answer)):
                if "grand_total" in order:
                    yield pytest.param(order, id=f"{name}-{position}")
    for name, order in samples("orders"):
        yield pytest.param(order, id=name)


def _of(kind: str, folder: str) -> Iterator[Any]:
    found = (*answers("docs", "lists"), *samples(folder))
    for name, answer in found:
        for position, document in enumerate(documents(answer) if isinstance(answer, dict) else ()):
            if kind in name.replace("-", "") and "grand_total" in document:
                yield pytest.param(document, id=f"{name}-{position}")


ORDERS = list(_orders())
INVOICES = list(_of("invoice", "invoices"))
MEMOS = list(_of("creditmemo", "creditmemos"))


def exactly(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)


def an_order(name: str) -> Order:
    return to_order(Fields(sample(f"orders/{name}"), of="order"))


def weee(items: Iterable[OrderItem | DocumentItem]) -> Decimal:
    return sum((item.weee_row_amount for item in items), ZERO)


def by_lines(order: Order) -> Decimal:
    lines = sum((item.row_total_incl_tax for item in order.money_items), ZERO)
    means = order.gift_cards_amount + order.customer_balance_amount + order.reward_amount
    return lines + order.shipping_incl_tax - order.shipping_discount_amount - means


def by_header(order: Order) -> Decimal:
    means = order.gift_cards_amount + order.customer_balance_amount + order.reward_amount
    return (
        order.subtotal
        + order.shipping_amount
        + order.tax_amount
        + order.discount_amount
        + order.compensation
        + order.shipping_compensation
        + weee(order.items)
        - means
    )


def svea_fee(order: Order) -> Decimal:
    """In these samples only one order has it: it is in the grand total and nowhere else."""
    return Decimal("29.00") if order.increment_id == "000001015" else ZERO


def svea_invoice_fee(document: ShopInvoice | CreditMemo) -> Decimal:
    return Decimal("29.00") if document.order_id == 1015 else ZERO


def document_header(document: ShopInvoice | CreditMemo) -> Decimal:
    return (
        document.subtotal
        + document.shipping_amount
        + document.tax_amount
        + document.discount_amount
        + document.compensation
        + weee(document.items)
    )


def by_document_lines(document: ShopInvoice | CreditMemo) -> Decimal:
    lines = [item for item in document.items if item.has_money]
    items = sum((item.net + item.tax_amount for item in lines), weee(lines))
    discount = document.discount_amount + sum((item.discount_amount for item in lines), ZERO)
    return items + document.shipping_amount + document.shipping_tax_amount + discount


def test_there_are_as_many_as_were_recorded() -> None:
    assert (len(ORDERS), len(INVOICES), len(MEMOS)) == (41, 11, 17)


@pytest.mark.parametrize("found", ORDERS)
def test_the_money_lines_of_an_order_add_up_to_its_grand_total(found: Any) -> None:
    order = to_order(Fields(found, of="order"))

    assert by_lines(order) + svea_fee(order) == order.grand_total
    assert by_header(order) + svea_fee(order) == order.grand_total
    assert sum((item.tax_amount for item in order.money_items), order.shipping_tax_amount) == order.tax_amount


@pytest.mark.parametrize("found", INVOICES)
def test_an_invoice_adds_up_by_header_and_by_lines(found: Any) -> None:
    invoice = to_invoice(Fields(found, of="invoice"))
    fee = svea_invoice_fee(invoice)

    assert by_document_lines(invoice) + invoice.shipping_compensation + fee == invoice.grand_total
    assert document_header(invoice) + invoice.shipping_compensation + fee == invoice.grand_total


@pytest.mark.parametrize("found", MEMOS)
def test_a_credit_memo_adds_up_by_header_and_by_lines(found: Any) -> None:
    memo = to_credit_memo(Fields(found, of="memo"))
    adjusted = memo.adjustment_positive - memo.adjustment_negative + svea_invoice_fee(memo)

    assert document_header(memo) + adjusted == memo.grand_total
    assert by_document_lines(memo) + adjusted == memo.grand_total


# ── what a document says ──────────────────────────────────────────────────────────────────────────


def test_a_coupon_is_taken_off_once() -> None:
    order = to_order(Fields(recorded("orders/coupon_shippingtax/order")["response"], of="order"))
    mugs, book = order.items

    assert (mugs.quantity, mugs.row_total_incl_tax, mugs.tax_amount, mugs.net) == exactly(
        "3", "337.5", "67.5", "270"
    )
    assert (book.tax_percent, book.row_total_incl_tax, book.net) == exactly("12", "100.8", "90")
    assert (order.discount_amount, order.compensation) == (Decimal("-48.7"), Decimal("8.7"))
    assert [(tax.code, tax.percent, tax.amount) for tax in order.applied_taxes] == [
        ("SE 25", *exactly("25", "77.3")),
        ("SE 12", *exactly("12", "10.8")),
    ]
    assert [(tax.code, tax.percent, tax.amount) for tax in order.shipping_taxes] == [
        ("SE 25", *exactly("25", "9.8"))
    ]
    assert (order.coupon_code, order.payment_method) == ("TIO", "checkmo")


def test_buyer_addresses_and_instants_are_read() -> None:
    order = to_order(Fields(recorded("orders/coupon_shippingtax/order")["response"], of="order"))
    billing = order.billing

    assert billing is not None
    assert (billing.name, billing.company, billing.street) == (
        "Anna Öberg",
        "Öberg AB",
        ("Storgatan 1", "lgh 1101"),
    )
    assert (billing.postcode, billing.city, billing.region, billing.country) == (
        "211 34",
        "Malmö",
        "Skåne län",
        "SE",
    )
    assert order.created_at is not None
    assert order.created_at.isoformat() == "2026-11-20T23:13:15+00:00"
    assert (order.customer_is_guest, order.customer_id, order.customer_name) == (True, None, "Anna Öberg")


@pytest.mark.parametrize(
    ("name", "skus"),
    [
        ("configurable-parent-child", ["TROJA-BLA-M"]),
        ("bundle-fixed-price", ["PAKET-FAST"]),
        ("bundle-dynamic-mixed-vat", ["MUGG-VIT", "KAFFE-500"]),
    ],
)
def test_of_lines_that_belong_together_those_with_the_money_are_taken(name: str, skus: list[str]) -> None:
    assert [item.sku for item in an_order(name).money_items] == skus


def test_a_virtual_order_has_no_delivery_address() -> None:
    order = to_order(Fields(recorded("orders/virtual_se/order")["response"], of="order"))

    assert (order.is_virtual, order.shipping, order.shipping_method) == (True, None, "")
    assert order.billing is not None


def test_svea_is_found_in_the_payment_information() -> None:
    order = an_order("svea-card-paid")

    assert (order.payment_method, order.svea_order_id, order.last_transaction) == (
        "sveacheckout",
        9123456,
        "1",
    )
    assert an_order("simple-guest-25").svea_order_id is None


def test_gift_card_and_store_credit_are_read_as_means_of_payment() -> None:
    order = an_order("store-credit-and-gift-card")

    assert (order.gift_cards_amount, order.customer_balance_amount, order.grand_total) == exactly(
        "200", "100", "248"
    )


def test_an_edited_order_names_the_one_it_replaces() -> None:
    order = an_order("edited-replacement")

    assert (order.increment_id, order.original_increment_id) == ("000001016-1", "000001016")
    assert order.relation_parent_id == 1016


def test_lines_without_money_of_a_credit_memo_are_told_from_free_ones() -> None:
    memo = to_credit_memo(Fields(recorded("docs/creditmemo_configurable")["response"], of="memo"))

    assert [(item.sku, item.price, item.has_money) for item in memo.items] == [
        ("TSHIRT-R", Decimal("159.2"), True),
        ("TSHIRT-R", Decimal(0), False),
    ]


def test_an_adjustment_fee_is_read() -> None:
    memo = to_credit_memo(Fields(recorded("docs/creditmemo_shipping_and_fee")["response"], of="memo"))

    assert memo.order_id == 10
    assert (memo.adjustment_negative, memo.shipping_amount, memo.grand_total) == exactly("15", "39.2", "159")


def test_a_shipment_names_order_lines_and_quantities() -> None:
    shipment = to_shipment(Fields(recorded("docs/shipment_get")["response"], of="shipment"))

    assert [(item.order_item_id, item.sku, item.quantity) for item in shipment.items] == [
        (16, "SKU-1001", Decimal(1))
    ]


def test_what_a_partial_save_answers_is_no_order() -> None:
    with pytest.raises(UnreadableAnswer, match="increment_id is missing"):
        to_order(Fields(recorded("docs/order_set_ext_order_id")["response"], of="order"))
