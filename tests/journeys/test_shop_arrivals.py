"""Acceptance cases with rows of Magento, told of in another order: the books are the same.

Each story is lived once with everything heard as it happens, and once with nothing heard until all of it
has happened: then the last notice comes first, of one source, and later of the other.
"""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.sandbox.magento.lines import Line
from services.sandbox.outbox import DeliveryMode, ReleaseOrder
from tests.journeys.test_shop_sale import A01_AT_SVEA, MUGS, bought, paid_elsewhere
from tests.support.clock import Clock
from tests.support.databases import sqlite_url_in
from tests.support.world import World, a_declaration, a_row, a_shop, a_world, freight

Story = Callable[[World], Iterator[int | str]]
"""Each step has happened when it yields the key of the sale."""

THREE_RATES = (
    Line("SKU-SKJORTA", "Skjorta", "299.00"),
    Line("SKU-KAFFE", "Kaffe", "89.00", quantity=2, rate="12"),
    Line("SKU-BOK", "Bok", "159.00", rate="6"),
)
THREE_RATES_AT_SVEA = (
    a_row("Skjorta", "299.00"),
    a_row("Kaffe", "89.00", pieces=2, vat="12"),
    a_row("Bok", "159.00", vat="6"),
    freight("59.00"),
)


# ── the stories ───────────────────────────────────────────────────────────────────────────────────


def sold(
    world: World, *lines: Line, at_svea: tuple[Any, ...], **cart: Any
) -> Generator[int, None, tuple[int, int, int]]:
    """Bought on 4 May, delivered and invoiced whole on the day after: (checkout, order, delivery)."""
    world.on("2026-05-04")
    checkout, order = bought(world, *lines, at_svea=at_svea, **cart)
    yield checkout
    world.on("2026-05-05")
    delivery = world.sandbox.svea.deliver(checkout)
    world.magento.invoice(order, transaction_id=str(delivery))
    yield checkout
    return checkout, order, delivery


def a01(world: World) -> Iterator[int]:
    yield from sold(world, MUGS, at_svea=A01_AT_SVEA)


def a02(world: World) -> Iterator[int]:
    yield from sold(world, *THREE_RATES, at_svea=THREE_RATES_AT_SVEA, shipping="59")


def a04(world: World) -> Iterator[int]:
    taken_off = ("29.90", "17.80", "15.90")
    lines = [replace(line, discount=off) for line, off in zip(THREE_RATES, taken_off, strict=True)]
    discounts = [
        a_row("Rabatt", f"-{off}", vat=vat, article=f"discount{vat}")
        for off, vat in zip(taken_off, ("25", "12", "6"), strict=True)
    ]
    yield from sold(world, *lines, at_svea=(*THREE_RATES_AT_SVEA, *discounts), shipping="59")


def a06(world: World) -> Iterator[int]:
    fee = a_row("Fakturaavgift", "29.00", article="invoicefee")
    yield from sold(world, MUGS, at_svea=(*A01_AT_SVEA, fee))


def a08(world: World) -> Iterator[int]:
    world.on("2026-05-04")
    at_svea = (a_row("Mugg", "249.00", pieces=3), freight("49.00"))
    checkout, order = bought(world, Line("SKU-MUGG", "Mugg", "249.00", quantity=3), at_svea=at_svea)
    yield checkout
    world.on("2026-05-05")
    mugs, shipping = world.sandbox.svea.order(checkout).rows
    first = world.sandbox.svea.deliver(checkout, {mugs.row_id: 200, shipping.row_id: 100})
    world.magento.invoice(order, {"SKU-MUGG": 2}, transaction_id=str(first))
    yield checkout
    world.on("2026-05-11")
    second = world.sandbox.svea.deliver(checkout)
    world.magento.invoice(order, transaction_id=str(second))
    yield checkout


def a11(world: World) -> Iterator[int]:
    card = a_row("Presentkort", "-200.00", vat="0", article="gift-card-discount")
    yield from sold(world, MUGS, at_svea=(*A01_AT_SVEA, card), gift_card="200")


def a13(world: World) -> Iterator[int]:
    parts = (Line("SKU-DEL-1", "Del 1", "150.00"), Line("SKU-DEL-2", "Del 2", "250.00"))
    free = (Line("SKU-DEL-3", "Del 3", "0"), Line("SKU-DEL-4", "Del 4", "0"))
    lines = (
        Line("SKU-SKJORTA-M", "Skjorta", "299.00", kind="configurable"),
        Line("SKU-PAKET-D", "Paket", "400.00", kind="bundle_dynamic", children=parts),
        Line("SKU-PAKET-F", "Fast paket", "400.00", kind="bundle_fixed", children=free),
    )
    at_svea = (
        a_row("Skjorta", "299.00", article="SKU-SKJORTA-M"),
        a_row("Paket", "400.00", article="SKU-PAKET-D"),
        a_row("Fast paket", "400.00", article="SKU-PAKET-F"),
    )
    yield from sold(world, *lines, at_svea=at_svea, shipping="0")


def refunded(world: World, *refunds: tuple[str, dict[str, int], dict[str, str], int]) -> Iterator[int]:
    """A01 paid by card, then memos with their refunds: day, pieces, more of the memo, öre back until then."""
    checkout, order, delivery = yield from sold(world, MUGS, at_svea=A01_AT_SVEA)
    for day, pieces, more, minor in refunds:
        world.on(day)
        world.magento.refund(order, pieces, online=True, **more)
        world.sandbox.svea.credit_amount(checkout, delivery, minor)
        yield checkout


def c01(world: World) -> Iterator[int]:
    yield from refunded(world, ("2026-05-06", {"SKU-MUGG": 2}, {"shipping": "39.20"}, 54700))


def c02(world: World) -> Iterator[int]:
    yield from refunded(world, ("2026-05-08", {"SKU-MUGG": 1}, {"shipping": "0"}, 24900))


def c03(world: World) -> Iterator[int]:
    one_mug = ({"SKU-MUGG": 1}, {"shipping": "0"})
    yield from refunded(world, ("2026-05-08", *one_mug, 24900), ("2026-05-20", *one_mug, 49800))


def c03_by_rows(world: World) -> Iterator[int]:
    """Paid by Svea's invoice, whose refunds name their rows."""
    by_invoice = sold(world, MUGS, at_svea=A01_AT_SVEA, svea_payment="INVOICE")
    checkout, order, delivery = yield from by_invoice
    mugs = world.sandbox.svea.order(checkout).deliveries[0].rows[0]
    for day in ("2026-05-08", "2026-05-20"):
        world.on(day)
        world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0", online=True)
        world.sandbox.svea.credit_rows(checkout, delivery, {mugs.row_id: 100})
        yield checkout


def c06(world: World) -> Iterator[int]:
    yield from refunded(world, ("2026-05-09", {"SKU-MUGG": 2}, {"shipping": "0", "fee": "75"}, 42300))


def paid_by_transfer(world: World) -> Iterator[str]:
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    yield f"M{order}"
    world.on("2026-05-05")
    world.magento.invoice(order)
    yield f"M{order}"
    world.on("2026-05-08")
    world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0")
    yield f"M{order}"


STORIES = (a01, a02, a04, a06, a08, a11, a13, c01, c02, c03, c03_by_rows, c06, paid_by_transfer)


# ── how they are told ─────────────────────────────────────────────────────────────────────────────


async def as_it_happens(world: World, story: Story) -> None:
    """Every step is previewed, and the run books what the preview said."""
    for key in story(world):
        await world.settles()
        if await world.ledger.subjects.find("acme", "sale", str(key)):
            await world.works_as_previewed(key)
        await world.works()


async def afterwards(world: World, story: Story, first: str) -> None:
    """Nothing is heard until all has happened; then all of one source, the last first, and then the other."""
    svea, shop = world.sandbox.svea, world.sandbox.magento.outbox
    svea.delivery_mode = replace(svea.delivery_mode, hold=True)
    shop.mode = DeliveryMode(hold=True)
    *_, key = story(world)
    told = {"svea": svea.release_webhooks, "shop": shop.release}
    order = ("svea", "shop") if first == "svea" else ("shop", "svea")
    for source in order:
        told[source](ReleaseOrder.REVERSED)
        await world.settles()
        if await world.ledger.subjects.find("acme", "sale", str(key)):
            await world.works_as_previewed(key)
        await world.works()


@dataclass(frozen=True)
class Books:
    """What stands in Fortnox at the end, whatever numbers the documents have got."""

    by_date: dict[tuple[str, int], Decimal]
    invoices: list[tuple[str, Decimal]]
    customers: int
    orders: int


def books_of(world: World) -> Books:
    return Books(
        by_date=world.books_by_date(),
        invoices=sorted((one["InvoiceDate"], one["Total"]) for one in world.invoices),
        customers=len(world.company.customers),
        orders=len([one for one in world.orders if not one["Cancelled"]]),
    )


NewWorld = Callable[[], Any]


@pytest.fixture
def new_world(tmp_path: Path, redis_url: str) -> NewWorld:
    """A merchant with a shop, as often as asked for: two of them can be compared."""
    numbers = count(1)

    @asynccontextmanager
    async def made() -> AsyncIterator[World]:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        declaration = a_declaration(magento=a_shop())
        async with a_world(sqlite_url_in(folder), redis_url, Clock(), declaration) as world:
            yield world

    return made


@pytest.mark.parametrize("first", ["svea", "shop"])
@pytest.mark.parametrize("story", STORIES)
async def test_the_books_do_not_depend_on_who_tells_first(
    new_world: NewWorld, story: Story, first: str
) -> None:
    async with new_world() as world:
        await as_it_happens(world, story)
        as_told = books_of(world)
        await world.hears_everything_again()
    assert as_told.by_date
    async with new_world() as world:
        await afterwards(world, story, first)
        assert books_of(world) == as_told
        await world.hears_everything_again()
