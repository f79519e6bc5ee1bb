"""Svea settles: each delivery and credit once, with the fees of its payment type, a banking day later."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.svea.orders import Row
from services.sandbox.svea.refusals import Refused
from services.sandbox.svea.samples import DATA, install, load_merchants, load_reports
from services.sandbox.svea.settlement_extras import Extra, ExtraKind
from services.sandbox.svea.settlement_rows import Json
from services.sandbox.svea.settlement_terms import FeeTerm, RateDirection
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.week import a_sale
from shared.clients.svea.wire_reports import groups_of
from shared.domain.payouts import must_hold
from tests.services.sandbox.svea.support import MERCHANT

CARD, INVOICE, SWISH = "SVEACARDPAY_PF", "INVOICE", "SWISH_PF"
THURSDAY, FRIDAY, MONDAY, TUESDAY = (date(2026, 5, day) for day in (14, 15, 18, 19))


def at(svea: SandboxSvea, day: date) -> None:
    svea.clock.set(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def sold(svea: SandboxSvea, amount: int, *, by: str = CARD, number: str = "100000801") -> int:
    """A delivered sale of so many minor units; its delivery id."""
    row = Row("SKU-MUG", "Mugg", amount)
    checkout_id = a_sale(svea, MERCHANT, number, (row,), payment_type=by)
    order = svea.order(checkout_id)
    return order.deliveries[0].number if order.deliveries else svea.deliver(checkout_id)


def credited(svea: SandboxSvea, delivery_id: int, cumulative: int) -> None:
    order = next(one for one in svea.orders.values() if one.delivery(delivery_id))
    svea.credit_amount(order.checkout_id, delivery_id, cumulative)


def only(report: Json) -> Any:
    """The one payout of a report, whose identities all hold."""
    for payout, _ in groups_of(report, market="SE", asked=date.min):
        must_hold(payout)
    (group,) = report["clientReports"]
    return group


def rows(report: Json) -> list[tuple[str, int, int]]:
    return [(row["rowType"], row["nominalAmount"], row["sveaPaidAmount"]) for row in only(report)["rows"]]


def sums(report: Json) -> tuple[int, int, int]:
    """(paid out, opening debt, closing debt)."""
    found = only(report)["paymentReport"]
    return (
        found["sveaPaidAmountIncludingWithholding"],
        found["openingBalanceDebt"],
        found["closingBalanceDebt"],
    )


# ── the samples are the pattern ───────────────────────────────────────────────────────────────────


def sample(name: str) -> Json:
    read: Json = json.loads((DATA / "reports" / f"report-{name}.json").read_bytes())
    return read


@pytest.mark.parametrize(
    "name, merchant, state",
    [
        ("SE-2026-02-03", "700001", "order-9300103-delivered-instant"),
        ("SE-2026-02-04", "700001", "order-9300101-2-partially-delivered"),
        ("FI-2026-02-04", "700003", "order-9300301-delivered"),
        ("NO-2026-02-05", "700002", "order-9300201-2-delivered"),
        ("DK-2026-02-05", "700004", "order-9300401-delivered"),
        ("DE-2026-02-05", "700005", "order-9300501-delivered"),
    ],
)
def test_settling_a_sample_gives_its_sample_report(
    svea: SandboxSvea, name: str, merchant: str, state: str
) -> None:
    load_merchants(svea)
    install(svea, state)

    report = svea.settle_day(merchant, date.fromisoformat(name[3:]))

    assert json.dumps(report) == json.dumps(sample(name))


def test_a_debt_is_carried_and_paid_off_as_in_the_samples(svea: SandboxSvea) -> None:
    load_merchants(svea)
    install(svea, "order-9300201-2-delivered")
    svea.settle_day("700002", date(2026, 2, 5))

    at(svea, date(2026, 2, 6))
    credited(svea, 7200511, 159600)
    assert svea.settle_day("700002", date(2026, 2, 9)) == sample("NO-2026-02-09")

    install(svea, "order-9300202-delivered")
    assert svea.settle_day("700002", date(2026, 2, 10)) == sample("NO-2026-02-10")


def test_the_monthly_fee_is_in_the_next_payout_as_in_the_sample(svea: SandboxSvea) -> None:
    load_merchants(svea)
    install(svea, "order-9300101-2-partially-delivered")
    svea.settle_day("700001", date(2026, 2, 4))
    install(svea, "order-9300101-3-delivered")

    fee = Extra(ExtraKind.MONTHLY_FEE, 29900, comment="Månadsavgift februari 2026")
    svea.book("700001").extras.append(fee)

    assert svea.settle_day("700001", date(2026, 2, 5)) == sample("SE-2026-02-05")


def test_what_a_report_written_by_hand_settles_is_not_settled_again(svea: SandboxSvea) -> None:
    load_merchants(svea)
    load_reports(svea)
    for state in ("order-9300101-5-fully-credited", "order-9300103-delivered-instant"):
        install(svea, state)

    report = svea.settle_day("700001", date(2026, 2, 11))

    assert rows(report)[:-1] == [("Credit", -232700, -232700), ("Credit", -41600, -41600)]
    assert sums(report) == (0, 0, 274300)
    with pytest.raises(Refused):
        svea.settle_day("700001", date(2026, 2, 9))


# ── when ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_delivery_is_paid_the_next_banking_day_and_once(svea: SandboxSvea) -> None:
    at(svea, FRIDAY)
    sold(svea, 54700)

    assert svea.settle_day(MERCHANT, FRIDAY)["clientReports"] == []
    assert svea.settle_day(MERCHANT, date(2026, 5, 16))["clientReports"] == []
    assert rows(svea.settle_day(MERCHANT, MONDAY)) == [("Order", 54700, 53879)]
    assert svea.settle_day(MERCHANT, TUESDAY)["clientReports"] == []


def test_bank_holidays_and_the_agreed_days_count(svea: SandboxSvea) -> None:
    terms = svea.book(MERCHANT).terms
    terms.banking_days, terms.closed_days = 2, frozenset({THURSDAY})

    assert terms.paid_on(date(2026, 5, 13)) == MONDAY
    assert terms.paid_on(date(2026, 5, 16)) == TUESDAY

    terms.banking_days = 0
    assert terms.paid_on(THURSDAY) == FRIDAY


def test_the_same_day_again_adds_what_came_since(svea: SandboxSvea) -> None:
    at(svea, THURSDAY)
    sold(svea, 10000)
    svea.settle_day(MERCHANT, FRIDAY)
    sold(svea, 20000, number="100000802")

    report = svea.settle_day(MERCHANT, FRIDAY)

    assert rows(report) == [("Order", 10000, 9850), ("Order", 20000, 19700)]
    with pytest.raises(Refused):
        svea.settle_day(MERCHANT, THURSDAY)


def test_a_delivery_is_settled_in_parts_and_its_fixed_fee_once(svea: SandboxSvea) -> None:
    at(svea, THURSDAY)
    first, second = sold(svea, 54700, by=INVOICE), sold(svea, 10000, by=INVOICE, number="100000802")

    with pytest.raises(Refused):
        svea.settle_day(MERCHANT, FRIDAY, amounts={first: 54701})
    part = svea.settle_day(MERCHANT, FRIDAY, amounts={first: 20000, second: 0})
    rest = svea.settle_day(MERCHANT, MONDAY)

    assert rows(part) == [("Order", 20000, 20000 - 2375 - 738)]
    assert rows(rest) == [("Order", 34700, 34700 - 1280), ("Order", 10000, 10000 - 2375 - 369)]


@pytest.mark.parametrize("payment_type", ["SVEACARDPAY", "SWISH", "ADMININVOICE"])
def test_money_that_does_not_pass_through_svea_is_never_settled(svea: SandboxSvea, payment_type: str) -> None:
    at(svea, THURSDAY)
    sold(svea, 54700, by=payment_type)

    assert svea.settle_day(MERCHANT, MONDAY)["clientReports"] == []


# ── how much ──────────────────────────────────────────────────────────────────────────────────────


def test_each_agreement_has_a_payout_of_its_own(svea: SandboxSvea) -> None:
    at(svea, THURSDAY)
    for number, payment_type in enumerate((INVOICE, SWISH, CARD, "PAYMENTPLAN"), start=1):
        sold(svea, 100000, by=payment_type, number=f"10000080{number}")

    report = svea.settle_day(MERCHANT, FRIDAY)

    found = {
        group["clientId"]: [(row["paymentType"], row["totalFeeVatAmount"]) for row in group["rows"]]
        for group in report["clientReports"]
    }
    assert found == {
        79021: [("Invoice", 475 + 738), ("PaymentPlan", 0)],
        79022: [("Swish", 0)],
        79023: [("Card", 0)],
    }
    assert report["totalNrOfRows"] == 4


def test_client_numbers_and_fees_are_the_merchants_own(svea: SandboxSvea) -> None:
    """Acceptance D02: two fees with VAT on each, rounded each."""
    at(svea, THURSDAY)
    sold(svea, 54700, by=INVOICE)
    admin, credit = FeeTerm("Admin", fixed=1500, vat_percent=2500), FeeTerm("Credit", 295, 0, 2500)

    report = svea.settle_day(
        MERCHANT, FRIDAY, client_ids={"Invoice": 81001}, fees={"Invoice": [credit, admin]}
    )

    group = only(report)
    assert group["clientId"] == 81001
    assert [fee["vatAmount"] for fee in group["rows"][0]["fees"]] == [404, 375]
    assert (group["paymentReport"]["feeAmountExcludingVat"], sums(report)[0]) == (3114, 50807)


def test_refunds_larger_than_sales_are_a_debt_until_sales_pay_it(svea: SandboxSvea) -> None:
    """Acceptance D07, after the day on which the returned sale was paid out."""
    at(svea, date(2026, 5, 12))
    returned = sold(svea, 54700)
    svea.settle_day(MERCHANT, date(2026, 5, 13))
    at(svea, THURSDAY)
    sold(svea, 19900, number="100000802")
    credited(svea, returned, 54700)

    negative = svea.settle_day(MERCHANT, FRIDAY)
    nothing_new = svea.settle_day(MERCHANT, MONDAY)
    at(svea, MONDAY)
    sold(svea, 100000, number="100000803")
    positive = svea.settle_day(MERCHANT, TUESDAY)

    assert sums(negative) == (0, 0, 35099)
    assert rows(negative)[-1] == ("ClosingBalanceDebt", 0, 35099)
    assert nothing_new["clientReports"] == []
    assert sums(positive) == (63401, -35099, 0)
    assert rows(positive)[0] == ("OpeningBalanceDebt", 0, -35099)


def test_an_idle_debt_is_shown_when_that_is_agreed(svea: SandboxSvea) -> None:
    book = svea.book(MERCHANT)
    book.extras.append(Extra(ExtraKind.MONTHLY_FEE, 29900))
    svea.settle_day(MERCHANT, FRIDAY)
    book.terms.shows_idle_debt = True

    report = svea.settle_day(MERCHANT, MONDAY)

    assert rows(report) == [("OpeningBalanceDebt", 0, -37375), ("ClosingBalanceDebt", 0, 37375)]


def test_a_credit_takes_its_commission_back_when_that_is_agreed(svea: SandboxSvea) -> None:
    at(svea, THURSDAY)
    svea.book(MERCHANT).terms.returns_fees = True
    credited(svea, sold(svea, 54700), 10000)

    report = svea.settle_day(MERCHANT, FRIDAY)

    assert rows(report) == [("Order", 54700, 53879), ("Credit", -10000, -9850)]


@pytest.mark.parametrize(
    "direction, rate",
    [
        (RateDirection.DESTINATION_PER_CURRENCY, 11.25),
        (RateDirection.CURRENCY_PER_DESTINATION, 0.08888889),
    ],
)
def test_foreign_money_names_its_destination_and_rate(
    svea: SandboxSvea, direction: RateDirection, rate: float
) -> None:
    at(svea, THURSDAY)
    svea.merchant(MERCHANT).currency = "EUR"
    terms = svea.book(MERCHANT).terms
    terms.destination_currency, terms.exchange_rate = "SEK", Decimal("11.25")
    terms.rate_direction = direction
    sold(svea, 10000)

    (row,) = only(svea.settle_day(MERCHANT, FRIDAY))["rows"]

    assert (row["currency"], row["destinationCurrency"], row["exchangeRate"]) == ("EUR", "SEK", rate)
    assert (row["nominalAmount"], row["sveaPaidAmount"]) == (10000, 9850)
