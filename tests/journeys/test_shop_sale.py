"""Journeys of a purchase seen in Magento: joined with Svea's, or paid elsewhere (acceptance A01-A13)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.magento.lines import Line
from services.sandbox.outbox import DeliveryMode
from shared.domain.catalogue import article_number, sku_of
from shared.ledger.ids import subject_id
from tests.journeys.test_chores import chore
from tests.journeys.test_sale import A01_BOOKS
from tests.journeys.test_sale_backfill import ask
from tests.support.world import CONNECTION, World, a_row, a_shop, freight, kronor

MUGS = Line("SKU-MUGG", "Mugg", "249.00", quantity=2)
A01_AT_SVEA = (a_row("Mugg", "249.00", pieces=2), freight("49.00"))


def bought(
    world: World,
    *lines: Line,
    at_svea: tuple[Any, ...],
    number: str = "100000101",
    svea_payment: str = "SVEACARDPAY_PF",
    **cart: Any,
) -> tuple[int, int]:
    """One purchase in both: (checkout id, order id)."""
    who = {name: cart.pop(name) for name in ("market", "customer") if name in cart}
    checkout = world.buys(*at_svea, number=number, payment_type=svea_payment, **who)
    order = world.magento.orders(
        *lines,
        number=number,
        svea_order_id=checkout,
        state="processing",
        shipping=cart.pop("shipping", "49"),
        **cart,
    )
    return checkout, order


def a01(world: World) -> tuple[int, int]:
    world.on("2026-05-04")
    return bought(world, MUGS, at_svea=A01_AT_SVEA)


async def subjects(world: World) -> dict[str, str]:
    page = await world.ledger.subjects.page(connection="acme", kind="sale")
    return {subject.key: subject.state for subject in page.items}


async def test_a01_one_purchase_seen_twice_is_one_sale(shop_world: World) -> None:
    world = shop_world
    checkout, order = a01(world)
    await world.works()
    assert [found["Total"] for found in world.orders] == [Decimal("547.00")]
    states = await subjects(world)
    assert states.pop(str(checkout)) == "done"
    assert set(states.items()) <= {(f"M{order}", "skipped")}

    world.on("2026-05-05")
    world.magento.invoice(order)
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)
    assert world.books("2026-05-05") == A01_BOOKS
    (invoice,) = world.invoices
    assert invoice["YourOrderNumber"] == "100000101"
    assert invoice["ExternalInvoiceReference2"] == str(checkout)


async def test_the_shops_event_alone_brings_the_sale_about(shop_world: World) -> None:
    """And from then on what the shop tells goes straight to the sale."""
    world = shop_world
    world.sandbox.svea.delivery_mode = replace(world.sandbox.svea.delivery_mode, lose=-1)
    checkout, order = a01(world)
    await world.works()
    assert await subjects(world) == {str(checkout): "done", f"M{order}": "skipped"}
    moved = await world.ledger.subjects.get(subject_id(CONNECTION, "sale", f"M{order}"))
    assert moved is not None
    assert moved.reason == f"order 100000101 was paid through Svea: it is sale {checkout}"

    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    world.magento.invoice(order)
    await world.works()
    assert world.books("2026-05-05") == A01_BOOKS
    again = await world.ledger.subjects.get(moved.id)
    assert again is not None
    assert again.wanted == moved.wanted


async def test_the_svea_event_may_come_before_the_order_exists(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout = world.buys(*A01_AT_SVEA)
    await world.works()
    assert (await world.sale(checkout)).state == "waiting"
    assert world.orders == []

    world.magento.orders(MUGS, number="100000101", svea_order_id=checkout, shipping="49", state="processing")
    world.later(timedelta(minutes=1))
    await world.works()
    assert (await world.sale(checkout)).state == "done"
    assert len(world.orders) == 1


async def test_an_order_that_never_comes_is_booked_with_sveas_rows(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout = world.buys(*A01_AT_SVEA)
    await world.works()
    world.later(timedelta(minutes=16))
    await world.works()
    sale = await world.sale(checkout)
    assert sale.state == "done"
    assert "shop_order_missing" in [advice["code"] for advice in sale.summary["plan"]["advice"]]


@pytest.mark.shop(without_order="hold")
async def test_an_order_that_never_comes_is_asked_about_if_the_merchant_wants(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout = world.buys(*A01_AT_SVEA)
    world.later(timedelta(minutes=16))
    await world.works()
    sale = await world.sale(checkout)
    assert sale.problem is not None
    assert sale.problem.code == "shop_order_missing"


async def test_a_second_session_for_the_cart_is_the_same_purchase(shop_world: World) -> None:
    """Svea's module adds -2 to the order number, and the first session is never confirmed."""
    world = shop_world
    world.on("2026-05-04")
    world.checkout(*A01_AT_SVEA, number="100000101")
    checkout = world.buys(*A01_AT_SVEA, number="100000101-2")
    world.magento.orders(MUGS, number="100000101", svea_order_id=checkout, shipping="49", state="processing")
    await world.works()
    (order,) = world.orders
    assert order["YourOrderNumber"] == "100000101"


async def test_a02_each_rate_is_the_shops(shop_world: World) -> None:
    world = shop_world
    world.on("2026-03-16")
    lines = (
        Line("SKU-SKJORTA", "Skjorta", "299.00"),
        Line("SKU-KAFFE", "Kaffe", "89.00", quantity=2, rate="12"),
        Line("SKU-BOK", "Bok", "159.00", rate="6"),
    )
    at_svea = (
        a_row("Skjorta", "299.00"),
        a_row("Kaffe", "89.00", pieces=2, vat="12"),
        a_row("Bok", "159.00", vat="6"),
        freight("59.00"),
    )
    checkout, _ = bought(world, *lines, at_svea=at_svea, number="100000102", shipping="59")
    await world.works()
    world.on("2026-03-17")
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)
    assert world.books("2026-03-17") == kronor(
        _1510="695.00",
        _3001="-239.20",
        _3002="-158.93",
        _3003="-150.00",
        _3520="-47.20",
        _2611="-71.60",
        _2621="-19.07",
        _2631="-9.00",
    )


async def test_a04_a_cart_rule_lowers_each_row(shop_world: World) -> None:
    world = shop_world
    world.on("2026-03-16")
    lines = (
        Line("SKU-SKJORTA", "Skjorta", "299.00", discount="29.90"),
        Line("SKU-KAFFE", "Kaffe", "89.00", quantity=2, rate="12", discount="17.80"),
        Line("SKU-BOK", "Bok", "159.00", rate="6", discount="15.90"),
    )
    at_svea = (
        a_row("Skjorta", "299.00"),
        a_row("Kaffe", "89.00", pieces=2, vat="12"),
        a_row("Bok", "159.00", vat="6"),
        freight("59.00"),
        a_row("Rabatt", "-29.90", article="discount25"),
        a_row("Rabatt", "-17.80", vat="12", article="discount12"),
        a_row("Rabatt", "-15.90", vat="6", article="discount6"),
    )
    checkout, _ = bought(world, *lines, at_svea=at_svea, number="100000104", shipping="59")
    await world.works()
    world.on("2026-03-17")
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)
    (invoice,) = world.invoices
    assert invoice["Total"] == Decimal("631.40")
    assert world.books("2026-03-17") == kronor(
        _1510="631.40",
        _3001="-215.28",
        _3002="-143.04",
        _3003="-135.00",
        _3520="-47.20",
        _2611="-65.62",
        _2621="-17.16",
        _2631="-8.10",
    )


@pytest.mark.parametrize("shop_knows", [True, False])
async def test_a06_the_invoice_fee_is_revenue_whether_the_shop_knows_of_it(
    shop_world: World, shop_knows: bool
) -> None:
    world = shop_world
    world.on("2026-05-04")
    fee = a_row("Fakturaavgift", "29.00", article="invoicefee")
    checkout, _ = bought(world, MUGS, at_svea=(*A01_AT_SVEA, fee), fee="29" if shop_knows else "0")
    await world.works()
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)
    assert world.books("2026-05-05") == kronor(
        _1510="576.00", _3001="-398.40", _3520="-39.20", _3540="-23.20", _2611="-115.20"
    )
    advice = (await world.sale(checkout)).summary["plan"]["advice"]
    told = [one["facts"]["difference"] for one in advice if one["code"] == "amounts_differ"]
    assert told == ([] if shop_knows else ["29.00 SEK"])


@pytest.mark.parametrize("with_invoices", [True, False])
async def test_a08_each_delivery_is_its_own_invoice(shop_world: World, with_invoices: bool) -> None:
    world = shop_world
    world.on("2026-05-04")
    at_svea = (a_row("Mugg", "249.00", pieces=3), freight("49.00"))
    checkout, order = bought(world, Line("SKU-MUGG", "Mugg", "249.00", quantity=3), at_svea=at_svea)
    await world.works()
    world.on("2026-05-05")
    rows = world.sandbox.svea.order(checkout).rows
    world.sandbox.svea.deliver(checkout, {rows[0].row_id: 200, rows[1].row_id: 100})
    if with_invoices:
        world.magento.invoice(order, {"SKU-MUGG": 2})
    await world.works()
    world.on("2026-05-11")
    world.sandbox.svea.deliver(checkout)
    if with_invoices:
        world.magento.invoice(order)
    await world.works()
    assert [(one["Total"], one["InvoiceDate"]) for one in world.invoices] == [
        (Decimal("547.00"), "2026-05-05"),
        (Decimal("249.00"), "2026-05-11"),
    ]
    assert world.books("2026-05-11") == kronor(_1510="249.00", _3001="-199.20", _2611="-49.80")


async def test_a09_a_zero_total_is_nothing_to_book_and_says_so(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = world.magento.orders(
        Line("SKU-MUGG", "Mugg", "199.00", discount="199.00"),
        payment="free",
        state="processing",
        number="109",
    )
    await world.works()
    world.magento.invoice(order)
    world.magento.ship(order)
    await world.works()
    sale = await world.sale(f"M{order}")
    assert (sale.state, sale.reason) == ("skipped", "the order's total is zero")
    assert world.writes() == []


@pytest.mark.parametrize("invoice_at", ["invoice", "shipment"])
async def test_a09_a_zero_total_is_an_invoice_of_nothing_if_the_merchant_wants(
    shop_world: World, invoice_at: str
) -> None:
    """With the goods on it, since a document without rows is none; and nothing is paid."""
    world = shop_world
    await world.declare(magento=a_shop(invoice_at=invoice_at), book_zero_orders=True)
    world.on("2026-05-04")
    order = world.magento.orders(
        Line("SKU-MUGG", "Mugg", "199.00", discount="199.00"),
        payment="free",
        state="processing",
        number="109",
    )
    await world.works()
    world.magento.invoice(order)
    world.magento.ship(order)
    await world.works_as_previewed(f"M{order}")
    (invoice,) = world.invoices
    assert (invoice["Total"], invoice["Balance"], invoice["Booked"]) == (0, 0, True)
    assert [row["ArticleNumber"] for row in invoice["InvoiceRows"]] == ["SKU-MUGG"]
    assert world.books() == {}
    assert not [call for call in world.writes() if "payment" in call]


async def test_a11_a_gift_card_pays_and_leaves_revenue_and_vat_whole(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-11")
    at_svea = (*A01_AT_SVEA, a_row("Presentkort", "-200.00", vat="0", article="gift-card-discount"))
    checkout, _ = bought(world, MUGS, at_svea=at_svea, gift_card="200")
    await world.works()
    world.on("2026-05-12")
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)
    assert world.books("2026-05-12") == kronor(
        _1510="347.00", _2421="200.00", _3001="-398.40", _3520="-39.20", _2611="-109.40"
    )


async def test_a13_money_of_configurables_and_bundles_counts_once(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-12")
    dynamic = (Line("SKU-DEL-1", "Del 1", "150.00"), Line("SKU-DEL-2", "Del 2", "250.00"))
    fixed = (Line("SKU-DEL-3", "Del 3", "0"), Line("SKU-DEL-4", "Del 4", "0"))
    lines = (
        Line("SKU-SKJORTA-M", "Skjorta", "299.00", kind="configurable"),
        Line("SKU-PAKET-D", "Paket", "400.00", kind="bundle_dynamic", children=dynamic),
        Line("SKU-PAKET-F", "Fast paket", "400.00", kind="bundle_fixed", children=fixed),
    )
    at_svea = (
        a_row("Skjorta", "299.00", article="SKU-SKJORTA-M"),
        a_row("Paket", "400.00", article="SKU-PAKET-D"),
        a_row("Fast paket", "400.00", article="SKU-PAKET-F"),
    )
    checkout, _ = bought(world, *lines, at_svea=at_svea, shipping="0")
    await world.works()
    world.on("2026-05-13")
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)
    assert world.books("2026-05-13") == kronor(_1510="1099.00", _3001="-879.20", _2611="-219.80")
    (invoice,) = world.invoices
    assert {row["ArticleNumber"] for row in invoice["InvoiceRows"]} == {
        "SKU-SKJORTA-M",
        "SKU-DEL-1",
        "SKU-DEL-2",
        "SKU-PAKET-F",
    }


async def test_a_rate_with_decimals_is_the_shops_and_not_sveas(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    checkout = world.buys(a_row("Bastu", "125.50", vat="26"), market="fi", number="200000101")
    world.magento.orders(
        Line("SKU-BASTU", "Bastu", "125.50", rate="25.5"),
        number="200000101",
        svea_order_id=checkout,
        state="processing",
        currency="EUR",
        rate="0.0875",
        country="FI",
    )
    await world.works()
    world.on("2026-05-05")
    world.sandbox.svea.deliver(checkout)
    await world.works_as_previewed(checkout)
    assert set(world.books("2026-05-05")) == {1510, 3162, 2672}


# ── paid outside Svea ─────────────────────────────────────────────────────────────────────────────


def paid_elsewhere(world: World, *lines: Line, **cart: Any) -> int:
    return world.magento.orders(
        *(lines or (MUGS,)),
        payment="banktransfer",
        state="processing",
        number="100000101",
        shipping=cart.pop("shipping", "49"),
        **cart,
    )


async def test_an_order_paid_elsewhere_is_invoiced_when_the_shop_invoices(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    await world.works()
    assert [found["ExternalInvoiceReference1"] for found in world.orders] == [f"M{order}-O"]
    assert world.books() == {}

    world.on("2026-05-05")
    world.magento.invoice(order)
    await world.works_as_previewed(f"M{order}")
    assert world.books("2026-05-05") == A01_BOOKS
    (invoice,) = world.invoices
    assert invoice["ExternalInvoiceReference2"] in ("", None, "0")


@pytest.mark.shop(invoice_at="shipment")
async def test_an_order_is_invoiced_by_shipment_if_the_merchant_wants(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world, Line("SKU-MUGG", "Mugg", "249.00", quantity=3))
    world.magento.invoice(order)
    await world.works()
    assert world.invoices == []
    world.on("2026-05-05")
    world.magento.ship(order, {"SKU-MUGG": 2})
    await world.works()
    world.on("2026-05-11")
    world.magento.ship(order)
    await world.works()
    assert [(one["Total"], one["InvoiceDate"]) for one in world.invoices] == [
        (Decimal("547.00"), "2026-05-05"),
        (Decimal("249.00"), "2026-05-11"),
    ]


@pytest.mark.shop(payment_methods=[{"method": "banktransfer", "books": "order"}])
async def test_a_method_that_gives_an_order_only_is_never_invoiced(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    world.magento.invoice(order)
    await world.works()
    assert len(world.orders) == 1
    assert world.invoices == []


@pytest.mark.shop(payment_methods=[{"method": "bank*", "books": "paid", "account": 1940}])
async def test_a_method_that_is_paid_at_once_pays_its_invoice(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    await world.works()
    world.on("2026-05-05")
    world.magento.invoice(order)
    await world.works_as_previewed(f"M{order}")
    assert world.books("2026-05-05") == kronor(
        _1940="547.00", _3001="-398.40", _3520="-39.20", _2611="-109.40"
    )
    assert [invoice["Balance"] for invoice in world.invoices] == [0]


async def test_a_held_order_waits_and_goes_on(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    world.magento.hold(order)
    await world.works()
    assert (await world.sale(f"M{order}")).state == "waiting"
    world.magento.unhold(order)
    await world.works()
    assert len(world.orders) == 1


async def test_an_edited_order_cancels_the_old_and_books_the_new(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = world.magento.orders(MUGS, payment="checkmo", state="new", number="100000101", shipping="49")
    await world.works()
    new = world.magento.edit(order, Line("SKU-MUGG", "Mugg", "249.00"), payment="checkmo", shipping="49")
    await world.works()
    assert {found["YourOrderNumber"]: found["Cancelled"] for found in world.orders} == {
        "100000101": True,
        "100000101-1": False,
    }
    assert await subjects(world) == {f"M{order}": "done", f"M{new}": "done"}


async def test_store_credit_that_pays_all_is_revenue_all_the_same(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = world.magento.orders(
        Line("SKU-MUGG", "Mugg", "250.00"),
        payment="free",
        state="processing",
        store_credit="250",
        number="110",
    )
    await world.works()
    world.magento.invoice(order)
    await world.works()
    assert world.books() == kronor(_2429="250.00", _3001="-200.00", _2611="-50.00")


async def test_a_virtual_order_and_a_company_abroad_without_vat(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = world.magento.orders(
        Line("SKU-KURS", "Kurs", "1000.00", rate="0", kind="virtual"),
        payment="banktransfer",
        state="processing",
        number="120",
        country="DE",
        company="Muster GmbH",
        vat_id="DE123456789",
        currency="SEK",
    )
    await world.works()
    world.magento.invoice(order)
    await world.works()
    assert world.books() == kronor(_1510="1000.00", _3308="-1000.00")  # a service: box 39 and not 35
    customer = next(iter(world.company.customers.values()))
    assert (customer["VATType"], customer["VATNumber"]) == ("EUREVERSEDVAT", "DE123456789")


async def test_an_order_number_that_nobody_told_of_is_found_in_the_shop(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    world.sandbox.magento.outbox.mode = DeliveryMode(lose=-1)
    order = paid_elsewhere(world)
    await world.works()
    assert await subjects(world) == {}
    started = await ask(
        world, "POST", f"/connections/{CONNECTION}/backfill", {"order_numbers": ["100000101"]}
    )
    assert started["items"][0]["state"] == "new"
    await world.works()
    assert (await world.sale(f"M{order}")).state == "done"


async def test_the_sweep_finds_an_order_whose_notice_never_came(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    world.sandbox.magento.outbox.mode = DeliveryMode(lose=-1)
    order = paid_elsewhere(world)
    assert await chore(world, "shop_orders") == "done"
    assert (await world.sale(f"M{order}")).state == "done"


async def test_a_sku_that_fortnox_does_not_take_has_the_number_of_its_article(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world, Line("KÅSA 2.5 L", "Kåsa", "149.00"))
    await world.works()
    world.magento.invoice(order)
    await world.works()
    (invoice,) = world.invoices
    assert invoice["InvoiceRows"][0]["ArticleNumber"] == article_number("KÅSA 2.5 L")
    assert sku_of(invoice["InvoiceRows"][0]["ArticleNumber"]) == "KÅSA 2.5 L"


async def test_freight_at_one_rate_on_mixed_carts_is_told_once_and_not_with_every_sale(
    shop_world: World,
) -> None:
    world = shop_world
    world.on("2026-03-16")
    lines = (Line("SKU-SKJORTA", "Skjorta", "299.00"), Line("SKU-BOK", "Bok", "159.00", rate="6"))
    orders = [
        world.magento.orders(
            *lines, payment="banktransfer", state="processing", number=f"10{n}", shipping="59"
        )
        for n in range(2)
    ]
    await world.works()
    for order in orders:
        assert (await world.sale(f"M{order}")).summary["plan"]["advice"] == []
    health = (await ask(world, "GET", f"/connections/{CONNECTION}"))["health"]
    assert list(health["advice"]) == ["freight_single_rate"]
    assert "taxes freight at 25 %" in health["advice"]["freight_single_rate"]
