"""Journeys of VAT numbers that VIES is asked about, or is not."""

from datetime import timedelta
from typing import Any

from services.sandbox.magento.lines import Line
from tests.journeys.test_vat import B01, B05, DAY, reasons
from tests.support.world import World, a_shop

NUMBER = "DE136695976"
EVIDENCE = "valid in VIES on 2026-05-04, consultation WAPIAAAA00000001"


async def asks(world: World, vies: str, **more: Any) -> None:
    told = {"api_url": "http://sandbox/vies/rest-api", "vies": vies, **more}
    await world.declare(magento=a_shop(), vat_numbers=told)


async def ordered(world: World, vat_id: str = NUMBER) -> int:
    world.on("2026-05-04")
    order = world.magento.orders(
        B05.line, payment="banktransfer", state="processing", number="120", **(B05.cart | {"vat_id": vat_id})
    )
    await world.works()
    return order


async def delivered(world: World, order: int) -> None:
    world.on(DAY)
    world.magento.invoice(order)
    await world.works()


async def advice(world: World, order: int) -> list[str]:
    return [one["code"] for one in (await world.sale(f"M{order}")).summary["plan"]["advice"]]


async def test_a_valid_number_is_asked_once_a_day_and_kept_as_evidence(shop_world: World) -> None:
    world = shop_world
    await asks(world, "advise", own_number="SE 556677-889901")
    world.sandbox.vies.valid.add(NUMBER)
    order = await ordered(world)
    for _ in range(3):
        world.later(timedelta(hours=1))
        await world.ledger.subjects.retry([(await world.sale(f"M{order}")).id])
        await world.works()
    assert world.sandbox.vies.asked == [NUMBER]

    await delivered(world, order)

    assert world.books(DAY) == B05.books
    assert (await reasons(world, f"M{order}"))[0] == (
        f"0 %: no VAT charged to a business in DE, {NUMBER} ({EVIDENCE}): the buyer accounts for it"
    )
    assert await advice(world, order) == []
    asked = len(world.sandbox.vies.asked)
    world.later(timedelta(days=30))
    await world.hears_everything_again()
    assert len(world.sandbox.vies.asked) == asked, "what is booked is not asked about"


async def test_a_number_that_is_not_valid_is_booked_and_told(shop_world: World) -> None:
    await asks(shop_world, "advise")
    order = await ordered(shop_world)
    await delivered(shop_world, order)

    assert shop_world.books(DAY) == B05.books
    assert await advice(shop_world, order) == ["vat_number_doubtful"]


async def test_a_register_that_is_down_delays_nothing_and_is_left_alone(shop_world: World) -> None:
    world = shop_world
    await asks(world, "advise")
    world.sandbox.vies.down.add("DE")
    order = await ordered(world)
    world.later(timedelta(minutes=1))
    world.magento.invoice(order)
    await world.works()

    assert (await world.sale(f"M{order}")).state == "done"
    assert world.sandbox.vies.asked == [NUMBER]
    assert await advice(world, order) == []
    assert len(world.invoices) == 1


async def test_required_it_waits_while_down_and_goes_on_when_it_answers(shop_world: World) -> None:
    world = shop_world
    await asks(world, "require")
    world.sandbox.vies.down.add("DE")
    order = await ordered(world)
    sale = await world.sale(f"M{order}")
    assert (sale.state, world.writes()) == ("waiting", [])

    world.sandbox.vies.down.clear()
    world.sandbox.vies.valid.add(NUMBER)
    world.later(timedelta(minutes=11))
    await world.works()
    assert (await world.sale(f"M{order}")).state == "done"
    await delivered(world, order)
    assert world.books(DAY) == B05.books


async def test_required_a_number_that_is_not_valid_stops_until_it_is(shop_world: World) -> None:
    world = shop_world
    await asks(world, "require")
    order = await ordered(world)
    sale = await world.sale(f"M{order}")
    assert sale.problem is not None
    assert (sale.problem.code, world.writes()) == ("vat_number_unfit", [])
    assert sale.problem.facts["fault"] == "VIES said on 2026-05-04 that it is not valid"

    world.sandbox.vies.valid.add(NUMBER)
    world.later(timedelta(hours=2))
    await world.works()
    assert (await world.sale(f"M{order}")).state == "done"


async def test_a_sale_that_was_charged_vat_never_asks(shop_world: World) -> None:
    world = shop_world
    await asks(world, "require")
    world.sandbox.vies.down.add("DE")
    world.on(DAY)
    cart = {**B01.cart, "company": "Muster GmbH", "vat_id": NUMBER}
    line = Line("SKU-MASKIN", "Maskin", "119.00", rate="19")
    order = world.magento.orders(line, payment="banktransfer", state="processing", number="121", **cart)
    await world.works()
    world.magento.invoice(order)
    await world.works()

    assert world.books(DAY) == B01.books
    assert world.sandbox.vies.asked == []


async def test_switched_off_nobody_is_asked(shop_world: World) -> None:
    await asks(shop_world, "off")
    order = await ordered(shop_world, "DE123456789")
    await delivered(shop_world, order)

    assert shop_world.books(DAY) == B05.books
    assert shop_world.sandbox.vies.asked == []
    assert await advice(shop_world, order) == ["vat_number_doubtful"]
