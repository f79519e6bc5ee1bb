"""Svea's reports as they come: signs, rows in any order, what is left out, and what cannot be true."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.clients.svea.wire_reports import groups_of
from shared.domain.errors import Unbalanced, UnreadableAnswer
from shared.domain.payouts import Payout, must_hold
from tests.support.paths import REPOSITORY
from tests.support.payout_reports import a_row_of, fee, report_of

SAMPLES = sorted((REPOSITORY / "services/sandbox/data/svea/reports").glob("*.json"))
DAY = date(2026, 5, 8)


def read(report: bytes | dict[str, Any]) -> list[Payout]:
    body = report if isinstance(report, dict) else json.loads(report, parse_float=Decimal)
    return [payout for payout, _ in groups_of(body, market="se", asked=DAY)]


def a_report(*rows: dict[str, Any], **how: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(report_of(DAY.isoformat(), rows, **how))
    return body


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_every_sample_holds_and_names_each_row_once(sample: Path) -> None:
    for payout in read(sample.read_bytes()):
        must_hold(payout)
        assert len({row.key for row in payout.rows}) == len(payout.rows)


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 10


def test_rows_in_another_order_have_the_same_names_and_the_same_content() -> None:
    """Also rows that differ in nothing but what their identity leaves out."""
    rows = [
        a_row_of((1, 1), "547.00", fee("Credit", "8.21")),
        a_row_of((1, 1), "547.00", fee("Credit", "8.21")),
        a_row_of(None, "0", fee("Service", "28.00", "7.00"), kind="Manual", comment="one"),
        a_row_of(None, "0", fee("Service", "28.00", "0.00"), kind="Manual", comment="other"),
        a_row_of(None, "100.00", externalOrderNo="7"),
        a_row_of(None, "100.00", externalOrderNo="8"),
    ]
    (there,), (back,) = read(a_report(*rows)), read(a_report(*reversed(rows)))

    named = {row.key: (row.comment, row.order_number, row.fee_vat) for row in there.rows}
    assert named == {row.key: (row.comment, row.order_number, row.fee_vat) for row in back.rows}
    assert there.content_hash == back.content_hash


@pytest.mark.parametrize(("opening", "closing"), [(-1, 1), (1, 1), (-1, -1), (1, -1)])
def test_a_debt_is_one_whatever_its_sign(opening: int, closing: int) -> None:
    report = a_report(a_row_of((1, 1), "-100.00", kind="Credit"), opening="-50.00")
    sums = report["clientReports"][0]["paymentReport"]
    sums |= {"openingBalanceDebt": 5000 * opening, "closingBalanceDebt": 15000 * closing}

    (payout,) = read(report)

    must_hold(payout)
    assert (payout.opening_debt.amount, payout.closing_debt.amount) == (Decimal("-50.00"), Decimal("150.00"))


def test_fields_that_are_left_out_are_none_and_nothing() -> None:
    row = a_row_of((1, 1), "547.00", fee("Credit", "8.21"))
    for name in ("paymentType", "currency", "fees"):
        del row[name]
    report = a_report(row)
    group = report["clientReports"][0]
    del group["reconciliationDate"], group["rows"][0]["currency"]
    for name in ("openingBalanceDebt", "closingBalanceDebt"):
        del group["paymentReport"][name]

    (payout,) = read(report)

    must_hold(payout)
    (one,) = payout.rows
    assert (payout.on, one.payment_type, one.fees, one.order_number) == (DAY, "", (), "")
    assert one.fee.amount == Decimal("8.21")


@pytest.mark.parametrize(
    "report", [{}, {"clientReports": None}, {"clientReports": []}, {"totalNrOfRows": 0, "clientReports": {}}]
)
def test_a_day_without_groups_has_no_payout(report: dict[str, Any]) -> None:
    assert read(report) == []


@pytest.mark.parametrize(
    "name",
    [
        "nominalAmount",
        "feeAmountExcludingVat",
        "feeVatAmount",
        "sveaPaidAmountExcludingWithholding",
        "sveaPaidAmountIncludingWithholding",
        "openingBalanceDebt",
        "closingBalanceDebt",
    ],
)
def test_every_sum_of_a_group_that_is_off_by_one_ore_is_noticed(name: str) -> None:
    report = a_report(a_row_of((1, 1), "547.00", fee("Credit", "8.21", "2.05")))
    report["clientReports"][0]["paymentReport"][name] += 1

    with pytest.raises(Unbalanced, match=r"difference -?0\.01 SEK"):
        must_hold(read(report)[0])


@pytest.mark.parametrize(
    "name", ["nominalAmount", "sveaPaidAmount", "totalFeeAmountExcludingVat", "totalFeeVatAmount"]
)
def test_every_sum_of_a_row_that_is_off_by_one_ore_is_noticed(name: str) -> None:
    report = a_report(a_row_of((1, 1), "547.00", fee("Credit", "8.21", "2.05")))
    report["clientReports"][0]["rows"][0][name] += 1

    with pytest.raises(Unbalanced, match=r"difference -?0\.01 SEK"):
        must_hold(read(report)[0])


def test_a_row_that_is_printed_twice_does_not_add_up() -> None:
    report = a_report(a_row_of((1, 1), "547.00"))
    report["clientReports"][0]["rows"] *= 2

    with pytest.raises(Unbalanced, match=r"rows 1094.00 SEK, paid 547.00 SEK"):
        must_hold(read(report)[0])


def test_amounts_beyond_any_shop_keep_every_ore() -> None:
    (payout,) = read(a_report(a_row_of((1, 1), "99999999999.99", fee("Credit", "0.01"))))

    must_hold(payout)
    assert str(payout.paid) == "99999999999.98 SEK"


@pytest.mark.parametrize(
    "broken",
    [
        {"clientReports": [{"clientId": 1}]},
        {"clientReports": [{"paymentReport": {"currency": "SEK"}}]},
        {"clientReports": [{"clientId": 1, "paymentReport": {}}]},
        {"clientReports": [{"clientId": 1, "paymentReport": {"currency": "SEK"}, "rows": [{}]}]},
        {"clientReports": [{"clientId": 1, "paymentReport": {"currency": "SEK", "nominalAmount": "x"}}]},
        {"clientReports": [{"clientId": 1, "paymentReport": {"currency": "SEK", "nominalAmount": 1.5}}]},
    ],
)
def test_what_no_report_says_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(UnreadableAnswer):
        read(broken)


def test_a_row_in_another_currency_than_its_payout_is_refused() -> None:
    report = a_report(a_row_of((1, 1), "547.00"))
    report["clientReports"][0]["rows"][0]["currency"] = "EUR"

    with pytest.raises(UnreadableAnswer, match="a row is in EUR, the payout in SEK"):
        read(report)
