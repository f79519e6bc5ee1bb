"""Plans of payouts: what Svea paid is on the bank, what it owes is on clearing, to the öre."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.sync_worker.booked import Booked, Books
from services.sync_worker.flows.payout.observed import ObservedPayout, Target
from services.sync_worker.flows.payout.plan import outcomes, plan
from shared.domain.documents import Plan, to_plain
from shared.domain.errors import MissingMapping, PayoutChanged, PeriodLocked, Unbalanced
from shared.domain.money import Money, total
from shared.domain.payouts import Fee, Payout, PayoutRow
from shared.domain.postings import Chart, postings_of
from shared.settings.connections import ConnectionDeclaration
from tests.support.world import a_declaration

SETTINGS = ConnectionDeclaration.model_validate(a_declaration())
MARKET = SETTINGS.markets[0].model_copy(
    update={"accounts": SETTINGS.markets[0].accounts.model_copy(update={"clearing": 1581})}
)
CHART = Chart(receivable=1510, vat_account=lambda code, rate: 2611)
DAY = date(2026, 5, 8)


def sek(amount: str | Decimal) -> Money:
    return Money(Decimal(amount), "SEK")


def row(
    number: int,
    nominal: str,
    fee: str = "0",
    vat: str = "0",
    *,
    kind: str = "Order",
    payment: str = "Card",
    **more: object,
) -> PayoutRow:
    known = number > 0
    return PayoutRow(
        key=f"{number:016x}-1",
        kind=kind,
        payment_type=payment,
        nominal=sek(nominal),
        paid=sek(nominal) - sek(fee) - sek(vat),
        fee=sek(fee),
        fee_vat=sek(vat),
        checkout_id=number if known else None,
        delivery_id=number if known else None,
        **more,  # type: ignore[arg-type]
    )


def payout(*rows: PayoutRow, on: date = DAY, opening: str = "0", paid: str | None = None) -> Payout:
    """Whatever is negative is carried on as a debt."""
    sums = [
        total((getattr(one, name) for one in rows), "SEK") for name in ("nominal", "fee", "fee_vat", "paid")
    ]
    whole = sums[3] + sek(opening)
    closing = sek(max(-whole.amount, Decimal(0)))
    return Payout(
        "se",
        "79021",
        on,
        tuple(rows),
        sums[0],
        sums[1],
        sums[2],
        sums[3],
        sek(paid) if paid else whole + closing,
        sek(opening),
        closing,
    )


def target(number: int, amount: str, *, on: date = DAY, paid: str = "0") -> Target:
    credit = Decimal(amount) < 0
    return Target(
        "credit_invoice" if credit else "invoice",
        f"S{number}-D{number}{'-C1' if credit else ''}",
        str(number + 1000),
        on,
        sek(amount),
        sek(paid),
        None,
        "delivery",
    )


def seen(found: Payout, *targets: tuple[PayoutRow, Target], **more: object) -> ObservedPayout:
    by_row = {one.key: tuple(t for r, t in targets if r.key == one.key) for one in found.rows}
    return ObservedPayout(found, SETTINGS, MARKET, found.on, by_row, **more)  # type: ignore[arg-type]


def books(one: ObservedPayout) -> dict[int, Decimal]:
    found = plan(one)
    assert isinstance(found, Plan)
    return by_account(found)


def by_account(found: Plan) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = {}
    for draft in found.drafts:
        for posting in postings_of(draft, CHART):
            sums[posting.account] = sums.get(posting.account, Decimal(0)) + posting.debit - posting.credit
    return {account: amount for account, amount in sums.items() if amount}


def kronor(**accounts: str) -> dict[int, Decimal]:
    return {int(name[1:]): Decimal(amount) for name, amount in accounts.items()}


def test_d01_card_payout_without_fee_vat() -> None:
    rows = (row(1, "547.00", "8.21"), row(2, "199.00", "2.99"), row(3, "1250.00", "18.75"))
    pairs = [(one, target(n, str(one.nominal.amount))) for n, one in enumerate(rows, start=1)]
    one = seen(payout(*rows), *pairs)
    assert one.payout.paid == sek("1966.05")
    assert books(one) == kronor(_1930="1966.05", _6040="29.95", _1510="-1996.00")
    assert {outcome.state for outcome in outcomes(one)} == {"matched"}


def test_d02_invoice_payout_with_the_vat_of_its_fees() -> None:
    fees = (Fee("Credit", sek("16.14"), sek("4.04")), Fee("Admin", sek("15.00"), sek("3.75")))
    sold = row(1, "547.00", "31.14", "7.79", payment="Invoice", fees=fees)
    assert books(seen(payout(sold), (sold, target(1, "547.00")))) == kronor(
        _1930="508.07", _6064="31.14", _2641="7.79", _1510="-547.00"
    )


def test_d03_a_refund_and_a_manual_row() -> None:
    first, second = row(1, "547.00", "8.21"), row(2, "1250.00", "18.75")
    refund = row(3, "-249.00", kind="Credit")
    manual = row(0, "0", "28.00", "7.00", kind="Manual", payment="Card", comment="chargeback")
    one = seen(
        payout(first, second, refund, manual),
        (first, target(1, "547.00")),
        (second, target(2, "1250.00")),
        (refund, target(3, "-249.00")),
    )
    assert one.payout.paid == sek("1486.04")
    assert books(one) == kronor(_1930="1486.04", _6040="54.96", _2641="7.00", _1510="-1548.00")


def test_d06_a_row_without_an_invoice_is_parked_and_settles_itself() -> None:
    known, unknown = row(1, "547.00", "8.21"), row(7709999, "399.00", "5.99")
    found = payout(known, unknown, on=date(2026, 5, 15))
    one = seen(found, (known, target(1, "547.00")))
    first = plan(one)
    assert isinstance(first, Plan)
    assert by_account(first) == kronor(_1930="931.80", _6040="14.20", _1510="-547.00", _2999="-399.00")
    assert first.open
    assert [outcome.state for outcome in outcomes(one)] == ["matched", "parked"]
    assert "7709999" in next(advice.text for advice in first.advice)

    voucher = next(draft for draft in first.drafts if draft.kind == "voucher")
    made = Booked("voucher", voucher.ref, "S-1-1", "final", to_plain(voucher), found.on, None, None)
    later = replace(
        one,
        today=date(2026, 5, 18),
        booked=(made,),
        targets={**one.targets, unknown.key: (target(2, "399.00", on=date(2026, 5, 14)),)},
    )
    again = plan(later)
    assert isinstance(again, Plan)
    assert again.drafts[:2] == first.drafts
    (settled,) = again.drafts[2:]
    posted = [
        (one.on.isoformat(), one.account, one.debit - one.credit) for one in postings_of(settled, CHART)
    ]
    assert sorted(posted) == [
        ("2026-05-18", 1510, Decimal("-399.00")),
        ("2026-05-18", 2999, Decimal("399.00")),
    ]
    assert not again.open


def test_d07_refunds_larger_than_sales_are_a_debt_and_no_bank_line() -> None:
    sold, refund = row(1, "199.00", "2.99"), row(2, "-547.00", kind="Credit")
    day_one = seen(payout(sold, refund), (sold, target(1, "199.00")), (refund, target(2, "-547.00")))
    assert day_one.payout.closing_debt == sek("350.99")
    assert books(day_one) == kronor(_1581="-350.99", _6040="2.99", _1510="348.00")
    more = row(3, "1000.00", "15.00")
    day_two = seen(payout(more, opening="-350.99"), (more, target(3, "1000.00")))
    assert books(day_two) == kronor(_1930="634.01", _1581="350.99", _6040="15.00", _1510="-1000.00")


def test_d15_a_report_that_changed_books_nothing_over_and_says_what() -> None:
    before, now = row(2, "199.00", "2.99"), row(2, "199.00", "3.99")
    one = seen(payout(before), (before, target(2, "199.00")))
    first, after = plan(one), plan(replace(one, changed=payout(now)))
    assert isinstance(first, Plan)
    assert isinstance(after, Plan)
    assert (after.drafts, after.hold is None, first.hold) == (first.drafts, False, None)
    with pytest.raises(PayoutChanged, match=r"fee 2.99 SEK is now 3.99 SEK"):
        raise after.hold or AssertionError
    again = plan(replace(one, changed=one.payout))
    assert isinstance(again, Plan)
    assert again.hold is None


def test_d16_rows_that_do_not_sum_to_what_was_paid_book_nothing() -> None:
    sold = row(1, "1486.04")
    with pytest.raises(Unbalanced, match=r"rows 1486.04 SEK, paid 1476.04 SEK, difference -10.00 SEK"):
        plan(seen(payout(sold, paid="1476.04"), (sold, target(1, "1486.04"))))


def test_deposits_kickbacks_and_returned_claims_have_accounts_of_their_own() -> None:
    rows = (
        row(0, "-100.00", kind="Deposit"),
        row(0, "12.00", kind="Kickback"),
        row(5, "-250.00", kind="Regression", payment="Invoice"),
        row(6, "600.00", "9.00"),
    )
    keyed = tuple(replace(one, key=f"{n:016x}-1") for n, one in enumerate(rows))
    one = seen(payout(*keyed), (keyed[3], target(6, "600.00")))
    found = plan(one)
    assert isinstance(found, Plan)
    assert by_account(found) == kronor(
        _1930="253.00", _1689="100.00", _3990="-12.00", _1510="-350.00", _6040="9.00"
    )
    assert any("returns its claim" in advice.text for advice in found.advice)


def test_a_deposit_that_is_released_and_a_kickback_that_is_a_fee() -> None:
    """Svea prints either as a row of its kind or as a fee that it gives back."""
    released = row(1, "100.00", kind="Deposit")
    as_fees = row(
        2,
        "0",
        "-62.00",
        kind="Manual",
        payment="Invoice",
        fees=(Fee("Deposit", sek("-50.00"), sek("0")), Fee("Kickback", sek("-12.00"), sek("0"))),
    )
    assert books(seen(payout(released, as_fees))) == kronor(_1930="162.00", _1689="-150.00", _3990="-12.00")


def test_a_correction_in_the_merchants_favour_is_less_of_the_fee_it_corrects() -> None:
    fees = (Fee("Correction", sek("-20.00"), sek("-5.00")),)
    corrected = row(0, "0", "-20.00", "-5.00", kind="Manual", payment="Invoice", fees=fees)
    assert books(seen(payout(corrected))) == kronor(_1930="25.00", _6064="-20.00", _2641="-5.00")


def test_a_fee_that_takes_the_whole_row_is_in_the_voucher() -> None:
    """What Fortnox makes of a payment of nothing is not known; the invoice is paid in full."""
    sold = row(1, "2.00", "2.00", "0.50")
    one = seen(payout(sold), (sold, target(1, "2.00")))
    found = plan(one)
    assert isinstance(found, Plan)
    (payment,) = [draft for draft in found.drafts if draft.kind == "payment"]
    assert (payment.amount, payment.write_offs) == (sek("2.00"), ())  # type: ignore[attr-defined]
    assert by_account(found) == kronor(_1510="-2.00", _6040="2.00", _2641="0.50", _1581="-0.50")


def test_a_payout_before_the_invoice_is_an_advance_until_its_day() -> None:
    sold = row(1, "547.00", "8.21")
    one = seen(payout(sold, on=date(2026, 5, 30)), (sold, target(1, "547.00", on=date(2026, 6, 2))))
    found = plan(one)
    assert isinstance(found, Plan)
    days = {
        (p.on.isoformat(), p.account): p.debit - p.credit for d in found.drafts for p in postings_of(d, CHART)
    }
    assert days["2026-05-30", 2420] == Decimal("-547.00")
    assert (days["2026-06-02", 2420], days["2026-06-02", 1510]) == (Decimal("547.00"), Decimal("-547.00"))


@pytest.mark.parametrize(
    ("open_amount", "state"), [("547.50", "matched"), ("560.00", "differs"), ("500.00", "differs")]
)
def test_öre_go_to_rounding_and_more_is_told(open_amount: str, state: str) -> None:
    sold = row(1, "547.00", "8.21")
    one = seen(payout(sold), (sold, target(1, open_amount)))
    assert outcomes(one)[0].state == state
    found = books(one)
    assert sum(found.values()) == 0
    assert found[1930] == Decimal("538.79")
    if state == "matched":
        assert found[3740] == Decimal("0.50")


def test_an_invoice_that_was_paid_by_hand_gets_no_second_payment() -> None:
    sold = row(1, "547.00", "8.21")
    one = seen(payout(sold), (sold, target(1, "547.00", paid="547.00")))
    assert books(one)[2999] == Decimal("-547.00")
    assert "1001 is paid already" in outcomes(one)[0].why


def test_a_locked_day_waits_for_a_chosen_one() -> None:
    sold = row(1, "547.00", "8.21")
    one = seen(payout(sold), (sold, target(1, "547.00")), books=Books(locked_until=date(2026, 5, 31)))
    with pytest.raises(PeriodLocked, match="choose a day"):
        plan(one)
    chosen = plan(replace(one, chosen_on=date(2026, 6, 1)))
    assert isinstance(chosen, Plan)
    assert {draft.dated for draft in chosen.drafts} == {date(2026, 6, 1)}  # type: ignore[attr-defined]


def test_one_row_pays_the_invoices_of_a_delivery_that_was_split() -> None:
    sold = row(1, "1000.00", "15.00")
    one = seen(payout(sold), (sold, target(1, "600.00")), (sold, target(2, "400.00")))
    assert books(one) == kronor(_1930="985.00", _6040="15.00", _1510="-1000.00")


@pytest.mark.parametrize(
    ("setting", "expected"), [("cost", {6064: "10.00"}), (1689, {6064: "8.00", 1689: "2.00"})]
)
def test_foreign_vat_on_fees_never_goes_to_swedish_input_vat(
    setting: object, expected: dict[int, str]
) -> None:
    accounts = SETTINGS.payout_accounts.model_copy(update={"foreign_fee_vat": setting})
    abroad = MARKET.model_copy(update={"country": "FI"})
    sold = row(1, "547.00", "8.00", "2.00", payment="Invoice")
    one = replace(
        seen(payout(sold), (sold, target(1, "547.00"))),
        market=abroad,
        settings=SETTINGS.model_copy(update={"payout_accounts": accounts}),
    )
    found = books(one)
    assert 2641 not in found
    assert {account: found[account] for account in expected} == {
        account: Decimal(amount) for account, amount in expected.items()
    }


def test_an_invoice_that_svea_hands_back_is_a_claim_again_and_no_fee() -> None:
    dismissed = row(
        0, "0", "547.00", kind="Manual", payment="Invoice", fees=(Fee("Dismissed", sek("547.00"), sek("0")),)
    )
    sold = row(2, "1000.00")
    found = books(seen(payout(dismissed, sold), (sold, target(2, "1000.00"))))
    assert found == kronor(_1930="453.00", _1510="-453.00")


def test_several_rows_of_one_order_pay_its_invoice_part_by_part() -> None:
    first, second = row(1, "300.00", "4.50"), row(2, "247.00", "3.71")
    whole = target(1, "547.00")
    one = seen(payout(first, second), (first, whole), (second, whole))
    assert books(one) == kronor(_1930="538.79", _6040="8.21", _1510="-547.00")
    assert [outcome.state for outcome in outcomes(one)] == ["matched", "matched"]


def test_a_day_that_comes_to_nothing_settles_both_and_has_no_voucher() -> None:
    sold, refund = row(1, "249.00"), row(2, "-249.00", kind="Credit")
    one = seen(payout(sold, refund), (sold, target(1, "249.00")), (refund, target(2, "-249.00")))
    found = plan(one)
    assert isinstance(found, Plan)
    assert {draft.kind for draft in found.drafts} == {"payment"}
    assert by_account(found) == {}


def test_a_day_with_a_fee_only_is_a_debt_to_svea() -> None:
    monthly = row(0, "0", "299.00", "74.75", kind="Cost", payment="Admin", comment="monthly fee")
    assert books(seen(payout(monthly))) == kronor(_6064="299.00", _2641="74.75", _1581="-373.75")


def test_a_payment_type_without_an_account_says_what_to_add() -> None:
    sold = row(1, "547.00", "8.21", payment="Vipps")
    with pytest.raises(MissingMapping, match=r"add to payout_accounts.fee: \{Vipps: ...\}"):
        plan(seen(payout(sold), (sold, target(1, "547.00"))))
