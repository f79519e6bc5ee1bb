"""A closed day waits for a person, who opens it or chooses another by the API. No date moves by itself."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.sandbox.fortnox.company import FinancialYear
from tests.journeys.test_payouts import evening, payout_of, reports, three_sales, world_with_clearing
from tests.journeys.test_sale import A01, A01_BOOKS
from tests.journeys.test_sale_backfill import KEY
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import World, a_row, freight, kronor

__all__ = ["world_with_clearing"]

BECAUSE = "VAT for May is reported"
FACTS_ARE_OLD = timedelta(minutes=11)


async def call(world: World, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    await world.ledger.api_keys.ensure_bootstrap(KEY)
    answer = await world.gateway.request(
        method, f"/api/v1{path}", json=body, headers={"Authorization": f"Bearer {KEY}"}
    )
    return answer.status_code, answer.json() if answer.content else None


async def chooses(world: World, subject_id: str, day: str) -> tuple[int, Any]:
    return await call(world, "POST", f"/subjects/{subject_id}/book-on", {"date": day, "reason": BECAUSE})


async def problem_of(world: World, sale: int) -> Any:
    subject = await world.sale(sale)
    assert subject.problem is not None, subject.state
    return subject.problem


async def a_locked_sale(world: World) -> int:
    """Delivered on 5 May; May is locked, and it is 2 June."""
    world.on("2026-05-04")
    sale = world.buys(*A01, payment_type="INVOICE")
    await world.works()
    world.on("2026-05-05")
    world.sandbox.svea.deliver(sale)
    world.company.locked_until = date(2026, 5, 31)
    world.on("2026-06-02")
    await world.works()
    assert (await problem_of(world, sale)).code == "period_locked"
    return sale


async def test_a_sale_is_booked_on_the_chosen_day_and_says_so_before_and_after(world: World) -> None:
    sale = await a_locked_sale(world)
    subject = (await world.sale(sale)).id
    assert world.books() == {}

    status, chosen = await chooses(world, subject, "2026-06-01")
    assert (status, chosen["date"], chosen["reason"]) == (200, "2026-06-01", BECAUSE)
    said = await world.preview(sale)
    assert (
        f"S{sale}-D{delivery_of(world, sale)} is booked on 2026-06-01: chosen by bootstrap: {BECAUSE}"
        in (said["explanations"])
    )
    await world.works_as_previewed(sale)

    assert (world.books("2026-06-01"), world.books("2026-05-05")) == (A01_BOOKS, {})
    _, shown = await call(world, "GET", f"/subjects/{subject}")
    assert (shown["state"], shown["book_on"]["date"], shown["book_on"]["chosen_by"]) == (
        "done",
        "2026-06-01",
        "bootstrap",
    )
    assert ("operator", "book_on") in [(one["source"], one["name"]) for one in shown["events"]]
    acts = (await world.ledger.audit.acts(subject_id=subject)).items
    assert [(one.action, one.detail) for one in acts] == [
        ("subject.book_on", {"date": "2026-06-01", "reason": BECAUSE})
    ]
    await world.hears_everything_again()


def delivery_of(world: World, sale: int) -> int:
    (delivery,) = world.sandbox.svea.order(sale).deliveries
    return int(delivery.number)


async def test_opened_again_it_is_booked_on_its_own_day(world: World) -> None:
    sale = await a_locked_sale(world)
    world.company.locked_until = None

    await world.retry(sale)

    assert world.books("2026-05-05") == A01_BOOKS
    await world.hears_everything_again()


async def test_a_choice_that_is_undone_in_time_leaves_the_sale_waiting(world: World) -> None:
    sale = await a_locked_sale(world)
    subject = (await world.sale(sale)).id
    await chooses(world, subject, "2026-06-01")

    assert (await call(world, "DELETE", f"/subjects/{subject}/book-on"))[0] == 204
    await world.works()

    assert (await problem_of(world, sale)).code == "period_locked"
    assert world.books() == {}
    assert (await call(world, "GET", f"/subjects/{subject}"))[1]["book_on"] is None
    assert (await call(world, "DELETE", f"/subjects/{subject}/book-on"))[0] == 404


async def test_a_day_that_is_used_stays(world: World) -> None:
    sale = await a_locked_sale(world)
    subject = (await world.sale(sale)).id
    await chooses(world, subject, "2026-06-01")
    await world.works()

    status, refused = await call(world, "DELETE", f"/subjects/{subject}/book-on")

    assert (status, refused["code"]) == (409, "day_is_used")
    await world.hears_everything_again()


@pytest.mark.parametrize(
    ("day", "code"),
    [("2026-05-20", "period_locked"), ("2026-05-04", "out_of_range"), ("2026-06-03", "out_of_range")],
    ids=["locked as well", "before the delivery", "to come"],
)
async def test_a_day_that_cannot_be_is_refused_with_the_reason(world: World, day: str, code: str) -> None:
    sale = await a_locked_sale(world)

    status, refused = await chooses(world, (await world.sale(sale)).id, day)

    assert (status, refused["errors"][0]["code"]) == (422, code)
    await world.works()
    assert world.books() == {}


async def test_a_chosen_day_that_is_locked_meanwhile_says_so(world: World) -> None:
    sale = await a_locked_sale(world)
    subject = (await world.sale(sale)).id
    await chooses(world, subject, "2026-06-01")
    world.company.locked_until = date(2026, 6, 1)
    world.later(FACTS_ARE_OLD)

    await world.works()

    problem = await problem_of(world, sale)
    assert (problem.code, problem.facts["chosen"]) == ("period_locked", "2026-06-01")
    assert problem.message.endswith(
        "is dated 2026-05-05; the chosen day is 2026-06-01, but the books are locked up to 2026-06-01"
    )
    assert world.books() == {}
    await chooses(world, subject, "2026-06-02")
    await world.works()
    assert world.books("2026-06-02") == A01_BOOKS


async def test_what_does_not_wait_for_its_day_has_none_to_choose(world: World) -> None:
    world.on("2026-05-05")
    sale = world.buys(*A01)
    await world.works()

    status, refused = await chooses(world, (await world.sale(sale)).id, "2026-05-05")

    assert (status, refused["code"]) == (409, "no_day_to_choose")


async def test_documents_whose_own_day_is_open_keep_it(world: World) -> None:
    """The first delivery goes where a person chose, the second one is of an open day."""
    world.on("2026-05-04")
    sale = world.buys(a_row("Mugg", "249.00", pieces=3), freight("49.00"))
    await world.works()
    world.on("2026-05-05")
    world.sandbox.svea.deliver(sale, {1: 200, 2: 100})
    world.company.locked_until = date(2026, 5, 31)
    world.on("2026-06-02")
    world.sandbox.svea.deliver(sale)
    await world.works()
    assert world.books() == {}

    await chooses(world, (await world.sale(sale)).id, "2026-06-01")
    await world.works()

    assert world.books("2026-06-01") == A01_BOOKS
    assert world.books("2026-06-02") == kronor(_1510="249.00", _3001="-199.20", _2611="-49.80")
    await world.hears_everything_again()


async def test_a_refund_of_a_locked_day_is_booked_on_the_chosen_day(world: World) -> None:
    """Svea tells of it on 20 May; nobody looks before June."""
    world.on("2026-05-04")
    sale = world.buys(*A01, payment_type="INVOICE")
    world.on("2026-05-05")
    delivery = world.sandbox.svea.deliver(sale)
    await world.works()
    world.on("2026-05-20")
    world.sandbox.svea.credit_rows(sale, delivery, {1: 100})
    await world.settles()
    world.company.locked_until = date(2026, 5, 31)
    world.later(FACTS_ARE_OLD)
    world.on("2026-06-02")
    await world.works()
    problem = await problem_of(world, sale)
    assert (problem.code, problem.facts["date"]) == ("period_locked", "2026-05-20")

    await chooses(world, (await world.sale(sale)).id, "2026-06-02")
    await world.works_as_previewed(sale)

    assert world.books("2026-05-05") == A01_BOOKS
    assert world.books("2026-06-02") == kronor(_1510="-249.00", _3001="199.20", _2611="49.80")
    await world.hears_everything_again()


async def test_an_old_choice_does_not_fit_a_later_refund(world: World) -> None:
    sale = await a_locked_sale(world)
    subject = (await world.sale(sale)).id
    await chooses(world, subject, "2026-06-01")
    await world.works()
    world.on("2026-06-20")
    world.sandbox.svea.credit_rows(sale, delivery_of(world, sale), {1: 100})
    await world.settles()
    world.company.locked_until = date(2026, 6, 30)
    world.later(FACTS_ARE_OLD)
    world.on("2026-07-02")
    await world.works()
    problem = await problem_of(world, sale)
    assert problem.code == "period_locked"
    assert "dated 2026-06-20; the chosen day 2026-06-01 is before it" in problem.message

    await chooses(world, subject, "2026-07-01")
    await world.works()

    assert world.books("2026-06-01") == A01_BOOKS
    assert world.books("2026-07-01") == kronor(_1510="-249.00", _3001="199.20", _2611="49.80")
    await world.hears_everything_again()


# ── years ─────────────────────────────────────────────────────────────────────────────────────────


async def a_sale_of_new_years_eve(world: World) -> int:
    world.on("2026-12-30")
    sale = world.buys(*A01)
    await world.works()
    world.on("2026-12-31")
    world.sandbox.svea.deliver(sale)
    await world.settles()
    world.on("2027-01-04")
    world.later(FACTS_ARE_OLD)
    return sale


async def test_without_a_financial_year_it_waits_and_goes_on_when_there_is_one(world: World) -> None:
    world.on("2027-01-02")
    sale = world.buys(*A01)
    world.sandbox.svea.deliver(sale)
    await world.works()
    problem = await problem_of(world, sale)
    assert (problem.code, problem.facts["date"]) == ("missing_financial_year", "2027-01-02")
    assert world.writes() == []

    world.company.open_years([2027])
    await world.retry(sale)

    assert world.books("2027-01-02") == A01_BOOKS
    await world.hears_everything_again()


async def test_a_year_kept_by_the_cash_method_waits_before_anything_is_written(world: World) -> None:
    """The next year is kept by the accrual method, and a person may choose a day of it."""
    old, year = world.company.financial_years
    cash = FinancialYear(year.id, year.from_date, year.to_date, "CASH")
    world.company.financial_years[:] = [old, cash]
    world.company.open_years([2027])
    sale = await a_sale_of_new_years_eve(world)
    invoices = len(world.company.invoices)
    await world.works()
    problem = await problem_of(world, sale)
    assert (problem.code, problem.facts["date"]) == ("cash_method", "2026-12-31")
    assert (len(world.company.invoices), world.books()) == (invoices, {})

    await chooses(world, (await world.sale(sale)).id, "2027-01-04")
    await world.works_as_previewed(sale)

    assert world.books("2027-01-04") == A01_BOOKS
    await world.hears_everything_again()


# ── what was begun ────────────────────────────────────────────────────────────────────────────────


async def test_a_lock_that_falls_between_making_and_booking_leaves_one_invoice_on_the_chosen_day(
    world: World,
) -> None:
    """Our knowledge of the lock is ten minutes old, so that the order and the invoice are made already."""
    world.on("2026-05-04")
    sale = world.buys(*A01)
    await world.works()
    world.on("2026-05-05")
    world.sandbox.svea.deliver(sale)
    await world.settles()
    world.on("2026-06-02")
    await world.preview(sale)
    world.company.locked_until = date(2026, 5, 31)
    await world.works()
    assert (await problem_of(world, sale)).code == "period_locked"
    assert (len(world.invoices), world.books()) == (1, {})

    world.later(FACTS_ARE_OLD)
    await world.works()
    await chooses(world, (await world.sale(sale)).id, "2026-06-01")
    await world.works()

    assert (len(world.invoices), world.books("2026-06-01")) == (1, A01_BOOKS)
    links = await world.ledger.links.for_subject((await world.sale(sale)).id)
    assert [link.dated for link in links if link.kind == "invoice"] == [date(2026, 6, 1)]
    await world.hears_everything_again()


# ── payouts ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_payout_of_a_locked_day_is_booked_on_the_chosen_day_and_may_be_undone_until_then(
    world_with_clearing: World,
) -> None:
    world = world_with_clearing
    (sale, *_) = await three_sales(world)
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "8.21")))
    world.company.locked_until = date(2026, 5, 31)
    await evening(world)
    payout = await payout_of(world, "2026-05-08")
    assert payout.problem.code == "period_locked"
    world.on("2026-06-02")

    assert (await chooses(world, payout.id, "2026-06-02"))[0] == 200
    assert (await call(world, "DELETE", f"/subjects/{payout.id}/book-on"))[0] == 204
    await world.works()
    assert (await payout_of(world, "2026-05-08")).problem.code == "period_locked"
    await chooses(world, payout.id, "2026-06-01")
    await world.works()

    assert world.books("2026-06-01") == kronor(_1930="538.79", _6040="8.21", _1510="-547.00")
    _, shown = await call(world, "GET", f"/subjects/{payout.id}")
    assert (shown["state"], shown["book_on"]["date"], shown["book_on"]["reason"]) == (
        "done",
        "2026-06-01",
        BECAUSE,
    )
    assert (await chooses(world, payout.id, "2026-06-02"))[1]["code"] == "payout_is_booked"
    assert 1581 not in world.books()
