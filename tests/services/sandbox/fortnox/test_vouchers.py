from datetime import date
from decimal import Decimal

import pytest

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company
from tests.services.sandbox.fortnox.api import Api, a_row

YEAR_2026 = {"financialyear": "2"}


def a_voucher(*rows: tuple[int, object, object], **fields: object) -> dict[str, object]:
    """1966.05 from Svea's clearing account to the bank."""
    lines = rows or ((1930, 1966.05, 0), (1581, 0, 1966.05))
    voucher = {
        "Description": "Svea utbetalning",
        "VoucherSeries": "S",
        "TransactionDate": "2026-05-08",
        "Comments": "P1",
        "VoucherRows": [
            {"Account": account, "Debit": debit, "Credit": credit} for account, debit, credit in lines
        ],
    }
    return {"Voucher": {**voucher, **fields}}


async def test_a_voucher_is_booked_in_its_series_and_year(api: Api, company: Company) -> None:
    voucher = await api.ok("POST", "/3/vouchers", a_voucher(), **YEAR_2026)

    assert (voucher["VoucherSeries"], voucher["VoucherNumber"], voucher["Year"]) == ("S", 1, 2)
    assert voucher == await api.ok("GET", "/3/vouchers/S/1", **YEAR_2026)
    assert voucher["VoucherRows"][0]["Description"] == "Företagskonto"
    assert company.books.by_account() == {1581: Decimal("-1966.05"), 1930: Decimal("1966.05")}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (a_voucher((1930, 100, 0), (1581, 0, 99.99)), refusals.VOUCHER_DOES_NOT_BALANCE),
        (a_voucher((1930, 0, 0)), refusals.VOUCHER_DOES_NOT_BALANCE),
        (a_voucher((1930, -5, 0), (1581, 5, 0)), refusals.VOUCHER_DOES_NOT_BALANCE),
        (a_voucher((1930, 5, 0), (1999, 0, 5)), 2001304),
        (a_voucher(VoucherSeries="B"), refusals.SERIES_NOT_MANUAL),
        (a_voucher(VoucherSeries="X"), refusals.SERIES_NOT_MANUAL),
        (a_voucher(TransactionDate="2025-12-31"), refusals.OUTSIDE_FINANCIAL_YEAR),
        (a_voucher(TransactionDate="2020-12-31"), refusals.NO_FINANCIAL_YEAR),
        (a_voucher(TransactionDate="2026-03-31"), 2000401),
        (a_voucher(Description="x" * 201), 2000107),
        (a_voucher(VoucherNumber=7), 2001399),
    ],
)
async def test_a_voucher_that_fortnox_would_not_take_is_refused(
    api: Api, company: Company, body: dict[str, object], code: int
) -> None:
    company.change(locked_until=date(2026, 3, 31) if code == 2000401 else None)

    assert await api.refused("POST", "/3/vouchers", body, **YEAR_2026) == (400, code)
    assert company.vouchers == []


async def test_without_a_year_the_year_of_today_is_meant(api: Api) -> None:
    await api.ok("POST", "/3/vouchers", a_voucher())

    assert (await api.ok("GET", "/3/vouchers/S/1"))["Year"] == 2
    assert await api.refused("GET", "/3/vouchers/S/1", financialyear="1") == (404, 2000490)


async def test_vouchers_are_listed_by_series_and_date_without_rows(api: Api) -> None:
    await api.ok("POST", "/3/vouchers", a_voucher())
    await api.ok("POST", "/3/vouchers", a_voucher(TransactionDate="2026-05-09"))
    await api.booked_invoice(a_row())

    in_series = await api.ok("GET", "/3/vouchers/sublist/S", fromdate="2026-05-09", **YEAR_2026)
    everything = await api.ok("GET", "/3/vouchers", **YEAR_2026)

    assert [item["VoucherNumber"] for item in in_series["Vouchers"]] == [2]
    assert "VoucherRows" not in in_series["Vouchers"][0]
    assert [item["VoucherSeries"] for item in everything["Vouchers"]] == ["S", "S", "B"]


async def test_vouchers_cannot_be_changed_or_deleted(api: Api) -> None:
    await api.ok("POST", "/3/vouchers", a_voucher())

    assert (await api.call("PUT", "/3/vouchers/S/1", a_voucher())).status_code == 404
    assert (await api.call("DELETE", "/3/vouchers/S/1")).status_code == 404


@pytest.mark.parametrize(("answer", "found"), [("yes", [2]), ("ignored", [2, 1])])
async def test_lists_may_not_know_dates(api: Api, company: Company, answer: str, found: list[int]) -> None:
    company.change(voucher_list_takes_dates=answer)
    await api.ok("POST", "/3/vouchers", a_voucher())
    await api.ok("POST", "/3/vouchers", a_voucher(TransactionDate="2026-05-09"))

    listed = await api.ok("GET", "/3/vouchers/sublist/S", fromdate="2026-05-09", sortorder="descending")

    assert [item["VoucherNumber"] for item in listed["Vouchers"]] == found


async def test_lists_may_refuse_dates_and_hide_comments(api: Api, company: Company) -> None:
    company.change(voucher_list_takes_dates="refused", voucher_list_has_comments=False)
    await api.ok("POST", "/3/vouchers", a_voucher())

    assert await api.refused("GET", "/3/vouchers", todate="2026-05-09") == (400, 2000588)
    assert [item["Comments"] for item in (await api.ok("GET", "/3/vouchers"))["Vouchers"]] == [""]


async def test_a_voucher_may_have_a_most_of_rows(api: Api, company: Company) -> None:
    company.change(max_voucher_rows=2)
    await api.ok("POST", "/3/vouchers", a_voucher())

    three = a_voucher((1930, 2, 0), (1581, 0, 1), (1582, 0, 1))
    assert await api.refused("POST", "/3/vouchers", three) == (400, refusals.TOO_MANY_ROWS)
