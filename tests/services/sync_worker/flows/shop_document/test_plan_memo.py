"""A credit invoice of a person -> the memo that the shop is asked for, and what the shop makes of it."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sandbox.magento.lines import Line
from services.sandbox.magento.tax import Algorithm
from services.sync_worker.booked import Booked
from services.sync_worker.flows.shop_document.observed import ObservedCredit
from services.sync_worker.flows.shop_document.plan_memo import memo_plan
from shared.domain.documents import to_plain
from shared.domain.errors import NotYet
from shared.domain.shop_documents import CreditExceedsOrder, CreditUnmatched, ShopRefundDraft
from tests.services.sandbox.magento.support import recorded
from tests.services.sync_worker.flows.shop_document.seen import a_credit_seen, a_part, a_shop, makes

TWO_MUGS = Line("SKU-MUGG", "Mugg", "249.00", quantity=2)


def the_draft(seen: ObservedCredit) -> ShopRefundDraft:
    (draft,) = memo_plan(seen).drafts
    assert isinstance(draft, ShopRefundDraft)
    return draft


def an_order(*lines: Line, **cart: Any) -> tuple[Any, int]:
    """Invoiced as a whole."""
    shop = a_shop()
    order = shop.orders(*(lines or (TWO_MUGS,)), **({"payment": "banktransfer", "shipping": "49"} | cart))
    shop.invoice(order)
    return shop, order


def test_a_recorded_refund_is_asked_for_with_its_pieces_freight_and_fee() -> None:
    """What a real shop was asked for and made: one mug, the freight, less a fee of 15."""
    told = recorded("docs/refund_with_shipping_and_fee")["request"]["body"]
    made = recorded("docs/creditmemo_shipping_and_fee")["response"]
    shop = a_shop()
    shown = json.loads(json.dumps(recorded("orders/tax25_after_invoice")["response"]), parse_float=Decimal)
    order = shop.recorded(shown)
    seen = a_credit_seen(
        shop,
        order,
        a_part("SKU-1001", "1", "125.00"),
        a_part("", "1", "49.00", kind="freight"),
        a_part("", "1", "-15.00", kind="fee"),
    )

    draft = the_draft(seen)

    assert draft.amount.amount == made["grand_total"]
    assert draft.quantities == tuple((one["order_item_id"], one["qty"]) for one in told["items"])
    assert draft.adjustment == 0
    assert draft.fee == told["arguments"]["adjustment_negative"]
    assert draft.freight is None  # all of it; the shop was told 39.20, which is all of it, too
    assert makes(shop, draft) == made["grand_total"]


@pytest.mark.parametrize("display", [1, 2])
@pytest.mark.parametrize("freight", ["49.00", "24.50", "10.00", "0.01", "48.99"])
def test_freight_comes_to_its_amount_however_the_shop_takes_it(freight: str, display: int) -> None:
    shop, order = an_order()
    shop.pages.shipping_display = display

    draft = the_draft(a_credit_seen(shop, order, a_part("", "1", freight, kind="freight")))

    assert makes(shop, draft) == Decimal(freight)


def test_freight_that_nobody_can_tell_how_to_give_back_is_an_adjustment() -> None:
    shop, order = an_order()

    draft = the_draft(
        a_credit_seen(shop, order, a_part("", "1", "24.50", kind="freight"), ships_with_vat=None)
    )

    assert draft.freight == 0
    assert draft.adjustment == Decimal("24.50")


def test_more_pieces_than_are_left_are_money() -> None:
    shop, order = an_order()
    shop.refund(order, {"SKU-MUGG": 2}, shipping="0", fee="400")

    draft = the_draft(a_credit_seen(shop, order, a_part(pieces="2", total="400.00")))

    assert draft.quantities == ((1, Decimal(0)),)
    assert draft.adjustment == 400


def test_two_lines_of_one_article_are_filled_by_their_price() -> None:
    lines = (Line("SKU-MUGG", "Mugg", "249.00"), Line("SKU-MUGG", "Mugg, kampanj", "199.00"))
    shop, order = an_order(*lines)

    draft = the_draft(a_credit_seen(shop, order, a_part(total="199.00")))

    assert draft.quantities == ((2, Decimal(1)),)
    assert draft.adjustment == draft.fee == 0


def test_a_cent_more_than_the_shop_has_is_capped_and_more_is_refused() -> None:
    shop, order = an_order()
    parts = (a_part(pieces="2", total="498.00"), a_part("", "1", "49.00", kind="freight"))

    capped = the_draft(a_credit_seen(shop, order, *parts, total="547.01"))
    assert makes(shop, capped) == 547

    shop, order = an_order()
    with pytest.raises(CreditExceedsOrder) as refused:
        memo_plan(a_credit_seen(shop, order, *parts, total="547.03"))
    assert refused.value.facts["left"] == "547.00 SEK"


def test_a_cent_of_an_order_that_has_nothing_left_is_refused() -> None:
    shop, order = an_order()
    shop.refund(order)
    shop.sales.order(order).move_to("complete", "complete")

    with pytest.raises(CreditExceedsOrder):
        memo_plan(a_credit_seen(shop, order, a_part("", "1", "0.01", kind="fee")))


def test_another_currency_than_the_orders_is_refused() -> None:
    shop, order = an_order()

    with pytest.raises(CreditUnmatched):
        memo_plan(a_credit_seen(shop, order, a_part(), currency="EUR"))


def test_a_held_order_waits() -> None:
    shop, order = an_order()
    shop.hold(order)

    with pytest.raises(NotYet):
        memo_plan(a_credit_seen(shop, order, a_part()))


def test_a_memo_that_was_begun_is_meant_as_it_was() -> None:
    """The memo itself is among what is seen now: worked out anew it would be another."""
    shop, order = an_order()
    first = the_draft(a_credit_seen(shop, order, a_part()))
    makes(shop, first)
    begun = Booked(first.kind, first.ref, None, "intended", to_plain(first), None, None, None)

    again = the_draft(a_credit_seen(shop, order, a_part(), booked=(begun,)))

    assert again == first


def test_a_memo_that_the_shop_refused_is_worked_out_anew() -> None:
    shop, order = an_order()
    first = the_draft(a_credit_seen(shop, order, a_part()))
    refused = Booked(first.kind, first.ref, None, "refused", to_plain(first), None, None, None)
    shop.refund(order, {"SKU-MUGG": 2}, shipping="0", fee="200")

    again = the_draft(a_credit_seen(shop, order, a_part(), booked=(refused,)))

    assert again.quantities == ((1, Decimal(0)),)


def test_what_a_gift_card_paid_the_shop_gives_back_to_the_card() -> None:
    shop, order = an_order(gift_card="200")
    parts = (
        a_part(pieces="2", total="498.00"),
        a_part("", "1", "49.00", kind="freight"),
        a_part("", "1", "-200.00", kind="gift_card"),
    )

    draft = the_draft(a_credit_seen(shop, order, *parts))

    assert draft.adjustment == draft.fee == 0
    assert makes(shop, draft) == 347


prices = st.decimals("1", "999", places=2)
sold = st.lists(
    st.tuples(prices, st.integers(1, 6), st.sampled_from(["25", "12", "6", "0"]), st.integers(0, 40)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(
    sold=sold,
    algorithm=st.sampled_from(list(Algorithm)),
    freight=st.sampled_from(["0", "49", "39.90"]),
    data=st.data(),
)
def test_whatever_is_credited_the_shop_makes_a_memo_of_that_amount(
    sold: list[tuple[Decimal, int, str, int]], algorithm: Algorithm, freight: str, data: st.DataObject
) -> None:
    """Three credits in a row, each of some pieces, some freight and some money; to the öre per row."""
    shop = a_shop()
    shop.sales.algorithm = algorithm
    lines = [
        Line(
            f"SKU-{at}",
            f"Sak {at}",
            f"{price}",
            quantity=number,
            rate=rate,
            discount=f"{(price * number * off / 100).quantize(Decimal('0.01'))}",
        )
        for at, (price, number, rate, off) in enumerate(sold)
    ]
    order = shop.orders(*lines, payment="banktransfer", shipping=freight)
    shop.invoice(order)
    for _ in range(3):
        seen = a_credit_seen(shop, order)
        left = seen.order.total_paid - seen.order.total_refunded
        parts = [
            a_part(
                item.sku,
                f"{back}",
                f"{(item.row_total_incl_tax * back / item.quantity).quantize(Decimal('0.01'))}",
            )
            for item in seen.order.money_items
            if (back := data.draw(st.integers(0, int(item.quantity - item.quantity_refunded))))
        ]
        more = data.draw(st.decimals("-5", "5", places=2))
        part_of_freight = data.draw(st.sampled_from(["0", "12.25", freight]))
        parts.append(a_part("", "1", part_of_freight, kind="freight"))
        parts.append(a_part("", "1", f"{more}", kind="fee"))
        amount = sum((part.total for part in parts), Decimal(0))
        if not 0 < amount <= left:
            continue
        draft = the_draft(a_credit_seen(shop, order, *parts))
        assert abs(makes(shop, draft) - amount) <= draft.tolerance
        assert draft.tolerance <= Decimal("0.01") * len(lines)
