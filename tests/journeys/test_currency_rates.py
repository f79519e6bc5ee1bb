"""Journeys of currency rates: Fortnox' register to the shop's store views, daily, by kind `currency_rate`."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.faults import FaultRule, Status, System
from services.sandbox.fortnox.chart import Currency
from services.sandbox.fortnox.ledger_settings import Currencies
from services.sandbox.magento.shop import Shop
from shared.ledger.records import Subject
from tests.journeys.test_sale_backfill import ask
from tests.support.listening import ears
from tests.support.shop_products import KEYS, the_job, told
from tests.support.world import CONNECTION, TENANT, World

SAVE = "/V1/sluss/currency-rates"
ON = {"currency_rates": True}


async def declares(world: World, **changes: Any) -> None:
    magento = {"base_url": "http://sandbox/magento", "order_wait": 0, **KEYS}
    await world.declare(**{"magento": magento, "sync": ON} | changes)


@pytest.fixture
async def shop(world: World) -> Shop:
    """Its base currency is SEK on one website and EUR on the other; Fortnox says what the shop says."""
    store = world.sandbox.magento.add_shop(**KEYS)
    rates(world, EUR="11.428571428571", NOK="0.969743987587", USD="10.515247108307")
    await declares(world)
    return store


def rates(world: World, **sek: str) -> None:
    for code, rate in sek.items():
        world.company.currencies[code] = Currency(code, code, Decimal(rate), Decimal(rate))


async def looks(world: World) -> Subject:
    """A tick of the timetable, and everything that comes of it."""
    world.later(timedelta(hours=1))
    await told(world, "schedule", "currency_rates", "currency_rates", CONNECTION)
    await world.works()
    return await the_rates(world)


async def the_rates(world: World) -> Subject:
    found = await world.ledger.subjects.find(CONNECTION, "currency_rate", CONNECTION)
    assert found is not None
    return found


def saved(shop: Shop) -> int:
    return sum(call.path.endswith(SAVE) for call in shop.calls)


def rate(shop: Shop, base: str, currency: str) -> Decimal:
    return shop.pages.rates[base, currency]


def problem(subject: Subject) -> str | None:
    return subject.problem.code if subject.problem else None


async def test_a_change_in_fortnox_is_one_call_that_writes_what_differs(world: World, shop: Shop) -> None:
    before = dict(shop.pages.rates)
    rates(world, NOK="1.00")

    subject = await looks(world)

    assert (subject.state, problem(subject)) == ("done", None)
    assert saved(shop) == 1
    assert rate(shop, "SEK", "NOK") == 1
    assert {pair: one for pair, one in shop.pages.rates.items() if before.get(pair) != one} == {
        ("SEK", "NOK"): Decimal(1),
        ("EUR", "SEK"): Decimal("11.428571428571"),  # the EUR website had none
    }
    assert world.writes() == [], "nothing is written to Fortnox"


async def test_heard_again_nothing_is_written(world: World, shop: Shop) -> None:
    await looks(world)
    assert saved(shop) == 1

    for _ in range(3):
        assert (await looks(world)).state == "done"

    assert saved(shop) == 1


async def test_a_euro_shop_gets_kronor_and_krone_per_euro(world: World, shop: Shop) -> None:
    shop.pages.view(2).allowed_currencies = ("EUR", "SEK", "NOK")
    rates(world, EUR="11.40", NOK="0.95")

    await looks(world)

    assert rate(shop, "EUR", "SEK") == Decimal("11.4")
    assert rate(shop, "EUR", "NOK") == 12


async def test_a_unit_of_a_hundred(world: World, shop: Shop) -> None:
    shop.pages.view(1).allowed_currencies = ("SEK", "JPY")
    world.company.currencies["JPY"] = Currency("JPY", "Yen", Decimal("6.95"), Decimal("7.05"), Decimal(100))

    await looks(world)

    assert rate(shop, "SEK", "JPY") == Decimal("14.184397163121")
    await declares(world, currency_rates={"rate": "buy"})
    await looks(world)
    assert rate(shop, "SEK", "JPY") == Decimal("14.388489208633")


async def test_a_rate_that_jumps_waits_for_a_person_and_then_goes_on(world: World, shop: Shop) -> None:
    await looks(world)
    rates(world, EUR="114.28", NOK="1.01")

    subject = await looks(world)

    assert (subject.state, problem(subject)) == ("needs_attention", "rate_jumped")
    assert subject.problem is not None
    assert subject.problem.facts == {"line": "{EUR: 114.28}"}
    assert rate(shop, "SEK", "EUR") == Decimal("0.0875")
    assert rate(shop, "EUR", "SEK") == Decimal("11.428571428571")
    assert rate(shop, "SEK", "NOK") == Decimal("0.990099009901"), "the others are not held up"

    await looks(world)
    assert rate(shop, "SEK", "EUR") == Decimal("0.0875"), "still nobody has confirmed"

    await declares(world, currency_rates={"confirmed": {"EUR": "114.28"}})
    await world.ledger.subjects.retry([subject.id])
    await world.works()

    assert (await the_rates(world)).state == "done"
    assert rate(shop, "SEK", "EUR") == Decimal("0.008750437522")
    assert rate(shop, "EUR", "SEK") == Decimal("114.28")


async def test_a_jump_that_was_a_mistake_is_over_when_fortnox_is_put_right(world: World, shop: Shop) -> None:
    await looks(world)
    rates(world, EUR="1.14")
    assert problem(await looks(world)) == "rate_jumped"

    rates(world, EUR="11.50")
    world.later(timedelta(hours=2))
    await world.works()

    assert (await the_rates(world)).state == "done"
    assert rate(shop, "EUR", "SEK") == Decimal("11.5")


@pytest.mark.parametrize("lie", ["0", "-11.4", "1e400", "1e-30"])
async def test_a_rate_that_is_none_leaves_the_shop_alone_and_is_told(
    world: World, shop: Shop, lie: str
) -> None:
    await looks(world)
    rates(world, USD=lie, NOK="1.00")

    subject = await looks(world)

    assert subject.state == "done"
    assert [advice["facts"] for advice in subject.summary["plan"]["advice"]] == [{"currency": "USD"}]
    assert (rate(shop, "SEK", "USD"), rate(shop, "SEK", "NOK")) == (Decimal("0.0951"), Decimal(1))


async def test_switched_off_or_without_the_module_the_shops_rates_are_its_own(
    world: World, shop: Shop
) -> None:
    rates(world, EUR="11.00")
    before = dict(shop.pages.rates)
    await declares(world, sync={})
    asked = len(shop.calls)

    off = await looks(world)
    assert (off.state, len(shop.calls) - asked) == ("skipped", 0)
    assert "managed independently" in (off.reason or "")

    await declares(world)
    shop.module_installed = False
    without = await looks(world)

    assert without.state == "skipped"
    assert "module is not installed" in (without.reason or "")
    assert (shop.pages.rates, saved(shop)) == (before, 0)

    shop.module_installed = True
    assert (await looks(world)).state == "done"
    assert rate(shop, "EUR", "SEK") == 11


async def test_a_right_that_is_missing_says_which(world: World, shop: Shop) -> None:
    shop.integration.resources = {"Magento_Backend::store", "Sluss_Connector::version"}

    subject = await looks(world)

    assert (subject.state, problem(subject)) == ("needs_attention", "magento_rights")
    assert saved(shop) == 1
    shop.integration.resources = None
    await world.ledger.subjects.retry([subject.id])
    await world.works()
    assert (await the_rates(world)).state == "done"


async def test_a_shop_in_maintenance_gets_its_rates_afterwards_and_once(world: World, shop: Shop) -> None:
    rates(world, NOK="1.00")
    shop.broken = "maintenance"

    subject = await looks(world)
    assert (subject.state, problem(subject)) == ("waiting", "unavailable")
    for _ in range(6):
        world.later(timedelta(minutes=10))
        await world.works()
    assert saved(shop) == 0

    shop.broken = None
    world.later(timedelta(minutes=31))
    await world.works()

    assert (await the_rates(world)).state == "done"
    assert (saved(shop), rate(shop, "SEK", "NOK")) == (1, Decimal(1))


async def test_an_answer_that_is_lost_and_a_storm_of_429_end_in_the_same_rates(
    world: World, shop: Shop
) -> None:
    storm = Status(429, b'{"message": "Too many requests"}', {"Retry-After": "0"})
    world.sandbox.faults.add(FaultRule(System.FORTNOX, storm, path="currencies", times=2))
    world.sandbox.faults.add(
        FaultRule(
            System.MAGENTO, Status(502, b"<html>502 Bad Gateway</html>"), path="currency-rates", times=1
        )
    )
    rates(world, NOK="1.00")

    subject = await looks(world)
    for _ in range(4):
        world.later(timedelta(minutes=5))
        await world.works()

    subject = await the_rates(world)
    assert subject.state == "done"
    assert rate(shop, "SEK", "NOK") == 1


async def test_what_a_person_changed_in_the_shop_is_put_right_each_time(world: World, shop: Shop) -> None:
    await looks(world)

    for _ in range(2):  # the same change twice: the same draft must not be taken for written
        shop.pages.rates["SEK", "EUR"] = Decimal("0.09")
        await looks(world)
        assert rate(shop, "SEK", "EUR") == Decimal("0.0875")

    assert saved(shop) == 3


async def test_an_event_that_names_a_currency_looks_at_all_and_once(world: World, shop: Shop) -> None:
    rates(world, NOK="1.00", EUR="11.00")
    for code in ("NOK", "EUR"):
        await told(world, "fortnox", "currency-updated-v1", "currency_rate", code)

    await world.works()

    assert saved(shop) == 1
    assert (rate(shop, "SEK", "NOK"), rate(shop, "EUR", "SEK")) == (Decimal(1), Decimal(11))
    await told(world, "fortnox", "currency-updated-v1", "currency_rate", "EUR")
    world.later(timedelta(minutes=1))
    rates(world, EUR="11.10")
    await world.works()
    assert rate(shop, "EUR", "SEK") == Decimal("11.1")


async def test_a_rate_that_a_person_enters_in_fortnox_is_in_the_shop_within_seconds(
    world: World, shop: Shop
) -> None:
    world.company.currencies["USD"].automatic = False
    magento = {"base_url": "http://sandbox/magento", "order_wait": 0, **KEYS}
    async with ears(world, magento=magento, sync=ON | {"stock": False}) as ears_:
        ears_.start()
        await ears_.listen(TENANT)

        Currencies(world.company).update("USD", {"SellRate": Decimal(10)}, {})

        await ears_.heard(1)
        await world.works()
    assert rate(shop, "SEK", "USD") == Decimal("0.1")


async def test_a_person_runs_it_now_and_the_run_says_how_it_ended(world: World, shop: Shop) -> None:
    rates(world, NOK="1.00")

    started = await ask(world, "POST", f"/connections/{CONNECTION}/jobs/currency_rates/run")
    await world.works()

    run = await ask(world, "GET", f"/runs/{started['run_id']}")
    assert {item["key"]: item["state"] for item in run["items"]} == {
        "currency_rates": "done",
        "currency_rate": "done",
    }
    assert run["finished_at"] is not None
    assert (await the_job(world, "currency_rates")).state == "done"
    assert rate(shop, "SEK", "NOK") == 1


async def test_a_preview_says_the_rates_and_writes_nothing(world: World, shop: Shop) -> None:
    from services.sync_worker.preview import preview

    await looks(world)
    rates(world, NOK="1.00")
    writes = saved(shop)

    story = await preview(world.shop, await the_rates(world))

    assert (story["outcome"], saved(shop)) == ("would_book", writes)
    (draft,) = story["drafts"]
    assert draft["rates"] == [{"base": "SEK", "currency": "NOK", "rate": "1"}]
    assert "1 SEK = 1 NOK (NOK of 2026-05-04)" in story["explanations"]
