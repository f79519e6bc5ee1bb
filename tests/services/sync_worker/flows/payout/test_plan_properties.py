"""Whatever Svea settles: then clearing is what it owes by its own report, and the bank is what it paid.

Days in a row of one agreement, in SEK and in other currencies: parts, several rows of one invoice, rows
twice, credits, every kind of extra row in either direction, fees above their row, öre that differ, debts
that are carried, and days that are booked in another order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.sync_worker.booked import Booked
from services.sync_worker.flows.payout.changes import correction
from services.sync_worker.flows.payout.observed import CarriedDebts, ObservedPayout, Target
from services.sync_worker.flows.payout.plan import carried_sek, outcomes, plan
from shared.domain.documents import Draft, Plan, to_plain
from shared.domain.money import Money, to_cents, total
from shared.domain.payments import PaymentDraft
from shared.domain.payouts import Fee, Payout, PayoutRow, must_hold
from shared.domain.postings import postings_of
from tests.services.sync_worker.flows.payout.test_plan import CHART, DAY, MARKET, SETTINGS

CLEARING, BANK = 1581, 1930
KINDS = ("Order", "Order", "Order", "Order", "Credit", "Credit")
OTHERS = ("Manual", "Deposit", "Kickback", "Cost", "Regression", "Correction")
FEES = (
    "Credit",
    "Admin",
    "Service",
    "Interest",
    "Kickback",
    "Deposit",
    "Dismissed",
    "Correction",
    "Deviation",
)
PAYMENTS = ("Card", "Invoice", "Swish", "PaymentPlan", "Admin", "")
RATES = {"SEK": ("1",), "EUR": ("11.20", "11.4937"), "NOK": ("0.98", "1.0133"), "DKK": ("1.50", "1.4871")}
COUNTRIES = {"SEK": "SE", "EUR": "FI", "NOK": "NO", "DKK": "DK"}


@dataclass(frozen=True)
class Line:
    """One row, and what it is about: ``known`` is what is open of its invoice, None without one."""

    row: PayoutRow
    known: Decimal | None
    invoice: int
    dated: date


@dataclass(frozen=True)
class Evening:
    payout: Payout
    lines: tuple[Line, ...]
    rate: Decimal | None


minor = st.integers(min_value=1, max_value=5_000_000).map(lambda n: Decimal(n) / 100)
small = st.integers(min_value=-300, max_value=3_000).map(lambda n: Decimal(n) / 100)


@st.composite
def lines(draw: st.DrawFn, currency: str, day: date, first: int) -> tuple[Line, ...]:
    found = []
    for number in range(first, first + draw(st.integers(0, 6))):
        kind = draw(st.sampled_from((*KINDS, *OTHERS)))
        nominal = draw(minor) if draw(st.integers(0, 9)) else Decimal("0.00")
        if kind == "Credit" or (kind in OTHERS and draw(st.booleans())):
            nominal = -nominal
        fees = tuple(
            Fee(draw(st.sampled_from(FEES)), Money(draw(small), currency), Money(draw(small), currency))
            for _ in range(draw(st.integers(0, 3)))
        )
        one = _row(number, kind, nominal, fees, draw(st.sampled_from(PAYMENTS)), currency)
        known = _open_of(draw, nominal) if kind in ("Order", "Credit") else None
        dated = day + timedelta(days=draw(st.sampled_from((0, 0, 0, -3, 2))))
        found.append(Line(one, known, draw(st.integers(first, number)), dated))
        if draw(st.integers(0, 9)) == 0:  # Svea prints it twice
            found.append(replace(found[-1], row=replace(one, key=one.key[:-1] + "2")))
    return tuple(found)


def _open_of(draw: st.DrawFn, nominal: Decimal) -> Decimal | None:
    """Exactly the row, öre more or less, a part of it, more than it, nothing, or no invoice at all."""
    exact = st.just(nominal)
    off = st.integers(-99, 99).map(lambda n: nominal + Decimal(n) / 100)
    other = minor.map(lambda amount: amount if nominal > 0 else -amount)
    kinds: list[st.SearchStrategy[Decimal | None]] = [exact, exact, exact, st.none(), off, other]
    found: Decimal | None = draw(st.one_of(*kinds, st.just(Decimal("0.00"))))
    return found


def _row(
    number: int, kind: str, nominal: Decimal, fees: Sequence[Fee], payment: str, currency: str
) -> PayoutRow:
    amount = Money(nominal, currency)
    cost, vat = (total((getattr(one, name) for one in fees), currency) for name in ("amount", "vat"))
    return PayoutRow(
        key=f"{number:016x}-1",
        kind=kind,
        payment_type=payment,
        nominal=amount,
        paid=amount - cost - vat,
        fee=cost,
        fee_vat=vat,
        fees=tuple(fees),
        checkout_id=number,
        delivery_id=number,
    )


@st.composite
def evenings(draw: st.DrawFn) -> list[Evening]:
    """A few days of one agreement; what a day owes is carried to the next."""
    currency = draw(st.sampled_from(sorted(RATES)))
    debt, found = Decimal("0.00"), []
    for number in range(draw(st.integers(1, 4))):
        day = DAY + timedelta(days=number)
        of_day = draw(lines(currency, day, 1 + 20 * number))
        found.append(
            Evening(
                payout := _payout(day, [one.row for one in of_day], debt, currency),
                of_day,
                None if currency == "SEK" else Decimal(draw(st.sampled_from(RATES[currency]))),
            )
        )
        debt = payout.closing_debt.amount
    return found


def _payout(day: date, rows: Sequence[PayoutRow], debt: Decimal, currency: str) -> Payout:
    nominal, fee, vat, paid = (
        total((getattr(one, name) for one in rows), currency)
        for name in ("nominal", "fee", "fee_vat", "paid")
    )
    opening = Money(-debt, currency)
    whole = paid + opening
    closing = Money(max(-whole.amount, Decimal("0.00")), currency)
    return Payout("se", "79021", day, tuple(rows), nominal, fee, vat, paid, whole + closing, opening, closing)


def observed(one: Evening, debts: CarriedDebts) -> ObservedPayout:
    """Rows may share an invoice: it has the open amount that the first of them says."""
    currency = one.payout.currency
    opens: dict[tuple[str, int], Target] = {}
    targets = {}
    for line in one.lines:
        if line.known is None:
            continue
        name = (line.row.kind, line.invoice)
        is_credit = line.row.kind == "Credit"
        opens.setdefault(
            name,
            Target(
                "credit_invoice" if is_credit else "invoice",
                f"S{line.invoice}-D{line.invoice}{'-C1' if is_credit else ''}",
                str(line.invoice + (5000 if is_credit else 1000)),
                line.dated,
                Money(line.known, currency),
                Money.zero(currency),
                None if one.rate is None else Decimal("11.00"),
                "its delivery",
            ),
        )
        targets[line.row.key] = (opens[name],)
    market = MARKET.model_copy(update={"country": COUNTRIES[currency], "currency": currency})
    return ObservedPayout(one.payout, SETTINGS, market, one.payout.on, targets, rate=one.rate, debts=debts)


@settings(max_examples=250, deadline=None)
@given(days=evenings(), order=st.randoms(use_true_random=False))
def test_clearing_is_what_svea_owes_and_the_bank_is_what_it_paid(days: list[Evening], order: Random) -> None:
    """Booked in any order: after the last of them, clearing is the last day's debt at that day's rate.

    A day on which nothing happened is not booked; the debt goes on as it was.
    """
    days = [one for one in days if plan_of(one)]
    sequence = list(range(len(days)))
    order.shuffle(sequence)
    carried: dict[int, tuple[Decimal, Decimal]] = {}
    books: dict[int, Decimal] = {}
    paid = Decimal(0)
    for number in sequence:
        debts = CarriedDebts(
            carried[number - 1][1] if number - 1 in carried else None,
            carried[number + 1][0] if number + 1 in carried else None,
        )
        one = observed(days[number], debts)
        must_hold(one.payout)
        made = booked(one)
        carried[number] = carried_sek(one)
        _add(books, postings(made))
        paid += in_sek(one.payout.paid, one.rate)
        _must_pay_no_more_than_is_open(one, made)
        _must_say_of_every_row(one)

    owed = [in_sek(one.payout.closing_debt, one.rate) for one in days[-1:]]
    assert books.get(BANK, Decimal(0)) == paid
    assert books.get(CLEARING, Decimal(0)) == -sum(owed, Decimal(0))
    assert sum(books.values()) == 0


@settings(max_examples=120, deadline=None)
@given(days=evenings(), dies_after=st.integers(0, 30))
def test_a_second_look_plans_the_same(days: list[Evening], dies_after: int) -> None:
    """Also when the first one ended in the middle: what is made stays, what is left is what was left."""
    one = observed(days[0], CarriedDebts())
    first = booked(one)
    done = tuple(_made(draft) for draft in first[:dies_after])

    assert booked(replace(one, booked=done)) == first


@settings(max_examples=120, deadline=None)
@given(days=evenings())
def test_a_row_that_was_parked_settles_when_its_document_is_there(days: list[Evening]) -> None:
    """Nothing but the observation account and the claims move then, by the same amount."""
    late = observed(days[0], CarriedDebts())
    early = replace(late, targets={})
    first = booked(early)
    known = tuple(_made(draft) for draft in first)
    after = booked(replace(late, booked=known, today=late.today + timedelta(days=4)))

    new = [draft for draft in after if draft.key not in {one.key for one in first}]
    moved = postings(new)
    assert [draft for draft in after if draft not in new] == first
    assert all(isinstance(draft, PaymentDraft) and draft.account == 2999 for draft in new)
    assert set(moved) <= {1510, 2999, 3740, 3960, 7960}
    assert sum(moved.values()) == 0
    _must_pay_no_more_than_is_open(late, after)


@settings(max_examples=120, deadline=None)
@given(days=evenings(), others=evenings())
def test_what_was_booked_and_its_correction_are_what_svea_says_now(
    days: list[Evening], others: list[Evening]
) -> None:
    """Without documents, so that all that rows are about is on the accounts that it waits on."""
    before, now = days[0], others[0]
    if before.payout.currency != now.payout.currency:
        now = before
    one = replace(observed(before, CarriedDebts()), targets={})
    after = replace(one, payout=now.payout)
    sums = postings(booked(one))
    _add(sums, correction(one, before.payout, now.payout))

    wanted = postings(booked(after))
    rounding, places = (3740, 3960, 7960), {*sums, *wanted}
    found = {place: sums.get(place, Decimal(0)) - wanted.get(place, Decimal(0)) for place in places}
    assert sum(correction(one, before.payout, now.payout).values()) == 0
    off = {place: amount for place, amount in found.items() if amount and place not in (*rounding, CLEARING)}
    assert off == {}
    assert abs(found.get(CLEARING, Decimal(0))) <= Decimal("0.01") * (2 + 4 * len(before.lines + now.lines))


@settings(max_examples=120, deadline=None)
@given(days=evenings(), which=st.integers(0, 20))
def test_a_payment_that_was_removed_is_put_back_and_clearing_is_what_it_was(
    days: list[Evening], which: int
) -> None:
    """Whatever it took, and with whatever write-offs; it is settled anew from where it waits."""
    one = observed(days[0], CarriedDebts())
    first = booked(one)
    made = {str(at): _made(draft) for at, draft in enumerate(first, start=1)}
    links = tuple(replace(link, number=number) for number, link in made.items())
    paid = [at for at, draft in enumerate(first, start=1) if isinstance(draft, PaymentDraft)]
    if not paid:
        return
    gone = paid[which % len(paid)]
    kept = [draft for at, draft in enumerate(first, start=1) if at != gone]

    after = booked(replace(one, booked=links, removed=frozenset({str(gone)}), is_booked=True))

    cancelled = [draft for draft in after if getattr(draft, "cancelled", False)]
    names = {draft.key for draft in first}
    new = [draft for draft in after if draft.key not in names]
    before, now = postings(first), postings([*kept, *new])
    assert [draft.key for draft in cancelled] == [first[gone - 1].key]
    places = (CLEARING, BANK, 6040, 6064, 2641, 1689, 3990)
    assert {place: now.get(place, Decimal(0)) for place in places} == {
        place: before.get(place, Decimal(0)) for place in places
    }
    assert sum(now.values()) == 0
    _must_pay_no_more_than_is_open(one, [*kept, *new])


# ── what the tests above ask for ──────────────────────────────────────────────────────────────────


def plan_of(one: Evening) -> bool:
    return isinstance(plan(observed(one, CarriedDebts())), Plan)


def booked(one: ObservedPayout) -> list[Draft]:
    found = plan(one)
    return list(found.drafts) if isinstance(found, Plan) else []


def postings(drafts: Iterable[Draft]) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = {}
    for draft in drafts:
        for one in postings_of(draft, CHART):
            _add(sums, {one.account: one.debit - one.credit})
    return sums


def _add(sums: dict[int, Decimal], more: dict[int, Decimal]) -> None:
    for account, amount in more.items():
        sums[account] = sums.get(account, Decimal(0)) + amount


def in_sek(amount: Money, rate: Decimal | None) -> Decimal:
    return amount.amount if rate is None else to_cents(amount.amount * rate)


def _made(draft: Draft) -> Booked:
    dated = getattr(draft, "dated", None)
    taken = draft.total if isinstance(draft, PaymentDraft) else None
    return Booked(draft.kind, draft.ref, "1", "final", to_plain(draft), dated, taken, None)


def _must_pay_no_more_than_is_open(one: ObservedPayout, drafts: Iterable[Draft]) -> None:
    """Fortnox refuses to take more off a document than is left of it, or less than nothing."""
    left = {target.number: target.open.amount for found in one.targets.values() for target in found}
    for draft in drafts:
        if isinstance(draft, PaymentDraft):
            taken = draft.taken_off.amount
            assert taken, "a payment of nothing"
            low, high = sorted((left[draft.number or ""], Decimal(0)))
            assert low <= taken <= high
            left[draft.number or ""] -= taken


def _must_say_of_every_row(one: ObservedPayout) -> None:
    said = outcomes(one)
    assert [outcome.key for outcome in said] == [row.key for row in one.payout.money_rows]
    assert all(outcome.why for outcome in said)
