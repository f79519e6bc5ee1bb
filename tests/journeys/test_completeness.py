"""Journeys of a night: what Svea has and we have not is booked by itself, or listed with why."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sync_worker import completeness
from tests.journeys.test_chores import chore
from tests.journeys.test_payouts import evening, reports, sold
from tests.journeys.test_sale_backfill import ask
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import CONNECTION, World, a_row


def loses_notices(world: World) -> None:
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=-1)


async def checked(world: World) -> dict[str, Any]:
    """The run of tonight's check."""
    assert await chore(world, "completeness") == "done"
    found = await world.ledger.subjects.find(CONNECTION, "completeness", CONNECTION)
    assert found is not None
    run = found.summary["notes"][1].removeprefix("run ")
    said: dict[str, Any] = await ask(world, "GET", f"/runs/{run}")
    assert said["open"] == 0
    return said


async def checked_again(world: World) -> dict[str, Any]:
    world.later(timedelta(hours=1))
    return await checked(world)


def told(run: dict[str, Any]) -> list[tuple[str, str]]:
    """Every line but the first."""
    return [(item["key"], item["state"]) for item in run["items"][1:]]


async def test_when_everything_has_its_document_the_run_says_so_and_nothing_is_written(world: World) -> None:
    first, _ = sold(world, "547.00"), sold(world, "199.00", number="2")
    await world.works()
    world.later(timedelta(hours=1))
    world.sandbox.svea.credit_amount(*first, 10000)
    await world.works()
    made = world.accepted_writes()

    run = await checked(world)

    assert run["items"][0]["text"] == "2 sales with 2 deliveries and 1 credits: nothing is missing"
    assert (told(run), run["finished_at"] is not None) == ([], True)
    assert world.accepted_writes() == made


async def test_a_delivery_and_a_credit_that_nobody_told_of_are_booked(world: World) -> None:
    delivered = sold(world, "547.00")
    checkout = world.buys(a_row("Mugg", "199.00"), number="2")
    await world.works()
    loses_notices(world)
    world.later(timedelta(hours=1))
    world.sandbox.svea.credit_amount(*delivered, 10000)
    world.sandbox.svea.deliver(checkout)
    await world.works()
    assert sorted(one["Total"] for one in world.invoices) == [Decimal(547)]

    run = await checked(world)

    assert sorted(told(run)) == sorted([(str(delivered[0]), "done"), (str(checkout), "done")])
    assert sorted(one["Total"] for one in world.invoices) == [-100, 199, 547]
    assert told(await checked_again(world)) == []


async def test_a_sale_that_only_a_payout_names_is_booked_and_its_parked_row_settles(world: World) -> None:
    world.on("2026-05-05")
    loses_notices(world)
    sale = sold(world, "399.00")
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "399.00", fee("Credit", "5.99")))
    await evening(world)
    assert world.invoices == []

    run = await checked(world)

    assert told(run) == [(str(sale[0]), "done")]
    assert [one["Balance"] for one in world.invoices] == [0]


async def test_what_waits_for_a_person_is_listed_with_why_and_left_alone(world: World) -> None:
    world.company.locked_until = date(2026, 5, 31)
    locked = sold(world, "547.00")
    await world.works()
    ignored = sold(world, "199.00", number="2")
    await world.works()
    subject = await world.sale(ignored[0])
    await world.ledger.subjects.ignore(subject.id, "booked by hand")

    run = await checked(world)

    assert sorted(told(run)) == [(str(locked[0]), "needs_attention"), (str(ignored[0]), "skipped")]
    texts = {item["key"]: item["text"] for item in run["items"][1:]}
    assert "has no invoice" in texts[str(locked[0])]
    assert "locked up to 2026-05-31" in texts[str(locked[0])]
    assert texts[str(ignored[0])].endswith("booked by hand")
    assert (await world.sale(ignored[0])).state == "skipped"


async def test_a_document_without_its_delivery_is_listed(world: World) -> None:
    checkout, delivery = sold(world, "547.00")
    await world.works()
    order = world.sandbox.svea.orders[checkout]
    order.deliveries.clear()

    run = await checked(world)

    assert told(run) == [(str(checkout), "differs")]
    assert f"(S{checkout}-D{delivery}) has no delivery at Svea" in run["items"][1]["text"]


async def test_a_long_check_takes_turns_and_an_operator_may_ask_for_earlier_days(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completeness, "PER_TURN", 2)
    monkeypatch.setattr(completeness, "PER_PART", 1)
    for number in range(5):
        sold(world, "100.00", number=str(number))
    await world.works()
    world.on("2026-05-20")
    assert (await checked(world))["items"][0]["text"].startswith("0 sales")
    started = await ask(
        world, "POST", f"/connections/{CONNECTION}/jobs/completeness/run", {"date": "2026-05-01"}
    )
    for _ in range(3):
        await world.works()
        world.later(timedelta(seconds=2))

    run = await ask(world, "GET", f"/runs/{started['run_id']}")

    assert run["items"][0]["text"] == "5 sales with 5 deliveries and 0 credits: nothing is missing"
    assert run["finished_at"] is not None
