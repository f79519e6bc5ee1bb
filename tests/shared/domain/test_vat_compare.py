"""Vouchers against our documents: nothing of ours is a difference, and every difference has its amount."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.vat.treatment import Treated
from shared.domain.vat_books import Difference, VatAccount, VatSeen
from shared.domain.vat_boxes import SAYS, box_of, boxes_of_sale, code_of_sale
from shared.domain.vat_compare import LISTED, Compared, SeenVoucher, shortened
from shared.domain.vat_documents import VatDocument
from shared.domain.vat_return import Settlement, VatSums, VatTieOut
from tests.support.vat_documents import a_document, a_row

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
MAY = (date(2026, 5, 1), date(2026, 5, 31))
SEEN_AT = datetime(2026, 6, 1, 3, tzinfo=UTC)
ACCOUNTS = (
    VatAccount(2611, None, ("MP1",)),
    VatAccount(2641, None, (), is_input=True),
    VatAccount(2671, None, ("DE19",)),
    VatAccount(2673, None, ("DK25",)),
    VatAccount(2674, None, ("DE7",)),
    VatAccount(2672, None, ("FI255",)),
    *(VatAccount(number, code) for number, code in ((3001, "MP1"), (3161, "DE19"), (3162, "FI255"))),
    *(VatAccount(number, code) for number, code in ((3163, "DK25"), (3164, "DE7"))),
)
REPORTED = frozenset(one.number for one in ACCOUNTS)


def voucher_of(document: VatDocument, **changes: object) -> SeenVoucher:
    """As Fortnox books it, the claim included."""
    amounts = document.by_account()
    amounts[1510] = -sum(amounts.values(), Decimal(0))
    values = {
        "name": f"B-{document.number}-2",
        "dated": document.dated,
        "text": "Kundfaktura",
        "made_from": "INVOICE",
        "number": document.number,
        "amounts": amounts,
    }
    return SeenVoucher(**values | changes)  # type: ignore[arg-type]


def seen(compared: Compared, at: datetime = SEEN_AT) -> VatSeen:
    found = (*compared.differences, *compared.missing())
    return VatSeen(*YEAR, at, ACCOUNTS, compared.moved, shortened(found))


def compare(documents: list[VatDocument], vouchers: list[SeenVoucher]) -> VatTieOut:
    compared = Compared(REPORTED)
    for one in documents:
        compared.expect(one)
    for voucher in vouchers:
        compared.take(voucher)
    sums = VatSums(*MAY, (seen(compared),))
    for one in documents:
        if MAY[0] <= one.dated <= MAY[1]:
            sums.add(replace(one, finalised_at=SEEN_AT - timedelta(hours=1)))
    return sums.done()


def said(made: VatTieOut) -> list[tuple[str, int, str]]:
    return [(one.kind, one.account, str(one.amount)) for one in made.differences]


def test_what_is_booked_as_we_did_is_no_difference() -> None:
    domestic, german = (
        a_document(a_row("1250.00", "SE", "25", "SEK"), number="1"),
        a_document(a_row("119.00")),
    )

    made = compare([domestic, german], [voucher_of(domestic), voucher_of(german)])

    assert (made.differences, made.miscoded, made.unexplained) == ((), (), Decimal(0))
    assert {box: (both.ours, both.fortnox) for box, both in made.boxes.items()} == {
        "05": (Decimal("1000.00"), Decimal("1000.00")),
        "10": (Decimal("250.00"), Decimal("250.00")),
        "49": (Decimal("250.00"), Decimal("250.00")),
    }
    assert {line.code: (line.base.ours, line.vat.fortnox) for line in made.codes} == {
        "DE19": (Decimal("1120.00"), Decimal("212.80")),
        "MP1": (Decimal("1000.00"), Decimal("250.00")),
    }


def test_a_document_that_fortnox_booked_on_another_day_is_missing_on_ours() -> None:
    document = a_document(a_row("119.00"), on="2026-05-31")

    made = compare([document], [voucher_of(document, dated=date(2026, 6, 1))])

    assert said(made) == [("differs", 2671, "-212.80"), ("differs", 3161, "-1120.00")]
    assert made.unexplained == 0


def test_a_payments_fee_vat_is_in_box_48_and_a_voucher_of_ours_is_ours() -> None:
    day = date(2026, 5, 8)
    payment = Settlement("payment", "P1", "31", "payout", day, {2641: Decimal("-4.20"), 1581: Decimal(-100)})
    voucher = Settlement("voucher", "P1-V", "S-1-2", "payout", day, {2641: Decimal("-1.00")})
    compared = Compared(REPORTED)
    compared.expect(payment)
    compared.expect(voucher)
    compared.take(SeenVoucher("C-1-2", day, "", "INVOICEPAYMENT", "31", {2641: Decimal("-4.20")}))
    compared.take(SeenVoucher("S-1-2", day, "", "MANUAL", "", {2641: Decimal("-1.00")}))
    sums = VatSums(*MAY, (seen(compared),))
    for one in (payment, voucher):
        sums.add(replace(one, finalised_at=SEEN_AT))

    made = sums.done()

    assert (made.differences, made.unexplained) == ((), Decimal(0))
    assert (made.boxes["48"].ours, made.boxes["48"].fortnox) == (Decimal("5.20"), Decimal("5.20"))
    assert made.boxes["49"].fortnox == Decimal("-5.20")


def test_a_document_that_is_half_done_here_is_named_as_ours_and_then_as_what_it_differs_by() -> None:
    document = a_document(a_row("119.00"))
    half = Difference("unfinished", date.min, 0, Decimal(0), document="invoice", reference="S1-D1")
    compared = Compared(REPORTED, unfinished={"4711": half})
    compared.take(voucher_of(document))
    year = seen(compared)

    before = VatSums(*MAY, (year,)).done()
    sums = VatSums(*MAY, (year,))
    sums.add(replace(document, finalised_at=SEEN_AT + timedelta(minutes=1)))
    after = sums.done()

    assert said(before) == [("unfinished", 2671, "212.80"), ("unfinished", 3161, "1120.00")]
    assert (after.differences, after.unexplained, before.unexplained) == ((), Decimal(0), Decimal(0))


def test_the_period_has_to_be_seen_before_anything_is_explained() -> None:
    assert VatSums(*MAY, ()).done().unexplained is None
    early = VatSeen(date(2026, 1, 1), date(2026, 5, 15), SEEN_AT, ACCOUNTS)
    late = VatSeen(date(2026, 5, 16), date(2026, 12, 31), SEEN_AT, ACCOUNTS)
    assert VatSums(*MAY, (early,)).done().unexplained is None
    assert VatSums(*MAY, (early, late)).done().unexplained == 0


def test_many_vouchers_of_others_are_summed_and_hide_none_of_ours() -> None:
    day = date(2026, 5, 5)
    others = [
        SeenVoucher(f"A-{number}-2", day, "", "MANUAL", "", {2611: Decimal("1.00")})
        for number in range(LISTED + 7)
    ]

    made = compare([a_document(a_row("119.00"))], others)

    kinds = [one.kind for one in made.differences]
    assert (kinds.count("by_hand"), kinds.count("missing"), kinds.count("more")) == (LISTED, 2, 1)
    assert next(one.amount for one in made.differences if one.kind == "more") == Decimal("7.00")
    assert made.unexplained == 0


def test_closing_a_period_is_not_taken_and_a_tax_payment_from_the_bank_is() -> None:
    day = date(2026, 5, 31)
    closing = {2611: Decimal("-250.00"), 2641: Decimal("5.00"), 2650: Decimal("245.00")}
    made = compare(
        [],
        [
            SeenVoucher("A-1-2", day, "Momsrapport", "MANUAL", "", closing),
            SeenVoucher("A-2-2", day, "", "", "", {2611: Decimal("-1.00"), 1930: Decimal("1.00")}),
        ],
    )

    assert said(made) == [("by_hand", 2611, "-1.00")]


@pytest.mark.parametrize(
    ("treatment", "supply", "rate", "code", "boxes"),
    [
        ("domestic", "goods", "25", "MP1", ("05", "10")),
        ("domestic", "goods", "12", "MP2", ("05", "11")),
        ("domestic", "goods", "6", "MP3", ("05", "12")),
        ("domestic", "goods", "0", "MF", ("42", None)),
        ("eu_consumer", "goods", "25", "MP1", ("05", "10")),
        ("eu_business", "goods", "0", "VTEU", ("35", None)),
        ("eu_business", "services", "0", "FTEU", ("39", None)),
        ("export", "goods", "0", "E", ("36", None)),
        ("export", "services", "0", "OTTU", ("40", None)),
        ("voec", "goods", "25", "E", ("36", None)),
        ("oss", "goods", "25", "DK25", (None, None)),
    ],
)
def test_every_treatment_has_its_code_and_boxes(
    treatment: str, supply: str, rate: str, code: str, boxes: tuple[str | None, str | None]
) -> None:
    treated = Treated(treatment, "DK", "because", supply)  # type: ignore[arg-type]

    assert code_of_sale(treated, Decimal(rate), "DK25" if treatment == "oss" else None) == code
    assert boxes_of_sale(treated, Decimal(rate)) == boxes


def test_an_account_is_in_a_box_by_its_code_by_what_it_takes_or_by_its_number() -> None:
    assert box_of(VatAccount(3108, "VTEU")) == "35"
    assert box_of(VatAccount(2619, None, ("MP1",))) == "10"
    assert box_of(VatAccount(2641, None, is_input=True)) == "48"
    assert box_of(VatAccount(2614, None)) == "30"
    assert box_of(VatAccount(2625, None)) == "61"
    assert box_of(VatAccount(2671, None, ("DE19",))) is None
    assert box_of(VatAccount(3161, "DE19")) is None
    assert set(SAYS) >= {"05", "10", "48", "49", "62"}


# ── any mix of mishaps ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Mishap:
    place: tuple[str, str]
    ore: int
    what: str
    extra: int


MISHAPS = st.builds(
    Mishap,
    place=st.sampled_from((("DE", "19"), ("FI", "25.5"), ("DK", "25"), ("SE", "25"))),
    ore=st.integers(1, 99_999_999),
    what=st.sampled_from(("none", "none", "gone", "other_account", "other_amount", "other_day", "by_hand")),
    extra=st.integers(1, 99_999),
)


@given(st.lists(MISHAPS, max_size=10))
@settings(max_examples=150, deadline=None)
def test_every_mishap_is_found_with_its_amount_and_none_is_invented(mishaps: list[Mishap]) -> None:
    """The differences by account are the vouchers less the documents, worked out from both alone."""
    documents, vouchers = [], []
    for number, one in enumerate(mishaps):
        currency = "SEK" if one.place[0] == "SE" else "EUR"
        row = a_row(str(Decimal(one.ore) / 100), *one.place, currency=currency)
        document = a_document(row, number=str(number), reference=f"S{number}")
        documents.append(document)
        vouchers += _booked(one, voucher_of(document), number)

    made = compare(documents, vouchers)

    off: defaultdict[int, Decimal] = defaultdict(Decimal)
    for voucher in vouchers:
        for account, amount in voucher.amounts.items():
            if account in REPORTED and MAY[0] <= voucher.dated <= MAY[1]:
                off[account] += amount
    for document in documents:
        for account, amount in document.by_account().items():
            off[account] -= amount
    told: defaultdict[int, Decimal] = defaultdict(Decimal)
    for difference in made.differences:
        told[difference.account] += difference.amount
    assert {one: amount for one, amount in told.items() if amount} == {
        one: amount for one, amount in off.items() if amount
    }
    assert made.unexplained == 0
    if all(one.what == "none" for one in mishaps):
        assert made.differences == ()


def _booked(one: Mishap, voucher: SeenVoucher, number: int) -> list[SeenVoucher]:
    amounts, extra = dict(voucher.amounts), Decimal(one.extra) / 100
    if one.what == "gone":
        return []
    if one.what == "other_account":
        return [
            replace(voucher, amounts={2611 if a in (2671, 2672, 2673) else a: v for a, v in amounts.items()})
        ]
    if one.what == "other_amount":
        return [replace(voucher, amounts=amounts | {2611: amounts.get(2611, Decimal(0)) + extra})]
    if one.what == "other_day":
        return [replace(voucher, dated=date(2026, 6, 1))]
    by_hand = SeenVoucher(f"A-{number}-2", date(2026, 5, 9), "by hand", "MANUAL", "", {3001: extra})
    return [voucher, by_hand] if one.what == "by_hand" else [voucher]
