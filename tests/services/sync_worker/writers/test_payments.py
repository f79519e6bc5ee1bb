"""A payment is made and booked once, whatever breaks, and is compared before it moves the books."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.faults import Drop, When
from shared.domain.errors import AlreadyPaid, InDoubt, Mismatch, PeriodLocked, RefusedByFortnox
from shared.domain.payments import WriteOff
from shared.domain.postings import Chart, postings_of
from tests.services.sync_worker.writers.desk import DAY, Desk, a_payment, sek

CHART = Chart(receivable=1510, vat_account=lambda code, rate: 2611)


def kr(**accounts: str) -> dict[int, Decimal]:
    return {int(name[1:]): Decimal(amount) for name, amount in accounts.items()}


async def by_hand(desk: Desk, invoice: str, amount: str, *, book: bool = True, **changed: Any) -> str:
    """A person enters a payment."""
    fortnox = await desk.fortnox()
    body = {
        "InvoiceNumber": int(invoice),
        "Amount": Decimal(amount),
        "PaymentDate": DAY,
        "ModeOfPaymentAccount": 1930,
    }
    payment = await fortnox.create_payment(body | changed)
    if book:
        await fortnox.bookkeep_payment(payment.number)
    return payment.number


async def test_a_payment_and_its_fee_take_the_claim_off_in_two_calls(desk: Desk) -> None:
    invoice = await desk.an_invoice()
    before = len(desk.world.calls())
    payment = a_payment(invoice)

    done = await desk.books(payment)

    assert desk.world.calls()[before:] == ["POST /3/invoicepayments", "PUT /3/invoicepayments/1/bookkeep"]
    assert done.documents == ("payment 1",)
    assert desk.company.invoices[invoice]["Balance"] == 0
    assert desk.books_of("C") == kr(_1581="538.79", _6040="8.21", _1510="-547.00")
    previewed = {one.account: one.debit - one.credit for one in postings_of(payment, CHART)}
    assert previewed == desk.books_of("C")
    link = (await desk.links())["P1-R1"]
    assert (link.state, link.total, link.currency, link.dated) == ("final", Decimal("547.00"), "SEK", DAY)


async def test_every_write_off_carries_our_reference_or_its_own_text(desk: Desk) -> None:
    invoice = await desk.an_invoice()
    costs = (
        WriteOff(Decimal("31.14"), 6064),
        WriteOff(Decimal("7.79"), 2641, "moms"),
        WriteOff(Decimal("-0.07"), 3740, "öresdifferens"),
    )

    await desk.books(a_payment(invoice, "508.14", write_offs=costs))

    assert desk.books_of("C") == kr(
        _1581="508.14", _6064="31.14", _2641="7.79", _3740="-0.07", _1510="-547.00"
    )
    texts = [one["TransactionInformation"] for one in desk.company.payments["1"]["WriteOffs"]]
    assert texts == ["P1-R1", "moms", "öresdifferens"]


async def test_a_credit_invoice_is_settled_with_a_negative_amount(desk: Desk) -> None:
    desk.company.change(negative_invoice_is_credit=True)
    credit = await desk.an_invoice("-498.00")
    settles = a_payment(credit, "-498.00", document_kind="credit_invoice", write_offs=())

    await desk.books(settles)

    assert desk.company.invoices[credit]["Balance"] == 0
    assert desk.books_of("C") == kr(_1581="-498.00", _1510="498.00")


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("11.50", kr(_1582="1419.10", _6040="24.15", _1510="-1405.60", _3960="-37.65")),
        ("11.00", kr(_1582="1357.40", _6040="23.10", _1510="-1405.60", _7960="25.10")),
    ],
)
async def test_the_rates_make_a_gain_or_a_loss(desk: Desk, rate: str, expected: dict[int, Decimal]) -> None:
    """125.50 EUR at 11.20 is 1405.60; 123.40 of it come at another rate, 2.10 are the fee."""
    invoice = await desk.an_invoice("125.50", Currency="EUR", CurrencyRate=Decimal("11.20"), CurrencyUnit=1)
    fee = (Decimal("2.10") * Decimal(rate)).quantize(Decimal("0.01"))
    payment = a_payment(
        invoice,
        "123.40",
        currency="EUR",
        account=1582,
        mode_of_payment="SVEAFI",
        rate=Decimal(rate),
        claim_rate=Decimal("11.20"),
        write_offs=(WriteOff(fee, 6040, "P1-R1"),),
    )

    await desk.books(payment)

    assert desk.company.invoices[invoice]["Balance"] == 0
    assert desk.books_of("C") == expected
    previewed = {one.account: one.debit - one.credit for one in postings_of(payment, CHART)}
    assert previewed == expected


async def test_a_currency_that_is_counted_in_hundreds_is_paid_at_the_rate_of_a_hundred(desk: Desk) -> None:
    """The unit of a payment is its invoice's; the write-off too is worth what it is."""
    desk.company.currencies["EUR"].unit = Decimal(100)
    invoice = await desk.an_invoice("125.50", Currency="EUR", CurrencyRate=Decimal(1120))
    payment = a_payment(
        invoice,
        "123.40",
        currency="EUR",
        account=1582,
        mode_of_payment="SVEAFI",
        rate=Decimal("11.20"),
        write_offs=(WriteOff(Decimal("23.52"), 6040),),
    )

    await desk.books(payment)

    assert desk.books_of("C") == {
        1582: Decimal("1382.08"),
        6040: Decimal("23.52"),
        1510: Decimal("-1405.60"),
    }
    assert desk.company.invoices[invoice]["Balance"] == 0


# ── nothing is paid twice ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("step", ["intended", "answered", "created", "compared", "finalised", "linked"])
@pytest.mark.parametrize("fees", [True, False])
async def test_a_process_that_ends_at_any_step_leaves_one_booked_payment(
    desk: Desk, step: str, fees: bool
) -> None:
    invoice = await desk.an_invoice()
    payment = a_payment(invoice) if fees else a_payment(invoice, "500.00", write_offs=())

    await desk.killed(step, payment)
    await desk.books(payment)

    assert [one["Booked"] for one in desk.company.payments.values()] == [True]
    assert (await desk.links())["P1-R1"].state == "final"


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize(
    ("path", "method"), [(r"invoicepayments$", "POST"), (r"invoicepayments/1/bookkeep$", "PUT")]
)
async def test_an_answer_that_is_lost_leaves_one_booked_payment(
    desk: Desk, path: str, method: str, when: When
) -> None:
    invoice = await desk.an_invoice()
    desk.fault(Drop(when), path, method)
    with pytest.raises(InDoubt):
        await desk.books(a_payment(invoice))

    desk.world.on("2026-05-06")
    await desk.books(a_payment(invoice))

    assert [one["Booked"] for one in desk.company.payments.values()] == [True]
    assert desk.books_of("C") == kr(_1581="538.79", _6040="8.21", _1510="-547.00")


@pytest.mark.parametrize("step", ["intended", "answered", "created", "compared", "finalised", "linked"])
async def test_two_equal_part_payments_of_a_day_are_two(desk: Desk, step: str) -> None:
    invoice = await desk.an_invoice()
    parts = [a_payment(invoice, "100.00", f"P1-R{n}", write_offs=()) for n in (1, 2)]

    await desk.books(parts[0])
    await desk.killed(step, parts[1])
    await desk.books(*parts)

    assert [one["Booked"] for one in desk.company.payments.values()] == [True, True]
    assert {ref: link.number for ref, link in (await desk.links()).items()} == {"P1-R1": "1", "P1-R2": "2"}
    assert desk.company.invoices[invoice]["Balance"] == 347


async def test_a_foreign_payment_is_found_though_lists_show_only_its_value_in_sek(desk: Desk) -> None:
    invoice = await desk.an_invoice("125.50", Currency="EUR", CurrencyRate=Decimal("11.20"), CurrencyUnit=1)
    payment = a_payment(
        invoice,
        "123.40",
        currency="EUR",
        account=1582,
        mode_of_payment="SVEAFI",
        rate=Decimal("11.50"),
        write_offs=(),
    )

    await desk.killed("answered", payment)
    await desk.books(payment)

    assert list(desk.company.payments) == ["1"]


@pytest.mark.parametrize(
    "changed",
    [
        {"Amount": Decimal("99.99")},
        {"PaymentDate": date(2026, 5, 7)},
        {"ModeOfPaymentAccount": 1930},
        {"WriteOffs": [{"Amount": Decimal(1), "AccountNumber": 6040}]},
    ],
)
async def test_a_persons_payment_that_differs_in_anything_is_not_taken_for_ours(
    desk: Desk, changed: dict[str, Any]
) -> None:
    invoice = await desk.an_invoice()
    payment = a_payment(invoice, "100.00", write_offs=())
    await desk.killed("intended", payment)
    await by_hand(desk, invoice, "100.00", **{"ModeOfPaymentAccount": 1581} | changed)

    await desk.books(payment)

    assert (await desk.links())["P1-R1"].number == "2"


async def test_ours_is_known_by_its_reference_even_if_somebody_changed_it_since(desk: Desk) -> None:
    invoice = await desk.an_invoice()
    await desk.killed("answered", a_payment(invoice))
    desk.company.payments["1"]["ModeOfPaymentAccount"] = 1930

    with pytest.raises(Mismatch, match="account 1930 instead of 1581"):
        await desk.books(a_payment(invoice))

    assert list(desk.company.payments) == ["1"]
    assert desk.books_of("C") == {}


async def test_a_payment_that_somebody_deleted_before_it_was_booked_is_made_anew(desk: Desk) -> None:
    invoice = await desk.an_invoice()
    await desk.killed("created", a_payment(invoice))
    await (await desk.fortnox()).delete_payment("1")

    await desk.books(a_payment(invoice))

    assert [one["Booked"] for one in desk.company.payments.values()] == [True]
    assert (await desk.links())["P1-R1"].number == "2"


# ── refusals ──────────────────────────────────────────────────────────────────────────────────────


async def test_an_invoice_that_is_paid_by_hand_is_refused_and_remembered_as_such(desk: Desk) -> None:
    invoice = await desk.an_invoice()
    await by_hand(desk, invoice, "547.00")
    books = desk.books_of("C")

    with pytest.raises(AlreadyPaid):
        await desk.books(a_payment(invoice))

    assert desk.books_of("C") == books
    link = (await desk.links())["P1-R1"]
    assert (link.state, link.problem_code) == ("refused", "already_paid")


async def test_more_than_is_left_is_refused(desk: Desk) -> None:
    invoice = await desk.an_invoice()
    await by_hand(desk, invoice, "300.00")

    with pytest.raises(RefusedByFortnox, match=r"tar 547"):
        await desk.books(a_payment(invoice))

    assert len(desk.company.payments) == 1


async def test_a_payment_in_a_locked_period_waits_and_goes_on(desk: Desk) -> None:
    invoice = await desk.an_invoice()
    await desk.killed("created", a_payment(invoice))
    desk.company.change(locked_until=date(2026, 5, 31))
    with pytest.raises(PeriodLocked):
        await desk.books(a_payment(invoice))

    desk.company.change(locked_until=None)
    await desk.books(a_payment(invoice))

    assert [one["Booked"] for one in desk.company.payments.values()] == [True]


async def test_a_payment_that_a_person_booked_meanwhile_is_not_booked_again(desk: Desk) -> None:
    invoice = await desk.an_invoice()
    await desk.killed("created", a_payment(invoice))
    await (await desk.fortnox()).bookkeep_payment("1")

    await desk.books(a_payment(invoice))

    assert desk.world.accepted_writes().count("PUT /3/invoicepayments/1/bookkeep") == 1


async def test_a_booked_payment_is_final_whatever_is_planned_later(desk: Desk) -> None:
    invoice = await desk.an_invoice()
    await desk.books(a_payment(invoice))
    writes = desk.world.accepted_writes()

    await desk.books(replace(a_payment(invoice), amount=sek("1.00")))

    assert desk.world.accepted_writes() == writes
