"""Sales in other currencies than SEK: whose rate, units of a hundred, the original rate, what is missing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.faults import FaultRule, Status, System
from services.sandbox.fortnox.chart import Account, Currency, VatCode
from services.sandbox.magento.lines import Line
from tests.journeys.test_sale_trouble import heals, stopped
from tests.support.world import World, a_declaration, a_row, a_shop, kronor

DAY = "2026-05-05"
B01_BOOKS = kronor(_1510="1332.80", _3161="-1120.00", _2671="-212.80")
BOOKKEEPING_IS_DOWN = FaultRule(System.FORTNOX, Status(503), method="PUT", path="/bookkeep$")
SAUNA = a_row("Bastu", "125.50", vat="25.5")


def euro(world: World, sell: str, **more: Any) -> None:
    world.company.currencies["EUR"] = Currency("EUR", "Euro", Decimal(sell), Decimal(sell), **more)


async def explanations(world: World, key: int | str) -> list[str]:
    return list((await world.sale(key)).summary["plan"]["explanations"])


async def delivered(world: World, *rows: Any, market: str = "fi", **more: Any) -> tuple[int, int]:
    """Bought the day before and delivered on 5 May: (checkout id, delivery id); nothing is run yet."""
    world.on("2026-05-04")
    sale = world.buys(*rows, market=market, payment_type="INVOICE", **more)
    world.on(DAY)
    return sale, world.sandbox.svea.deliver(sale)


# ── whose rate ────────────────────────────────────────────────────────────────────────────────────


async def test_fortnox_rate_of_the_day_is_used_and_told(world: World) -> None:
    euro(world, "11.20", date="2026-05-05")
    sale, _ = await delivered(world, SAUNA)
    await world.works_as_previewed(sale)

    assert world.books(DAY) == kronor(_1510="1405.60", _3162="-1120.00", _2672="-285.60")
    assert "EUR at 11.2 SEK: Fortnox' rate of 2026-05-05" in await explanations(world, sale)
    await world.hears_everything_again()


async def test_a_fixed_rate_is_used_where_there_is_one(world: World) -> None:
    await world.declare(rates={"source": "fixed", "fixed": {"EUR": "11.00"}})
    sale, _ = await delivered(world, SAUNA)
    other, _ = await delivered(world, a_row("Lampa", "250.00"), market="dk", number="2")
    await world.works()

    assert world.books(DAY)[2672] == Decimal("-280.50")
    assert "EUR at 11 SEK: the fixed rate" in await explanations(world, sale)
    assert "DKK at 1.5 SEK: Fortnox' rate of 2026-05-05" in await explanations(world, other)
    await world.hears_everything_again()


async def test_the_shops_rate_is_that_of_its_own_totals(shop_world: World) -> None:
    """411.00 kronor were sold for 35.97 euro; the rate that the shop keeps, 0.0875, would give 411.09."""
    world = shop_world
    await world.declare(magento=a_shop(), rates={"source": "shop"})
    world.on("2026-05-04")
    lamp = Line("SKU-LAMPA", "Lampa", "35.97", rate="19")
    order = world.magento.orders(
        lamp,
        payment="banktransfer",
        state="processing",
        number="1",
        country="DE",
        currency="EUR",
        rate="0.0875",
        shipping="0",
    )
    world.magento.sales.orders[order].fields["base_grand_total"] = Decimal("411.00")
    await world.works()
    world.on(DAY)
    world.magento.invoice(order)
    await world.works_as_previewed(f"M{order}")

    assert world.books(DAY)[1510] == Decimal("411.00")
    assert "EUR at 11.4262 SEK: the shop's rate" in await explanations(world, f"M{order}")
    await world.hears_everything_again()


async def test_a_shop_that_tells_no_rate_in_kronor_leaves_it_to_fortnox(world: World) -> None:
    await world.declare(rates={"source": "shop"})
    sale, _ = await delivered(world, SAUNA)
    await world.works()

    assert world.books(DAY)[1510] == Decimal("1405.60")
    assert "EUR at 11.2 SEK: Fortnox' rate of 2026-05-05" in await explanations(world, sale)


async def test_a_rate_of_the_shop_that_is_the_wrong_way_round_is_asked_about(shop_world: World) -> None:
    world = shop_world
    await world.declare(magento=a_shop(), rates={"source": "shop"})
    world.on(DAY)
    lamp = Line("SKU-LAMPA", "Lampa", "119.00", rate="19")
    order = world.magento.orders(
        lamp,
        payment="banktransfer",
        state="processing",
        number="1",
        country="DE",
        currency="EUR",
        rate="11.2",
        shipping="0",
    )
    world.magento.invoice(order)
    await world.works()

    facts = await stopped(world, f"M{order}", "rate_doubtful")  # type: ignore[arg-type]
    assert (facts["currency"], facts["fortnox"]) == ("EUR", "11.2")
    assert world.writes() == []


async def test_a_sale_of_long_ago_says_that_its_rate_is_of_another_day(world: World) -> None:
    euro(world, "11.20", date="2026-06-15")
    sale, _ = await delivered(world, SAUNA)
    world.on("2026-06-15")
    await world.works()

    plan = (await world.sale(sale)).summary["plan"]
    assert [(one["code"], one["facts"]["rated_on"]) for one in plan["advice"]] == [
        ("rate_of_another_day", "2026-06-15")
    ]
    assert (world.books(DAY)[1510], world.books("2026-06-15")) == (Decimal("1405.60"), {})
    await world.hears_everything_again()


# ── a currency that is missing ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("source", ["fortnox", "fixed"])
async def test_a_missing_currency_waits_and_goes_on_when_it_is_there(world: World, source: str) -> None:
    """Whoever says its rate, and before anything is written: never in kronor with a foreign figure."""
    await world.declare(rates={"source": source, "fixed": {"EUR": "11.20"}})
    kept = world.company.currencies.pop("EUR")
    sale, _ = await delivered(world, SAUNA)
    await world.works()
    assert await stopped(world, sale, "missing_currency") == {"currency": "EUR"}
    assert world.writes() == []

    world.company.currencies["EUR"] = kept
    await heals(world)

    assert world.books(DAY) == kronor(_1510="1405.60", _3162="-1120.00", _2672="-285.60")
    assert {(one["Currency"], one["Total"]) for one in world.invoices} == {("EUR", Decimal("125.50"))}
    await world.hears_everything_again()


async def test_a_document_that_fortnox_turned_into_kronor_is_never_booked(world: World) -> None:
    """A person, or a setting, changes the currency between making and booking."""
    sale, _ = await delivered(world, SAUNA)
    world.sandbox.faults.add(BOOKKEEPING_IS_DOWN)
    await world.works()
    (invoice,) = world.company.invoices.values()
    invoice |= {"Currency": "SEK", "CurrencyRate": Decimal(1)}
    world.sandbox.faults.clear()
    world.later(timedelta(hours=1))
    await world.works()

    facts = await stopped(world, sale, "mismatch")
    assert (facts["what"], facts["expected"], facts["found"]) == ("currency", "EUR", "SEK")
    assert world.books() == {}


# ── units of a hundred ────────────────────────────────────────────────────────────────────────────


def sells_in_yen(world: World, **switches: Any) -> None:
    """7.0512 SEK for 100 yen."""
    rate = Decimal("7.0512")
    world.company.currencies["JPY"] = Currency("JPY", "Japansk yen", rate, rate, unit=Decimal(100))
    world.company.change(**switches)


YEN_BOOKS = kronor(_1510="705.12", _3105="-705.12")


@pytest.mark.parametrize(
    "switches",
    [{}, {"rate_is_per_unit": False}, {"keeps_currency_unit": True}],
    ids=["as documented", "unit ignored", "unit kept"],
)
async def test_a_hundred_yen_are_not_a_hundred_times_too_much(
    shop_world: World, switches: dict[str, Any]
) -> None:
    world = shop_world
    line = {"method": "banktransfer", "books": "paid", "account": 1930}
    await world.declare(magento=a_shop(payment_methods=[line]))
    sells_in_yen(world, **switches)
    world.on("2026-05-04")
    lamp = Line("SKU-LAMPA", "Lampa", "10000.00", rate="0")
    order = world.magento.orders(
        lamp,
        payment="banktransfer",
        state="processing",
        number="1",
        country="JP",
        currency="JPY",
        shipping="0",
    )
    await world.works()
    world.on(DAY)
    world.magento.invoice(order)
    await world.works_as_previewed(f"M{order}")

    assert world.books(DAY) == kronor(_1930="705.12", _3105="-705.12")
    assert [payment["AmountCurrency"] for payment in world.company.payments.values()] == [Decimal(10000)]
    world.on("2026-05-08")
    world.magento.refund(order, {"SKU-LAMPA": 1})
    await world.works()
    assert world.books() == {}
    await world.hears_everything_again()


# ── at the original rate ──────────────────────────────────────────────────────────────────────────


async def test_refunds_are_at_the_rate_of_the_invoice_whatever_it_is_today(world: World) -> None:
    sale, delivery = await delivered(world, a_row("Bastu", "125.50", pieces=3, vat="25.5"))
    await world.works()
    for day, rate in (("2026-05-20", "11.50"), ("2026-06-20", "10.90"), ("2026-07-20", "12.34")):
        world.on(day)
        euro(world, rate)
        world.sandbox.svea.credit_rows(sale, delivery, {1: 100})
        await world.works()

    assert world.books("2026-06-20") == kronor(_1510="-1405.60", _3162="1120.00", _2672="285.60")
    assert world.books() == {}
    assert {one["CurrencyRate"] for one in world.invoices} == {Decimal("11.20")}
    await world.hears_everything_again()


async def test_an_invoice_that_was_begun_at_another_rate_is_credited_at_the_one_it_was_booked_at(
    world: World,
) -> None:
    """Fortnox is down from before bookkeeping until the next day, when the rate is another."""
    sale, delivery = await delivered(world, SAUNA)
    world.sandbox.faults.add(BOOKKEEPING_IS_DOWN)
    await world.works()
    assert (len(world.invoices), world.books()) == (1, {})
    world.sandbox.faults.clear()
    world.on("2026-05-06")
    euro(world, "11.40")
    await world.retry(sale)
    assert world.books(DAY)[1510] == Decimal("1430.70")

    world.on("2026-05-20")
    euro(world, "11.90")
    world.sandbox.svea.credit_rows(sale, delivery)
    await world.works()

    assert world.books() == {}
    await world.hears_everything_again()


async def test_a_currency_that_was_removed_after_booking_stops_nothing(world: World) -> None:
    sale, _ = await delivered(world, SAUNA)
    await world.works()
    made = world.books()
    world.company.currencies.pop("EUR")
    world.later(timedelta(minutes=11))

    await world.retry(sale)

    assert ((await world.sale(sale)).state, world.books()) == ("done", made)


# ── the sandbox bites: VAT goes where the code says ───────────────────────────────────────────────


async def test_a_wrong_vat_code_shows_in_the_books_and_ours_is_right(world: World) -> None:
    """25 % is Denmark's, Norway's and Sweden's: Fortnox posts by the code, and not by the sales account."""
    (danish,) = [one for one in a_declaration()["sales"] if one["country"] == "DK"]
    await world.declare(sales=[danish | {"vat_code": "NO25"}])
    await delivered(world, a_row("Lampa", "250.00"), market="dk", number="1")
    await world.works()
    assert world.books(DAY) == kronor(_1510="375.00", _3163="-300.00", _2899="-75.00")

    await world.declare()
    world.on("2026-05-06")
    sale = world.buys(a_row("Lampa", "250.00"), market="dk", number="2")
    world.sandbox.svea.deliver(sale)
    await world.works()

    assert world.books("2026-05-06") == kronor(_1510="375.00", _3163="-300.00", _2673="-75.00")


async def test_where_fortnox_ignores_the_code_of_a_row_the_vat_lands_in_the_swedish_return(
    world: World,
) -> None:
    """What Fortnox did before 2023, and what a row without a code would do."""
    world.company.change(vat_code_on_row=False)
    await delivered(world, a_row("Lampa", "250.00"), market="dk", number="1")
    await world.works()

    assert world.books(DAY) == kronor(_1510="375.00", _3163="-300.00", _2611="-75.00")


async def test_easy_vat_takes_our_rows_of_an_own_rate(world: World) -> None:
    """Fortnox asks for an account on rows of other rates than 25, 12, 6 and 0; ours always have one."""
    world.company.change(easy_vat=True)
    sale, delivery = await delivered(world, a_row("Bastu", "125.50", pieces=2, vat="25.5"))
    await world.works()
    world.sandbox.svea.credit_rows(sale, delivery, {1: 100})
    await world.works()
    world.sandbox.svea.credit_rows(sale, delivery, {1: 100})
    await world.works()

    assert (len(world.invoices), world.books()) == (3, {})
    await world.hears_everything_again()


async def test_several_codes_at_one_rate_keep_their_own_accounts(world: World) -> None:
    """Sweden, Denmark and VOEC's Norway charge 25 %; a fourth one is added by the merchant."""
    world.company.vat_codes.append(VatCode("EE25", Decimal(25), 2675))
    world.company.accounts |= {
        2675: Account(2675, "OSS Estland 25"),
        3165: Account(3165, "Försäljning OSS Estland", "EE25"),
    }
    estonia = {"treatment": "oss", "country": "EE", "rate": 25, "goods": 3165, "vat_code": "EE25"}
    await world.declare(sales=[*a_declaration()["sales"], estonia])
    lamp = a_row("Lampa", "125.00")
    world.on(DAY)
    tallinn: dict[str, Any] = {"address": {"CountryCode": "EE"}}
    sold_to: list[tuple[str, dict[str, Any]]] = [("se", {}), ("dk", {}), ("no", {}), ("fi", tallinn)]
    for number, (market, more) in enumerate(sold_to, start=1):
        sale = world.buys(lamp, market=market, number=str(number), **more)
        world.sandbox.svea.deliver(sale)
    await world.works()

    vat = {account: amount for account, amount in world.books(DAY).items() if 2600 < account < 2900}
    assert vat == kronor(_2611="-25.00", _2673="-37.50", _2899="-24.50", _2675="-280.00")
