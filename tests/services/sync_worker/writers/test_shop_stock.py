"""Quantities in the shop: one bad row keeps no other out, and a cause for all is found with a few calls."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.sync_worker.writers.magento_stock import MOST_REFUSED, ShopStockWriter
from shared.domain.errors import MagentoRights, RefusedByMagento, Unavailable
from shared.domain.stock import ShopStockDraft, StockRow, StockStopped

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)


class Shop:
    """Takes rows but for those that it refuses; the calls are kept."""

    def __init__(self, *refused: str, failure: Exception | None = None) -> None:
        self.refused, self.failure = set(refused), failure
        self.calls: list[list[str]] = []
        self.rows: dict[str, Any] = {}

    async def save_source_items(self, items: list[dict[str, Any]], *, rows_per_call: int) -> None:
        assert len(items) <= rows_per_call
        self.calls.append([item["sku"] for item in items])
        if self.failure is not None:
            raise self.failure
        if bad := self.refused.intersection(self.calls[-1]):
            raise RefusedByMagento(f"{min(bad)} is refused")
        self.rows |= {item["sku"]: (item["quantity"], item["status"]) for item in items}

    async def save_stock_item(self, sku: str, item: dict[str, Any]) -> None:
        self.calls.append([sku])
        if sku in self.refused:
            raise RefusedByMagento(f"{sku} is refused")
        self.rows[sku] = item


class Numbers:
    def number_of(self, kind: str, ref: str) -> str:
        raise AssertionError("stock names no other document")


def a_draft(count: int, source: str = "default") -> ShopStockDraft:
    rows = (StockRow(f"S{n}", source, Decimal(n), in_stock=n > 0) for n in range(count))
    return ShopStockDraft(ref="STOCK-PAGE-stock_full-1", rows=tuple(rows), as_of=NOW)


def a_writer(shop: Shop, rows_per_call: int = 8, *, alone: bool = False) -> ShopStockWriter:
    return ShopStockWriter(shop, rows_per_call, alone=alone)  # type: ignore[arg-type]


async def test_rows_go_in_calls_of_the_size_that_was_asked_for() -> None:
    shop = Shop()

    written = await a_writer(shop).create(a_draft(20), Numbers())

    assert [len(call) for call in shop.calls] == [8, 8, 4]
    assert (shop.rows["S0"], shop.rows["S19"]) == ((Decimal(0), 0), (Decimal(19), 1))
    assert written.number == "STOCK-PAGE-stock_full-1"


@pytest.mark.parametrize("bad", [f"S{n}" for n in range(8)])
async def test_a_bad_row_is_found_by_halves(bad: str) -> None:
    shop = Shop(bad)
    writer = a_writer(shop)

    await writer.create(a_draft(8), Numbers())

    assert [one.row.sku for one in writer.refused] == [bad]
    assert len(shop.rows) == 7
    assert len(shop.calls) == 7, "one for all, and two for each halving of eight"


async def test_bad_rows_of_one_draft_are_not_those_of_the_next() -> None:
    writer = a_writer(Shop("S1", "S6"))

    await writer.create(a_draft(8), Numbers())
    assert [one.row.sku for one in writer.refused] == ["S1", "S6"]
    await writer.update(a_draft(1), "STOCK-PAGE-stock_full-1", Numbers(), {})
    assert writer.refused == []


async def test_of_an_article_by_itself_a_refusal_is_the_articles_problem() -> None:
    with pytest.raises(RefusedByMagento, match="S0 is refused"):
        await a_writer(Shop("S0"), alone=True).create(a_draft(1), Numbers())


async def test_a_cause_for_all_rows_stops_after_a_few_calls() -> None:
    shop = Shop(*(f"S{n}" for n in range(500)))

    with pytest.raises(StockStopped, match=f"{MOST_REFUSED} quantities were refused; the last: S19:"):
        await a_writer(shop, 100).create(a_draft(500), Numbers())

    assert len(shop.calls) < 50


async def test_many_bad_rows_among_more_good_ones_stop_nobody() -> None:
    bad = [f"S{n}" for n in range(5, 100, 4)]
    shop = Shop(*bad)
    writer = a_writer(shop, 100)

    await writer.create(a_draft(100), Numbers())

    assert len(bad) > MOST_REFUSED
    assert [one.row.sku for one in writer.refused] == bad
    assert len(shop.rows) == 100 - len(bad)


@pytest.mark.parametrize("failure", [Unavailable("maintenance"), MagentoRights("no right")])
async def test_what_is_wrong_with_the_call_is_not_looked_for_in_its_rows(failure: Exception) -> None:
    shop = Shop(failure=failure)

    with pytest.raises(type(failure)):
        await a_writer(shop).create(a_draft(20), Numbers())

    assert len(shop.calls) == 1


async def test_stock_items_of_before_are_told_one_by_one() -> None:
    shop = Shop("S1")
    writer = a_writer(shop)

    await writer.create(a_draft(3, source=""), Numbers())

    assert shop.rows == {"S0": {"qty": 0, "is_in_stock": False}, "S2": {"qty": 2, "is_in_stock": True}}
    assert [one.row.sku for one in writer.refused] == ["S1"]
