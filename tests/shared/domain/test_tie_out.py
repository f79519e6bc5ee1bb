"""The tie-out's arithmetic: both sides are equal, or a payout says by how much they are not."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from shared.domain.documents import to_plain
from shared.domain.money import Money
from shared.domain.payments import PaymentDraft, WriteOff
from shared.domain.tie_out import Booking, Claim, PaidOut, Settled, Taken, TieOut, TieOutSums, payment_from

DAY = date(2026, 5, 8)
CLEARING = 1581


def a_claim(number: str, total: str, currency: str = "SEK", rate: str | None = None) -> Claim:
    kind = "credit_invoice" if Decimal(total) < 0 else "invoice"
    amount = Money(Decimal(total), currency)
    return Claim(kind, f"S{number}", number, "sale", number, DAY, amount, Decimal(rate) if rate else None)


def a_payment(sale: str, kronor: str, fee: str = "0.00", /, **changes: Any) -> PaymentDraft:
    values: dict[str, Any] = {
        "ref": f"P-{sale}",
        "document_kind": "invoice",
        "document": f"S{sale}",
        "dated": DAY,
        "amount": Money(Decimal(kronor), "SEK"),
        "account": CLEARING,
        "mode_of_payment": None,
        "write_offs": (WriteOff(Decimal(fee), 6040),) if Decimal(fee) else (),
    }
    return PaymentDraft(**values | changes)


def a_payout(paid: str, fee: str = "0.00", *, booked: bool = True, **changes: Any) -> PaidOut:
    values: dict[str, Any] = {
        "id": "payout",
        "group": "se.79021.SEK",
        "dated": DAY,
        "currency": "SEK",
        "paid": Decimal(paid),
        "costs": Decimal(fee),
        "cost_vat": Decimal("0.00"),
        "closing_debt": Decimal("0.00"),
        "booked": booked,
        "why": "",
    }
    return PaidOut(**values | changes)


def to_the_bank(amount: str) -> Booking:
    return Booking("payout", ((1930, Decimal(amount)), (CLEARING, -Decimal(amount))))


def tied_out(*documents: Claim | Settled | Booking, payouts: list[PaidOut]) -> TieOut:
    """As the ledger brings them: a claim with what its payments took, by its reference or by its number."""
    sums = TieOutSums(DAY, frozenset({CLEARING}))
    paid = [one.payment for one in documents if isinstance(one, Settled)]
    for one in documents:
        if isinstance(one, Claim):
            names = (one.reference, f"#{one.number}")
            sums.add_claim(
                one, [Taken(it.taken_off.amount, it.claim_sek) for it in paid if it.document in names]
            )
        else:
            sums.add(one)
    return sums.done(payouts)


def test_a_payout_that_is_half_booked_explains_exactly_its_part() -> None:
    """The payment is there and the voucher is not: the money is on clearing, and not at the bank."""
    it = tied_out(
        a_claim("1", "547.00"),
        Settled("payout", a_payment("1", "538.79", "8.21")),
        payouts=[a_payout("538.79", "8.21", booked=False, why="on its way")],
    )

    assert it.clearing == {CLEARING: Decimal("538.79")}
    assert (it.difference, it.unexplained) == (Decimal("-538.79"), Decimal(0))
    assert [one.amount for one in it.not_booked] == [Decimal("-538.79")]


def test_ore_of_exchange_rates_stay_on_no_invoice() -> None:
    """10.01 EUR at 11.111 is 111.22 SEK, taken off in two parts of 55.56 and 55.67 SEK."""
    parts = [
        Settled(
            "payout",
            a_payment(
                "1",
                "0",
                amount=Money(Decimal(part), "EUR"),
                rate=Decimal("11.2"),
                claim_rate=Decimal("11.111"),
            ),
        )
        for part in ("5.00", "5.01")
    ]

    it = tied_out(a_claim("1", "10.01", "EUR", "11.111"), *parts, payouts=[])

    assert it.items == ()
    assert (it.difference, it.unexplained) == (Decimal(0), Decimal(0))


def test_what_svea_owes_by_its_newest_report_of_each_agreement() -> None:
    debts = [
        a_payout("0.00", closing_debt=Decimal("350.99")),
        a_payout("634.01", dated=date(2026, 5, 7)),
        a_payout("0.00", group="se.2.SEK", closing_debt=Decimal("1.00")),
        a_payout("0.00", group="fi.3.EUR", currency="EUR", closing_debt=Decimal("9.00")),
    ]

    assert tied_out(payouts=debts).owed_by_svea == Decimal("-351.99")


def test_a_payment_is_read_from_its_draft_as_it_was() -> None:
    payment = a_payment("1", "538.79", "8.21", number="4711", entry="row")

    kept = to_plain(payment)

    assert payment_from(kept, ref=payment.ref).taken_off == payment.taken_off
    assert payment_from(kept, ref=payment.ref).write_offs == payment.write_offs


amounts = some.decimals("0.01", "99999", places=2)


@given(
    some.lists(some.tuples(amounts, some.sampled_from([None, "paid", "parked", "elsewhere"])), max_size=12),
    some.booleans(),
)
def test_whatever_is_sold_and_paid_both_sides_are_equal_or_explained(
    sales: list[tuple[Decimal, str | None]], booked: bool
) -> None:
    documents: list[Claim | Settled | Booking] = []
    paid = Decimal("0.00")
    for number, (amount, how) in enumerate(sales):
        name = f"{number}"
        if how != "elsewhere":
            documents.append(a_claim(name, f"{amount}"))
        if how in ("paid", "elsewhere"):
            document = f"#{name}" if how == "elsewhere" else f"S{name}"
            documents.append(Settled("payout", a_payment(name, f"{amount}", document=document)))
            paid += amount
        if how == "parked":
            documents.append(Booking("payout", ((CLEARING, amount), (2999, -amount))))
            paid += amount
    if booked and paid:
        documents.append(to_the_bank(f"{paid}"))

    it = tied_out(*documents, payouts=[a_payout(f"{paid}", booked=booked)])

    assert it.unexplained == 0
    assert (it.difference == 0) == (booked or paid == 0)
