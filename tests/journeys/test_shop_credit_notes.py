"""Journeys of credit invoices that a person makes in Fortnox: one offline memo each, of that amount."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.faults import FaultRule, Status, System
from services.sandbox.magento.lines import Line
from services.sync_worker.preview import preview
from tests.journeys.test_chores import chore
from tests.journeys.test_shop_credits import credited_at_svea
from tests.journeys.test_shop_sale import A01_AT_SVEA, MUGS, bought, paid_elsewhere
from tests.support.listening import ears
from tests.support.shop_documents import (
    OF_EVERY_KIND,
    OF_EVERY_KIND_AT_SVEA,
    an_invoice_by_hand,
    comments,
    delivered_at_svea,
    document,
    fortnox,
    pays,
    tells,
)
from tests.support.world import CONNECTION, TENANT, World, a_row, a_shop, kronor


async def credits(world: World, number: str, rows: Any = None) -> str:
    """A person credits an invoice, all of it or these rows of it; the credit invoice's number."""
    client = await fortnox(world)
    credit = (await client.credit(number)).credit_invoice_reference
    assert credit is not None
    if rows is not None:
        await client.update_invoice(credit, {"InvoiceRows": []})  # or rows would be merged by position
        await client.update_invoice(credit, {"InvoiceRows": rows})
    await client.bookkeep(credit)
    return credit


def pieces(world: World, **quantities: int) -> list[dict[str, Any]]:
    """Rows of the only invoice with so many pieces given back, by article with - for _."""
    rows = world.invoices[0]["InvoiceRows"]
    wanted = {name.replace("_", "-"): number for name, number in quantities.items()}
    return [
        {name: row[name] for name in ("ArticleNumber", "Description", "Price", "VAT", "AccountNumber")}
        | {"DeliveredQuantity": -wanted[row["ArticleNumber"]]}
        for row in rows
        if row["ArticleNumber"] in wanted
    ]


def a_text(text: str, amount: str, *, account: int = 3001) -> dict[str, Any]:
    return {
        "Description": text,
        "DeliveredQuantity": -1,
        "Price": Decimal(amount),
        "VAT": 25,
        "AccountNumber": account,
    }


def memos(world: World) -> list[Mapping[str, Any]]:
    return [one.fields for one in world.magento.sales.memos.values()]


def given_back(world: World) -> list[Decimal]:
    return [one["grand_total"] for one in memos(world)]


def returned(world: World, memo: int = 1) -> dict[str, Decimal]:
    """Pieces by SKU on one memo, of lines that have money."""
    rows = world.magento.sales.memos[memo].items
    return {row["sku"]: row["qty"] for row in rows if row.get("row_total")}


async def told_of(world: World, credit: str) -> None:
    """The sweep finds it."""
    world.later(timedelta(minutes=15))
    assert await chore(world, "shop_documents") == "done"
    assert (await document(world, credit)).state == "done"


# ── what becomes of it ────────────────────────────────────────────────────────────────────────────


async def test_a_credit_of_everything_gives_back_everything(shop_world: World) -> None:
    """And nothing is booked when the shop tells of the memo: the credit invoice is that refund."""
    world = shop_world
    checkout, order, _ = await delivered_at_svea(world)
    world.on("2026-05-08")
    credit = await credits(world, world.invoices[0]["DocumentNumber"])
    await told_of(world, credit)

    (memo,) = memos(world)
    assert (memo["grand_total"], memo["shipping_amount"]) == (547, Decimal("39.20"))
    assert memo.get("adjustment_positive", 0) == memo.get("adjustment_negative", 0) == 0
    (comment,) = world.magento.sales.memos[1].comments
    assert comment["comment"] == f"Kreditfaktura {credit} av faktura 1 [F{credit}]"
    assert world.books() == {}
    assert len(world.invoices) == 2
    assert (await world.sale(checkout)).state == "done"
    assert world.magento.sales.order(order).fields["total_refunded"] == 547


@pytest.mark.parametrize("back", [True, False])
async def test_pieces_come_back_and_return_to_stock_if_the_merchant_wants(
    shop_world: World, back: bool
) -> None:
    world = shop_world
    await world.declare(magento=a_shop(documents={"return_to_stock": back}))
    await delivered_at_svea(world)
    credit = await credits(world, world.invoices[0]["DocumentNumber"], pieces(world, SKU_MUGG=1))
    await told_of(world, credit)

    assert given_back(world) == [249]
    assert returned(world) == {"SKU-MUGG": 1}
    (refund,) = [call for call in world.magento.writes() if call.path.endswith("/refund")]
    assert (b'"return_to_stock_items":[1]' in refund.body.replace(b" ", b"")) is back
    assert len(world.invoices) == 2


async def test_several_credits_of_one_invoice_are_several_memos(shop_world: World) -> None:
    """Fortnox links the first only: a later one stands alone, and names the invoice in its text."""
    world = shop_world
    await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    first = await credits(world, number, pieces(world, SKU_MUGG=1))
    await told_of(world, first)
    (mug,) = pieces(world, SKU_MUGG=1)
    customer = world.invoices[0]["CustomerNumber"]
    second = await an_invoice_by_hand(
        world,
        "-49.00",
        text="Frakt",
        account=3520,
        customer=customer,
        rows=[mug | {"DeliveredQuantity": -1}],
        Remarks=f"Avser faktura nr {number}.",
    )
    await told_of(world, second)

    assert given_back(world) == [249, 298]
    assert returned(world, 2) == {"SKU-MUGG": 1}
    assert memos(world)[1]["shipping_amount"] == Decimal("39.20")
    assert world.books() == {}


async def test_a_part_of_the_freight_is_freight_when_the_shop_says_how_it_takes_it(
    shop_world: World,
) -> None:
    world = shop_world
    await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    credit = await credits(world, number, [a_text("Frakt", "24.50", account=3520)])
    await told_of(world, credit)

    (memo,) = memos(world)
    assert (memo["grand_total"], memo["shipping_amount"]) == (Decimal("24.50"), Decimal("19.60"))


@pytest.mark.parametrize("display", [1, 2])
async def test_freight_is_right_whether_the_shop_takes_it_with_vat_or_without(
    shop_world: World, display: int
) -> None:
    world = shop_world
    world.magento.pages.shipping_display = display
    await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    rows = [a_text("Frakt", "24.50", account=3520), *pieces(world, SKU_MUGG=1)]
    await told_of(world, await credits(world, number, rows))

    assert given_back(world) == [Decimal("273.50")]
    assert memos(world)[0]["shipping_amount"] == Decimal("19.60")


async def test_without_our_module_a_part_of_the_freight_is_an_adjustment(shop_world: World) -> None:
    world = shop_world
    world.magento.module_installed = False
    await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    credit = await credits(world, number, [a_text("Frakt", "24.50", account=3520)])
    await told_of(world, credit)

    (memo,) = memos(world)
    assert (memo["grand_total"], memo["adjustment_positive"]) == (Decimal("24.50"), Decimal("24.50"))


@pytest.mark.parametrize("as_text", [True, False])
async def test_a_reduced_price_gives_money_back_and_no_goods(shop_world: World, as_text: bool) -> None:
    world = shop_world
    await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    (mug,) = pieces(world, SKU_MUGG=2)
    row = a_text("Prisavdrag", "100.00") if as_text else {**mug, "Price": Decimal("50.00")}
    credit = await credits(world, number, [row])
    await told_of(world, credit)

    (memo,) = memos(world)
    assert (memo["grand_total"], memo["adjustment_positive"]) == (100, 100)
    assert returned(world) == {}


async def test_configurables_and_bundles_come_back_as_they_were_sold(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-12")
    checkout, order = bought(world, *OF_EVERY_KIND, at_svea=OF_EVERY_KIND_AT_SVEA, shipping="0")
    world.sandbox.svea.deliver(checkout)
    await world.works()
    number = world.invoices[0]["DocumentNumber"]
    rows = pieces(world, SKU_SKJORTA_M=1, SKU_DEL_1=1, SKU_DEL_2=1, SKU_PAKET_F=1)
    await told_of(world, await credits(world, number, rows))

    assert given_back(world) == [1099]
    assert returned(world) == {"SKU-SKJORTA-M": 1, "SKU-DEL-1": 1, "SKU-DEL-2": 1, "SKU-PAKET-F": 1}
    assert memos(world)[0].get("adjustment", 0) == 0
    assert world.magento.sales.order(order).fields["total_refunded"] == 1099


@pytest.mark.parametrize(
    ("rate", "amounts"), [("0.0875", ["25.10", "4.99"]), ("11.43", ["251.00", "100.00"])]
)
async def test_an_order_in_another_currency_than_the_shops(
    shop_world: World, rate: str, amounts: list[str]
) -> None:
    """Adjustments are in the base currency; where its öre is worth more, the memo is as near as it can be."""
    world = shop_world
    world.on("2026-05-04")
    currency = "EUR" if rate == "0.0875" else "SEK"
    price, reduced = amounts
    line = Line("SKU-BASTU", "Bastu", price, quantity=2, rate="25.5" if currency == "EUR" else "25")
    order = paid_elsewhere(
        world, line, currency=currency, rate=rate, country="FI" if currency == "EUR" else "SE", shipping="0"
    )
    world.magento.invoice(order)
    await world.works()
    number = world.invoices[0]["DocumentNumber"]
    first = await credits(world, number, pieces(world, SKU_BASTU=1))
    await told_of(world, first)
    row = a_text("Prisavdrag", reduced) | (
        {"VAT": Decimal("25.5"), "VATCode": "FI255"} if currency == "EUR" else {}
    )
    client = await fortnox(world)
    made = await client.create_invoice_document(
        {
            "CustomerNumber": world.invoices[0]["CustomerNumber"],
            "Currency": currency,
            "VATIncluded": True,
            "Remarks": f"Avser faktura {number}",
            "InvoiceRows": [row],
        }
    )
    await client.bookkeep(made.number)
    await told_of(world, made.number)

    pieces_back, money_back = given_back(world)
    assert pieces_back == Decimal(price)
    assert abs(money_back - Decimal(reduced)) <= (Decimal("0.06") if currency == "SEK" else 0)


async def test_a_sale_paid_elsewhere(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    order = paid_elsewhere(world)
    world.magento.invoice(order)
    await world.works()
    world.on("2026-05-08")
    credit = await credits(world, world.invoices[0]["DocumentNumber"], pieces(world, SKU_MUGG=1))
    await told_of(world, credit)

    assert given_back(world) == [249]
    assert world.books("2026-05-08") == kronor(_3001="199.20", _2611="49.80", _1510="-249.00")
    assert len(world.invoices) == 2


async def test_a_credit_of_an_invoice_that_a_person_made_of_our_order(shop_world: World) -> None:
    world = shop_world
    await world.declare(magento=a_shop(), sync={"invoices": False})
    world.on("2026-05-04")
    _, order = bought(world, MUGS, at_svea=A01_AT_SVEA)
    await world.works()
    client = await fortnox(world)
    number, _ = await client.create_invoice(world.orders[0]["DocumentNumber"])
    await client.bookkeep(number)
    assert await chore(world, "shop_documents") == "done"
    await told_of(world, await credits(world, number, pieces(world, SKU_MUGG=1)))

    assert given_back(world) == [249]
    assert returned(world) == {"SKU-MUGG": 1}
    assert len(comments(world, order)) == 1


async def test_a_preview_says_what_the_run_makes_and_writes_nothing(shop_world: World) -> None:
    world = shop_world
    await delivered_at_svea(world)
    await world.declare(magento=a_shop(), sync={"credit_notes": False})
    credit = await credits(world, world.invoices[0]["DocumentNumber"], pieces(world, SKU_MUGG=1))
    await tells(world, credit)
    await world.declare(magento=a_shop())
    before = world.shop_writes()
    said = await preview(world.shop, await document(world, credit))
    assert world.shop_writes() == before
    assert (said["outcome"], said["postings"]) == ("would_book", [])
    (draft,) = said["drafts"]

    await world.ledger.subjects.retry([(await document(world, credit)).id])
    await world.works()
    (link,) = await world.ledger.links.for_subject((await document(world, credit)).id)
    assert {name: draft[name] for name in link.draft} == link.draft
    assert given_back(world) == [Decimal(draft["amount"]["amount"])]


async def test_sveas_invoice_fee_is_taken_off_again(shop_world: World) -> None:
    """Svea's module adds its fee to every memo of the order."""
    world = shop_world
    world.on("2026-05-04")
    fee = a_row("Fakturaavgift", "29.00", article="invoicefee")
    checkout, _ = bought(world, MUGS, at_svea=(*A01_AT_SVEA, fee), fee="29", svea_payment="INVOICE")
    world.sandbox.svea.deliver(checkout)
    await world.works()
    number = world.invoices[0]["DocumentNumber"]
    await told_of(world, await credits(world, number, pieces(world, SKU_MUGG=1)))

    (memo,) = memos(world)
    assert (memo["grand_total"], memo["adjustment_negative"]) == (249, 29)


async def test_what_people_do_in_fortnox_is_in_the_shop_within_seconds(shop_world: World) -> None:
    """Paid by hand, then credited by hand; the sweep has no part in it."""
    world = shop_world
    _, order, _ = await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    async with ears(world, magento=a_shop()) as ears_:
        ears_.start()
        await ears_.listen(TENANT)
        world.later(timedelta(minutes=1))
        await pays(world, number, "547.00")
        await ears_.heard(1)
        await world.works()
        assert len(comments(world, order)) == 2

        world.later(timedelta(minutes=1))
        credit = await credits(world, number, pieces(world, SKU_MUGG=1))
        await until_told(world, credit)
    assert given_back(world) == [249]


async def until_told(world: World, credit: str, within: float = 20.0) -> None:
    """Events come one by one, and the last one says that it is booked."""
    for _ in range(int(within / 0.05)):
        await world.works()
        found = await world.ledger.subjects.find(CONNECTION, "shop_document", credit)
        if found is not None and found.state == "done":
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody told of {credit}")


# ── what is no memo ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("where", ["svea", "shop"])
async def test_a_refund_that_was_made_elsewhere_makes_no_memo(shop_world: World, where: str) -> None:
    """Its credit invoice is ours: the sweep knows it, and so does the event that Fortnox sends of it."""
    world = shop_world
    checkout, order, delivery = await delivered_at_svea(world)
    world.on("2026-05-08")
    if where == "shop":
        world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0")
    else:
        credited_at_svea(world, checkout, delivery)
    await world.works()
    assert [one["Total"] for one in world.invoices] == [Decimal("547.00"), Decimal("-249.00")]
    before = given_back(world)
    assert await chore(world, "shop_documents_full") == "done"
    await tells(world, world.invoices[1]["DocumentNumber"])

    assert given_back(world) == before == ([249] if where == "shop" else [])
    subject = await document(world, world.invoices[1]["DocumentNumber"])
    assert subject.reason == "credit invoice 2 is of a refund that the shop or Svea told of"


async def test_a_credit_that_is_not_booked_yet_waits_until_it_is(shop_world: World) -> None:
    world = shop_world
    await delivered_at_svea(world)
    client = await fortnox(world)
    credit = (await client.credit(world.invoices[0]["DocumentNumber"])).credit_invoice_reference
    assert credit is not None
    await tells(world, credit)
    assert (await document(world, credit)).reason == f"{credit} is not booked yet"
    assert given_back(world) == []

    await client.bookkeep(credit)
    world.on("2026-05-06")
    await told_of(world, credit)
    assert given_back(world) == [547]


async def test_a_shop_that_does_not_want_credit_notes_gets_none(shop_world: World) -> None:
    world = shop_world
    await world.declare(magento=a_shop(), sync={"credit_notes": False})
    await delivered_at_svea(world)
    credit = await credits(world, world.invoices[0]["DocumentNumber"])
    assert await chore(world, "shop_documents") == "done"
    await tells(world, credit)

    assert given_back(world) == []
    assert (await document(world, credit)).reason == "the shop is not told of credit invoices"


async def test_a_credit_invoice_of_a_stranger_is_none_of_the_shops_business(shop_world: World) -> None:
    world = shop_world
    await delivered_at_svea(world)
    credit = await an_invoice_by_hand(world, "-100.00")
    assert await chore(world, "shop_documents") == "done"

    assert (await document(world, credit)).state == "skipped"
    assert given_back(world) == []


# ── what asks ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_credit_invoice_that_names_no_invoice_asks_and_a_memo_by_hand_ends_it(
    shop_world: World,
) -> None:
    world = shop_world
    _, order, _ = await delivered_at_svea(world)
    customer = world.invoices[0]["CustomerNumber"]
    credit = await an_invoice_by_hand(world, "-100.00", text="Goodwill", customer=customer)
    assert await chore(world, "shop_documents") == "done"
    waiting = await document(world, credit)
    assert waiting.problem is not None
    assert (waiting.state, waiting.problem.code) == ("needs_attention", "credit_unmatched")
    assert given_back(world) == []

    world.magento.refund(order, {}, shipping="0", adjustment="100", comment=f"Goodwill [F{credit}]")
    await world.works()
    assert [one["Total"] for one in world.invoices] == [Decimal("547.00"), Decimal("-100.00")]
    await world.ledger.subjects.ignore(waiting.id, "the memo was made by hand")


@pytest.mark.parametrize(
    "text", ["Invoice fee 1", "Fakturaavgift 1", "Faktura nr 2", "Faktura 11", "1 st", "Faktura 1 A4"]
)
async def test_a_number_in_a_text_is_not_taken_for_an_invoice_too_easily(
    shop_world: World, text: str
) -> None:
    """Of another buyer even the number of an invoice says nothing."""
    world = shop_world
    await delivered_at_svea(world)
    stranger = await an_invoice_by_hand(world, "-100.00", text="Faktura 1")
    customer = world.invoices[0]["CustomerNumber"]
    credit = await an_invoice_by_hand(world, "-50.00", text=text, customer=customer)
    assert await chore(world, "shop_documents") == "done"

    assert (await document(world, stranger)).state == "skipped"
    found = (await document(world, credit)).problem
    if text == "Faktura 1 A4":
        assert found is None
        assert given_back(world) == [50]
    else:
        assert found is not None
        assert found.code == "credit_unmatched"
        assert given_back(world) == []


async def test_an_order_number_is_enough_where_it_means_one_invoice(shop_world: World) -> None:
    world = shop_world
    await delivered_at_svea(world)
    customer = world.invoices[0]["CustomerNumber"]
    credit = await an_invoice_by_hand(
        world, "-100.00", text="Goodwill", customer=customer, YourOrderNumber="100000101"
    )
    await told_of(world, credit)
    assert given_back(world) == [100]


async def test_more_than_the_shop_has_left_asks(shop_world: World) -> None:
    world = shop_world
    _, order, _ = await delivered_at_svea(world)
    number = world.invoices[0]["DocumentNumber"]
    credit = await credits(world, number)
    world.magento.refund(order, {"SKU-MUGG": 1}, shipping="0", comment="[F999]")
    assert await chore(world, "shop_documents") == "done"

    waiting = await document(world, credit)
    assert waiting.problem is not None
    assert (waiting.problem.code, waiting.problem.facts["left"]) == ("credit_exceeds_order", "298.00 SEK")
    assert given_back(world) == [249]


async def test_a_memo_that_the_shop_made_of_another_amount_is_told_and_not_made_again(
    shop_world: World,
) -> None:
    """A module of the shop put something on top; nobody can take a memo back."""
    world = shop_world
    await delivered_at_svea(world)
    world.magento.sales.order(1).hidden["svea_invoice_fee"] = Decimal("29.00")
    credit = await credits(world, world.invoices[0]["DocumentNumber"], pieces(world, SKU_MUGG=1))
    assert await chore(world, "shop_documents") == "done"
    for _ in range(2):
        waiting = await document(world, credit)
        assert waiting.problem is not None
        assert waiting.problem.code == "shop_document_differs"
        assert (waiting.problem.facts["asked"], waiting.problem.facts["made"]) == ("249.00 SEK", "278.00")
        await world.ledger.subjects.retry([waiting.id])
        await world.works()
    assert given_back(world) == [278]
    assert len(world.invoices) == 2


async def test_a_memo_that_could_not_be_read_back_at_once_is_read_back_later(shop_world: World) -> None:
    world = shop_world
    await delivered_at_svea(world)
    credit = await credits(world, world.invoices[0]["DocumentNumber"], pieces(world, SKU_MUGG=1))
    world.sandbox.faults.add(
        FaultRule(System.MAGENTO, Status(503), path="/V1/creditmemo/", method="GET", times=8)
    )
    assert await chore(world, "shop_documents") == "done"
    world.sandbox.faults.clear()
    await world.ledger.subjects.retry([(await document(world, credit)).id])
    await world.works()

    links = await world.ledger.links.for_subject((await document(world, credit)).id)
    assert [(link.kind, link.state, link.number) for link in links] == [("shop_refund", "final", "1")]
    assert given_back(world) == [249]
