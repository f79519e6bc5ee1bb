"""One purchase seen twice: the shop's rows and rates, Svea's deliveries and money, each refund once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.sync_worker.flows.sale.from_shop import ShopOrder
from services.sync_worker.flows.sale.joined import joined
from services.sync_worker.flows.sale.observed import Booked
from shared.clients.fields import Fields
from shared.clients.magento.read_sales import to_credit_memo, to_invoice, to_order
from shared.clients.magento.wire_sales import CreditMemo, Order, ShopInvoice
from shared.domain.errors import NotYet, RefundsDisagree, Unbalanced
from shared.domain.items import RowKind, SoldRow
from shared.domain.money import Money, total
from shared.domain.parties import Address, Buyer
from shared.domain.sale import Sale, SoldCredit, SoldDelivery
from shared.settings.connections import ConnectionDeclaration
from tests.support.world import a_declaration

SETTINGS = ConnectionDeclaration.model_validate(a_declaration(magento={"base_url": "http://shop"}))
ORDERED = datetime(2026, 5, 4, 10, tzinfo=UTC)
BUYER = Buyer("private", "Tilda Testsson", "t@example.com", "", "", Address("Tilda Testsson", country="SE"))


def sek(amount: str) -> Money:
    return Money(Decimal(amount), "SEK")


def row(
    amount: str, *, rate: str = "25", pieces: int = 1, article: str = "MUGG", kind: RowKind = "goods"
) -> SoldRow:
    return SoldRow(kind, article, article.title(), Decimal(pieces), sek(amount), Decimal(rate))


MUGS, FREIGHT = row("498.00", pieces=2), row("49.00", article="shipping_fee", kind="freight")


def svea(*deliveries: SoldDelivery, remaining: tuple[SoldRow, ...] = (), ordered: str = "547.00") -> Sale:
    return Sale(
        checkout_id=7700101,
        order_number="100000101",
        status="open" if remaining else "delivered",
        ordered_on=ORDERED.date(),
        currency="SEK",
        buyer=BUYER,
        remaining=remaining,
        deliveries=deliveries,
        ordered=sek(ordered),
        ordered_at=ORDERED,
    )


def delivered(
    *rows: SoldRow, number: int = 1, credits: tuple[SoldCredit, ...] = (), credited: str = "0"
) -> SoldDelivery:
    amount = total((one.total for one in rows), "SEK")
    given = total((one.amount for one in credits), "SEK") + sek(credited)
    return SoldDelivery(number, date(2026, 5, 5), rows, amount, credits, given)


def item(
    number: int, sku: str, gross: str, *, rate: str = "25", pieces: int = 1, **more: Any
) -> dict[str, Any]:
    whole, percent = Decimal(gross), Decimal(rate)
    net = (whole * 100 / (100 + percent)).quantize(Decimal("0.01"))
    return {
        "item_id": number,
        "sku": sku,
        "name": sku.title(),
        "product_type": "simple",
        "qty_ordered": pieces,
        "price": str((net / pieces).quantize(Decimal("0.01"))),
        "price_incl_tax": str(whole / pieces),
        "row_total_incl_tax": gross,
        "tax_amount": str(whole - net),
        "tax_percent": rate,
        **more,
    }


def shop_order(
    *items: dict[str, Any], freight: str = "49.00", grand_total: str = "547.00", **more: Any
) -> Order:
    gross = Decimal(freight)
    net = (gross / Decimal("1.25")).quantize(Decimal("0.01"))
    tax = sum((Decimal(one["tax_amount"]) for one in items), Decimal(0)) + gross - net
    document: dict[str, Any] = {
        "entity_id": 1007,
        "increment_id": "100000101",
        "state": "processing",
        "order_currency_code": "SEK",
        "base_currency_code": "SEK",
        "grand_total": grand_total,
        "base_grand_total": grand_total,
        "shipping_amount": str(net),
        "shipping_incl_tax": freight,
        "shipping_tax_amount": str(gross - net),
        "tax_amount": str(tax),
        "created_at": "2026-05-04 10:00:00",
        "items": list(items) or [item(1, "MUGG", "498.00", pieces=2)],
        "payment": {"method": "sveacheckout"},
        "extension_attributes": {"payment_additional_info": [{"key": "svea_order_id", "value": "7700101"}]},
        **more,
    }
    if not items:
        document["tax_amount"] = "109.40"
    return to_order(Fields(document, of="order"))


def memo(number: int, amount: str, *items: dict[str, Any], **more: Any) -> CreditMemo:
    return to_credit_memo(
        Fields(
            {
                "entity_id": number,
                "increment_id": f"C{number}",
                "order_id": 1007,
                "state": 2,
                "created_at": "2026-05-08 08:00:00",
                "order_currency_code": "SEK",
                "base_currency_code": "SEK",
                "grand_total": amount,
                "base_grand_total": amount,
                "items": list(items),
                **more,
            },
            of="memo",
        )
    )


def memo_item(order_item: int, sku: str, gross: str, *, pieces: int = 1) -> dict[str, Any]:
    net = (Decimal(gross) / Decimal("1.25")).quantize(Decimal("0.01"))
    return {
        "order_item_id": order_item,
        "sku": sku,
        "name": sku.title(),
        "qty": pieces,
        "price": str(net / pieces),
        "row_total": str(net),
        "row_total_incl_tax": gross,
        "tax_amount": str(Decimal(gross) - net),
    }


ONE_MUG = memo_item(1, "MUGG", "249.00")


def credits_of(sale: Sale) -> list[tuple[Decimal, tuple[str, ...]]]:
    return [(one.amount.amount, one.names) for one in sale.deliveries[0].credits]


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_delivery_of_everything_has_the_shops_rows_and_true_rates() -> None:
    order = shop_order(item(1, "SAUNA", "100.40", rate="25.5"), freight="0", grand_total="100.40")
    sale = joined(
        svea(delivered(row("100.40", rate="26", article="SAUNA")), ordered="100.40"),
        ShopOrder(order),
        SETTINGS,
    )
    assert [(one.rate, one.total) for one in sale.deliveries[0].rows] == [(Decimal("25.5"), sek("100.40"))]
    assert sale.shop_order == 1007
    assert ("sale", "M1007") in sale.names


def test_discounts_that_svea_gathers_stand_on_the_shops_rows() -> None:
    order = shop_order(
        item(1, "SHIRT", "269.10"), item(2, "COFFEE", "160.20", rate="12"), freight="0", grand_total="429.30"
    )
    rows = (
        row("299.00", article="SHIRT"),
        row("178.00", rate="12", article="COFFEE"),
        row("-29.90", article="discount25", kind="discount"),
        row("-17.80", rate="12", article="discount12", kind="discount"),
    )
    sale = joined(svea(delivered(*rows), ordered="429.30"), ShopOrder(order), SETTINGS)
    assert [(one.article, one.total) for one in sale.deliveries[0].rows] == [
        ("SHIRT", sek("269.10")),
        ("COFFEE", sek("160.20")),
    ]


def test_an_invoice_fee_that_the_shop_does_not_know_is_sveas_row_and_is_told() -> None:
    fee = row("29.00", article="invoicefee", kind="fee")
    sale = joined(svea(delivered(MUGS, FREIGHT, fee), ordered="576.00"), ShopOrder(shop_order()), SETTINGS)
    assert total((one.total for one in sale.deliveries[0].rows), "SEK") == sek("576.00")
    assert [one.facts["difference"] for one in sale.advice if one.code == "amounts_differ"] == ["29.00 SEK"]


def test_a_partial_delivery_has_its_invoices_rows_or_sveas_at_the_shops_rates() -> None:
    order = shop_order(item(1, "SAUNA", "200.80", rate="25.5", pieces=2), freight="0", grand_total="200.80")
    first = delivered(row("100.40", rate="26", article="SAUNA-9917"), number=1)
    rest = (row("100.40", rate="26", article="SAUNA"),)
    sale = joined(svea(first, remaining=rest, ordered="200.80"), ShopOrder(order), SETTINGS)
    assert [one.rate for one in (*sale.deliveries[0].rows, *sale.remaining)] == [Decimal("25.5")] * 2

    invoice = to_invoice(
        Fields(
            {
                "entity_id": 5,
                "increment_id": "5",
                "order_id": 1007,
                "state": 2,
                "order_currency_code": "SEK",
                "base_currency_code": "SEK",
                "grand_total": "100.40",
                "base_grand_total": "100.40",
                "items": [
                    {
                        "order_item_id": 1,
                        "sku": "SAUNA",
                        "name": "Bastu",
                        "qty": 1,
                        "price": "80",
                        "row_total": "80.00",
                        "row_total_incl_tax": "100.40",
                        "tax_amount": "20.40",
                    }
                ],
            },
            of="invoice",
        )
    )
    assert isinstance(invoice, ShopInvoice)
    sale = joined(
        svea(first, remaining=rest, ordered="200.80"), ShopOrder(order, invoices=(invoice,)), SETTINGS
    )
    assert [one.name for one in sale.deliveries[0].rows] == ["Bastu"]


# ── refunds ───────────────────────────────────────────────────────────────────────────────────────


def one_refunded(amount: str = "249.00") -> SoldDelivery:
    return delivered(MUGS, FREIGHT, credits=(SoldCredit(sek(amount), (row(f"-{amount}", pieces=-1),)),))


def test_a_refund_seen_in_both_is_one_credit_under_both_names() -> None:
    found = ShopOrder(shop_order(), memos=(memo(55, "249.00", ONE_MUG),))
    sale = joined(svea(one_refunded()), found, SETTINGS)
    ((amount, names),) = credits_of(sale)
    assert amount == Decimal("249.00")
    assert "memo|55" in names
    assert names[0] == one_refunded().credits[0].fingerprint
    assert sale.deliveries[0].credits[0].rows[0].article == "MUGG"


def test_a_card_refund_without_rows_is_split_as_its_memo_says() -> None:
    found = ShopOrder(shop_order(), memos=(memo(55, "249.00", ONE_MUG),))
    sale = joined(svea(delivered(MUGS, FREIGHT, credited="249.00")), found, SETTINGS)
    ((amount, names),) = credits_of(sale)
    assert (amount, names[0]) == (Decimal("249.00"), "amount|249.00")
    assert sale.deliveries[0].credits[0].rows[0].total == sek("-249.00")


def test_two_card_refunds_in_one_sum_are_their_two_memos() -> None:
    found = ShopOrder(shop_order(), memos=(memo(55, "249.00", ONE_MUG), memo(56, "249.00", ONE_MUG)))
    sale = joined(svea(delivered(MUGS, FREIGHT, credited="498.00")), found, SETTINGS)
    assert [names[1] for _, names in credits_of(sale)] == ["memo|55", "memo|56"]


def test_a_sum_that_was_booked_before_its_memos_came_is_not_credited_again() -> None:
    booked = Booked(
        kind="credit_invoice",
        ref="S7700101-D1-C1",
        number="12",
        state="final",
        draft={"entry": "amount|498.00", "linked": True},
        dated=date(2026, 5, 8),
        total=sek("-498.00"),
        parent="S7700101-D1",
    )
    found = ShopOrder(shop_order(), memos=(memo(55, "249.00", ONE_MUG), memo(56, "249.00", ONE_MUG)))
    sale = joined(svea(delivered(MUGS, FREIGHT, credited="498.00")), found, SETTINGS, booked=[booked])
    assert credits_of(sale) == []
    assert sale.hold is None
    assert sale.deliveries[0].credited == sek("498.00")


def test_an_offline_memo_is_credited_and_told() -> None:
    found = ShopOrder(shop_order(), memos=(memo(55, "249.00", ONE_MUG),))
    sale = joined(svea(delivered(MUGS, FREIGHT)), found, SETTINGS)
    assert credits_of(sale) == [(Decimal("249.00"), ("memo|55",))]
    assert [one.code for one in sale.advice] == ["refunded_outside_svea"]


def test_an_online_memo_waits_for_sveas_refund() -> None:
    found = ShopOrder(shop_order(), memos=(memo(55, "249.00", ONE_MUG, invoice_id=5),))
    sale = joined(svea(delivered(MUGS, FREIGHT)), found, SETTINGS)
    assert isinstance(sale.hold, NotYet)
    assert credits_of(sale) == []


def test_amounts_that_disagree_are_held_with_both_sums() -> None:
    found = ShopOrder(shop_order(), memos=(memo(55, "249.00", ONE_MUG),))
    sale = joined(svea(one_refunded("200.00")), found, SETTINGS)
    assert isinstance(sale.hold, RefundsDisagree)
    assert (sale.hold.facts["shop"], sale.hold.facts["svea"]) == ("249.00 SEK", "200.00 SEK")
    assert credits_of(sale) == []
    assert sale.deliveries[0].credited == sek("0.00")


def test_a_memo_that_a_person_settled_is_disregarded() -> None:
    settings = ConnectionDeclaration.model_validate(
        a_declaration(magento={"base_url": "http://shop", "refunds": {"disregard": ["C55"]}})
    )
    found = ShopOrder(shop_order(), memos=(memo(55, "249.00", ONE_MUG),))
    sale = joined(svea(one_refunded("200.00")), found, settings)
    assert sale.hold is None
    assert [amount for amount, _ in credits_of(sale)] == [Decimal("200.00")]


def test_a_fee_kept_is_a_row_against_the_refund() -> None:
    both = memo_item(1, "MUGG", "498.00", pieces=2)
    found = ShopOrder(shop_order(), memos=(memo(55, "423.00", both, adjustment_negative="75.00"),))
    sale = joined(svea(delivered(MUGS, FREIGHT, credited="423.00")), found, SETTINGS)
    rows = sale.deliveries[0].credits[0].rows
    assert [(one.kind, one.total, one.rate) for one in rows] == [
        ("goods", sek("-498.00"), Decimal(25)),
        ("fee", sek("75.00"), Decimal(25)),
    ]


def test_sveas_fee_in_a_memo_is_taken_off_by_its_adjustment() -> None:
    fee = row("29.00", article="invoicefee", kind="fee")
    found = ShopOrder(
        shop_order(grand_total="576.00"), memos=(memo(55, "249.00", ONE_MUG, adjustment_negative="29.00"),)
    )
    sale = joined(svea(delivered(MUGS, FREIGHT, fee, credited="249.00"), ordered="576.00"), found, SETTINGS)
    assert [one.total for one in sale.deliveries[0].credits[0].rows] == [sek("-249.00")]


def test_a_memo_whose_rows_svea_agrees_with_is_booked_by_rows() -> None:
    found = ShopOrder(shop_order(), memos=(memo(55, "250.00", ONE_MUG),))
    sale = joined(svea(delivered(MUGS, FREIGHT, credited="249.00")), found, SETTINGS)
    assert sale.deliveries[0].credits[0].rows[0].total == sek("-249.00")
    assert [one.code for one in sale.advice] == ["memo_does_not_add_up"]


@pytest.mark.parametrize("amount", ["250.00", "-10.00"])
def test_a_memo_that_adds_up_nowhere_is_held(amount: str) -> None:
    found = ShopOrder(shop_order(), memos=(memo(55, amount, ONE_MUG),))
    sale = joined(svea(delivered(MUGS, FREIGHT)), found, SETTINGS)
    assert isinstance(sale.hold, Unbalanced)
    assert credits_of(sale) == []


def test_a_refund_has_the_same_name_with_and_without_the_shop() -> None:
    alone = svea(one_refunded())
    with_shop = joined(alone, ShopOrder(shop_order()), SETTINGS)
    assert with_shop.deliveries[0].credits[0].names == alone.deliveries[0].credits[0].names
    assert replace(with_shop, deliveries=()).hold is None
