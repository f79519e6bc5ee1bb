"""The report lies on its voucher once, and no copies of it lie about."""

from decimal import Decimal

import pytest

from services.sandbox.faults import Drop, Status, When
from shared.domain.documents import to_plain
from shared.domain.errors import InDoubt, MissingRights, NeedsAttention
from shared.domain.vouchers import AttachmentDraft, VoucherDraft, VoucherRow
from tests.services.sync_worker.writers.desk import DAY, Desk

REPORT = b'{"clientId": 79021, "rows": [538.79]}\r\n'
VOUCHER = VoucherDraft(
    ref="P1-V",
    series="S",
    dated=DAY,
    text="Svea utbetalning",
    rows=(VoucherRow(1930, Decimal("538.79")), VoucherRow(1581, Decimal("-538.79"))),
)


def a_file(content: bytes = REPORT) -> AttachmentDraft:
    return AttachmentDraft(ref="P1-F", voucher="P1-V", filename="svea-se-79021.json", content=content)


def explained(desk: Desk) -> list[tuple[str, str, int, bytes]]:
    """Series, number and year of each voucher that a file is on, with the file."""
    return [
        (each.series, each.number, each.year, desk.company.files[each.file_id].content)
        for each in desk.company.file_connections.values()
    ]


async def test_the_report_lies_on_its_voucher(desk: Desk) -> None:
    await desk.books(VOUCHER, a_file())

    assert explained(desk) == [("S", "1", 2, REPORT)]
    (file,) = desk.company.files.values()
    assert (file.name, file.folder) == ("svea-se-79021.json", "Inbox_v")
    link = (await desk.links())["P1-F"]
    assert (link.number, link.state) == (file.id, "final")


async def test_what_is_kept_of_it_is_its_digest(desk: Desk) -> None:
    await desk.books(VOUCHER, a_file())

    kept = (await desk.links())["P1-F"].draft
    assert kept == to_plain(a_file())
    assert ("content" in kept, kept["digest"]) == (False, a_file().digest)


async def test_the_same_report_again_writes_nothing(desk: Desk) -> None:
    await desk.books(VOUCHER, a_file())
    writes = desk.world.accepted_writes()

    await desk.books(VOUCHER, a_file())
    await desk.books(VOUCHER, a_file(b"{}"))

    assert desk.world.accepted_writes() == writes


@pytest.mark.parametrize("step", ["intended", "answered", "created"])
@pytest.mark.parametrize("place", ["archive", "inbox", "nowhere"])
async def test_a_process_that_ends_at_any_step_leaves_one_file(desk: Desk, step: str, place: str) -> None:
    desk.company.change(connected_files_are_in=place)

    await desk.killed(step, VOUCHER, a_file())
    await desk.books(VOUCHER, a_file())

    assert explained(desk) == [("S", "1", 2, REPORT)]
    assert len(desk.company.files) == 1


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("path", ["^/3/inbox", "^/3/voucherfileconnections"])
async def test_an_answer_that_is_lost_leaves_one_file(desk: Desk, path: str, when: When) -> None:
    desk.fault(Drop(when), path, "POST")
    with pytest.raises(InDoubt):
        await desk.books(VOUCHER, a_file())

    desk.world.on("2026-05-06")
    await desk.books(VOUCHER, a_file())

    assert explained(desk) == [("S", "1", 2, REPORT)]
    assert len(desk.company.files) == 1


async def test_an_upload_that_could_not_be_connected_is_used_again(desk: Desk) -> None:
    refusal = b'{"ErrorInformation":{"error":1,"message":"Nej.","code":2000359}}'
    for _ in range(2):
        desk.fault(Status(400, refusal), "^/3/voucherfileconnections", "POST")
        with pytest.raises(NeedsAttention):
            await desk.books(VOUCHER, a_file())

    await desk.books(VOUCHER, a_file())

    assert explained(desk) == [("S", "1", 2, REPORT)]
    assert len(desk.company.files) == 1


async def test_another_file_of_that_name_is_not_taken_for_it(desk: Desk) -> None:
    await (await desk.fortnox()).upload_for_voucher("svea-se-79021.json", b"of another currency")

    await desk.books(VOUCHER, a_file())

    assert explained(desk) == [("S", "1", 2, REPORT)]


async def test_a_file_that_a_person_put_on_the_voucher_is_not_taken_for_it(desk: Desk) -> None:
    await desk.killed("intended", VOUCHER, a_file())
    fortnox = await desk.fortnox()
    theirs = await fortnox.upload_for_voucher("kvitto.pdf", b"%PDF")
    (voucher,) = [head async for head in fortnox.vouchers_on(DAY, series="S", year=2)]
    await fortnox.connect_file(theirs.id, voucher.name)

    await desk.books(VOUCHER, a_file())

    assert sorted(found[3] for found in explained(desk)) == [b"%PDF", REPORT]


async def test_a_scope_that_is_missing_is_named_and_the_voucher_stands(desk: Desk) -> None:
    desk.fault(
        Status(403, '{"ErrorInformation":{"error":1,"message":"Åtkomst saknas","code":2000663}}'.encode()),
        "^/3/inbox",
    )

    with pytest.raises(MissingRights, match="Åtkomst saknas"):
        await desk.books(VOUCHER, a_file())

    assert (len(desk.company.vouchers), explained(desk)) == (1, [])


async def test_the_audit_trail_names_the_file_instead_of_keeping_it(desk: Desk) -> None:
    seen: list[bytes | None] = []
    fortnox = await desk.fortnox()

    async def observe(record: object) -> None:
        seen.append(getattr(record, "request", None))

    fortnox._http._observer = observe
    await fortnox.upload_for_voucher("a.json", REPORT)

    assert seen == [f"a.json, {len(REPORT)} bytes, sha256 {a_file().digest}".encode()]


def test_a_digest_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="not the one of its digest"):
        AttachmentDraft(ref="P1-F", voucher="P1-V", filename="a", content=b"a", digest="0" * 64)
