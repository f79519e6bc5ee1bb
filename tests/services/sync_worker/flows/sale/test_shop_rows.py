"""Rows of recorded and composed shop documents: each adds up, at a rate that its VAT confirms."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.sync_worker.flows.sale.shop_memos import read_memo
from services.sync_worker.flows.sale.shop_rows import document_rows, freight_rows, order_rows
from shared.clients.fields import Fields
from shared.clients.magento.read_sales import to_credit_memo, to_invoice, to_order
from shared.clients.magento.wire_sales import Order
from shared.domain.errors import Unbalanced
from shared.domain.money import Money, total
from shared.settings.magento import ShopRefunds
from tests.shared.clients.magento.support import answers, documents, recorded, sample, samples

FEE = Money(Decimal("29.00"), "SEK")


def an_order(found: Any) -> Order:
    return to_order(Fields(found, of="order"))


def all_orders() -> dict[str, Order]:
    found: dict[str, Order] = {}
    for name, answer in [*answers("orders", "rounding", "lists"), *samples("orders")]:
        for document in documents(answer):
            if "payment" in document and "items" in document:
                found[f"{name}:{document['entity_id']}"] = an_order(document)
    return found


ORDERS = all_orders()


@pytest.mark.parametrize("name", ORDERS)
def test_every_order_adds_up_in_its_own_currency(name: str) -> None:
    order = ORDERS[name]
    found = order_rows(order)
    is_fee = "svea-invoice-with-fee" in name
    assert found.residual == (FEE if is_fee else Money.zero(order.currency))
    vat = sum((row.total.amount * row.rate / (100 + row.rate) for row in found.rows), Decimal(0))
    pieces = sum((abs(row.quantity) for row in found.rows), Decimal(0))
    assert abs(vat - order.tax_amount) <= Decimal("0.01") * (pieces + 1)  # Magento may round per piece


@pytest.mark.parametrize("kind", ["invoices", "creditmemos"])
def test_every_invoice_and_memo_adds_up(kind: str) -> None:
    by_id = {order.entity_id: order for name, order in ORDERS.items() if name.startswith("orders/")}
    seen = 0
    for name, document in samples(kind):
        read = to_invoice if kind == "invoices" else to_credit_memo
        one = read(Fields(document, of=kind))
        order = by_id.get(one.order_id)
        if order is None:
            continue
        found = document_rows(one, order)
        assert found.residual == (
            FEE if "fee" in name and "adjustment" not in name else Money.zero(one.currency)
        ), name
        seen += 1
    assert seen >= 8


RECORDED_DOCUMENTS = {
    f"{name}:{document['entity_id']}": document
    for name, answer in answers("docs", "lists")
    if isinstance(answer, dict)
    for document in documents(answer)
    if {"order_id", "items", "grand_total"} <= document.keys()
}


def test_there_are_as_many_documents_as_were_recorded() -> None:
    assert len(RECORDED_DOCUMENTS) == 8


def the_order_of(document: dict[str, Any]) -> Order:
    """Order 11, of a configurable, was not recorded: order 2 is of one too, and gets its row numbers."""
    if document["order_id"] != 11:
        return next(one for one in ORDERS.values() if one.entity_id == document["order_id"])
    order = next(one for one in ORDERS.values() if one.entity_id == 2)
    shirt, size = order.items
    items = (replace(shirt, item_id=17), replace(size, item_id=18, parent_item_id=17))
    return replace(order, entity_id=11, items=items)


@pytest.mark.parametrize("name", RECORDED_DOCUMENTS)
def test_every_recorded_invoice_and_memo_is_what_its_rows_sum_to(name: str) -> None:
    document = RECORDED_DOCUMENTS[name]
    order = the_order_of(document)
    if "creditmemo" in name:
        memo = read_memo(to_credit_memo(Fields(document, of="memo")), order, ShopRefunds())
        assert memo.adds_up
        assert memo.header.amount == document["grand_total"]
    else:
        assert document_rows(to_invoice(Fields(document, of="invoice")), order).residual == Money.zero("SEK")


def test_a_recorded_memo_with_freight_and_a_fee_gives_back_what_it_says() -> None:
    order = an_order(recorded("orders/tax25_after_invoice")["response"])
    memo = to_credit_memo(Fields(recorded("docs/creditmemo_shipping_and_fee")["response"], of="memo"))
    read = read_memo(memo, order, ShopRefunds())
    assert read.adds_up
    assert {row.line for row in read.rows} >= {"return_fee"}


def test_a_bundle_with_dynamic_price_counts_its_children_and_a_configurable_its_parent() -> None:
    rows = order_rows(an_order(sample("orders/bundle-dynamic-mixed-vat"))).rows
    assert {row.rate for row in rows if row.kind == "goods"} == {Decimal(25), Decimal(12)}
    (shirt,) = [
        row
        for row in order_rows(an_order(sample("orders/configurable-parent-child"))).rows
        if row.kind == "goods"
    ]
    assert shirt.article == "TROJA-BLA-M"


def test_a_product_fee_without_vat_has_a_row_of_its_own() -> None:
    rows = order_rows(an_order(sample("orders/weee-fpt"))).rows
    assert [(row.total.amount, row.rate) for row in rows[:2]] == [
        (Decimal(500), Decimal(25)),
        (Decimal(10), Decimal(0)),
    ]


def test_gift_card_and_store_credit_are_paid_with_and_lower_no_revenue() -> None:
    order = an_order(sample("orders/store-credit-and-gift-card"))
    rows = order_rows(order).rows
    means = total((row.total for row in rows if row.kind in ("gift_card", "store_credit")), "SEK")
    assert means.amount == -300
    assert {row.rate for row in rows if row.kind == "gift_card"} == {Decimal(0)}


def test_freight_that_the_shop_apportions_becomes_a_row_per_rate() -> None:
    whole = Money(Decimal("59.00"), "SEK")
    rows = freight_rows(
        whole, Decimal("8.40"), {Decimal(25): Decimal("7.00"), Decimal(12): Decimal("1.40")}, {}
    )
    assert total((row.total for row in rows), "SEK") == whole
    assert {row.rate for row in rows} == {Decimal(25), Decimal(12)}


def test_freight_at_a_blended_rate_is_apportioned_by_goods() -> None:
    whole = Money(Decimal("100.00"), "SEK")
    goods = {Decimal(25): Decimal(500), Decimal(6): Decimal(500)}
    rows = freight_rows(whole, Decimal("12.83"), {}, goods)
    assert [(row.rate, row.total.amount) for row in rows] == [
        (Decimal(25), Decimal(50)),
        (Decimal(6), Decimal(50)),
    ]


def test_freight_whose_vat_no_rate_explains_stops() -> None:
    with pytest.raises(Unbalanced, match="of no rate in this order"):
        freight_rows(Money(Decimal("100.00"), "SEK"), Decimal("3.00"), {}, {Decimal(25): Decimal(500)})


def test_a_row_whose_vat_is_not_of_its_rate_stops() -> None:
    document = dict(sample("orders/simple-guest-25"))
    document["items"] = [dict(document["items"][0], tax_amount=Decimal("3.00"))]
    with pytest.raises(Unbalanced, match="is not 25 %"):
        order_rows(an_order(document))
