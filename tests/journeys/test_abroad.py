"""Sales abroad to their end: delivered, given back in part, paid out. Every account is where it should be.

The figures are worked out here, from the prices and the rates of the test, and not by the product.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.magento.lines import Line
from services.sandbox.svea.orders import Row
from tests.journeys.test_payouts import evening, reports
from tests.journeys.test_shop_sale import bought
from tests.journeys.test_vat import COMPANY
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import (
    CONNECTION,
    LINES,
    MARKETS,
    World,
    a_declaration,
    a_row,
    a_shop,
    freight,
    kronor,
)

BANKS = {"SEK": (1581, 1930), "EUR": (1582, 1981), "NOK": (1583, 1982), "DKK": (1580, 1930)}


@dataclass(frozen=True)
class Abroad:
    """Three lamps and freight; one lamp comes back; Svea pays the rest less a fee of 2.00.

    ``delivered`` and ``given_back`` are the books of those two days, in SEK.
    """

    market: str
    rows: tuple[Row, ...]
    delivered: Mapping[int, Decimal]
    given_back: Mapping[int, Decimal]
    refunded: str
    paid: str
    rate: str
    address: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Mapping[str, Any], ...] = tuple(LINES)


OSS_DE = Abroad(
    "de",
    (a_row("Lampa", "119.00", vat="19", pieces=3), freight("11.90", vat="19")),
    # 357.00 and 11.90 EUR at 11.20: 300.00 + 57.00 and 10.00 + 1.90
    kronor(_1510="4131.68", _3161="-3472.00", _2671="-659.68"),
    kronor(_1510="-1332.80", _3161="1120.00", _2671="212.80"),
    refunded="119.00",
    paid="249.90",
    rate="11.20",
)
OSS_FI = Abroad(
    "fi",
    (a_row("Lampa", "125.50", vat="25.5", pieces=3), freight("12.55", vat="25.5")),
    # 376.50 and 12.55 EUR at 11.20: 300.00 + 76.50 and 10.00 + 2.55
    kronor(_1510="4357.36", _3162="-3472.00", _2672="-885.36"),
    kronor(_1510="-1405.60", _3162="1120.00", _2672="285.60"),
    refunded="125.50",
    paid="263.55",
    rate="11.20",
)
BELOW_THE_THRESHOLD = Abroad(
    "fi",
    (a_row("Lampa", "125.00", vat="25", pieces=3), freight("12.50", vat="25")),
    # 375.00 and 12.50 EUR at 11.20, with Swedish VAT
    kronor(_1510="4340.00", _3106="-3472.00", _2611="-868.00"),
    kronor(_1510="-1400.00", _3106="1120.00", _2611="280.00"),
    refunded="125.00",
    paid="262.50",
    rate="11.20",
    lines=(),
)
EXPORT = Abroad(
    "no",
    (a_row("Lampa", "100.00", vat="0", pieces=3), freight("50.00", vat="0")),
    # 300.00 and 50.00 NOK at 0.98
    kronor(_1510="343.00", _3105="-294.00", _3522="-49.00"),
    kronor(_1510="-98.00", _3105="98.00"),
    refunded="100.00",
    paid="250.00",
    rate="0.98",
)
VOEC = Abroad(
    "no",
    (a_row("Lampa", "125.00", vat="25", pieces=3), freight("62.50", vat="25")),
    # 375.00 and 62.50 NOK at 0.98: 300.00 + 75.00 and 50.00 + 12.50
    kronor(_1510="428.75", _3105="-294.00", _3522="-49.00", _2899="-85.75"),
    kronor(_1510="-122.50", _3105="98.00", _2899="24.50"),
    refunded="125.00",
    paid="312.50",
    rate="0.98",
)
DENMARK = Abroad(
    "dk",
    (a_row("Lampa", "250.00", vat="25", pieces=3),),
    # 750.00 DKK at 1.50: 600.00 + 150.00
    kronor(_1510="1125.00", _3163="-900.00", _2673="-225.00"),
    kronor(_1510="-375.00", _3163="300.00", _2673="75.00"),
    refunded="250.00",
    paid="500.00",
    rate="1.50",
)
CASES = {
    "OSS DE": OSS_DE,
    "OSS FI 25.5": OSS_FI,
    "OSS DK": DENMARK,
    "EU consumer": BELOW_THE_THRESHOLD,
    "export": EXPORT,
    "VOEC": VOEC,
}


async def declare(world: World, lines: tuple[Mapping[str, Any], ...]) -> None:
    """Every market with a clearing account and a bank of its own currency."""
    markets = []
    for market in a_declaration()["markets"]:
        clearing, bank = BANKS[market["currency"]]
        markets.append(market | {"accounts": {"clearing": clearing, "bank": bank}})
    await world.declare(markets=markets, sales=list(lines))


def added(*books: Mapping[int, Decimal]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for book in books:
        for account, amount in book.items():
            found[account] = found.get(account, Decimal(0)) + amount
    return {account: amount for account, amount in found.items() if amount}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_delivered_given_back_in_part_and_paid_out(world: World, case: Abroad) -> None:
    await declare(world, case.lines)
    currency, merchant = MARKETS[case.market][2], MARKETS[case.market][0]
    world.on("2026-05-04")
    sale = world.buys(*case.rows, market=case.market, payment_type="INVOICE", address=dict(case.address))
    await world.works()
    world.on("2026-05-05")
    delivery = world.sandbox.svea.deliver(sale)
    await world.works_as_previewed(sale)
    assert world.books("2026-05-05") == case.delivered

    world.on("2026-05-06")
    world.sandbox.svea.credit_rows(sale, delivery, {1: 100})
    await world.works_as_previewed(sale)
    assert world.books("2026-05-06") == case.given_back

    world.on("2026-05-08")
    whole = Decimal(case.paid) + Decimal(case.refunded)
    rows = [
        a_row_of((sale, delivery), str(whole), fee("Credit", "2.00")),
        a_row_of((sale, delivery), f"-{case.refunded}", kind="Credit"),
    ]
    reports(world, "2026-05-08", *rows, currency=currency, merchant=merchant)
    await evening(world)

    clearing, bank = BANKS[currency]
    rate = Decimal(case.rate)
    fees = 2 * rate
    paid_out = {bank: Decimal(case.paid) * rate - fees, 6040: fees, 1510: -Decimal(case.paid) * rate}
    assert world.books() == added(case.delivered, case.given_back, paid_out)
    assert clearing not in world.books()
    assert sum(world.books().values()) == 0
    assert {one["Currency"] for one in world.invoices} == {currency}
    assert {one["Balance"] for one in world.invoices} == {0}
    await world.hears_everything_again()


async def test_all_of_them_together_leave_the_trial_balance_that_was_worked_out(world: World) -> None:
    """In one company, in the same week: no sale touches the accounts of another."""
    await declare(world, tuple(LINES))
    cases = [case for case in CASES.values() if case.lines]
    world.on("2026-05-04")
    sales = [
        world.buys(*case.rows, market=case.market, payment_type="INVOICE", number=str(number))
        for number, case in enumerate(cases, start=1)
    ]
    await world.works()
    world.on("2026-05-05")
    deliveries = [world.sandbox.svea.deliver(sale) for sale in sales]
    await world.works()
    world.on("2026-05-06")
    for sale, delivery in zip(sales, deliveries, strict=True):
        world.sandbox.svea.credit_rows(sale, delivery, {1: 100})
    await world.works()

    expected = added(*(book for case in cases for book in (case.delivered, case.given_back)))
    assert world.books() == expected
    assert not {2611, 2621, 2631, 3001, 3002, 3003} & world.books().keys()
    await world.hears_everything_again()


# ── without VAT: what the invoice says, and what the customer is before it ────────────────────────


def a_business(world: World, *lines: Line, **more: Any) -> int:
    """B05: a German company with a VAT number buys in the shop and pays by bank transfer."""
    return world.magento.orders(
        *lines,
        payment="banktransfer",
        state="processing",
        number="120",
        **{
            "country": "DE",
            "currency": "EUR",
            "company": "Muster GmbH",
            "vat_id": "DE123456789",
            "shipping": "25",
            "shipping_rate": "0",
        }
        | more,
    )


MACHINE = Line("SKU-MASKIN", "Maskin", "500.00", rate="0", quantity=2)


@pytest.mark.shop(payment_methods=[{"method": "banktransfer", "books": "paid", "account": 1981}])
@pytest.mark.parametrize("refund", ["rows", "all"])
async def test_a_business_in_the_eu_gets_the_text_that_the_law_wants(shop_world: World, refund: str) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = a_business(world, MACHINE)
    await world.works()
    (customer,) = world.company.customers.values()
    assert (customer["VATType"], customer["VATNumber"], customer["CountryCode"]) == (
        "EUREVERSEDVAT",
        "DE123456789",
        "DE",
    )
    assert [path for path in world.accepted_writes() if "customers" in path or "orders" in path] == [
        "POST /3/customers",
        "POST /3/orders",
    ]

    world.on("2026-05-05")
    world.magento.invoice(order)
    await world.works_as_previewed(f"M{order}")
    world.on("2026-05-06")
    if refund == "all":
        world.magento.refund(order, {"SKU-MASKIN": 2})
    else:
        world.magento.refund(order, {"SKU-MASKIN": 1}, shipping="0")
    await world.works_as_previewed(f"M{order}")

    invoice, credit = world.invoices
    text = (
        "Unionsintern varuförsäljning, undantagen från skatteplikt. Köparens VAT-nummer: DE123456789. "
        "VAT exempt intra-Community supply, Article 138 Directive 2006/112/EC."
    )
    assert invoice["Remarks"] == text
    assert text in credit["Remarks"]
    assert {one["Country"] for one in (invoice, credit)} == {"Germany"}
    assert [one["TotalVAT"] for one in (invoice, credit)] == [0, 0]
    left = {} if refund == "all" else kronor(_1981="5880.00", _3108="-5600.00", _3521="-280.00")
    assert world.books() == left
    await world.hears_everything_again()


async def test_a_business_in_the_eu_that_pays_through_svea_is_paid_out(shop_world: World) -> None:
    """B05 to its end: Svea hands over no VAT number, the shop's order has it."""
    world = shop_world
    clearing, bank = BANKS["EUR"]
    markets = [
        one | {"accounts": {"clearing": clearing, "bank": bank}} if one["name"] == "de" else one
        for one in a_declaration()["markets"]
    ]
    await world.declare(magento=a_shop(), markets=markets)
    world.on("2026-05-04")
    at_svea = (a_row("Maskin", "500.00", vat="0", pieces=2), freight("25.00", vat="0"))
    cart = {"country": "DE", "currency": "EUR", "company": "Muster GmbH", "vat_id": "DE123456789"}
    cart |= {"shipping": "25", "shipping_rate": "0", "svea_payment": "INVOICE"}
    sale, order = bought(world, MACHINE, at_svea=at_svea, market="de", customer=COMPANY, **cart)
    await world.works()
    world.on("2026-05-05")
    world.magento.invoice(order)
    delivery = world.sandbox.svea.deliver(sale)
    await world.works_as_previewed(sale)
    assert world.books() == kronor(_1510="11480.00", _3108="-11200.00", _3521="-280.00")

    world.on("2026-05-06")
    world.sandbox.svea.credit_rows(sale, delivery, {1: 100})
    world.magento.refund(order, {"SKU-MASKIN": 1}, shipping="0")
    await world.works()
    assert world.books() == kronor(_1510="5880.00", _3108="-5600.00", _3521="-280.00")

    world.on("2026-05-08")
    rows = [
        a_row_of((sale, delivery), "1025.00", fee("Credit", "2.00")),
        a_row_of((sale, delivery), "-500.00", kind="Credit"),
    ]
    reports(world, "2026-05-08", *rows, currency="EUR", merchant=MARKETS["de"][0])
    await evening(world)
    assert world.books() == kronor(_1981="5857.60", _6040="22.40", _3108="-5600.00", _3521="-280.00")
    assert {one["Balance"] for one in world.invoices} == {0}
    await world.ledger.subjects.retry_where(connection=CONNECTION, kind="shop_document")
    await world.works()  # the shop hears that it is paid
    await world.hears_everything_again()


@pytest.mark.shop(payment_methods=[{"method": "banktransfer", "books": "paid", "account": 1981}])
async def test_a_text_that_fortnox_does_not_hand_on_from_the_order_is_put_on_the_invoice(
    shop_world: World,
) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = a_business(world, MACHINE)
    await world.works()
    for one in world.company.orders.values():
        one["CopyRemarks"] = False
    world.on("2026-05-05")
    world.magento.invoice(order)
    await world.works()

    (invoice,) = world.invoices
    assert "Article 138" in invoice["Remarks"]
    await world.hears_everything_again()


async def test_an_export_says_so_and_what_was_charged_vat_says_nothing(world: World) -> None:
    world.on("2026-05-05")
    for number, case in enumerate((EXPORT, VOEC, OSS_DE), start=1):
        sale = world.buys(*case.rows, market=case.market, number=str(number))
        world.sandbox.svea.deliver(sale)
    await world.works()

    said = {one["YourOrderNumber"]: one["Remarks"].rpartition("Article ")[2] for one in world.invoices}
    assert said == {"1": "146 Directive 2006/112/EC.", "2": "", "3": ""}
