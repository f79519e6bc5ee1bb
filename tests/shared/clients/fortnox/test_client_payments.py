"""Invoice payments and modes of payment: against the stand-in, and the shapes that are documented."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.sandbox.faults import Drop, When
from services.sandbox.fortnox.company import Company
from shared.clients.fields import Fields
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire_payments import ONE, FortnoxWriteOff, to_mode_of_payment, to_payment
from shared.domain.errors import AlreadyPaid, InDoubt, RefusedByFortnox
from tests.shared.clients.support import World, an_invoice, openapi, sample


@pytest.fixture
async def invoice(fortnox: FortnoxClient) -> str:
    """Booked, 498.00."""
    customer = (await fortnox.create_customer({"Name": "Anna Ek", "Type": "PRIVATE"})).number
    made = await fortnox.create_invoice_document(an_invoice(customer))
    return (await fortnox.bookkeep(made.number)).number


def a_payment(invoice: str, amount: str = "98.00", **changed: object) -> dict[str, object]:
    values = {
        "InvoiceNumber": int(invoice),
        "PaymentDate": date(2026, 5, 8),
        "Amount": Decimal(amount),
        "ModeOfPayment": "SVEASE",
        "ModeOfPaymentAccount": 1581,
        "WriteOffs": [{"Amount": Decimal("1.47"), "AccountNumber": 6040, "TransactionInformation": "P1-R1"}],
    }
    return values | changed


async def test_a_payment_is_made_read_booked_and_listed(fortnox: FortnoxClient, invoice: str) -> None:
    made = await fortnox.create_payment(a_payment(invoice))
    assert (made.number, made.invoice_number, made.paid_on) == ("1", invoice, date(2026, 5, 8))
    assert (made.amount, made.account, made.mode_of_payment) == (Decimal("98.00"), 1581, "SVEASE")
    assert (made.booked, made.voucher_number) == (False, None)
    assert made.write_offs == (FortnoxWriteOff(Decimal("1.47"), 6040, "P1-R1"),)
    assert await fortnox.payment("1") == made

    booked = await fortnox.bookkeep_payment("1")
    assert (booked.booked, booked.voucher_series, booked.voucher_number) == (True, "C", 1)
    (listed,) = await fortnox.payments_of(invoice)
    assert (listed.number, listed.booked, listed.has_write_offs) == ("1", True, True)
    assert (listed.write_offs, listed.amount_currency) == ((), None)


async def test_payments_are_those_of_the_invoice_and_no_others(fortnox: FortnoxClient, invoice: str) -> None:
    await fortnox.create_payment(a_payment(invoice))

    assert await fortnox.payments_of("2") == []


async def test_a_payment_can_be_deleted_until_it_is_booked(fortnox: FortnoxClient, invoice: str) -> None:
    await fortnox.create_payment(a_payment(invoice))
    await fortnox.delete_payment("1")
    assert await fortnox.payment("1") is None

    again = await fortnox.create_payment(a_payment(invoice))
    await fortnox.bookkeep_payment(again.number)
    with pytest.raises(RefusedByFortnox):
        await fortnox.delete_payment(again.number)


async def test_an_invoice_with_nothing_left_is_paid_already(fortnox: FortnoxClient, invoice: str) -> None:
    whole = await fortnox.create_payment(a_payment(invoice, "498.00", WriteOffs=[]))
    await fortnox.bookkeep_payment(whole.number)

    with pytest.raises(AlreadyPaid, match="2003055"):
        await fortnox.create_payment(a_payment(invoice))


async def test_a_payment_without_an_answer_is_in_doubt_and_never_repeated(
    fortnox: FortnoxClient, world: World, invoice: str
) -> None:
    rule = world.fault(Drop(When.AFTER), path=r"^/3/invoicepayments$")
    with pytest.raises(InDoubt):
        await fortnox.create_payment(a_payment(invoice))
    assert rule.seen == 1

    booking = world.fault(Drop(When.AFTER), path=r"/bookkeep$")
    with pytest.raises(InDoubt):
        await fortnox.bookkeep_payment("1")
    assert booking.seen == 1


async def test_modes_of_payment_name_their_accounts(fortnox: FortnoxClient, company: Company) -> None:
    modes = {mode.code: mode.account for mode in await fortnox.modes_of_payment()}

    assert modes == {code: account for code, (_, account) in company.modes_of_payment.items()}


# ── documented shapes ─────────────────────────────────────────────────────────────────────────────


def shown(shared_material: Path, name: str) -> Fields:
    body = sample(shared_material, "fortnox-samples", f"{name}.json")
    return Fields(body["InvoicePayment"], of="InvoicePayment")


def test_a_payment_in_euro_shows_both_amounts(shared_material: Path) -> None:
    payment = to_payment(shown(shared_material, "invoice-payment-writeoff-eur"))

    assert (payment.amount, payment.amount_currency) == (Decimal("1382.08"), Decimal("123.4"))
    assert (payment.currency, payment.unit, payment.account, payment.booked) == ("EUR", ONE, 1941, False)
    assert payment.write_offs == (FortnoxWriteOff(Decimal("23.52"), 6570, "payout 2026-01-29"),)


def test_a_booked_payment_names_its_voucher(shared_material: Path) -> None:
    payment = to_payment(shown(shared_material, "invoice-payment-writeoff-sek-booked"))

    assert (payment.voucher_series, payment.voucher_number, payment.voucher_year) == ("C", 45, 7)
    assert payment.booked


def test_a_credit_invoice_is_paid_with_less_than_nothing(shared_material: Path) -> None:
    payment = to_payment(shown(shared_material, "invoice-payment-credit-sek"))

    assert (payment.amount, payment.has_write_offs, payment.write_offs) == (Decimal(-499), False, ())


def test_a_list_says_whether_there_are_write_offs(shared_material: Path) -> None:
    (item,) = sample(shared_material, "fortnox-samples", "invoicepayments-list.json")["InvoicePayments"]

    payment = to_payment(Fields(item, of="InvoicePayments"))

    assert (payment.number, payment.has_write_offs, payment.amount_currency) == ("701", True, None)


def test_a_mode_of_payment_has_its_account_as_text(shared_material: Path) -> None:
    modes = sample(shared_material, "fortnox-samples", "modesofpayments-list.json")["ModesOfPayments"]

    assert [(m.code, m.account) for m in (to_mode_of_payment(Fields(one, of="mode")) for one in modes)] == [
        ("BG", 1930),
        ("SVEA", 1941),
    ]


def test_what_is_sent_is_what_the_document_declares(shared_material: Path) -> None:
    sent = sample(shared_material, "fortnox-samples", "invoice-payment-create-request-writeoff-eur.json")
    declared = openapi(shared_material)["components"]["schemas"]

    assert set(sent["InvoicePayment"]) - set(declared["fortnox_InvoicePayment"]["properties"]) == set()
    assert set(a_payment("1")) - set(declared["fortnox_InvoicePayment"]["properties"]) == set()
