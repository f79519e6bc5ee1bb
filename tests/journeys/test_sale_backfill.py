"""Backfill over live data by Svea checkout ids (acceptance E03), through the operations API."""

import json
from datetime import date
from typing import Any

from services.sync_worker.preview import preview_run
from tests.journeys.test_sale import A01
from tests.support.world import CONNECTION, World

KEY = "bootstrap-key-for-tests-0123456789"


async def ask(world: World, method: str, path: str, body: Any = None) -> Any:
    await world.ledger.api_keys.ensure_bootstrap(KEY)
    answer = await world.gateway.request(
        method, f"/api/v1{path}", json=body, headers={"Authorization": f"Bearer {KEY}"}
    )
    assert answer.status_code < 300, answer.text
    return answer.json()


async def backfill(world: World, ids: list[int], *, preview: bool) -> dict[str, dict[str, Any]]:
    """What the run says of each id, once workers have done with it."""
    started = await ask(
        world,
        "POST",
        f"/connections/{CONNECTION}/backfill",
        {"checkout_ids": ids, "preview": preview},
    )
    if preview:
        await preview_run(world.shop, started["run_id"])
    await world.works()
    run = await ask(world, "GET", f"/runs/{started['run_id']}?limit=500")
    return {item["key"]: item for item in run["items"]}


async def delivered_on(world: World, day: str, count: int, *, first: int) -> list[int]:
    """Sales of that day of which no webhook ever came."""
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=-1)
    world.on(day)
    sales = [world.buys(*A01, number=str(first + n)) for n in range(count)]
    for sale in sales:
        world.sandbox.svea.deliver(sale)
    await world.sandbox.svea.settle()
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)()
    return sales


async def test_e03_a_backfill_books_what_is_missing_and_nothing_twice(world: World) -> None:
    closed = await delivered_on(world, "2025-12-30", 5, first=500)
    world.company.locked_until = date(2025, 12, 31)
    missed = await delivered_on(world, "2026-05-05", 24, first=200)
    live = await delivered_on(world, "2026-05-06", 20, first=300)
    await backfill(world, live, preview=False)
    assert len(world.invoices) == 20
    ids = [*live, *missed, *closed, 9999999]
    before = world.writes()

    seen = await backfill(world, ids, preview=True)
    assert world.writes() == before
    assert [seen[str(one)]["state"] for one in missed] == ["would_book"] * 24
    assert {seen[str(one)]["text"] for one in missed} == {"order 547.00 SEK, invoice 547.00 SEK"}
    assert {seen[str(one)]["text"] for one in live} == {"everything is there already"}
    assert {seen[str(one)]["facts"]["code"] for one in closed} == {"period_locked"}
    assert seen["9999999"]["facts"]["code"] == "unknown_checkout"

    done = await backfill(world, ids, preview=False)
    assert [done[str(one)]["state"] for one in missed] == ["done"] * 24
    assert {done[str(one)]["facts"]["code"] for one in closed} == {"period_locked"}
    assert len(world.invoices) == 44
    dates = [invoice["InvoiceDate"] for invoice in world.invoices]
    assert (dates.count("2026-05-05"), dates.count("2026-05-06")) == (24, 20)

    before = world.writes()
    await backfill(world, ids, preview=False)
    assert world.writes() == before


async def test_a_backfill_by_dates_finds_what_we_were_told_of_and_what_was_paid_out(world: World) -> None:
    (paid_out,) = await delivered_on(world, "2026-05-05", 1, first=100)
    report = {"clientReports": [{"rows": [{"sveaCheckoutId": paid_out}, {"sveaCheckoutId": None}]}]}
    world.sandbox.svea.reports["700001", date(2026, 5, 8)] = json.dumps(report).encode()
    world.on("2026-05-06")
    told = world.buys(*A01, number="200")
    await world.works()
    world.on("2026-05-20")

    started = await ask(
        world, "POST", f"/connections/{CONNECTION}/backfill", {"from": "2026-05-05", "to": "2026-05-06"}
    )
    await preview_run(world.shop, started["run_id"])
    await world.works()

    run = await ask(world, "GET", f"/runs/{started['run_id']}")
    assert {item["key"]: item["state"] for item in run["items"]} == {str(told): "done", str(paid_out): "done"}
    assert [invoice["ExternalInvoiceReference2"] for invoice in world.invoices] == [str(paid_out)]
