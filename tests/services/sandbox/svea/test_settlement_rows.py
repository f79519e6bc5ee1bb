"""Rows that are no delivery and no credit, and reports that change or do not add up."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from services.sandbox.svea.refusals import Refused
from services.sandbox.svea.samples import DATA, install, load_merchants
from services.sandbox.svea.settlement_extras import Extra, ExtraKind
from services.sandbox.svea.settlement_rows import Json
from services.sandbox.svea.settlement_terms import fee_vat_percent
from services.sandbox.svea.stand_in import SandboxSvea
from shared.clients.svea.wire_reports import groups_of
from shared.domain.errors import Unbalanced
from shared.domain.payouts import must_hold
from tests.services.sandbox.svea.support import MERCHANT
from tests.services.sandbox.svea.test_settlement import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    at,
    credited,
    only,
    rows,
    sold,
)


def the_row_of(svea: SandboxSvea, extra: Extra) -> Any:
    svea.book(MERCHANT).extras.append(extra)
    return only(svea.settle_day(MERCHANT, FRIDAY))["rows"][0]


def settled(svea: SandboxSvea) -> list[int]:
    """Acceptance D01: three card sales, paid out on Friday; their delivery ids."""
    at(svea, THURSDAY)
    amounts = {"100000801": 54700, "100000802": 19900, "100000803": 125000}
    deliveries = [sold(svea, amount, number=number) for number, amount in amounts.items()]
    svea.settle_day(MERCHANT, FRIDAY)
    return deliveries


def payouts(report: Json) -> list[Any]:
    return [payout for payout, _ in groups_of(report, market="SE", asked=FRIDAY)]


@pytest.mark.parametrize(
    "kind, amount, row_type, nominal, paid",
    [
        (ExtraKind.MONTHLY_FEE, 29900, "Manual", 0, -37375),
        (ExtraKind.REMINDER, 6000, "Cost", 0, -7500),
        (ExtraKind.COLLECTION, 18000, "Cost", 0, -22500),
        (ExtraKind.DUE_DATE, 4500, "Cost", 0, -5625),
        (ExtraKind.POSTAGE, 900, "Cost", 0, -1125),
        (ExtraKind.LEGAL_ACTION, 34000, "Cost", 0, -34000),
        (ExtraKind.INTEREST, -120, "Cost", 0, 120),
        (ExtraKind.KICKBACK, -12500, "Kickback", 0, 12500),
        (ExtraKind.DEPOSIT, 50000, "Deposit", 0, -50000),
        (ExtraKind.DEPOSIT, -50000, "Deposit", 0, 50000),
        (ExtraKind.REGRESSION, 45000, "Regression", -45000, -45000),
        (ExtraKind.DISMISSED, 45000, "Manual", 0, -45000),
        (ExtraKind.CORRECTION, 1500, "Manual", 0, -1875),
        (ExtraKind.DEVIATION, 3, "Manual", 0, -3),
        (ExtraKind.MANUAL, -700, "Manual", 700, 700),
    ],
)
def test_an_extra_row_costs_what_it_says_and_holds_every_identity(
    svea: SandboxSvea, kind: ExtraKind, amount: int, row_type: str, nominal: int, paid: int
) -> None:
    row = the_row_of(svea, Extra(kind, amount, payment_type="Invoice"))

    assert (row["rowType"], row["nominalAmount"], row["sveaPaidAmount"]) == (row_type, nominal, paid)


def test_every_kind_of_extra_row_is_in_the_table_above(request: pytest.FixtureRequest) -> None:
    marks = test_an_extra_row_costs_what_it_says_and_holds_every_identity.pytestmark  # type: ignore[attr-defined]

    assert {case[0] for case in marks[0].args[1]} == set(ExtraKind)


def test_a_manual_row_has_the_vat_that_was_said(svea: SandboxSvea) -> None:
    row = the_row_of(svea, Extra(ExtraKind.DEVIATION, 2800, vat=700, comment="chargeback"))

    assert (row["totalFeeAmountExcludingVat"], row["totalFeeVatAmount"]) == (2800, 700)
    assert (row["sveaPaidAmount"], row["comment"], row["sveaCheckoutId"]) == (-3500, "chargeback", None)


def test_a_correction_names_the_delivery_that_it_corrects_as_in_the_sample(svea: SandboxSvea) -> None:
    load_merchants(svea)
    install(svea, "order-9300101-3-delivered")
    order = svea.order(9300101)
    extra = Extra(
        ExtraKind.CORRECTION,
        1500,
        about=order,
        delivery=order.deliveries[0],
        comment="Korrigerad avgift 2026-02-04",
    )

    shown = extra.show(day=date(2026, 2, 9), country="SE", currency="SEK", terms=svea.book("700001").terms)

    sample = json.loads((DATA / "reports" / "report-SE-2026-02-09.json").read_bytes())
    assert shown == sample["clientReports"][0]["rows"][5]


@pytest.mark.parametrize(
    "country, payment_type, fee, percent",
    [
        ("SE", "Invoice", "Credit", 2500),
        ("SE", "Invoice", "Admin", 2500),
        ("SE", "PaymentPlan", "Admin", 0),
        ("SE", "AccountCredit", "Admin", 0),
        ("SE", "Card", "Credit", 0),
        ("SE", None, "Service", 2500),
        ("SE", "Invoice", "LegalAction", 0),
        ("NO", "Invoice", "Admin", 2500),
        ("NO", "Invoice", "Credit", 0),
        ("NO", "Invoice", "LegalAction", 2500),
        ("FI", "Invoice", "Admin", 2550),
        ("FI", "Invoice", "Reminder", 0),
    ],
)
def test_the_vat_of_a_fee_is_that_of_country_payment_type_and_fee(
    country: str, payment_type: str | None, fee: str, percent: int
) -> None:
    assert fee_vat_percent(country, payment_type, fee) == percent


def test_a_report_is_issued_again_with_another_fee_and_its_sums_follow(svea: SandboxSvea) -> None:
    """Acceptance D15: 3.99 instead of 2.99, and 1965.05 instead of 1966.05 paid."""
    book, deliveries = svea.book(MERCHANT), settled(svea)
    (before,) = payouts(book.report(FRIDAY))

    book.reissue(FRIDAY, deliveries[1], fee=399)

    (after,) = payouts(book.report(FRIDAY))
    must_hold(after)
    assert (str(before.paid), str(after.paid)) == ("1966.05 SEK", "1965.05 SEK")
    assert before.content_hash != after.content_hash


def test_a_report_whose_debt_was_paid_off_can_not_change(svea: SandboxSvea) -> None:
    book, deliveries = svea.book(MERCHANT), settled(svea)
    at(svea, FRIDAY)
    last = sold(svea, 1000, number="100000804")
    credited(svea, deliveries[0], 54700)
    svea.settle_day(MERCHANT, MONDAY)
    at(svea, MONDAY)
    sold(svea, 90000, number="100000805")
    svea.settle_day(MERCHANT, date(2026, 5, 19))
    as_it_was = book.report(MONDAY)

    with pytest.raises(Refused):
        book.reissue(MONDAY, last, fee=99)

    assert book.report(MONDAY) == as_it_was
    with pytest.raises(Refused):
        book.reissue(FRIDAY, 1, fee=99)


def test_a_sum_is_wrong_on_demand_and_right_again(svea: SandboxSvea) -> None:
    book, _ = svea.book(MERCHANT), settled(svea)

    book.misstate(FRIDAY, "sveaPaidAmountIncludingWithholding", by=-1000)
    (wrong,) = payouts(book.report(FRIDAY))
    book.misstate(FRIDAY, "sveaPaidAmountIncludingWithholding", by=0)

    with pytest.raises(Unbalanced, match=r"difference -10\.00 SEK"):
        must_hold(wrong)
    must_hold(payouts(book.report(FRIDAY))[0])
    for name, day in (("noSuchSum", FRIDAY), ("nominalAmount", MONDAY)):
        with pytest.raises(Refused):
            book.misstate(day, name, by=1)


def test_vat_needs_a_fee_that_it_is_on() -> None:
    with pytest.raises(Refused, match="regression has no fee"):
        Extra(ExtraKind.REGRESSION, 45000, vat=100)


def test_an_extra_row_is_in_one_payout_only(svea: SandboxSvea) -> None:
    svea.book(MERCHANT).extras.append(Extra(ExtraKind.KICKBACK, -500, comment="Kickback april"))

    assert rows(svea.settle_day(MERCHANT, FRIDAY)) == [("Kickback", 0, 500)]
    assert svea.settle_day(MERCHANT, MONDAY)["clientReports"] == []
