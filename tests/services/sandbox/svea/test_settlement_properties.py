"""Whatever is sold, returned and charged: every identity holds, and paid plus owed adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.sandbox.clock import SandboxClock
from services.sandbox.svea.orders import Row
from services.sandbox.svea.settlement_extras import Extra, ExtraKind
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.week import a_sale
from shared.clients.svea.wire_reports import groups_of
from shared.domain.payouts import Payout, must_hold
from tests.services.sandbox.svea.support import MERCHANT

MONDAY = date(2026, 5, 4)
TYPES = ("INVOICE", "PAYMENTPLAN", "SVEACARDPAY_PF", "SWISH_PF", "MOBILEPAY")
COUNTRIES = {"SE": "SEK", "NO": "NOK", "FI": "EUR", "DK": "DKK", "DE": "EUR"}


@dataclass(frozen=True)
class Sale:
    payment_type: str
    amount: int
    day: int
    returned: int
    """Minor units, on a day after."""
    part: int | None
    """So much of it is settled first, at most."""


sales = st.builds(
    Sale,
    st.sampled_from(TYPES),
    st.integers(100, 400000),
    st.integers(0, 6),
    st.integers(0, 400000),
    st.none() | st.integers(0, 400000),
)
extras = st.builds(
    Extra,
    st.sampled_from(ExtraKind),
    st.integers(-90000, 90000),
    payment_type=st.sampled_from(["Invoice", "Card"]),
)


def a_week_of(
    country: str, sold: list[Sale], charged: dict[int, Extra], *, returns_fees: bool
) -> tuple[SandboxSvea, list[Payout]]:
    """Two weeks of days, so that everything is settled in the end; the payouts, in order."""
    svea = SandboxSvea(SandboxClock())
    svea.add_merchant(MERCHANT, "secret", country, COUNTRIES[country], "sv-SE")
    svea.book(MERCHANT).terms.returns_fees = returns_fees
    deliveries: dict[int, tuple[int, int]] = {}
    payouts = []
    for number in range(14):
        day = MONDAY + timedelta(days=number)
        svea.clock.set(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        amounts = dict(_a_day(svea, number, sold, deliveries))
        if number in charged:
            svea.book(MERCHANT).extras.append(charged[number])
        report = svea.settle_day(MERCHANT, day, amounts=amounts)
        payouts += [found for found, _ in groups_of(report, market=country, asked=day)]
    return svea, payouts


def _a_day(
    svea: SandboxSvea, number: int, sold: list[Sale], deliveries: dict[int, tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    for at, sale in enumerate(sold):
        if sale.day == number:
            deliveries[at] = _sell(svea, at, sale)
        elif sale.day == number - 1:
            _return(svea, sale, *deliveries[at])
        if sale.part is not None and at in deliveries and 0 <= number - sale.day <= 3:
            left = sale.amount - svea.book(MERCHANT).settled[("Order", deliveries[at][1])]
            if left:
                yield deliveries[at][1], min(sale.part, left)


def _sell(svea: SandboxSvea, at: int, sale: Sale) -> tuple[int, int]:
    row = Row("SKU", "Vara", sale.amount)
    checkout_id = a_sale(svea, MERCHANT, str(at), (row,), payment_type=sale.payment_type)
    order = svea.order(checkout_id)
    return checkout_id, order.deliveries[0].number if order.deliveries else svea.deliver(checkout_id)


def _return(svea: SandboxSvea, sale: Sale, checkout_id: int, delivery_id: int) -> None:
    amount = min(sale.returned, sale.amount)
    if not amount:
        return
    if sale.payment_type in ("INVOICE", "PAYMENTPLAN"):
        svea.credit_new_row(checkout_id, delivery_id, Row("R", "Refund", amount))
    else:
        svea.credit_amount(checkout_id, delivery_id, amount)


@settings(max_examples=60, deadline=None)
@given(
    country=st.sampled_from(sorted(COUNTRIES)),
    sold=st.lists(sales, max_size=12),
    charged=st.dictionaries(st.integers(0, 11), extras, max_size=4),
    returns_fees=st.booleans(),
)
def test_every_payout_holds_and_what_is_paid_is_what_svea_owes(
    country: str, sold: list[Sale], charged: dict[int, Extra], returns_fees: bool
) -> None:
    svea, payouts = a_week_of(country, sold, charged, returns_fees=returns_fees)

    for payout in payouts:
        must_hold(payout)
    rows = [row for payout in payouts for row in payout.money_rows]
    paid = sum((payout.paid.amount for payout in payouts), Decimal(0))
    owed = sum((row.nominal.amount - row.fee.amount - row.fee_vat.amount for row in rows), Decimal(0))
    assert 100 * (paid - owed) == sum(svea.book(MERCHANT).debts().values())
    _every_delivery_and_credit_once(svea, payouts)
    _debts_are_carried_from_payout_to_payout(payouts)


def _every_delivery_and_credit_once(svea: SandboxSvea, payouts: list[Payout]) -> None:
    found: Counter[tuple[str, int | None]] = Counter()
    for payout in payouts:
        for row in payout.rows:
            if row.kind in ("Order", "Credit"):
                found[(row.kind, row.delivery_id)] += int(row.nominal.amount * 100)
    expected: Counter[tuple[str, int | None]] = Counter()
    for order in svea.orders.values():
        for delivery in order.deliveries:
            expected[("Order", delivery.number)] = delivery.amount
            if delivery.credited:
                expected[("Credit", delivery.number)] = -delivery.credited
    assert dict(found) == dict(expected)


def _debts_are_carried_from_payout_to_payout(payouts: list[Payout]) -> None:
    carried: dict[str, object] = {}
    for payout in payouts:
        opening = -payout.opening_debt
        assert opening == carried.get(payout.client_id, opening if not opening else None)
        carried[payout.client_id] = payout.closing_debt
