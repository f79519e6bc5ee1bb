"""What a worker does for a connection as a whole: customers' register, callbacks, consent."""

from datetime import timedelta

import httpx

from shared.ledger.records import IncomingEvent
from tests.journeys.test_sale import A01
from tests.journeys.test_sale_backfill import ask
from tests.support.world import CONNECTION, TENANT, TOKEN, World, a_declaration


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


async def test_a_consent_becomes_tokens_that_rotate_and_the_sale_is_booked(world: World) -> None:
    await declare_consent(world)
    sale = world.buys(*A01)
    await world.works()
    assert (await world.sale(sale)).problem is not None

    await consent(world)
    await world.works()
    await world.retry(sale)
    assert (await world.sale(sale)).state == "done"

    first = await world.ledger.credentials.get(CONNECTION, "fortnox")
    world.later(timedelta(hours=2))
    second_sale = world.buys(*A01, number="100000102")
    await world.works()

    assert (await world.sale(second_sale)).state == "done"
    second = await world.ledger.credentials.get(CONNECTION, "fortnox")
    assert first is not None
    assert second is not None
    assert second.value["refresh_token"] != first.value["refresh_token"]


async def test_a_code_is_used_once_and_leaves_no_trace(world: World) -> None:
    await declare_consent(world)
    await consent(world)
    await world.works()

    assert await world.ledger.credentials.get(CONNECTION, "fortnox_code") is None
    again = await world.ledger.subjects.find(CONNECTION, "consent", CONNECTION)
    assert again is not None
    assert again.state == "done"
    exchanges = await world.ledger.audit.exchanges(subject_id=again.id)
    assert not [one for one in exchanges if "token" in (one.answer or "") + (one.request or "")]


async def declare_consent(world: World) -> None:
    declared = a_declaration()["fortnox"] | {
        "grant": "authorization_code",
        "redirect_uri": "https://sluss.test/connect/fortnox/callback",
    }
    await world.declare(fortnox=declared)
    world.sandbox.fortnox.oauth.withdraw("sluss-test", TENANT)


async def consent(world: World) -> None:
    """An administrator opens the link, Fortnox agrees, the browser comes back to us."""
    link = (await ask(world, "POST", f"/connections/{CONNECTION}/fortnox/consent"))["authorize_url"]
    async with httpx.AsyncClient(transport=world.shop.transport) as browser:
        back = await browser.get(link)
    page = await world.gateway.get(back.headers["location"].removeprefix("https://sluss.test"))
    assert page.status_code == 200
