"""Journey of a consent that is older than the report on the voucher: the books do not wait for the file."""

from datetime import timedelta

from services.sandbox.fortnox.oauth import ALL_SCOPES
from tests.journeys.test_payouts import (
    evening,
    heard_of,
    payout_of,
    reports,
    rows_of,
    sold,
    three_sales,
    world_with_clearing,
)
from tests.journeys.test_payouts_by_hand import looks_again
from tests.journeys.test_sale_backfill import ask
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import World, kronor

__all__ = ["world_with_clearing"]

FOR_FILES = ("archive", "connectfile", "inbox")
DAY = "2026-05-08"


async def test_a_payout_is_booked_without_its_file_which_follows_after_a_new_consent(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    world.company.scopes = tuple(scope for scope in ALL_SCOPES if scope not in FOR_FILES)
    first, *_ = await three_sales(world)
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(lose=-1)
    unknown = sold(world, "399.00", number="99")
    world.on(DAY)
    reports(
        world,
        DAY,
        a_row_of(first, "547.00", fee("Credit", "8.21")),
        a_row_of(unknown, "399.00", fee("Credit", "5.99")),
    )
    await evening(world)

    payout = await payout_of(world, DAY)
    said = await ask(world, "GET", f"/payouts/{payout.id}")
    assert (said["state"], said["booked"], said["problem"]["code"]) == (
        "needs_attention",
        True,
        "missing_rights",
    )
    assert "inbox" in said["problem"]["message"]
    assert [one["kind"] for one in said["documents"] if one["number"]] == ["voucher"]
    assert world.books(DAY) == kronor(_1930="931.80", _6040="14.20", _1510="-547.00", _2999="-399.00")

    world.on("2026-05-11")
    await heard_of(world, unknown[0])
    assert [row.state for row in await rows_of(world, DAY)] == ["matched", "settled"]
    assert world.books("2026-05-11") == kronor(_2999="399.00", _1510="-399.00")
    assert world.company.file_connections == {}

    world.company.scopes = ALL_SCOPES
    world.later(timedelta(hours=2))
    await world.works()
    assert (await payout_of(world, DAY)).state == "done"
    assert len(world.company.file_connections) == len(world.company.files) == 1
    await looks_again(world)
