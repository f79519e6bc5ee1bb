"""What a worker does for a connection as a whole: customers' register, callbacks, consent."""

from shared.ledger.records import IncomingEvent
from tests.journeys.test_sale import A01
from tests.support.world import CONNECTION, TOKEN, World


async def chore(world: World, kind: str) -> str:
    await world.ledger.inbox.accept(
        [
            IncomingEvent(
                CONNECTION, "schedule", kind, f"{kind}|{world.clock()}", kind, CONNECTION, lane="bulk"
            )
        ]
    )
    await world.works()
    found = await world.ledger.subjects.find(CONNECTION, kind, CONNECTION)
    assert found is not None
    return found.state


async def test_with_the_register_a_new_customer_costs_one_call_and_no_search(world: World) -> None:
    assert await chore(world, "customer_register") == "done"
    before = len(world.calls())

    world.buys(*A01)
    await world.works()

    assert [call for call in world.calls()[before:] if "customers" in call] == ["POST /3/customers"]


async def test_a_customer_made_by_a_person_since_the_last_sync_is_still_found(world: World) -> None:
    await chore(world, "customer_register")
    fortnox = world.shop.kits[CONNECTION].fortnox
    made = await fortnox.create_customer(
        {"Name": "Tilda Testsson", "Email": "tilda@example.com", "Type": "PRIVATE"}
    )
    world.on("2026-05-05")

    world.buys(*A01)
    await world.works()

    assert [order["CustomerNumber"] for order in world.orders] == [made.number]
    assert len(world.company.customers) == 1


async def test_svea_is_asked_to_call_for_every_market_and_asked_once(world: World) -> None:
    world.shop.service = world.shop.service.model_copy(update={"public_url": "https://sluss.example.com"})
    for _ in range(2):
        world.on("2026-05-05")
        assert await chore(world, "svea_subscriptions") == "done"

    urls = [one.url for one in world.sandbox.svea.subscriptions.of("700001")]
    assert urls.count(f"https://sluss.example.com/webhooks/svea/{CONNECTION}/se/{TOKEN}") == 1


async def test_an_address_that_svea_cannot_reach_is_not_subscribed(world: World) -> None:
    assert await chore(world, "svea_subscriptions") == "skipped"
