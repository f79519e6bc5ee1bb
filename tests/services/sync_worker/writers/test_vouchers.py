"""A voucher is made once, whatever breaks, and is not believed before it was compared."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.faults import Drop, Status, When
from shared.clients import json_numbers
from shared.domain.errors import (
    InDoubt,
    Mismatch,
    MissingAccount,
    MissingFinancialYear,
    MissingVoucherSeries,
    PeriodLocked,
    RefusedByFortnox,
    SlussError,
)
from shared.domain.vouchers import VoucherDraft, VoucherRow
from tests.services.sync_worker.writers.desk import DAY, Desk

REF = "Pse-79021-20260508-SEK-V"


def a_voucher(**changed: Any) -> VoucherDraft:
    """1966.05 from clearing to the bank."""
    rows = (
        VoucherRow(1930, Decimal("1966.05"), "Svea utbetalning 2026-05-08 79021"),
        VoucherRow(1581, Decimal("-1966.05"), "Svea utbetalning 2026-05-08 79021"),
    )
    values: dict[str, Any] = {
        "series": "S",
        "dated": DAY,
        "text": "Svea utbetalning 2026-05-08 79021",
        "rows": rows,
    }
    return VoucherDraft(ref=REF, **(values | changed))


def posted(desk: Desk) -> list[str]:
    return [call for call in desk.world.accepted_writes() if call == "POST /3/vouchers"]


async def test_a_voucher_has_our_reference_and_a_name_of_three_parts(desk: Desk) -> None:
    done = await desk.books(a_voucher())

    (voucher,) = desk.company.vouchers
    assert done.documents == ("voucher S-1-2",)
    assert (voucher.comments, voucher.description) == (REF, "Svea utbetalning 2026-05-08 79021")
    assert {row.transaction_information for row in voucher.rows} == {
        f"Svea utbetalning 2026-05-08 79021 {REF}"
    }
    assert desk.books_of("S") == {1930: Decimal("1966.05"), 1581: Decimal("-1966.05")}
    assert (await desk.links())[REF].state == "final"


async def test_a_text_that_leaves_no_room_for_our_reference_is_kept_whole(desk: Desk) -> None:
    long = "Order Svea order 9300101: mer än fakturan, " + "x" * 50
    rows = (VoucherRow(1930, Decimal(1), long), VoucherRow(1581, Decimal(-1)))

    await desk.books(a_voucher(rows=rows))

    told = [row.transaction_information for row in desk.company.vouchers[0].rows]
    assert told == [long, REF]


async def test_the_same_voucher_again_is_not_made_again(desk: Desk) -> None:
    await desk.books(a_voucher())
    await desk.books(replace(a_voucher(), text="another text, as settings have changed"))

    assert len(posted(desk)) == 1


@pytest.mark.parametrize("step", ["intended", "answered", "created", "compared", "finalised", "linked"])
async def test_a_process_that_ends_at_any_step_leaves_one_voucher(desk: Desk, step: str) -> None:
    await desk.killed(step, a_voucher())
    await desk.books(a_voucher())

    assert len(posted(desk)) == 1
    assert (await desk.links())[REF].state == "final"


@pytest.mark.parametrize("when", list(When))
async def test_an_answer_that_is_lost_leaves_one_voucher(desk: Desk, when: When) -> None:
    desk.fault(Drop(when), "^/3/vouchers$", "POST")
    with pytest.raises(InDoubt):
        await desk.books(a_voucher())
    with pytest.raises(InDoubt, match="still be under way"):
        await desk.books(a_voucher())

    desk.world.on("2026-05-06")
    await desk.books(a_voucher())

    assert [voucher.comments for voucher in desk.company.vouchers] == [REF]


@pytest.mark.parametrize("dates", ["yes", "ignored", "refused"])
@pytest.mark.parametrize("comments", [True, False])
async def test_a_voucher_is_found_however_lists_are(desk: Desk, dates: str, comments: bool) -> None:
    desk.company.change(voucher_list_takes_dates=dates, voucher_list_has_comments=comments)
    for other in (f"{REF}2", "", "Pse-79021-20260508-SEK"):  # of other payouts, and somebody's own
        await _by_hand(desk, other)
    await desk.killed("answered", a_voucher())
    await _by_hand(desk, "made since")

    await desk.books(a_voucher())

    assert (await desk.links())[REF].number == "S-4-2"
    assert len(desk.company.vouchers) == 5


async def _by_hand(desk: Desk, comments: str) -> None:
    rows = [{"Account": 1930, "Debit": Decimal(1)}, {"Account": 1581, "Credit": Decimal(1)}]
    body = {"Description": "Svea utbetalning 2026-05-08 79021", "VoucherSeries": "S", "VoucherRows": rows}
    dated = {"TransactionDate": DAY, "Comments": comments or None}
    await (await desk.fortnox()).create_voucher(body | dated, year=2)


@pytest.mark.parametrize(
    ("changed", "settings", "expected"),
    [
        ({"series": "B"}, {}, MissingVoucherSeries),
        ({"series": "X"}, {}, MissingVoucherSeries),
        ({}, {"locked_until": date(2026, 5, 31)}, PeriodLocked),
        ({"dated": date(2031, 1, 2)}, {}, MissingFinancialYear),
        (
            {"rows": (VoucherRow(1999, Decimal(1)), VoucherRow(1581, Decimal(-1)))},
            {},
            MissingAccount,
        ),
        ({}, {"max_voucher_rows": 1}, RefusedByFortnox),
    ],
)
async def test_what_fortnox_refuses_is_made_once_the_cause_is_gone(
    desk: Desk, changed: dict[str, Any], settings: dict[str, Any], expected: type[SlussError]
) -> None:
    desk.company.change(**settings)

    with pytest.raises(expected):
        await desk.books(a_voucher(**changed))
    assert desk.company.vouchers == []

    desk.company.change(locked_until=None, max_voucher_rows=0)
    await desk.books(a_voucher())
    assert len(desk.company.vouchers) == 1


async def test_a_voucher_of_last_year_is_named_by_its_own_year(desk: Desk) -> None:
    done = await desk.books(a_voucher(dated=date(2025, 12, 31)))

    assert done.documents == ("voucher S-1-1",)
    assert desk.company.vouchers[0].year == 1


async def test_a_voucher_that_says_something_else_is_told_and_never_made_again(desk: Desk) -> None:
    await desk.killed("created", a_voucher())
    (voucher,) = desk.company.vouchers
    desk.company.books.vouchers[0] = replace(
        voucher, rows=(replace(voucher.rows[0], account=1920), voucher.rows[1])
    )

    for _ in range(2):
        with pytest.raises(Mismatch, match=r"S-1-2 has rows 1581 -1966\.05, 1920 1966\.05 instead of"):
            await desk.books(a_voucher())

    assert len(posted(desk)) == 1


async def test_more_rows_than_fortnox_may_take_are_gathered_by_account(desk: Desk) -> None:
    desk.company.change(max_voucher_rows=500)
    parked = [VoucherRow(2999, Decimal("-1.01"), f"Svea order {number}") for number in range(700)]
    fees = [VoucherRow(6040, Decimal("0.02"), f"Svea order {number}") for number in range(400)]
    rows = (*parked, *fees, VoucherRow(1581, Decimal("699.00"), "Svea utbetalning"))

    await desk.books(a_voucher(rows=rows))

    (voucher,) = desk.company.vouchers
    assert len(voucher.rows) == 402
    assert voucher.rows[0].transaction_information == f"700 rader, se rapporten {REF}"
    assert voucher.rows[1].transaction_information == f"Svea order 0 {REF}"
    assert desk.books_of("S") == {
        2999: Decimal("-707.00"),
        6040: Decimal("8.00"),
        1581: Decimal("699.00"),
    }


async def test_an_answer_nobody_can_read_is_looked_up(desk: Desk) -> None:
    desk.fault(Status(201, json_numbers.dumps({"Voucher": {}})), "^/3/vouchers$", "POST")
    with pytest.raises(InDoubt, match="unreadably"):
        await desk.books(a_voucher())

    desk.world.on("2026-05-06")
    await desk.books(a_voucher())

    assert len(desk.company.vouchers) == 1


async def test_a_voucher_that_somebody_deleted_before_it_was_compared_is_made_anew(desk: Desk) -> None:
    await desk.killed("created", a_voucher())
    desk.company.books.vouchers.clear()

    await desk.books(a_voucher())

    assert (await desk.links())[REF].number == "S-2-2"
