"""A booked invoice -> what the shop's order gets of it: pieces that no invoice there has, and words."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.sandbox.magento.documents import Remark
from services.sandbox.magento.lines import Line
from services.sandbox.magento.shop import Shop
from services.sync_worker.booked import Booked
from services.sync_worker.flows.shop_document.observed import Invoiced, ObservedInvoice, Part
from services.sync_worker.flows.shop_document.plan_invoice import invoice_plan
from shared.domain.documents import to_plain
from shared.domain.errors import NotYet
from shared.domain.shop_documents import (
    ShopCommentDraft,
    ShopInvoiceDraft,
    ShopInvoiceUnmatched,
    fortnox_number_in,
    mark,
)
from shared.settings.shop_documents import ShopDocuments
from tests.services.sync_worker.flows.shop_document.seen import a_part, a_shop, an_invoice_seen

FIVE = Line("SKU-MUGG", "Mugg", "100.00", quantity=5)


def an_order(*lines: Line, **cart: Any) -> tuple[Shop, int]:
    shop = a_shop()
    order = shop.orders(*(lines or (FIVE,)), **({"state": "processing", "shipping": "0"} | cart))
    return shop, order


def mugs(number: int) -> Part:
    return a_part(pieces=f"{number}", total=f"{number * 100}")


def invoice_of(seen: ObservedInvoice) -> ShopInvoiceDraft | None:
    found = [draft for draft in invoice_plan(seen).drafts if isinstance(draft, ShopInvoiceDraft)]
    return found[0] if found else None


def pieces_of(seen: ObservedInvoice) -> dict[int, int]:
    made = invoice_of(seen)
    return {} if made is None else {item: int(number) for item, number in made.quantities}


def words_of(seen: ObservedInvoice) -> list[str]:
    return [draft.text for draft in invoice_plan(seen).drafts if isinstance(draft, ShopCommentDraft)]


def marked(shop: Shop, order: int, number: str, pieces: int) -> None:
    """An invoice in the shop that we made of one of Fortnox'."""
    wanted = shop.sales.quantities(order, {"SKU-MUGG": pieces})
    shop.sales.invoice(order, wanted, Remark(f"Faktura {number} {mark(f'F{number}')}", append=True))


# ── pieces ────────────────────────────────────────────────────────────────────────────────────────


def test_an_invoice_of_the_whole_order_is_of_everything_that_is_open() -> None:
    shop, order = an_order()

    assert pieces_of(an_invoice_seen(shop, order, "500.00", mugs(5))) == {1: 5}


def test_an_invoice_of_the_whole_order_needs_no_rows_that_match() -> None:
    shop, order = an_order()

    assert pieces_of(an_invoice_seen(shop, order, "500.00", a_part("HOPSLAGEN", "1", "500.00"))) == {1: 5}


def test_what_the_shop_has_invoiced_without_a_name_is_the_earlier_invoices() -> None:
    shop, order = an_order()
    shop.invoice(order, {"SKU-MUGG": 2})
    first = Invoiced("1", "", (mugs(2),))
    second = Invoiced("2", "", (mugs(2),))

    assert pieces_of(an_invoice_seen(shop, order, "200.00", mugs(2), number="1", others=[second])) == {}
    later = an_invoice_seen(shop, order, "200.00", mugs(2), number="2", others=[first])
    assert pieces_of(later) == {1: 2}


def test_what_the_shop_has_invoiced_in_part_is_made_whole() -> None:
    shop, order = an_order()
    shop.invoice(order, {"SKU-MUGG": 1})

    assert pieces_of(an_invoice_seen(shop, order, "300.00", mugs(3))) == {1: 2}


def test_anothers_mark_is_anothers_invoice() -> None:
    shop, order = an_order()
    marked(shop, order, "2", 2)
    other = Invoiced("2", "", (mugs(2),))

    assert pieces_of(an_invoice_seen(shop, order, "200.00", mugs(2), number="1", others=[other])) == {1: 2}


def test_our_own_mark_is_this_invoice_whatever_we_remember() -> None:
    shop, order = an_order()
    marked(shop, order, "1", 2)

    assert pieces_of(an_invoice_seen(shop, order, "200.00", mugs(2), number="1")) == {}


def test_a_capture_names_its_delivery() -> None:
    shop, order = an_order()
    shop.invoice(order, {"SKU-MUGG": 1}, transaction_id="7200502")
    other = Invoiced("2", "7200502", (mugs(1),))
    this: dict[str, Any] = {"number": "1", "delivery": "7200501", "others": [other]}

    assert pieces_of(an_invoice_seen(shop, order, "100.00", mugs(1), **this)) == {1: 1}
    other = Invoiced("1", "7200501", (mugs(1),))
    that: dict[str, Any] = {"number": "2", "delivery": "7200502", "others": [other]}
    assert pieces_of(an_invoice_seen(shop, order, "100.00", mugs(1), **that)) == {}


def test_a_sale_that_the_shop_invoiced_names_the_shops_invoice() -> None:
    """Whatever its rows are called: they are that invoice's."""
    shop, order = an_order()
    shop.invoice(order, {"SKU-MUGG": 1})
    seen = an_invoice_seen(
        shop, order, "100.00", a_part("X", "1", "100.00"), delivery="1", delivered_by_shop_invoice=True
    )

    assert pieces_of(seen) == {}


def test_a_cancelled_invoice_of_the_shop_is_none() -> None:
    shop, order = an_order()
    shop.invoice(order, {"SKU-MUGG": 2})
    shop.sales.invoices[1].fields["state"] = 3
    shop.sales.orders[order].items[0]["qty_invoiced"] = 0

    assert pieces_of(an_invoice_seen(shop, order, "200.00", mugs(2))) == {1: 2}


def test_pieces_that_were_cancelled_are_not_invoiced() -> None:
    shop, order = an_order()
    shop.sales.orders[order].items[0]["qty_canceled"] = Decimal(4)

    assert pieces_of(an_invoice_seen(shop, order, "200.00", mugs(2))) == {1: 1}


def test_rows_of_money_only_need_no_invoice_in_the_shop() -> None:
    shop, order = an_order()
    parts = (a_part("", "1", "49.00", kind="freight"), a_part("", "1", "29.00", kind="fee"))

    assert pieces_of(an_invoice_seen(shop, order, "78.00", *parts)) == {}


def test_rows_that_are_not_the_orders_are_told() -> None:
    shop, order = an_order()

    with pytest.raises(ShopInvoiceUnmatched) as refused:
        invoice_plan(an_invoice_seen(shop, order, "700.00", mugs(6), a_part("X", "1", "100.00")))
    assert refused.value.facts["rows"] == "6 x SKU-MUGG, 1 x X"


@pytest.mark.parametrize("named", ["SKU-MUGG-7", "sku-mugg"])
def test_an_article_is_known_with_the_number_of_its_row_in_the_cart(named: str) -> None:
    shop, order = an_order()

    assert pieces_of(an_invoice_seen(shop, order, "100.00", a_part(named, "1", "100.00"))) == {1: 1}


def test_an_article_whose_number_is_not_its_sku_is_known() -> None:
    shop, order = an_order(Line("mugg blå", "Mugg", "100.00", quantity=5))

    assert pieces_of(an_invoice_seen(shop, order, "100.00", a_part("mugg+20bl+C3+A5", "1", "100.00"))) == {
        1: 1
    }


def test_a_row_without_an_article_is_known_by_its_text() -> None:
    shop, order = an_order()

    assert pieces_of(an_invoice_seen(shop, order, "100.00", a_part("", "1", "100.00", text="mugg"))) == {1: 1}


def test_a_bundle_of_dynamic_price_is_its_parts() -> None:
    parts = (Line("DEL-1", "Del 1", "60.00", quantity=2), Line("DEL-2", "Del 2", "40.00"))
    bundle = Line("PAKET", "Paket", "160.00", quantity=2, kind="bundle_dynamic", children=parts)
    shop, order = an_order(bundle, Line("SKU-MUGG", "Mugg", "100.00"))
    ids = {item["sku"]: item["item_id"] for item in shop.sales.order(order).items}

    found = pieces_of(an_invoice_seen(shop, order, "160.00", a_part("PAKET", "1", "160.00")))

    assert found == {ids["DEL-1"]: 2, ids["DEL-2"]: 1}


@settings(max_examples=100, deadline=None)
@given(
    deliveries=st.lists(st.integers(1, 2), min_size=1, max_size=3).filter(lambda found: sum(found) <= 5),
    by_hand=st.lists(st.integers(1, 2), max_size=2),
    data=st.data(),
)
def test_whoever_invoices_what_no_piece_is_invoiced_twice(
    deliveries: list[int], by_hand: list[int], data: st.DataObject
) -> None:
    """Deliveries in any order, each twice, with invoices of people in between: never more than was bought,
    and at least what was delivered."""
    shop, order = an_order()
    invoices = [Invoiced(f"{at}", "", (mugs(number),)) for at, number in enumerate(deliveries, start=1)]
    acts: list[Invoiced | int] = data.draw(st.permutations([*invoices, *invoices, *by_hand]))
    item = shop.sales.orders[order].items[0]
    for act in acts:
        if isinstance(act, int):
            if act <= item["qty_ordered"] - item["qty_invoiced"]:
                shop.invoice(order, {"SKU-MUGG": act})
            continue
        others = [one for one in invoices if one is not act]
        pieces = int(act.parts[0].quantity)
        seen = an_invoice_seen(shop, order, f"{pieces * 100}", *act.parts, number=act.number, others=others)
        for wanted in pieces_of(seen).values():
            assert wanted <= item["qty_ordered"] - item["qty_invoiced"]
            marked(shop, order, act.number, wanted)

    own = [one for one in shop.sales.invoices.values() if one.comments]
    numbers = [fortnox_number_in([one.comments[0]["comment"]]) for one in own]
    assert len(numbers) == len(set(numbers))
    assert min(sum(deliveries), 5) <= item["qty_invoiced"] <= 5


# ── when ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["holded", "payment_review"])
def test_an_order_that_a_person_looks_at_waits(state: str) -> None:
    shop, order = an_order()
    shop.sales.order(order).move_to(state, state)

    with pytest.raises(NotYet):
        invoice_plan(an_invoice_seen(shop, order, "500.00", mugs(5)))


def test_an_invoice_that_would_be_made_waits_and_one_that_is_there_does_not() -> None:
    shop, order = an_order()
    wait = timedelta(seconds=90)
    with pytest.raises(NotYet) as told:
        invoice_plan(an_invoice_seen(shop, order, "500.00", mugs(5), wait=wait))
    assert told.value.retry_after == wait

    shop.invoice(order)
    assert len(words_of(an_invoice_seen(shop, order, "500.00", mugs(5), wait=wait))) == 1


def test_an_invoice_that_was_begun_is_meant_as_it_was() -> None:
    shop, order = an_order()
    first = invoice_of(an_invoice_seen(shop, order, "200.00", mugs(2)))
    assert first is not None
    shop.invoice(order, {"SKU-MUGG": 2})
    begun = Booked(first.kind, first.ref, None, "intended", to_plain(first), None, None, None)

    assert invoice_of(an_invoice_seen(shop, order, "200.00", mugs(2), booked=(begun,))) == first


# ── words ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_comments_are_the_merchants_words_and_our_mark() -> None:
    shop, order = an_order()
    words = ShopDocuments(
        invoice_comment="{order}: {number} {date} {due} {ocr} {amount}",
        paid_comment="{number} {paid}",
        pdf_link="https://a.se/{number}",
    )
    seen = an_invoice_seen(shop, order, "1234.50", settings=words, is_paid=True)

    assert words_of(seen) == [
        "100000101: 1 2026-05-05 2026-06-04 1 1 234,50 SEK https://a.se/1 [F1-N]",
        "1 - [F1-P]",
    ]


def test_the_mark_of_a_comment_is_not_taken_for_that_of_a_document() -> None:
    assert fortnox_number_in(["Faktura 1 [F1-N]", "[F2-P]"]) is None
    assert fortnox_number_in(["Kreditfaktura 7 av faktura 1 [F7]"]) == "7"


@pytest.mark.parametrize("words", ["{nummer}", "{number:>10}", "{number.real}", "{0}", "{", ""])
def test_words_with_places_that_there_are_not_are_refused(words: str) -> None:
    with pytest.raises(ValidationError):
        ShopDocuments(invoice_comment=words)
