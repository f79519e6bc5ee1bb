"""What cannot be booked says why, waits, and goes on by itself when the cause is gone."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.sandbox.faults import FaultRule, Status, System
from tests.journeys.test_sale import A01, A01_BOOKS
from tests.journeys.test_sale_backfill import ask
from tests.support.world import CONNECTION, TOKEN, World, a_row, freight


async def stopped(world: World, sale: int, code: str) -> dict[str, str]:
    """The sale needs a person for this reason; its facts."""
    subject = await world.sale(sale)
    assert (subject.state, subject.problem and subject.problem.code) == ("needs_attention", code)
    assert subject.problem is not None
    assert subject.problem.cure
    return subject.problem.facts


async def heals(world: World) -> None:
    """An hour later, without anybody pressing anything."""
    world.later(timedelta(hours=1, minutes=1))
    await world.works()


async def a_delivery(world: World, **more: object) -> int:
    world.on("2026-05-04")
    sale = world.buys(*A01, **more)  # type: ignore[arg-type]
    world.on("2026-05-05")
    world.sandbox.svea.deliver(sale)
    return sale


async def test_rows_that_do_not_sum_to_sveas_total_stop_before_anything_is_written(world: World) -> None:
    sale = world.buys(*A01)
    rows = world.sandbox.svea.order(sale).rows
    rows[0] = type(rows[0])(**{**vars(rows[0]), "unit_price": 20000})
    await world.works()

    facts = await stopped(world, sale, "unbalanced")
    assert facts == {"rows": "449.00 SEK", "svea": "547.00 SEK", "difference": "98.00 SEK"}
    assert world.writes() == []


async def test_a_missing_account_is_named_and_the_sale_goes_on_once_it_is_there(world: World) -> None:
    account = world.company.accounts.pop(3001)
    sale = await a_delivery(world)
    await world.works()
    await stopped(world, sale, "missing_account")
    assert "3001" in str((await world.sale(sale)).problem)
    assert (world.orders, world.books()) == ([], {})

    world.company.accounts[3001] = account
    await heals(world)

    assert world.books() == A01_BOOKS
    assert len(world.orders) == 1


async def test_a_vat_rate_that_fortnox_lacks_is_named(world: World) -> None:
    world.company.vat_codes[:] = [code for code in world.company.vat_codes if code.rate != 12]
    sale = world.buys(a_row("Kaffe", "89.00", vat="12"))
    await world.works()

    await stopped(world, sale, "unknown_vat_rate")
    assert world.orders == []


async def test_a_rate_without_a_line_in_the_mapping_names_the_line_to_add(world: World) -> None:
    sale = world.buys(a_row("Väska", "119.00", vat="21"), market="de", number="1")
    await world.works()

    facts = await stopped(world, sale, "missing_mapping")
    assert facts["line"] == "{treatment: oss, country: DE, rate: 21, goods: ...}"
    assert world.writes() == []


async def test_a_locked_period_waits_for_a_person_and_moves_no_date(world: World) -> None:
    world.company.locked_until = date(2026, 5, 31)
    sale = await a_delivery(world)
    await world.works()
    facts = await stopped(world, sale, "period_locked")
    assert (facts["date"], facts["locked_until"]) == ("2026-05-05", "2026-05-31")
    assert world.writes() == []

    world.company.locked_until = None
    await world.retry(sale)

    assert world.books("2026-05-05") == A01_BOOKS


async def test_a_missing_financial_year_is_said_before_anything_is_written(world: World) -> None:
    world.company.financial_years[:] = [y for y in world.company.financial_years if y.from_date.year != 2026]
    sale = await a_delivery(world)
    await world.works()

    await stopped(world, sale, "missing_financial_year")
    assert world.writes() == []


async def test_revoked_consent_stops_everything_and_new_consent_starts_it(world: World) -> None:
    world.company.service_consent = False
    sale = world.buys(*A01)
    await world.works()
    await stopped(world, sale, "connection_revoked")

    world.company.service_consent = True
    await heals(world)

    assert (await world.sale(sale)).state == "done"


@pytest.mark.parametrize(
    "name",
    ["Åsa O'Neil", 'Bo "Bosse" Ek', "Li 🙂 Åström", "a<b>{c}|~", "x" * 1500, "\u0130\u200dzmir"],
    ids=["apostrophe", "quotes", "emoji", "brackets", "long", "invisible"],
)
async def test_no_name_makes_a_document_fail(world: World, name: str) -> None:
    address = {"FullName": name, "PostalCode": "SW1A 1AA 99-00", "City": name, "StreetAddress": name}
    sale = world.buys(a_row(name[:40], "249.00", article=name[:60]), freight("49.00"), address=address)
    world.sandbox.svea.deliver(sale)
    await world.works()

    assert (await world.sale(sale)).state == "done"
    assert [invoice["Total"] for invoice in world.invoices] == [Decimal("298.00")]


async def test_an_article_that_cannot_be_created_is_sold_as_a_text_row(world: World) -> None:
    world.sandbox.faults.add(
        FaultRule(
            System.FORTNOX,
            Status(400, b'{"ErrorInformation":{"error":1,"message":"Nej.","code":2999999}}'),
            method="POST",
            path="/3/articles",
        )
    )
    sale = world.buys(*A01)
    world.sandbox.svea.deliver(sale)
    await world.works()
    world.later(timedelta(seconds=2))
    await world.works()

    subject = await world.sale(sale)
    assert (subject.state, subject.problem) == ("done", None)
    assert [advice["code"] for advice in subject.summary["plan"]["advice"]] == ["article_not_accepted"]
    (invoice,) = world.invoices
    assert [row["ArticleNumber"] for row in invoice["InvoiceRows"]] == ["", ""]
    assert world.books() == A01_BOOKS


async def test_a_customer_that_somebody_deleted_is_made_anew(world: World) -> None:
    world.buys(*A01)
    await world.works()
    world.company.customers.clear()

    sale = world.buys(*A01, number="100000102")
    await world.works()
    world.later(timedelta(seconds=2))
    await world.works()

    assert (await world.sale(sale)).state == "done"
    assert [order["CustomerNumber"] for order in world.orders][1] in world.company.customers


async def test_an_order_of_another_merchant_is_told_apart_from_none(world: World) -> None:
    world.sandbox.svea.add_merchant("799999", "another-secret", "SE", "SEK", "sv-SE")
    foreign = world.sandbox.svea.create_checkout("799999", "555", list(A01))
    world.sandbox.svea.finalize(foreign)
    await send_created(world, foreign)
    await world.works()

    await stopped(world, foreign, "foreign_order")
    assert world.writes() == []


async def test_a_checkout_id_that_svea_does_not_know_is_waited_for_and_then_asked_about(world: World) -> None:
    await send_created(world, 9999999)
    await world.works()
    assert (await world.sale(9999999)).state == "waiting"

    world.later(timedelta(minutes=11))
    await world.works()

    await stopped(world, 9999999, "unknown_checkout")


async def test_rounding_to_kronor_stops_before_booking_and_names_the_setting(world: World) -> None:
    world.company.change(rounds_to_kronor=True)
    sale = world.buys(a_row("Mugg", "249.50"))
    world.sandbox.svea.deliver(sale)
    await world.works()

    facts = await stopped(world, sale, "mismatch")
    assert "öresavrundning" in facts["likely"]
    assert world.books() == {}

    world.company.change(rounds_to_kronor=False)
    await heals(world)
    assert world.books()[1510] == Decimal("249.50")


async def test_a_customers_default_discount_and_fees_do_not_leak_in(world: World) -> None:
    world.buys(*A01)
    await world.works()
    (customer,) = world.company.customers.values()
    customer |= {"InvoiceDiscount": 10, "InvoiceFreight": "99", "InvoiceAdministrationFee": "45"}
    sale = world.buys(*A01, number="100000102")
    world.sandbox.svea.deliver(sale)
    await world.works()

    assert [invoice["Total"] for invoice in world.invoices] == [Decimal("547.00")]


async def test_nothing_is_booked_from_before_the_connection_became_active(world: World) -> None:
    await world.declare(active_from="2026-06-01")
    sale = await a_delivery(world)
    await world.works()

    subject = await world.sale(sale)
    assert (subject.state, subject.reason) == (
        "skipped",
        "dated before 2026-06-01, from when sales are booked",
    )
    assert world.writes() == []


async def test_an_inactive_connection_takes_events_and_books_them_when_it_is_activated(world: World) -> None:
    await world.ledger.connections.set_active(CONNECTION, False)
    await a_delivery(world)
    await world.works()
    assert world.calls() == []

    await ask(world, "POST", f"/connections/{CONNECTION}/activate")
    await world.works()

    assert world.books() == A01_BOOKS


async def send_created(world: World, checkout_id: int) -> None:
    body = f'{{"EventName":"CheckoutOrder.Created","CheckoutOrderId":{checkout_id},"IsPending":false}}'
    answer = await world.gateway.post(f"/webhooks/svea/{CONNECTION}/se/{TOKEN}", content=body)
    assert answer.status_code == 200
