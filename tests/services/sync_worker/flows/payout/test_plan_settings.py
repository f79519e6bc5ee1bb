"""Every setting of a payout's booking moves what it is about, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sync_worker.flows.payout.observed import ObservedPayout
from services.sync_worker.flows.payout.plan import outcomes, plan
from shared.domain.documents import Plan
from shared.domain.payments import PaymentDraft
from shared.domain.payouts import Fee
from shared.domain.vouchers import VoucherDraft
from shared.settings.connections import MarketAccounts
from shared.settings.mapping import PayoutAccounts, VoucherSeries
from tests.services.sync_worker.flows.payout.test_plan import (
    DAY,
    books,
    payout,
    row,
    seen,
    sek,
    target,
)

CARD, INVOICE = row(1, "547.00", "8.21"), row(2, "1000.00", "31.14", "7.79", payment="Invoice")
ADVANCE, UNKNOWN = row(3, "300.00"), row(7709999, "399.00", "5.99")
DEPOSIT, KICKBACK = row(4, "-100.00", kind="Deposit"), row(5, "12.00", kind="Kickback")
REGRESSION = row(6, "-250.00", kind="Regression", payment="Invoice")
DISMISSED = replace(row(8, "0", "75.00", kind="Manual"), fees=(Fee("Dismissed", sek("75.00"), sek("0")),))
ORE = row(9, "200.00")
ROWS = (CARD, INVOICE, ADVANCE, UNKNOWN, DEPOSIT, KICKBACK, REGRESSION, DISMISSED, ORE)
AS_THEY_ARE = {
    1510: Decimal("-1722.40"),  # 547, 1000, 300 on its day, 200.40 paid; 250 and 75 handed back
    1689: Decimal("100.00"),
    1930: Decimal("1979.87"),
    2641: Decimal("7.79"),
    2999: Decimal("-399.00"),
    3740: Decimal("0.40"),
    3990: Decimal("-12.00"),
    6040: Decimal("14.20"),
    6064: Decimal("31.14"),
}


def a_day(**changes: Any) -> ObservedPayout:
    """A day with a row of each kind; ``changes`` are accounts of the connection."""
    one = seen(
        payout(*ROWS),
        (CARD, target(1, "547.00")),
        (INVOICE, target(2, "1000.00")),
        (ADVANCE, target(3, "300.00", on=DAY + timedelta(days=1))),
        (ORE, target(9, "200.40")),
    )
    accounts = PayoutAccounts.model_validate(one.settings.payout_accounts.model_dump() | changes)
    return replace(one, settings=one.settings.model_copy(update={"payout_accounts": accounts}))


def of_market(one: ObservedPayout, **changes: Any) -> ObservedPayout:
    accounts = MarketAccounts.model_validate(one.market.accounts.model_dump() | changes)
    return replace(one, market=one.market.model_copy(update={"accounts": accounts}))


def drafts(one: ObservedPayout) -> list[Any]:
    found = plan(one)
    assert isinstance(found, Plan)
    return list(found.drafts)


def test_the_day_as_it_is_booked_by_default() -> None:
    assert books(a_day()) == AS_THEY_ARE


@pytest.mark.parametrize(
    ("setting", "before", "after"),
    [
        ("fee_vat", 2641, 2645),
        ("deposit", 1689, 1690),
        ("kickback", 3990, 3995),
        ("unmatched", 2999, 2998),
        ("rounding", 3740, 3741),
    ],
)
def test_an_account_of_a_payout_is_another_one(setting: str, before: int, after: int) -> None:
    moved = {after if account == before else account: amount for account, amount in AS_THEY_ARE.items()}

    assert books(a_day(**{setting: after})) == moved


def test_claims_that_svea_hands_back_go_to_the_recourse_account() -> None:
    """Returned and dismissed; the customers' own account keeps the rest."""
    found = books(a_day(recourse=1511))

    assert (found[1511], found[1510]) == (Decimal("325.00"), AS_THEY_ARE[1510] - 325)


def test_an_advance_waits_on_its_account_until_the_invoices_day() -> None:
    made = drafts(a_day(advance=2429))
    voucher = next(one for one in made if isinstance(one, VoucherDraft))
    settled = next(one for one in made if isinstance(one, PaymentDraft) and one.ref.endswith("-S"))

    assert [line.amount for line in voucher.rows if line.account == 2429] == [Decimal("-300.00")]
    assert (settled.account, settled.dated) == (2429, DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("fee", "expected"),
    [
        ({"Card": 6041, "Invoice": 6064}, {6041: "14.20", 6064: "31.14"}),
        ({"card": 6040, "INVOICE": 6065}, {6040: "14.20", 6065: "31.14"}),
        ({"Card": 6042, "Invoice": 6042}, {6042: "45.34"}),
    ],
)
def test_fees_are_posted_by_payment_type(fee: dict[str, int], expected: dict[int, str]) -> None:
    found = books(a_day(fee=fee))

    assert {account: found[account] for account in found if 6000 <= account < 7000} == {
        account: Decimal(amount) for account, amount in expected.items()
    }


@pytest.mark.parametrize(("limit", "state"), [("0.99", "matched"), ("0.40", "matched"), ("0.39", "differs")])
def test_the_rounding_limit_says_what_is_a_difference(limit: str, state: str) -> None:
    one = a_day(rounding_limit=limit)

    assert outcomes(one)[-1].state == state
    assert (3740 in books(one)) == (state == "matched")


def test_clearing_and_bank_are_the_markets() -> None:
    one = of_market(a_day(), clearing=1686, bank=1940)
    found = books(one)
    payments = [draft for draft in drafts(one) if isinstance(draft, PaymentDraft)]

    assert found == {1940 if account == 1930 else account: amount for account, amount in AS_THEY_ARE.items()}
    assert {draft.account for draft in payments} == {1686, 2420}


def test_money_in_transit_is_not_at_the_bank_yet() -> None:
    found = books(of_market(a_day(), in_transit=1941))

    assert found == {1941 if account == 1930 else account: amount for account, amount in AS_THEY_ARE.items()}


def test_the_voucher_is_in_the_series_and_payments_have_the_mode_of_the_declaration() -> None:
    one = a_day()
    series = one.settings.model_copy(update={"voucher_series": VoucherSeries(payout="U")})
    changed = replace(
        one, settings=series, market=one.market.model_copy(update={"mode_of_payment": "SVEANO"})
    )

    assert {draft.series for draft in drafts(changed) if isinstance(draft, VoucherDraft)} == {"U"}
    modes = {draft.mode_of_payment for draft in drafts(changed) if isinstance(draft, PaymentDraft)}
    assert modes == {"SVEANO"}


@pytest.mark.parametrize(("country", "account"), [("SE", 2641), ("FI", 6064), ("NO", 6064)])
def test_only_a_swedish_market_has_swedish_input_vat(country: str, account: int) -> None:
    one = a_day()
    abroad = replace(one, market=one.market.model_copy(update={"country": country}))
    found = books(abroad)

    expected = Decimal("7.79") + (AS_THEY_ARE[6064] if account == 6064 else 0)
    assert (found[account], 2641 in found) == (expected, account == 2641)


def test_these_are_all_the_settings_there_are() -> None:
    """Another one needs a test here."""
    assert set(PayoutAccounts.model_fields) == {
        *("fee", "fee_vat", "foreign_fee_vat", "deposit", "kickback", "unmatched"),
        *("advance", "recourse", "rounding", "rounding_limit"),
    }
    assert set(MarketAccounts.model_fields) == {"clearing", "bank", "in_transit"}
