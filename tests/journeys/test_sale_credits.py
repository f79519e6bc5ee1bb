"""Journeys of refunds: any number of partial credits, by rows or by amount (acceptance C01-C03, C08)."""

from decimal import Decimal

from tests.journeys.test_sale import A01, A01_BOOKS, by_account
from tests.support.world import World, a_row, freight, kronor


async def a_delivered_sale(world: World, *rows: object, **more: object) -> tuple[int, int]:
    """A01, or other rows, delivered and booked on 2026-05-05: (checkout id, delivery id)."""
    world.on("2026-05-04")
    sale = world.buys(*(rows or A01), **more)  # type: ignore[arg-type]
    await world.works()
    world.on("2026-05-05")
    delivery = world.sandbox.svea.deliver(sale)
    await world.works()
    return sale, delivery


def mug_of(world: World, sale: int) -> int:
    return next(row.row_id for row in world.sandbox.svea.order(sale).deliveries[0].rows if row.name == "Mugg")


async def test_c01_a_full_refund_is_one_credit_invoice_linked_to_the_original(world: World) -> None:
    sale, delivery = await a_delivered_sale(world, payment_type="INVOICE")

    world.on("2026-05-06")
    world.sandbox.svea.credit_rows(sale, delivery)
    await world.works_as_previewed(sale)

    invoice, credit = world.invoices
    assert credit["Total"] == Decimal("-547.00")
    assert (credit["Booked"], credit["Credit"]) == (True, "true")
    assert credit["InvoiceReference"] == invoice["DocumentNumber"]
    assert invoice["CreditInvoiceReference"] == credit["DocumentNumber"]
    assert credit["ExternalInvoiceReference1"] == f"S{sale}-D{delivery}-C1"
    assert world.books("2026-05-06") == {account: -amount for account, amount in A01_BOOKS.items()}


async def test_c02_and_c03_every_partial_refund_is_booked_by_itself(world: World) -> None:
    sale, delivery = await a_delivered_sale(world, payment_type="INVOICE")
    one_mug = kronor(_3001="199.20", _2611="49.80", _1510="-249.00")

    world.on("2026-05-08")
    world.sandbox.svea.credit_rows(sale, delivery, {mug_of(world, sale): 100})
    await world.works_as_previewed(sale)
    assert world.books("2026-05-08") == one_mug

    world.on("2026-05-20")
    world.sandbox.svea.credit_rows(sale, delivery, {mug_of(world, sale): 100})
    await world.works_as_previewed(sale)
    assert world.books("2026-05-20") == one_mug

    invoice, first, second = world.invoices
    assert invoice["CreditInvoiceReference"] == first["DocumentNumber"]
    assert [first["InvoiceDate"], second["InvoiceDate"]] == ["2026-05-08", "2026-05-20"]
    assert second["ExternalInvoiceReference1"] == f"S{sale}-D{delivery}-C2"
    texts = [row["Description"] for row in second["InvoiceRows"]]
    assert f"Kreditering av faktura {invoice['DocumentNumber']}" in texts


async def test_a_third_refund_of_freight_only_empties_the_invoice(world: World) -> None:
    sale, delivery = await a_delivered_sale(world, payment_type="INVOICE")
    rows = world.sandbox.svea.order(sale).deliveries[0].rows
    for row, quantity in ((rows[0], 100), (rows[0], 100), (rows[1], 100)):
        world.sandbox.svea.credit_rows(sale, delivery, {row.row_id: quantity})
        await world.works_as_previewed(sale)

    assert [invoice["Total"] for invoice in world.invoices[1:]] == [
        Decimal("-249.00"),
        Decimal("-249.00"),
        Decimal("-49.00"),
    ]
    assert world.books() == {}


async def test_a_refund_of_the_freight_alone_returns_no_article_to_stock(world: World) -> None:
    sale, delivery = await a_delivered_sale(world, payment_type="INVOICE")
    post = world.sandbox.svea.order(sale).deliveries[0].rows[1]
    world.sandbox.svea.credit_rows(sale, delivery, {post.row_id: 100})
    await world.works()

    (row,) = world.invoices[1]["InvoiceRows"]
    assert (row["ArticleNumber"], row["Description"], row["AccountNumber"]) == ("", "Frakt", 3520)


async def test_c08_the_same_refund_event_three_times_is_one_credit_invoice(world: World) -> None:
    sale, delivery = await a_delivered_sale(world, payment_type="INVOICE")
    world.sandbox.svea.delivery_mode = type(world.sandbox.svea.delivery_mode)(copies=3)
    world.sandbox.svea.credit_rows(sale, delivery, {mug_of(world, sale): 100})
    await world.works()
    await world.retry(sale)

    assert [invoice["Total"] for invoice in world.invoices] == [Decimal("547.00"), Decimal("-249.00")]


async def test_amount_only_refunds_are_spread_over_the_rates_and_end_at_zero(world: World) -> None:
    rows = (a_row("Mugg", "100.00"), a_row("Kaffe", "50.00", vat="12"), freight("49.00"))
    sale, delivery = await a_delivered_sale(world, *rows)

    world.on("2026-05-08")
    world.sandbox.svea.credit_amount(sale, delivery, 5000)
    await world.works_as_previewed(sale)
    assert world.books("2026-05-08") == kronor(
        _1510="-50.00", _3001="20.10", _3002="11.21", _3520="9.85", _2611="7.49", _2621="1.35"
    )

    world.on("2026-05-09")
    world.sandbox.svea.credit_amount(sale, delivery, 19900)
    await world.works_as_previewed(sale)

    assert [invoice["Total"] for invoice in world.invoices[1:]] == [Decimal("-50.00"), Decimal("-149.00")]
    assert sum(world.books().values()) == 0
    assert all(abs(amount) <= Decimal("0.02") for amount in world.books().values())


async def test_a_refund_uses_account_and_rate_of_the_invoice_it_credits(world: World) -> None:
    sale, delivery = await a_delivered_sale(
        world, a_row("Väska", "119.00", vat="19"), market="de", payment_type="INVOICE"
    )
    world.company.currencies["EUR"] = type(world.company.currencies["EUR"])(
        **{**vars(world.company.currencies["EUR"]), "sell_rate": Decimal("12.00")}
    )
    world.shop.kits.clear()
    world.on("2026-05-09")
    world.sandbox.svea.credit_rows(sale, delivery)
    await world.works()

    assert world.books() == {}


async def test_more_credit_than_was_invoiced_stops_and_says_both_numbers(world: World) -> None:
    sale, delivery = await a_delivered_sale(world, payment_type="INVOICE")
    world.sandbox.svea.credit_rows(sale, delivery)
    await world.works()
    stored = world.sandbox.svea.order(sale).deliveries[0]
    stored.credits.append(stored.credits[0])
    before = world.writes()
    await world.retry(sale)

    subject = await world.sale(sale)
    assert (subject.state, subject.problem and subject.problem.code) == ("needs_attention", "over_credited")
    assert subject.problem is not None
    assert subject.problem.facts["over"] == "547.00 SEK"
    assert world.writes() == before


async def test_a_refund_of_an_invoice_that_a_person_has_credited_asks_that_person(world: World) -> None:
    sale, delivery = await a_delivered_sale(world, payment_type="INVOICE")
    (invoice,) = world.invoices
    fortnox = world.shop.kits["acme"].fortnox
    await fortnox.credit(invoice["DocumentNumber"])
    await fortnox.bookkeep(world.invoices[1]["DocumentNumber"])

    world.sandbox.svea.credit_rows(sale, delivery, {mug_of(world, sale): 100})
    await world.works()

    subject = await world.sale(sale)
    assert (subject.state, subject.problem and subject.problem.code) == ("needs_attention", "over_credited")
    assert len(world.invoices) == 2


async def test_a_refund_beside_a_partial_credit_made_by_hand_stands_alone(world: World) -> None:
    sale, delivery = await a_delivered_sale(world, payment_type="INVOICE")
    (invoice,) = world.invoices
    fortnox = world.shop.kits["acme"].fortnox
    await fortnox.credit(invoice["DocumentNumber"])
    by_hand = world.invoices[1]["DocumentNumber"]
    row = {"Description": "Skada", "DeliveredQuantity": -1, "Price": 49, "VAT": 25, "AccountNumber": 3001}
    await fortnox.update_invoice(by_hand, {"InvoiceRows": [row]})
    await fortnox.bookkeep(by_hand)

    world.sandbox.svea.credit_rows(sale, delivery, {mug_of(world, sale): 100})
    await world.works()

    assert [one["Total"] for one in world.invoices[1:]] == [Decimal("-49.00"), Decimal("-249.00")]


async def test_a_preview_of_a_refund_says_what_the_run_books(world: World) -> None:
    sale, delivery = await a_delivered_sale(world, payment_type="INVOICE")
    world.on("2026-05-08")
    world.sandbox.svea.credit_rows(sale, delivery, {mug_of(world, sale): 100})
    await world.sandbox.svea.settle()

    said = await world.preview(sale)
    await world.works()

    assert by_account(said["postings"]) == world.books("2026-05-08")
