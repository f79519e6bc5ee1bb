"""Journeys of sales whose VAT is not what it seems: stopped with the reason and nothing written, or told."""

from typing import Any

import pytest

from services.sandbox.magento.lines import Line
from services.sandbox.svea.orders import Row
from tests.journeys.test_vat import B01, B05, DAY, reasons
from tests.support.world import LINES, World, a_row, kronor

LAMP = (a_row("Lampa", "119.00", vat="19"),)
UNTAXED = (a_row("Lampa", "100.00", vat="0"),)


async def stopped(world: World, key: int | str, code: str) -> dict[str, str]:
    """The facts of its problem; nothing at all was written."""
    sale = await world.sale(key)
    assert sale.problem is not None, sale.state
    assert (sale.state, sale.problem.code) == ("needs_attention", code)
    assert world.writes() == []
    return dict(sale.problem.facts)


async def sold(world: World, *rows: Row, market: str = "de", **address: str) -> int:
    world.on(DAY)
    checkout = world.buys(*rows, market=market, address=address)
    world.sandbox.svea.deliver(checkout)
    await world.works()
    return checkout


# ── registrations ─────────────────────────────────────────────────────────────────────────────────


async def test_oss_charged_before_the_registration_stops_until_the_day_is_right(world: World) -> None:
    await world.declare(registrations=[{"scheme": "oss", "begins": "2026-05-06"}])
    checkout = await sold(world, *LAMP)

    facts = await stopped(world, checkout, "not_registered")
    assert (facts["day"], facts["registered"]) == ("2026-05-05", "from 2026-05-06")

    await world.declare(registrations=[{"scheme": "oss", "begins": "2026-05-01"}])
    await world.retry(checkout)
    assert world.books(DAY) == B01.books


async def test_swedish_vat_before_the_registration_is_swedish(world: World) -> None:
    """25 % to Denmark is Sweden's until the day, and Denmark's from it."""
    await world.declare(registrations=[{"scheme": "oss", "begins": "2026-05-06"}])
    await sold(world, a_row("Lampa", "250.00"), market="dk")

    assert world.books(DAY) == kronor(_1510="375.00", _3106="-300.00", _2611="-75.00")

    world.on("2026-05-06")
    checkout = world.buys(a_row("Lampa", "250.00"), market="dk", number="2")
    world.sandbox.svea.deliver(checkout)
    await world.works()
    assert world.books("2026-05-06") == kronor(_1510="375.00", _3163="-300.00", _2673="-75.00")


async def test_bought_with_swedish_vat_and_delivered_after_the_registration(world: World) -> None:
    """What the buyer was charged is explained by the day of the purchase."""
    await world.declare(registrations=[{"scheme": "oss", "begins": "2026-05-06"}])
    world.on("2026-05-05")
    checkout = world.buys(a_row("Lampa", "125.00"), market="fi")
    world.on("2026-05-07")
    world.sandbox.svea.deliver(checkout)
    await world.works()

    assert world.books("2026-05-07") == kronor(_1510="1400.00", _3106="-1120.00", _2611="-280.00")


@pytest.mark.parametrize("by_rows", [True, False])
async def test_a_change_of_settings_takes_nothing_back(world: World, by_rows: bool) -> None:
    """What is booked stays, and a refund is treated as what it gives back, although nothing is mapped now."""
    world.on(DAY)
    payment = "INVOICE" if by_rows else "SVEACARDPAY_PF"  # cards are refunded by amount only
    checkout = world.buys(*LAMP, market="de", payment_type=payment)
    world.sandbox.svea.deliver(checkout)
    await world.works()
    await world.declare(sales=[], registrations=[{"scheme": "oss", "ends": "2026-05-04"}])
    world.on("2026-05-20")
    delivery = world.sandbox.svea.order(checkout).deliveries[0].number
    if by_rows:
        world.sandbox.svea.credit_rows(checkout, delivery)
    else:
        world.sandbox.svea.credit_amount(checkout, delivery, 11900)
    await world.works()

    assert (await world.sale(checkout)).state == "done"
    assert world.books("2026-05-20") == kronor(_1510="-1332.80", _3161="1120.00", _2671="212.80")
    links = await world.ledger.links.for_subject((await world.sale(checkout)).id)
    (credit,) = [link for link in links if link.kind == "credit_invoice"]
    assert [row["treated"]["treatment"] for row in credit.draft["rows"]] == ["oss"]
    await world.hears_everything_again()


# ── rates ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_rate_of_another_country_stops_and_says_whose_it_is(world: World) -> None:
    checkout = await sold(world, a_row("Lampa", "125.50", vat="25.5"), market="de")

    facts = await stopped(world, checkout, "missing_mapping")
    assert facts["csv"] == "oss,DE,25.5,...,,,,,"
    sale = await world.sale(checkout)
    assert sale.problem is not None
    assert "25.5 % is no rate of DE on 2026-05-05, which has 19, 7; it is one of FI" in sale.problem.message


async def test_a_rate_of_another_country_charged_in_sweden_stops(world: World) -> None:
    checkout = await sold(world, *LAMP, market="se")

    assert (await stopped(world, checkout, "missing_mapping"))["treatment"] == "domestic"


async def test_swedish_vat_to_a_country_of_the_registration_stops(world: World) -> None:
    checkout = await sold(world, a_row("Lampa", "125.00"), market="de")

    assert (await stopped(world, checkout, "missing_mapping"))["country"] == "DE"


async def test_a_mapped_rate_that_has_ended_is_booked_and_told(world: World) -> None:
    world.company.vat_codes.append(type(world.company.vat_codes[0])("FI24", 24, 2672))  # type: ignore[arg-type]
    old = {"treatment": "oss", "country": "FI", "rate": 24, "goods": 3162, "vat_code": "FI24"}
    await world.declare(sales=[*LINES, old])
    checkout = await sold(world, a_row("Lampa", "124.00", vat="24"), market="fi")

    sale = await world.sale(checkout)
    assert sale.state == "done"
    assert [(one["code"], one["facts"]["rate"]) for one in sale.summary["plan"]["advice"]] == [
        ("vat_rate_doubtful", "24")
    ]


async def test_food_that_is_delivered_after_the_change_is_booked_as_charged_and_told(world: World) -> None:
    world.on("2026-03-31")
    checkout = world.buys(a_row("Kaffe", "112.00", vat="12"))
    world.on("2026-04-01")
    world.sandbox.svea.deliver(checkout)
    await world.works()

    assert world.books("2026-04-01") == kronor(_1510="112.00", _3002="-100.00", _2621="-12.00")
    advice = (await world.sale(checkout)).summary["plan"]["advice"]
    assert [one["text"] for one in advice] == [
        "12 % is for food until 2026-03-31 only, and this is delivered 2026-04-01; booked as charged"
    ]


# ── places ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("post_code", ["22100", "22 100", " 22100", "FI-22100", "AX-22100", "ax22100"])
async def test_aland_is_export_however_its_post_code_is_written(world: World, post_code: str) -> None:
    checkout = await sold(world, *UNTAXED, market="fi", PostalCode=post_code)

    assert world.books(DAY) == kronor(_1510="1120.00", _3105="-1120.00")
    assert (await reasons(world, checkout))[0] == (
        "0 %: no VAT charged, delivered outside the EU VAT area (Åland (FI))"
    )
    assert [one["VATType"] for one in world.company.customers.values()] == ["EXPORT"]


async def test_the_finnish_rate_to_aland_stops(world: World) -> None:
    checkout = await sold(world, a_row("Lampa", "125.50", vat="25.5"), market="fi", PostalCode="22100")

    assert (await stopped(world, checkout, "missing_mapping"))["treatment"] == "voec"


async def test_no_vat_to_the_mainland_stops(world: World) -> None:
    checkout = await sold(world, *UNTAXED, market="fi", PostalCode="02210")

    await stopped(world, checkout, "missing_mapping")


# ── VAT numbers ───────────────────────────────────────────────────────────────────────────────────


async def to_business(world: World, vat_id: str, **cart: Any) -> str:
    world.on(DAY)
    order = world.magento.orders(
        B05.line,
        payment="banktransfer",
        state="processing",
        number="120",
        **(B05.cart | {"vat_id": vat_id} | cart),
    )
    await world.works()
    world.magento.invoice(order)
    await world.works()
    return f"M{order}"


@pytest.mark.parametrize(
    "vat_id", ["DE12345678", "DE1234567890", "SE556677889901", "GB123456789", "DE12345678X", "unknown"]
)
async def test_a_number_that_cannot_be_one_stops_a_sale_without_vat(shop_world: World, vat_id: str) -> None:
    sale = await to_business(shop_world, vat_id)

    facts = await stopped(shop_world, sale, "vat_number_unfit")
    assert facts["vat_number"] == vat_id.upper()


@pytest.mark.parametrize("vat_id", ["DE12345678", "nonsense", "DE999"])
async def test_a_number_that_cannot_be_one_never_stops_a_sale_with_vat(
    shop_world: World, vat_id: str
) -> None:
    world = shop_world
    line = Line("SKU-MASKIN", "Maskin", "119.00", rate="19")
    world.on(DAY)
    cart = {**B01.cart, "company": "Muster GmbH", "vat_id": vat_id}
    order = world.magento.orders(line, payment="banktransfer", state="processing", number="121", **cart)
    await world.works()
    world.magento.invoice(order)
    await world.works()

    assert world.books(DAY) == B01.books


async def test_a_number_without_prefix_gets_one(shop_world: World) -> None:
    await to_business(shop_world, "136 695 976")

    assert shop_world.books(DAY) == B05.books
    customer = next(iter(shop_world.company.customers.values()))
    assert (customer["VATType"], customer["VATNumber"]) == ("EUREVERSEDVAT", "DE136695976")


# ── what is missing ───────────────────────────────────────────────────────────────────────────────


async def test_a_missing_pair_goes_on_with_the_line_that_was_told(world: World) -> None:
    """The line from the problem, completed and put as a table: nothing else has to be done."""
    checkout = await sold(world, a_row("Lampa", "120.00", vat="20"), market="de", CountryCode="FR")
    facts = await stopped(world, checkout, "missing_mapping")
    assert facts["csv"] == "oss,FR,20,...,,,,,"
    world.company.vat_codes.append(type(world.company.vat_codes[0])("FR20", 20, 2671))  # type: ignore[arg-type]

    table = "treatment,country,rate,goods,services,freight,fee,vat_code,vat_account\n"
    completed = facts["csv"].replace("...", "3161").replace(",,,,,", ",,,,FR20,")
    await put_mapping(world, table + completed)
    await world.works()

    assert world.books(DAY) == kronor(_1510="1344.00", _3161="-1120.00", _2671="-224.00")


async def put_mapping(world: World, table: str) -> None:
    _, key = await world.ledger.api_keys.create("a bookkeeper", ("admin", "read"))
    answer = await world.gateway.put(
        "/api/v1/connections/acme/mapping",
        content=table,
        headers={"authorization": f"Bearer {key}", "content-type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text


async def test_the_chart_proposes_what_the_mapping_lacks(world: World) -> None:
    """Proposed by the check, taken over as a table; then the check has nothing to say of it."""
    await world.declare(sales=[])
    _, key = await world.ledger.api_keys.create("a bookkeeper", ("admin", "read", "operate"))
    headers = {"authorization": f"Bearer {key}"}
    address = "/api/v1/connections/acme"
    await check(world, headers)
    found = (await world.gateway.get(f"{address}/preflight", headers=headers)).json()
    assert [one["about"] for one in found["findings"] if one["code"] == "mapping_proposed"] == [
        "DE",
        "DK",
        "FI",
    ]

    table = await world.gateway.get(f"{address}/mapping/proposal?format=csv", headers=headers)
    await put_mapping(world, table.text)
    await check(world, headers)
    found = (await world.gateway.get(f"{address}/preflight", headers=headers)).json()
    assert proposed_of(found["green"]) == ["DE", "DK", "FI"]
    told = (await world.gateway.get(f"{address}/mapping/proposal", headers=headers)).json()
    assert {one["state"] for one in told["lines"]} == {"same"}

    await sold(world, *LAMP)
    assert world.books(DAY) == B01.books


async def check(world: World, headers: dict[str, str]) -> None:
    await world.gateway.post("/api/v1/connections/acme/preflight?wait=0", headers=headers)
    await world.works()


def proposed_of(findings: list[dict[str, Any]]) -> list[str]:
    return [one["about"] for one in findings if one["code"] == "mapping_proposed"]
