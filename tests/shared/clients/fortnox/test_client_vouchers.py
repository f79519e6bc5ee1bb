"""Vouchers and their files: against the stand-in, and the shapes that are documented."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.sandbox.faults import Drop, When
from services.sandbox.fortnox.company import Company
from shared.clients.fields import Fields
from shared.clients.fortnox import wire_vouchers
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire_vouchers import (
    FileConnection,
    FortnoxVoucherRow,
    VoucherName,
)
from shared.clients.http import CallRecord
from shared.domain.errors import InDoubt, MissingVoucherSeries
from tests.shared.clients.scripted import Script, answers
from tests.shared.clients.support import World, openapi, sample

DAY = date(2026, 5, 8)
YEAR = 2
FIRST = VoucherName("S", 1, YEAR)


def a_voucher(**changed: object) -> dict[str, object]:
    rows = [
        {"Account": 1930, "Debit": Decimal("1966.05"), "Credit": Decimal(0), "TransactionInformation": "a"},
        {"Account": 1581, "Debit": Decimal(0), "Credit": Decimal("1966.05"), "TransactionInformation": "b"},
    ]
    values = {"Description": "Svea", "Comments": "P1-V", "VoucherSeries": "S", "TransactionDate": DAY}
    return values | {"VoucherRows": rows} | changed


async def test_a_voucher_is_made_in_the_year_that_is_named_and_read_back(
    fortnox: FortnoxClient, records: list[CallRecord]
) -> None:
    made = await fortnox.create_voucher(a_voucher(), year=YEAR)

    assert (str(made.name), made.dated, made.comments) == ("S-1-2", DAY, "P1-V")
    assert made.rows == (
        FortnoxVoucherRow(1930, Decimal("1966.05"), "a"),
        FortnoxVoucherRow(1581, Decimal("-1966.05"), "b"),
    )
    assert await fortnox.voucher(made.name) == made
    assert await fortnox.voucher(VoucherName("S", 2, YEAR)) is None
    assert await fortnox.voucher(VoucherName("S", 1, 1)) is None
    assert [(one.endpoint, one.path) for one in records[1:3]] == [
        ("POST /3/vouchers", "/3/vouchers?financialyear=2"),
        ("GET /3/vouchers/{n}", "/3/vouchers/S/1?financialyear=2"),
    ]


async def test_vouchers_of_a_day_come_newest_first(fortnox: FortnoxClient) -> None:
    for day, series in ((DAY, "S"), (date(2026, 5, 7), "S"), (DAY, "S"), (DAY, "A")):
        await fortnox.create_voucher(a_voucher(TransactionDate=day, VoucherSeries=series), year=YEAR)

    found = [head async for head in fortnox.vouchers_on(DAY, series="S", year=YEAR)]

    assert [(head.name.number, head.dated, head.comments) for head in found] == [
        (3, DAY, "P1-V"),
        (1, DAY, "P1-V"),
    ]


async def test_where_lists_know_no_dates_the_whole_series_is_read(
    fortnox: FortnoxClient, company: Company
) -> None:
    company.change(voucher_list_takes_dates="refused")
    for day in (DAY, date(2026, 5, 7)):
        await fortnox.create_voucher(a_voucher(TransactionDate=day), year=YEAR)

    found = [head async for head in fortnox.vouchers_on(DAY, series="S", year=YEAR)]

    assert [head.name.number for head in found] == [2, 1]


async def test_a_series_that_is_not_manual_is_told(fortnox: FortnoxClient, company: Company) -> None:
    with pytest.raises(MissingVoucherSeries, match="Verifikationsserien B"):
        await fortnox.create_voucher(a_voucher(VoucherSeries="B"), year=YEAR)

    assert company.vouchers == []


async def test_the_series_of_the_company(fortnox: FortnoxClient) -> None:
    series = {one.code: one.manual for one in await fortnox.voucher_series()}

    assert series == {"A": True, "B": False, "C": False, "S": True}


async def test_a_voucher_without_an_answer_is_in_doubt_and_never_repeated(
    fortnox: FortnoxClient, world: World, company: Company
) -> None:
    rule = world.fault(Drop(When.AFTER), path="^/3/vouchers$")

    with pytest.raises(InDoubt):
        await fortnox.create_voucher(a_voucher(), year=YEAR)

    assert (rule.seen, len(company.vouchers)) == (1, 1)


@pytest.mark.parametrize("name", ["S-12-2", "A-B-1-7"])
def test_the_name_of_a_voucher_says_series_number_and_year(name: str) -> None:
    assert str(VoucherName.parse(name)) == name


@pytest.mark.parametrize("name", ["", "S12", "S-1", "S-x-2"])
def test_what_is_no_name_of_a_voucher_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a voucher"):
        VoucherName.parse(name)


# ── files ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_is_put_in_the_inbox_found_there_and_connected(
    fortnox: FortnoxClient, company: Company
) -> None:
    await fortnox.create_voucher(a_voucher(), year=YEAR)

    file = await fortnox.upload_for_voucher("P1.json", b'{"a":1}\r\n\x00\xff')
    assert (await fortnox.inbox_of_vouchers()).files == (file,)
    assert await fortnox.file(file.id) == b'{"a":1}\r\n\x00\xff'

    connection = await fortnox.connect_file(file.id, FIRST)
    assert connection == FileConnection(file.id, "S", 1, YEAR)
    assert await fortnox.connections_of(FIRST) == [connection]
    assert await fortnox.connections_of(VoucherName("S", 1, 1)) == []
    assert (await fortnox.inbox_of_vouchers()).files == ()
    assert await fortnox.file(file.id) == b'{"a":1}\r\n\x00\xff'
    assert await fortnox.file("no-such-file") is None


async def test_a_file_goes_as_a_form_and_nothing_of_it_is_recorded(
    world: World, records: list[CallRecord]
) -> None:
    file = {"File": {"Id": "f1", "ArchiveFileId": "f2", "Name": "P1.json"}}
    script = Script([answers(200, {"access_token": "t", "expires_in": 3600}), answers(201, file)])
    world.transport = script  # type: ignore[assignment]

    made = await world.fortnox().upload_for_voucher("P1.json", b"secret")

    assert (made.id, made.archive_id) == ("f1", "f2")
    sent = script.requests[-1]
    assert sent.url.query == b"path=Inbox_v"
    assert sent.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert sent.headers["accept"] == "application/json"
    assert b'name="file"; filename="P1.json"' in script.bodies[-1]
    assert records[-1].request is not None
    assert records[-1].request.startswith(b"P1.json, 6 bytes, sha256 ")


async def test_an_inbox_without_a_folder_of_vouchers_is_empty(world: World) -> None:
    root = {"Folder": {"Id": "root", "Name": "Inbox", "Folders": [{"Id": "inbox_d", "Name": "D"}]}}
    script = Script([answers(200, {"access_token": "t", "expires_in": 3600}), answers(200, root)])
    world.transport = script  # type: ignore[assignment]

    assert (await world.fortnox().inbox_of_vouchers()).files == ()


async def test_an_upload_without_an_answer_is_in_doubt_and_never_repeated(
    fortnox: FortnoxClient, world: World, company: Company
) -> None:
    rule = world.fault(Drop(When.AFTER), path="^/3/inbox$")

    with pytest.raises(InDoubt):
        await fortnox.upload_for_voucher("P1.json", b"{}")

    assert (rule.seen, len(company.files)) == (1, 1)


# ── documented shapes ─────────────────────────────────────────────────────────────────────────────


def test_a_documented_voucher_is_read(shared_material: Path) -> None:
    body = sample(shared_material, "fortnox-samples", "voucher.json")["Voucher"]

    voucher = wire_vouchers.to_voucher(Fields(body, of="Voucher"))

    assert (str(voucher.name), voucher.comments) == ("S-12-7", "payout 2026-01-29")
    assert [(row.account, row.amount) for row in voucher.rows] == [
        (6570, Decimal(120)),
        (1941, Decimal(-120)),
    ]


def test_rows_that_were_struck_out_are_no_rows(shared_material: Path) -> None:
    body = sample(shared_material, "fortnox-samples", "voucher.json")["Voucher"]
    body["VoucherRows"].append({"Account": 3740, "Debit": 1, "Credit": 0, "Removed": True})

    assert len(wire_vouchers.to_voucher(Fields(body, of="Voucher")).rows) == 2


def test_a_documented_file_keeps_its_two_ids_apart(shared_material: Path) -> None:
    body = sample(shared_material, "fortnox-samples", "inbox-file.json")["File"]

    file = wire_vouchers.to_file(Fields(body, of="File"))

    assert (file.id[-2:], file.archive_id[-2:], file.name) == ("f1", "f2", "payout-2026-01-29.pdf")


def test_documented_series_say_which_are_manual(shared_material: Path) -> None:
    listed = sample(shared_material, "fortnox-samples", "voucherseries-list.json")["VoucherSeriesCollection"]

    series = [wire_vouchers.to_voucher_series(Fields(one, of="series")) for one in listed]

    assert [(one.code, one.manual, one.year) for one in series] == [("B", False, 7), ("S", True, 7)]


def test_what_is_sent_is_what_the_document_declares(shared_material: Path) -> None:
    declared = openapi(shared_material)["components"]["schemas"]

    assert set(a_voucher()) - set(declared["fortnox_Voucher"]["properties"]) == set()


def test_a_connection_without_a_year_may_be_of_any() -> None:
    assert FileConnection("f", "S", 1, None).explains(FIRST)
    assert not FileConnection("f", "S", 2, None).explains(FIRST)
