"""What the shop is told of one article: corrected for orders, by source, and only what differs."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sync_worker.flows.stock.observed import ObservedStock
from services.sync_worker.flows.stock.open_orders import held_by
from services.sync_worker.flows.stock.plan import differences, plan, wanted
from shared.clients.fields import Fields
from shared.clients.magento.wire_stock import OrderGoods, ShopGoods, to_source_item
from shared.domain.documents import Plan
from shared.domain.outcomes import Skipped
from shared.domain.stock import Balance, Held, ShopStock, ShopStockDraft, StockRow
from shared.ledger.stock import BookedSale
from shared.settings.connections import ConnectionDeclaration
from tests.support.paths import REPOSITORY
from tests.support.world import a_declaration

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
RECORDED = REPOSITORY / "tests" / "recorded" / "stock" / "recorded-2.4.7.json"


def shelf(quantity: str | int, *, in_stock: bool = True) -> ShopStock:
    return ShopStock(Decimal(quantity), in_stock)


def seen(
    disposable: str | int = 0,
    *,
    in_stock: str | int | None = None,
    shop: dict[str, ShopStock] | None = None,
    held: Held | None = None,
    balances: tuple[Balance, ...] | None = None,
    legacy: bool = False,
    **settings: Any,
) -> ObservedStock:
    lying = Decimal(disposable if in_stock is None else in_stock)
    return ObservedStock(
        number="A",
        sku="A",
        settings=ConnectionDeclaration.model_validate(a_declaration(stock=settings)),
        as_of=NOW,
        balances=(Balance("", lying, Decimal(disposable)),) if balances is None else balances,
        held=held or Held(),
        shop={"default": shelf(0, in_stock=False)} if shop is None else shop,
        legacy=legacy,
    )


def told(one: ObservedStock) -> list[tuple[str, str, bool]]:
    return [(row.source, f"{row.quantity:f}", row.in_stock) for row in differences(one)]


def held(reserved: int = 0, waiting: int = 0, gone: int = 0) -> Held:
    return Held(Decimal(reserved), Decimal(waiting), Decimal(gone))


# ── how many ──────────────────────────────────────────────────────────────────────────────────────


def test_disposable_pieces_are_told_with_status_1() -> None:
    found = plan(seen(12))

    assert isinstance(found, Plan)
    row = StockRow("A", "default", Decimal(12), in_stock=True, before=Decimal(0))
    assert found.drafts == (ShopStockDraft(ref="STOCK-A", rows=(row,), as_of=NOW),)


def test_what_the_shop_has_already_is_not_told() -> None:
    found = plan(seen(12, shop={"default": shelf(12)}))

    assert isinstance(found, Plan)
    assert found.drafts == ()


def test_what_is_left_alone_says_why() -> None:
    one = ObservedStock("A", seen().settings, NOW, why_not="the shop has no product A")

    assert plan(one) == Skipped("the shop has no product A")


@pytest.mark.parametrize(
    ("disposable", "held", "quantity"),
    [
        (8, held(), "8"),
        (8, held(reserved=2), "10"),  # booked and not shipped: both sides have taken it off
        (8, held(waiting=2), "8"),  # the shop alone holds it, and takes it off by itself
        (8, held(gone=2), "6"),  # shipped before Fortnox heard of it
        (8, held(reserved=3, waiting=1, gone=2), "9"),
        (-2, held(reserved=3), "1"),  # one piece lies there and three are sold: none is for sale
        (-5, held(), "0"),
    ],
)
def test_open_orders_are_counted_once(disposable: int, held: Held, quantity: str) -> None:
    assert [f"{each:f}" for each in wanted(seen(disposable, held=held)).values()] == [quantity]


def test_without_inventory_management_the_shop_has_taken_all_its_orders_off() -> None:
    one = seen(8, legacy=True, held=held(reserved=3, waiting=1, gone=2), shop={"": shelf(1)})

    assert told(one) == [("", "5", True)]


def test_the_disposable_stock_is_sent_as_it_is_where_the_merchant_wants_that() -> None:
    one = seen(8, held=held(reserved=3, gone=2), open_orders="left")

    assert told(one) == [("default", "8", True)]


order = st.tuples(
    st.integers(1, 9), st.integers(0, 9), st.sampled_from(["unknown", "booked", "invoiced", "unsure"])
)


@given(st.lists(order, max_size=6))
def test_whoever_moves_first_the_shop_sells_what_nobody_has_ordered(
    orders: list[tuple[int, int, str]],
) -> None:
    """Each order is placed in the shop, shipped there so far, and known to Fortnox so far."""
    lying, reserved, reservations, ordered = Decimal(1000), Decimal(0), Decimal(0), Decimal(0)
    total = Held()
    for pieces, sent, state in orders:
        shipped = min(pieces, sent)
        lying -= pieces if state == "invoiced" else 0
        reserved += pieces if state == "booked" else 0
        reservations += pieces - shipped
        ordered += pieces
        goods = ShopGoods("A", Decimal(pieces), Decimal(shipped), Decimal(pieces - shipped))
        documents = BookedSale(frozenset({"A"}), unsure=state == "unsure")
        known = None if state == "unknown" else documents
        for _, one in held_by(OrderGoods(1, "1", "processing", (goods,)), known, will_be_booked=True):
            total += one

    (quantity,) = wanted(seen(int(lying - reserved), in_stock=int(lying), held=total)).values()

    assert quantity - reservations == 1000 - ordered


# ── below zero, backorders, what is kept back ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "before", "expected"),
    [
        ({}, shelf(3), [("default", "0", False)]),
        ({"negative": "as_is"}, shelf(3), [("default", "-4", False)]),
        ({"backorders": "all"}, shelf(3), [("default", "0", True)]),
        ({"backorders": "all", "negative": "as_is"}, shelf(3), [("default", "-4", True)]),
        ({"backorders": "as_in_shop"}, shelf(3), [("default", "0", True)]),
        ({"backorders": "as_in_shop"}, shelf(3, in_stock=False), [("default", "0", False)]),
        ({"backorders": "as_in_shop"}, shelf(0), []),
        ({}, shelf(0), [("default", "0", False)]),  # nothing to sell, and still called in stock
        ({}, shelf(0, in_stock=False), []),
    ],
)
def test_less_than_nothing(settings: Any, before: ShopStock, expected: Any) -> None:
    assert told(seen(-4, shop={"default": before}, **settings)) == expected


@pytest.mark.parametrize(
    ("disposable", "held", "quantity"),
    [(10, held(), "7"), (2, held(), "0"), (2, held(reserved=4), "4"), (0, held(reserved=4), "4")],
)
def test_pieces_are_kept_back_from_what_is_for_sale_and_not_from_what_is_sold(
    disposable: int, held: Held, quantity: str
) -> None:
    (found,) = wanted(seen(disposable, held=held, keep_back=3)).values()

    assert f"{found:f}" == quantity


@pytest.mark.parametrize(
    ("disposable", "settings", "quantity"),
    [
        (5, {"low_stock": 5}, "5"),
        (4, {"low_stock": 5}, "0"),
        (7, {"low_stock": 5, "keep_back": 3}, "0"),
        (8, {"low_stock": 5, "keep_back": 3}, "5"),
        (-1, {"low_stock": 5}, "0"),
    ],
)
def test_the_last_pieces_may_be_kept_from_sale(disposable: int, settings: Any, quantity: str) -> None:
    (found,) = wanted(seen(disposable, **settings)).values()
    assert f"{found:f}" == quantity

    (found,) = wanted(seen(disposable, held=held(reserved=9), **settings)).values()
    assert found == Decimal(quantity) + 9 - max(-disposable, 0), "what is sold stays where it lies"


def test_fractions_are_cut_off_only_where_that_is_asked_for() -> None:
    assert told(seen("2.75")) == [("default", "2.75", True)]
    assert told(seen("2.75", whole_pieces=True)) == [("default", "2", True)]
    assert told(seen("0.75", whole_pieces=True, shop={"default": shelf(1)})) == [("default", "0", False)]


# ── where ─────────────────────────────────────────────────────────────────────────────────────────


TWO = [{"source": "default"}, {"source": "lager2", "stock_points": ["SYD", "OST"]}]


def balances(**points: tuple[int, int]) -> tuple[Balance, ...]:
    """In stock and disposable, by stock point."""
    return tuple(Balance(point, Decimal(lying), Decimal(free)) for point, (lying, free) in points.items())


def test_each_source_gets_what_its_stock_points_have() -> None:
    one = seen(balances=balances(MAIN=(5, 5), SYD=(3, 3), OST=(2, 1), NORR=(1, 1)), sources=TWO)

    assert told(one) == [("default", "6", True), ("lager2", "4", True)]


def test_stock_points_that_no_line_names_are_not_sold_from() -> None:
    sources = [{"source": "default", "stock_points": ["MAIN"]}, TWO[1]]
    one = seen(balances=balances(MAIN=(5, 5), NORR=(9, 9)), sources=sources)

    assert told(one) == [("default", "5", True)]


def test_what_is_added_back_is_added_where_fortnox_has_reserved_it() -> None:
    one = seen(
        balances=balances(MAIN=(5, 5), SYD=(6, 2)),
        sources=TWO,
        held=held(reserved=5),  # four are reserved in SYD; one Fortnox has sent already
        shop={"default": shelf(0), "lager2": shelf(0)},
    )

    assert told(one) == [("default", "6", True), ("lager2", "6", True)]


def test_a_source_that_has_no_row_and_gets_nothing_gets_no_row() -> None:
    assert told(seen(balances=balances(MAIN=(5, 5)), sources=TWO, shop={})) == [("default", "5", True)]


def test_sources_that_no_line_names_are_left_alone() -> None:
    """As recorded: one product in three sources of a shop."""
    recorded = json.loads(RECORDED.read_text(), parse_float=Decimal)["source_items"]["items"]
    items = [to_source_item(Fields(one, of="source item")) for one in recorded]
    shop = {one.source_code: ShopStock(one.quantity, one.in_stock) for one in items}
    assert sorted(shop) == ["default", "lager2", "lager3"]

    assert told(seen(100, shop=shop)) == []
    assert told(seen(balances=balances(SYD=(8, 8)), sources=TWO, shop=shop)) == [
        ("default", "0", False),
        ("lager2", "8", True),
    ]
