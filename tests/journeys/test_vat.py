"""Journeys of sales to other countries, with a shop's rows and without (acceptance B01, B03, B05, B07)."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.magento.lines import Line
from services.sandbox.svea.orders import Customer, Row
from tests.journeys.test_shop_sale import bought
from tests.support.world import World, a_row, a_shop, freight, kronor

DAY = "2026-05-05"


@dataclass(frozen=True)
class Abroad:
    """One sale of goods, and freight where there is some, as Svea and as the shop tell it."""

    market: str
    at_svea: tuple[Row, ...]
    line: Line
    books: dict[int, Decimal]
    cart: dict[str, Any] = field(default_factory=dict)


B01 = Abroad(
    "de",
    (a_row("Lampa", "119.00", vat="19"),),
    Line("SKU-LAMPA", "Lampa", "119.00", rate="19"),
    kronor(_1510="1332.80", _3161="-1120.00", _2671="-212.80"),
    {"country": "DE", "currency": "EUR", "shipping": "0"},
)
B03 = Abroad(
    "dk",
    (a_row("Lampa", "250.00", vat="25"),),
    Line("SKU-LAMPA", "Lampa", "250.00", rate="25"),
    kronor(_1510="375.00", _3163="-300.00", _2673="-75.00"),
    {"country": "DK", "currency": "DKK", "shipping": "0"},
)
B07 = Abroad(
    "no",
    (a_row("Lampa", "950.00", vat="0"), freight("50.00", vat="0")),
    Line("SKU-LAMPA", "Lampa", "950.00", rate="0"),
    kronor(_1510="980.00", _3105="-931.00", _3522="-49.00"),
    {"country": "NO", "currency": "NOK", "shipping": "50", "shipping_rate": "0"},
)
B05 = Abroad(
    "de",
    (a_row("Maskin", "1000.00", vat="0"), freight("25.00", vat="0")),
    Line("SKU-MASKIN", "Maskin", "1000.00", rate="0"),
    kronor(_1510="11480.00", _3108="-11200.00", _3521="-280.00"),
    {
        "country": "DE",
        "currency": "EUR",
        "company": "Muster GmbH",
        "vat_id": "DE123456789",
        "shipping": "25",
        "shipping_rate": "0",
    },
)


COMPANY = Customer(national_id="HRB12345", is_company=True, email="einkauf@example.com", phone="+491700000")


def rows_of(world: World) -> list[dict[str, Any]]:
    return [row for invoice in world.invoices for row in invoice["InvoiceRows"]]


async def reasons(world: World, key: int | str) -> list[str]:
    return list((await world.sale(key)).summary["plan"]["explanations"])


# ── B01, B03, B07: to consumers ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", [B01, B03, B07], ids=["B01", "B03", "B07"])
async def test_a_sale_abroad_without_a_shop(world: World, case: Abroad) -> None:
    world.on("2026-05-04")
    checkout = world.buys(*case.at_svea, market=case.market)
    await world.works()

    world.on(DAY)
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)

    assert world.books(DAY) == case.books
    await world.hears_everything_again()


@pytest.mark.parametrize("case", [B01, B03, B07], ids=["B01", "B03", "B07"])
async def test_a_sale_abroad_that_svea_and_the_shop_tell_of(shop_world: World, case: Abroad) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout, order = bought(world, case.line, at_svea=case.at_svea, market=case.market, **case.cart)
    await world.works()

    world.on(DAY)
    world.magento.invoice(order)
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)

    assert world.books(DAY) == case.books
    await world.hears_everything_again()


@pytest.mark.parametrize("case", [B01, B03, B05, B07], ids=["B01", "B03", "B05", "B07"])
async def test_a_sale_abroad_that_was_paid_outside_svea(shop_world: World, case: Abroad) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = world.magento.orders(
        case.line, payment="banktransfer", state="processing", number="120", **case.cart
    )
    await world.works()

    world.on(DAY)
    world.magento.invoice(order)
    await world.works_as_previewed(f"M{order}")

    assert world.books(DAY) == case.books
    await world.hears_everything_again()


async def test_b01_touches_nothing_swedish(world: World) -> None:
    """Nothing on 3001 or 2611, so nothing in boxes 05 to 12."""
    world.on("2026-05-04")
    checkout = world.buys(*B01.at_svea, market="de")
    world.on(DAY)
    world.sandbox.svea.deliver(checkout)
    await world.works()

    assert [(row["VAT"], row["VATCode"], row["AccountNumber"]) for row in rows_of(world)] == [
        (Decimal(19), "DE19", 3161)
    ]
    assert await reasons(world, checkout) == [
        "19 %: DE's rate of 19 % charged, mapped for OSS",
        "EUR at 11.2 SEK: Fortnox' rate of 2026-05-05",
    ]


async def test_b07_the_customer_is_an_export_customer(world: World) -> None:
    checkout = world.buys(*B07.at_svea, market="no")
    await world.works()

    assert [one["VATType"] for one in world.company.customers.values()] == ["EXPORT"]
    assert await reasons(world, checkout) == ["0 %: no VAT charged, delivered outside the EU VAT area (NO)"]


# ── B05: to a business ────────────────────────────────────────────────────────────────────────────


async def test_b05_through_svea_with_the_shops_vat_number(shop_world: World) -> None:
    """Svea hands over no VAT number; the shop's order has it. The customer has it before the invoice."""
    world = shop_world
    world.on("2026-05-04")
    checkout, order = bought(world, B05.line, at_svea=B05.at_svea, market="de", customer=COMPANY, **B05.cart)
    await world.works()
    (customer,) = world.company.customers.values()
    assert (customer["VATType"], customer["VATNumber"]) == ("EUREVERSEDVAT", "DE123456789")
    assert world.invoices == []

    world.on(DAY)
    world.magento.invoice(order)
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)

    assert world.books(DAY) == B05.books
    assert [row["VAT"] for row in rows_of(world)] == [0, 0]
    codes = [world.company.accounts[row["AccountNumber"]].vat_code for row in rows_of(world)]
    assert codes == ["VTEU", "VTEU"]  # what the periodic summary goes by
    assert [article["Type"] for article in world.company.articles.values()] == ["STOCK"]
    sale = await world.sale(checkout)
    assert "DE123456789" in sale.summary["plan"]["explanations"][0]
    assert [one["code"] for one in sale.summary["plan"]["advice"]] == ["vat_number_doubtful"]
    await world.hears_everything_again()


async def test_a_service_to_a_business_is_a_service_in_account_and_article(shop_world: World) -> None:
    world = shop_world
    await world.declare(magento=a_shop(), sync={"products": False})
    world.on(DAY)
    course = Line("SKU-KURS", "Kurs", "1000.00", rate="0", kind="virtual")
    order = world.magento.orders(
        B05.line, course, payment="banktransfer", state="processing", number="122", **B05.cart
    )
    await world.works()
    world.magento.invoice(order)
    await world.works()

    assert world.books(DAY) == kronor(_1510="22680.00", _3108="-11200.00", _3308="-11200.00", _3521="-280.00")
    kinds = {article["ArticleNumber"]: article["Type"] for article in world.company.articles.values()}
    assert kinds == {"SKU-MASKIN": "STOCK", "SKU-KURS": "SERVICE"}


async def test_why_each_row_is_as_it_is_is_shown_by_the_preview_and_by_the_sale(world: World) -> None:
    world.on(DAY)
    checkout = world.buys(*B01.at_svea, market="de")
    await world.settles()
    await world.works()
    _, key = await world.ledger.api_keys.create("a bookkeeper", ("read", "operate"))
    sale = await world.sale(checkout)

    shown = (
        await world.gateway.get(f"/api/v1/subjects/{sale.id}", headers={"authorization": f"Bearer {key}"})
    ).json()
    said = await world.preview(checkout)

    why = {
        "treatment": "oss",
        "country": "DE",
        "supply": "goods",
        "why": "DE's rate of 19 % charged, mapped for OSS",
    }
    for drafts in (said["drafts"], shown["plan"]["drafts"]):
        (order,) = [draft for draft in drafts if draft["kind"] == "order"]
        assert [row["treated"] for row in order["rows"]] == [why]
    assert shown["plan"]["explanations"] == [f"19 %: {why['why']}"]
